"""Secrets between our own parts: made once, kept in the run directory, readable by the owner only.

They stay across restarts, so phones that are registered and a running Asterisk stay valid. Where the file is gone or
damaged they are read back from what was rendered for Asterisk; nobody's password changes without a word.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from secrets import token_hex

log = logging.getLogger(__name__)

FILE = "secrets.json"
DAMAGED = "secrets.json.damaged"
SECRET = re.compile(r"[A-Za-z0-9_.+-]{6,128}")
"""Secrets that may stand in a file of Asterisk as they are."""
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
RENDERED_AMI = re.compile(r"^\[line\]\nsecret = (\S+)$", re.MULTILINE)
RENDERED_AGENT = re.compile(r"^type = auth\nauth_type = userpass\nusername = (\S+)\npassword = (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Secrets:
    """The AMI secret and one SIP password per agent id; never shown by repr."""

    ami: str = field(repr=False)
    agents: Mapping[str, str] = field(repr=False)


NOTHING = Secrets("", {})


def write_private(path: Path, text: str) -> None:
    """Replaces a file by one rename, on the disk before it counts; nobody but the owner could read it at any moment.

    A file that says the same already stays: a start must succeed on a full disk too.
    """
    if _says(path, text):
        path.chmod(0o600)
        return
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # a power cut after the rename would else leave an empty file
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _says(path: Path, text: str) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and path.read_text(encoding="utf-8") == text
    except (OSError, ValueError):
        return False


def keep_secrets(run_dir: Path, agents: Sequence[str], known: Secrets = NOTHING) -> Secrets:
    """The secrets of this run directory. What the file lacks is taken from ``known`` (a running line has them in
    memory), then from the files rendered for Asterisk; only what is nowhere is made anew, which the log tells."""
    path = run_dir / FILE
    before = _Sources(_read(path), known, _rendered(run_dir / "etc"))
    names = dict.fromkeys([*before.agents(), *agents])
    kept = Secrets(before.ami() or token_hex(16), {name: before.agent(name) or token_hex(16) for name in names})
    if kept != before.file:
        _tell(path, before, names)
        write_private(path, json.dumps(asdict(kept), indent=1) + "\n")
    path.chmod(0o600)
    return kept


@dataclass(frozen=True, slots=True)
class _Sources:
    """Places where secrets may stand, the better first. ``file`` is None where there is none that can be read."""

    file: Secrets | None
    known: Secrets
    rendered: Secrets

    def _all(self) -> tuple[Secrets, ...]:
        return (self.file or NOTHING, self.known, self.rendered)

    def ami(self) -> str:
        """Give the AMI secret of the best place that has one; empty if none has."""
        return next((found.ami for found in self._all() if found.ami), "")

    def agent(self, name: str) -> str:
        """Give the agent's password of the best place that has one; empty if none has."""
        return next((found.agents[name] for found in self._all() if name in found.agents), "")

    def agents(self) -> list[str]:
        """List the names that have a password anywhere; a name may come more than once."""
        return [name for found in self._all() for name in found.agents]


def _tell(path: Path, before: _Sources, names: Mapping[str, None]) -> None:
    lost = before.file is None and (before.known != NOTHING or before.rendered != NOTHING or path.exists())
    if not lost:
        return
    if path.exists():
        path.replace(path.with_name(DAMAGED))
    new = [name for name in names if not before.agent(name)]
    log.warning("%s was gone or damaged: %d of %d passwords are as before", path, len(names) - len(new), len(names))
    if new:
        log.error("%d agents have NEW passwords, their phones must be told: %s", len(new), ", ".join(new))


def _read(path: Path) -> Secrets | None:
    """Read the file, as far as it makes sense; None where it says nothing at all."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        ami, agents = told["ami"], told["agents"].items()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    good = {name: word for name, word in agents if NAME.fullmatch(name) and _is_secret(word)}
    return Secrets(ami if _is_secret(ami) else "", good)


def _is_secret(word: object) -> bool:
    return isinstance(word, str) and SECRET.fullmatch(word) is not None


def _rendered(etc: Path) -> Secrets:
    ami = RENDERED_AMI.search(_text(etc / "manager.conf"))
    agents = {name: word for name, word in RENDERED_AGENT.findall(_text(etc / "pjsip.conf")) if _is_secret(word)}
    return Secrets(ami[1] if ami and _is_secret(ami[1]) else "", agents)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
