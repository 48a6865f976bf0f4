"""Upkeep of the journal's file beside the call path: the WAL goes into the file, old steps go.

Everything here may wait for a disk, so it belongs to the tailer's thread. Locks that the writer could meet are held
for about a millisecond.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from .steps import connect, transaction

DAY_S = 86_400.0
WAL_BYTES = 16 << 20
WAL_LIMIT_BYTES = 8 * WAL_BYTES
PRUNE_ROWS = 200
PAUSE_S = 0.005


def wal_bytes(path: Path) -> int:
    """Give the size of the WAL file in bytes; 0 where there is none."""
    try:
        return path.with_name(path.name + "-wal").stat().st_size
    except FileNotFoundError:
        return 0


def checkpoint_wal(path: Path, threshold: int = WAL_BYTES, limit: int = WAL_LIMIT_BYTES) -> bool:
    """Bring a WAL larger than ``threshold`` bytes into the file, so that the writer starts it over. True where done.

    PASSIVE never stands in the writer's way, but under constant load it may never quite finish; beyond ``limit``
    RESTART is used: after a PASSIVE it holds the writer up for the last few pages only. Raises ``sqlite3.Error``.
    """
    if wal_bytes(path) < threshold:
        return False
    with closing(connect(path, "rw")) as db:
        done = _passive(db) or _passive(db) or _passive(db)
        if not done and wal_bytes(path) > limit:
            done = _checkpoint(db, "RESTART")
        if done:
            _start_over(db)
        return done


def _passive(db: sqlite3.Connection) -> bool:
    return _checkpoint(db, "PASSIVE")


def _checkpoint(db: sqlite3.Connection, mode: str) -> bool:
    busy, in_wal, done = db.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    return not busy and in_wal == done


def _start_over(db: sqlite3.Connection) -> None:
    """Make the first write after a complete checkpoint, which pays for one sync of the WAL's header (SQLite 3.40,
    ``sqlite3WalFrames``): better this thread than the call path. SQLite skips a write that changes nothing."""
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("INSERT INTO meta VALUES ('wal', '1') ON CONFLICT (key) DO UPDATE SET value = value + 1")


def prune(path: Path, before_seq: int, keep_days: float) -> int:
    """Delete the oldest steps: up to ``before_seq``, older than every kept checkpoint, older than ``keep_days`` before
    the newest step. Returns how many. Few at a time: the writer never waits for more than one small delete."""
    deleted = 0
    with closing(connect(path, "rw")) as db:
        db.execute("PRAGMA secure_delete = ON")
        up_to, before = _bounds(db, before_seq, keep_days)
        while found := _prune_some(db, up_to, before):
            deleted += found
            time.sleep(PAUSE_S)
    return deleted


def _bounds(db: sqlite3.Connection, before_seq: int, keep_days: float) -> tuple[int, float]:
    oldest_kept = db.execute("SELECT coalesce(min(seq), 0) FROM checkpoint").fetchone()[0]
    newest = db.execute("SELECT now FROM step ORDER BY seq DESC LIMIT 1").fetchone()
    return min(before_seq, oldest_kept), (newest[0] if newest else 0.0) - keep_days * DAY_S


def _prune_some(db: sqlite3.Connection, up_to: int, before: float) -> int:
    rows = db.execute("SELECT seq, now FROM step ORDER BY seq LIMIT ?", (PRUNE_ROWS,)).fetchall()
    old = [seq for seq, now in rows if seq <= up_to and now < before]
    if old:
        with transaction(db):
            db.execute("DELETE FROM step WHERE seq <= ?", (old[-1],))
    return len(old)
