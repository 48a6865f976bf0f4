"""A journal that cannot be trusted any more: how it is told, set aside, and what of it is carried into a new file.

The line must not stand still for a bad disk. The damaged file keeps its name with ``.damaged-`` behind it for whoever
wants to look, and for the tailer, which still reads from it what the reports lack; the new file is the same journal
(its name, its anchor, its numbering) and begins with the newest checkpoint that is whole and what came after it.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from .steps import (
    INSERT,
    KEEP_SETTINGS,
    Gap,
    Meta,
    Row,
    connect,
    gap_text,
    insert_checkpoint,
    intact,
    read_meta,
    select_rows,
    state_sum,
    summed,
)

MARK = ".damaged-"
TAILS = ("", "-wal", "-shm")
UNKNOWN_ROWS = 1_000_000
"""Numbers left out where a journal's end cannot be read: no number is ever given twice."""
TRIES = 5_000
"""Unreadable rows in a row after which the rest is given up."""
PAGE = 500
MOST_ROWS = 200_000
_END = 1 << 62
SPOILED = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}
"""Error codes by which SQLite itself tells damage."""
_DAMAGED = {
    *SPOILED,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_CONSTRAINT,  # a number that is there already: the index has lost rows
}
_MISSING = "no such table"
_SHORT_READ = 522  # SQLITE_IOERR_SHORT_READ: the file ends too early; Python 3.11 has no name for it everywhere

UNREADABLE = (sqlite3.Error, KeyError, ValueError, TypeError, OverflowError)
"""Errors that reading a damaged file may raise; Python 3.11 cannot even decode SQLite's words on a garbled schema."""

Checkpoint = tuple[int, float, str, bytes]
"""seq, now, version, state."""


class DamagedError(sqlite3.DatabaseError):
    """The file does not hold what was written; the text says where."""


@dataclass(slots=True)
class Salvage:
    """Parts of a damaged file that could be read. ``last``: no step had a higher number; ``lost`` of those after the
    checkpoint are gone (at least)."""

    meta: Meta | None = None
    checkpoint: Checkpoint | None = None
    rows: list[Row] = field(default_factory=list)
    lost: int = 0
    last: int = 0
    last_now: float = 0.0
    run: int = 0
    settings: list[tuple[str, str]] = field(default_factory=list)

    def enter(self, db: sqlite3.Connection, reason: str) -> None:
        """Begin the new file with it, and with a row that tells of the damage behind all that was ever numbered."""
        if self.checkpoint is not None and self.meta is not None:
            insert_checkpoint(db, self.meta, *self.checkpoint)
        db.executemany(KEEP_SETTINGS, self.settings)
        gap = gap_text(Gap(self.lost, self.checkpoint[1] if self.checkpoint else 0.0, self.last_now, reason))
        mark = summed(self.last + 1, self.run, self.last_now, None, "[]", gap)
        db.executemany(INSERT, [*self.rows, mark])


def code(error: Exception) -> int | None:
    """SQLite's primary result code."""
    found = getattr(error, "sqlite_errorcode", None)
    return None if found is None else int(found) & 0xFF


def is_damage(error: Exception) -> bool:
    """Tell whether the file is to blame, not the disk, its room or a lock."""
    if isinstance(error, sqlite3.Error) and not isinstance(error, DamagedError):
        short = getattr(error, "sqlite_errorcode", 0) == _SHORT_READ
        return code(error) in _DAMAGED or short or str(error).startswith(_MISSING)
    return isinstance(error, UNREADABLE)


def check_end(db: sqlite3.Connection) -> None:
    """Check what a start needs: checkpoints and later steps. Raises ``DamagedError``, ``sqlite3.Error``."""
    kept = list(checkpoints(db))
    seq = kept[0][0] if kept else 0
    wanted, select = seq, select_rows(db)
    while rows := db.execute(select, (wanted, PAGE)).fetchall():
        for row in rows:
            wanted += 1
            if not intact(row) or (row[0] != wanted and row[5] is None and seq):
                raise DamagedError(f"step {wanted} is damaged")
            wanted = row[0]
    if db.execute("SELECT count(*) FROM checkpoint").fetchone()[0] > len(kept):
        raise DamagedError("a checkpoint is damaged")


def checkpoints(db: sqlite3.Connection) -> Iterator[Checkpoint]:
    """The checkpoints that are whole, the newest first. Raises ``sqlite3.Error``."""
    for row in db.execute("SELECT seq, now, version, state, meta, sum FROM checkpoint ORDER BY id DESC"):
        if _whole(row):
            yield row[:4]


def _whole(row: Any) -> bool:
    seq, now, version, state, meta, found = row
    if not (isinstance(seq, int) and isinstance(now, float) and isinstance(state, bytes)):
        return False
    return bool(found is None or found == state_sum(seq, now, version, state, meta))


def set_aside(path: Path) -> Path:
    """Give the file, and what belongs to it, its name as a damaged one. Raises ``OSError``."""
    stem = f"{path.name}{MARK}{uuid.uuid4().hex[:8]}"
    for tail in TAILS:
        part = path.with_name(path.name + tail)
        if part.exists():
            part.rename(path.with_name(stem + tail))
    return path.with_name(stem)


def aside(path: Path) -> list[Path]:
    """The damaged files of a journal, the oldest first."""
    found = path.parent.glob(f"{path.name}{MARK}*")
    return sorted((file for file in found if not file.name.endswith(TAILS[1:])), key=lambda file: file.stat().st_mtime)


def remove_aside(file: Path) -> None:
    """Delete a journal that was set aside, with its WAL and index files."""
    for tail in TAILS:
        file.with_name(file.name + tail).unlink(missing_ok=True)


def salvage(damaged: Path, known: int = 0, *, rows: bool = True) -> Salvage:
    """Read what a start can go on from, or (without ``rows``) whose file it was. ``known``: a number that was given,
    whatever the file says. Never raises."""
    found = Salvage(last=known)
    with suppress(*UNREADABLE, OSError), closing(connect(damaged, "rw")) as db:
        _read_head(db, found)
        with suppress(*UNREADABLE):
            found.settings = db.execute("SELECT digest, settings FROM settings").fetchall()
        if rows:
            _read_end(db, found)
        else:
            found.checkpoint = None
    return found


def _read_head(db: sqlite3.Connection, found: Salvage) -> None:
    with suppress(*UNREADABLE):
        found.meta = read_meta(db)
    for number in _numbers(db):
        with suppress(*UNREADABLE):
            wanted = "SELECT seq, now, version, state, meta, sum FROM checkpoint WHERE id = ?"
            row = db.execute(wanted, (number,)).fetchone()
            if row and _whole(row):
                found.checkpoint = row[:4]
                found.meta = found.meta or (Meta(**json.loads(row[4])) if row[4] else None)
                return


def _numbers(db: sqlite3.Connection) -> list[int]:
    """Rows of the checkpoints, the newest first, also where the table cannot be walked through."""
    try:
        return [row[0] for row in db.execute("SELECT id FROM checkpoint ORDER BY id DESC")]
    except UNREADABLE:
        return []


def _read_end(db: sqlite3.Connection, found: Salvage) -> None:
    """The steps after the checkpoint, with marks in the place of those that are gone."""
    if found.checkpoint is None and not _is_young(db):
        _read_last(db, found)  # steps without a state to put them on: only where they end is of use
        return
    after = found.checkpoint[0] if found.checkpoint else 0
    found.last_now = found.checkpoint[1] if found.checkpoint else 0.0
    rows, end = readable(db, after)
    for row in rows:
        if row[0] > after + 1:
            gap = Gap(row[0] - after - 1, found.last_now, row[2], "damaged")
            found.rows.append(summed(row[0] - 1, row[1], found.last_now, None, "[]", gap_text(gap)))
            found.lost += gap.rows
        found.rows.append(row)
        after, found.run, found.last_now = row[0], row[1], max(found.last_now, row[2])
    found.last = max(found.last, after + (0 if end else UNKNOWN_ROWS))
    found.lost += not end


def _is_young(db: sqlite3.Connection) -> bool:
    """Tell whether all steps there ever were are still there, and not too many to begin from."""
    with suppress(*UNREADABLE):
        first, last = db.execute("SELECT min(seq), max(seq) FROM step").fetchone()
        return bool(first == 1 and last <= MOST_ROWS)
    return False


def _read_last(db: sqlite3.Connection, found: Salvage) -> None:
    found.last += UNKNOWN_ROWS
    with suppress(*UNREADABLE):
        row = db.execute(select_rows(db).replace("ORDER BY seq", "ORDER BY seq DESC"), (0, 1)).fetchone()
        if row and _fit(row):
            found.last, found.run, found.last_now = row[0], row[1], row[2]


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of a damaged file that are whole, to be read as from a journal."""

    meta: Meta
    found: Sequence[Row]

    def rows(self, after_seq: int, limit: int) -> Sequence[Row]:
        """At most ``limit`` of them after ``after_seq``, in order."""
        first = bisect_right(self.found, after_seq, key=itemgetter(0))
        return self.found[first : first + limit]


def kept_rows(damaged: Path, meta: Meta, after: int, last: int) -> Kept:
    """Read what is left in a damaged file of this journal after ``after`` up to ``last``. Never raises."""
    with suppress(*UNREADABLE), closing(connect(damaged, "rw")) as db:
        if read_meta(db).journal == meta.journal:
            return Kept(meta, readable(db, after, last)[0])
    return Kept(meta, ())


def readable(db: sqlite3.Connection, after: int, last: int = _END) -> tuple[list[Row], bool]:
    """The whole rows after ``after`` (up to ``last``) that can still be read; whether the end was reached."""
    rows: list[Row] = []
    select, size, failed = select_rows(db), PAGE, 0
    while after < last and failed < TRIES and len(rows) < MOST_ROWS:
        page = _page(db, select, after, size)
        if page == []:
            return rows, True
        kept = [row for row in page or () if row[0] <= last and _fit(row)]
        rows += kept
        failed = 0 if kept else failed + (size == 1)
        after = kept[-1][0] if kept else after + (size == 1)
        size = min(PAGE, size * 2) if kept else max(1, size // 8)
    return rows, after >= last


def _page(db: sqlite3.Connection, select: str, after: int, size: int) -> list[Row] | None:
    """The next rows; None where they cannot be read."""
    try:
        return db.execute(select, (after, size)).fetchall()
    except UNREADABLE:
        return None


def _fit(row: Row) -> bool:
    try:
        return isinstance(row[0], int) and isinstance(row[2], float) and intact(row)
    except ValueError:
        return False
