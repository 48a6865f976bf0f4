"""Fills the templates of `asterisk-config/` into a run directory: the only way a file of Asterisk comes to be.

Two fences: `settings.check` lets only known shapes in, and every value is looked at once more where it is inserted.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from telephony.shipped import asterisk_home, shipped

from .fetch import LAUNCH
from .secrets import NOTHING, Secrets, keep_secrets, write_private
from .settings import AsteriskSettings, AsteriskSettingsError, check

TEMPLATES = shipped("asterisk-config")
FETCH = "run `line1555 asterisk fetch`"
LONGEST_SOCKET = 107  # bytes: sun_path of Linux holds 108 with the final zero
FORBIDDEN = re.compile(r"[\x00-\x1f\x7f;\[\]{}$,&|\"'`\\()<>=]")
FOLDERS = ("etc", "var", "spool", "log", "log/cel-custom", "run")
EMPTY = ("features.conf", "acl.conf", "udptl.conf", "ccss.conf", "pjproject.conf", "queuerules.conf", "stasis.conf")


class AsteriskMissingError(RuntimeError):
    """There is no Asterisk to start; the text says how to get one."""


@dataclass(frozen=True, slots=True)
class Launch:
    """The program that `line1555 asterisk fetch` found or brought: argv prefix, its modules, its own data."""

    argv: tuple[str, ...]
    modules: Path
    data: Path
    version: str


def read_launch(path: Path | None = None) -> Launch:
    """Reads what `line1555 asterisk fetch` left; raises AsteriskMissingError."""
    path = path or asterisk_home() / LAUNCH
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        launch = Launch(tuple(told["argv"]), Path(told["modules"]), Path(told["data"]), told["version"])
    except (OSError, ValueError, KeyError) as error:
        raise AsteriskMissingError(f"no Asterisk here ({path} is missing or damaged): {FETCH}") from error
    if not Path(launch.argv[0]).exists() or not launch.modules.is_dir():
        raise AsteriskMissingError(f"{launch.argv[0]} is gone: {FETCH}")
    return launch


def render(settings: AsteriskSettings, launch: Launch, run_dir: Path, known: Secrets = NOTHING) -> Secrets:
    """Writes every file Asterisk reads below `run_dir` (absolute); returns the secrets that stand in them.

    `known`: those of a running Asterisk, should their file be gone.

    Folders are 0700, files 0600. Raises AsteriskSettingsError before anything is written.
    """
    check(settings)
    check_run_dir(run_dir)
    for folder in (run_dir, *(run_dir / name for name in FOLDERS)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    secrets = keep_secrets(run_dir, settings.agents, known)
    for name, text in texts(settings, launch, run_dir, secrets).items():
        write_private(run_dir / "etc" / name, text)
    return secrets


def check_run_dir(run_dir: Path) -> None:
    """Raises AsteriskSettingsError when Asterisk's control socket would not fit, or the path holds odd characters."""
    socket = str(run_dir / "run" / "asterisk.ctl")
    if not run_dir.is_absolute() or FORBIDDEN.search(socket):
        raise AsteriskSettingsError(
            (f"run directory: {str(run_dir)!r} is not an absolute path without special characters",)
        )
    if len(socket.encode()) > LONGEST_SOCKET:
        why = f"{socket} has more than the {LONGEST_SOCKET} bytes of a socket's path: choose a shorter one"
        raise AsteriskSettingsError((f"run directory: {why}",))


def texts(settings: AsteriskSettings, launch: Launch, run_dir: Path, secrets: Secrets) -> dict[str, str]:
    """File name to content, without touching the disk."""
    environment = Environment(  # noqa: S701  (these are no web pages; `finalize` is the fence)
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_harmless,
    )
    values = {"s": settings, "net": settings.network, "alone": settings.survivable}
    values |= {"launch": launch, "run": run_dir, "secrets": secrets}
    names = sorted(path.name for path in TEMPLATES.glob("*.conf.j2"))
    filled = {name.removesuffix(".j2"): environment.get_template(name).render(values) for name in names}
    return {**dict.fromkeys(EMPTY, ""), **filled}


def _harmless(value: object) -> str:
    """The second fence: nothing that a file of Asterisk would read as syntax is ever inserted into one."""
    text = str(value)
    if FORBIDDEN.search(text):
        raise AsteriskSettingsError((f"{text!r} holds characters that Asterisk would read as syntax",))
    return text
