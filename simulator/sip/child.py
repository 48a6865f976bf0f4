"""Programs that play phones, as children that never outlive us, and the folder that each has for itself.

A child is killed by the kernel when its parent dies in whatever way (`setpriv --pdeathsig`); in good days it is asked
to end first, so that it can hang up and unregister.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

STOP_S = 5.0
LOCAL = "127.0.0.1"


class PhonesError(RuntimeError):
    """Phones cannot be started, or are gone; the text names the cause."""


def program(name: str, package: str) -> str:
    """Gives the path of a program; raises PhonesError naming the package that has it."""
    found = shutil.which(name)
    if not found:
        raise PhonesError(f"{name} is not installed: apt-get install {package}")
    return found


def leashed(argv: Sequence[str]) -> list[str]:
    """Gives the command that runs `argv` and dies with the process that starts it."""
    leash = shutil.which("setpriv")
    return [leash, "--pdeathsig", "KILL", "--", *argv] if leash else list(argv)


async def spawn(argv: Sequence[str], log: Path, stdin: int = subprocess.DEVNULL) -> asyncio.subprocess.Process:
    """Start a leashed child whose words go to `log`.

    In a session of its own: Ctrl-C is ours to pass on, and Linux, which shares processors out by session, gives a busy
    phone its own share.
    """
    with log.open("ab") as words:
        return await asyncio.create_subprocess_exec(
            *leashed(argv), stdin=stdin, stdout=words, stderr=words, start_new_session=True
        )


async def end(process: asyncio.subprocess.Process, deadline_s: float = STOP_S) -> None:
    """Sends SIGTERM, and SIGKILL after `deadline_s`; returns when the child is gone, even if cancelled."""
    try:
        send(process, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), deadline_s)
    finally:
        send(process, signal.SIGKILL)
        await process.wait()


def send(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """Sends a signal to a living child. Process.send_signal may take the exit status away from asyncio."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


def last_words(log: Path, rows: int = 5) -> str:
    """Gives the end of a child's log, for an error message."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(f"  {row}" for row in text.splitlines()[-rows:]) or "  (it said nothing)"


def private_folder(name: str, below: Path | None = None) -> Path:
    """Makes a folder that only we can read (0700): it holds passwords."""
    return Path(tempfile.mkdtemp(prefix=f"line1555-{name}-", dir=below))


def write_private(path: Path, text: str) -> None:
    """Writes a file that only we can read (0600), from its first byte on."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
