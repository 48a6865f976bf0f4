"""An Asterisk that outlived its engine: how it is found, and whether its control socket answers.

The control socket is a file of the run directory, for its owner alone: no stranger on the network can use it up, as the
places of AMI before the login can be used up, and it needs no secret. So it decides whether Asterisk lives, not AMI.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from pathlib import Path

from .render import Launch
from .secrets import write_private
from .settings import Network

PID_FILE = "asterisk.pid"
OWN_PID_FILE = Path("run") / "asterisk.pid"
"""Asterisk's own, a number alone."""
BOOTED = b"fully booted"


@dataclass(frozen=True, slots=True)
class FoundAsterisk:
    """A living Asterisk of a run directory; `listens` is empty where nothing says it."""

    pid: int
    listens: str


def note(run_dir: Path, pid: int, network: Network) -> None:
    """Writes down who runs here and where phones find it."""
    write_private(run_dir / PID_FILE, json.dumps({"pid": pid, "listens": listens(network)}) + "\n")


def listens(network: Network) -> str:
    """Settings that cannot change while Asterisk runs; AMI's address can."""
    return f"udp {network.bind}:{network.sip_port}"


def find(run_dir: Path) -> FoundAsterisk | None:
    """The Asterisk that runs in `run_dir`: by our note, or where that is gone or damaged by Asterisk's own."""
    for told in (_noted(run_dir), _own(run_dir)):
        if told is not None and _is_ours(told.pid, run_dir):
            return told
    return None


def _noted(run_dir: Path) -> FoundAsterisk | None:
    try:
        told = json.loads((run_dir / PID_FILE).read_text(encoding="utf-8"))
        return FoundAsterisk(int(told["pid"]), str(told["listens"]).split(" and ")[0])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _own(run_dir: Path) -> FoundAsterisk | None:
    try:
        return FoundAsterisk(int((run_dir / OWN_PID_FILE).read_text(encoding="utf-8")), "")
    except (OSError, ValueError):
        return None


def _is_ours(pid: int, run_dir: Path) -> bool:
    """Tell whether that process really is the Asterisk of this run directory: process ids are given again."""
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return str(run_dir / "etc/asterisk.conf").encode() in words and any(b"asterisk" in word for word in words)
    return False


def console(launch: Launch, run_dir: Path, text: str) -> list[str]:
    """The command line that gives one command to Asterisk's console."""
    return [*launch.argv, "-C", str(run_dir / "etc/asterisk.conf"), "-rx", text]


async def booted(launch: Launch, run_dir: Path, within_s: float) -> bool:
    """Ask Asterisk by its control socket, for so long, whether it is fully booted."""
    if not (run_dir / "run" / "asterisk.ctl").exists():
        return False
    pipe, quiet = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    argv = console(launch, run_dir, "core waitfullybooted")
    asked = await asyncio.create_subprocess_exec(*argv, stdin=quiet, stdout=pipe, stderr=quiet)
    try:
        said, _ = await asyncio.wait_for(asked.communicate(), within_s)
    except TimeoutError:
        return False
    finally:
        with contextlib.suppress(ProcessLookupError):
            asked.kill()
        await asked.wait()
    return BOOTED in said
