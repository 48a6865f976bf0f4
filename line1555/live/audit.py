"""The audit log of looks at citizens' data and of erasures: a line of JSON each in the run directory.

The file is 0600 and only added to. It holds no number: a masked one, or a call's id.
"""

from __future__ import annotations

import json
import os
import pwd
from datetime import UTC, datetime
from pathlib import Path

FILE = "audit.jsonl"


def who() -> str:
    """The user of this process, as the system knows them."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def note(run_dir: Path, what: str, about: str, by: str | None = None) -> None:
    """Raises ``OSError`` where it cannot be written: then nothing should be shown."""
    line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "by": by or who(), "what": what, "about": about}
    handle = os.open(run_dir / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
