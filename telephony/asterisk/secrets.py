"""Secrets between our own parts: made once, kept in the run directory, readable by the owner only.

They stay across restarts, so phones that are registered and a running Asterisk stay valid.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from secrets import token_hex

FILE = "secrets.json"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The AMI secret and one SIP password per agent id; never shown by repr."""

    ami: str = field(repr=False)
    agents: Mapping[str, str] = field(repr=False)


def write_private(path: Path, text: str) -> None:
    """Replaces a file by one rename; nobody but the owner could read it at any moment."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def keep_secrets(run_dir: Path, agents: Sequence[str]) -> Secrets:
    """The secrets of this run directory; what is missing is made. Raises ValueError when the file is damaged."""
    path = run_dir / FILE
    found = _read(path)
    passwords = {agent: found.agents.get(agent) or token_hex(16) for agent in agents}
    kept = Secrets(found.ami or token_hex(16), {**found.agents, **passwords})
    if kept != found:
        write_private(path, json.dumps(asdict(kept), indent=1) + "\n")
    path.chmod(0o600)
    return kept


def _read(path: Path) -> Secrets:
    if not path.exists():
        return Secrets("", {})
    try:
        return Secrets(**json.loads(path.read_text(encoding="utf-8")))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} is damaged; remove it and start again (phones get new passwords)") from error
