"""What is settled before a journal file is written: that nobody else writes it, and that this version knows it."""

from __future__ import annotations

import fcntl
import sqlite3
from pathlib import Path
from typing import IO

from .damage import DamagedError
from .steps import FORMAT, JournalError

NO_FORMAT = 1_000
"""A format beyond is no format, but damage."""


class WriterLock:
    """One writer of a journal: two would number their steps alike. It goes with the process, however that ends."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._held: IO[bytes] | None = None

    def take(self) -> None:
        """Take the lock, where it is not ours yet. Raises ``JournalError`` where another engine has it."""
        if self._held is not None:
            return
        lock = self._journal.with_name(self._journal.name + ".lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise JournalError(f"{self._journal} is in use by another engine") from None
        self._held = lock

    def release(self) -> None:
        """Let another engine write; may be repeated."""
        if self._held is not None:
            self._held.close()
            self._held = None


def format_of(db: sqlite3.Connection, path: Path) -> int:
    """The format of the file, 0 where it is new. Raises ``JournalError`` for a newer version's, ``DamagedError``."""
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found > NO_FORMAT:
        raise DamagedError(f"format {found}")
    if found > FORMAT:
        raise JournalError(f"{path}: format {found} was written by a newer version, this one knows {FORMAT}")
    return found
