"""The journal: every step of the engine, on this machine's own disk, before the commands it caused are sent.

It decides what happens when the disk does not take a step: the step waits in a bounded memory, the operator is told,
the call goes on. Nothing here raises into the call path, and nothing here knows what a step means.

Durability: WAL with ``synchronous=NORMAL``; a commit is one write into the page cache, which outlives ``kill -9``
of this process (a power cut may cost the last moments). Checkpoints of the WAL belong to `upkeep.py` and to another
thread, which also pays for the one sync that SQLite makes when the WAL starts over.
"""

from __future__ import annotations

import contextlib
import fcntl
import sqlite3
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Self

from calls.events import Event
from calls.facts import Fact

from .steps import (
    FORMAT,
    INSERT,
    SCHEMA,
    Gap,
    JournalError,
    Meta,
    connect,
    decode_row,
    event_text,
    facts_text,
    gap_text,
    make_private,
    pages,
    read_meta,
    transaction,
)
from .upkeep import prune

RETRY_S = 1.0
RETRY_PASSING_S = 0.01
DRAIN_ROWS = 500
KEPT_CHECKPOINTS = 2

_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_NO_REOPEN = {*_PASSING, sqlite3.SQLITE_FULL}
_DAMAGED = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}

_Waiting = tuple[int, float, str | None, str, str | None]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether steps reach the disk. ``since`` is the engine's ``now`` of the first failure, None while all is well.

    ``buffered`` steps wait in memory, ``dropped`` were lost since this journal was opened.
    """

    ok: bool
    since: float | None
    reason: str
    buffered: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What a starting engine continues from: a state and the steps after it.

    ``complete`` is false where steps are missing (a gap, or a checkpoint that had to be passed over): the state
    must then be trusted less than the switch. ``steps`` gives (now, event or None, facts), raises ``ContractError``
    at a row this version does not understand, and is read once. A new run must not begin before ``last_now``.
    """

    checkpoint: bytes | None
    checkpoint_version: str
    checkpoint_now: float
    steps: Iterator[tuple[float, Event | None, tuple[Fact, ...]]]
    last_now: float
    anchor: float
    node: str
    complete: bool


class Journal:
    """The one writer of a journal file. Call it from one thread at a time.

    Raises ``JournalError`` when another engine holds the file or a newer version wrote it. Every other trouble, also
    while opening, is told by ``health`` and ``on_trouble`` (called when trouble begins and when it ends).
    ``wall`` gives epoch seconds and is asked once per opening; a ``now`` of 0 is ``anchor``.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        node: str = "n1",
        wall: Callable[[], float] = time.time,
        buffer_rows: int = 10_000,
        on_trouble: Callable[[Health], None] | None = None,
    ) -> None:
        self.path = Path(path)
        self.run = 0
        self.moved_aside: Path | None = None
        self._buffer: deque[_Waiting] = deque()
        self._buffer_rows = buffer_rows
        self._on_trouble = on_trouble
        self._gap: Gap | None = None
        self._dropped = 0
        self._since: float | None = None
        self._reason = ""
        self._retry_at = 0.0
        self._next = 1
        self._shift = 0.0
        self._db: sqlite3.Connection | None = None
        self._lock: IO[bytes] | None = None
        self._meta = Meta(uuid.uuid4().hex, node, wall())
        self._begin()

    @property
    def anchor(self) -> float:
        """Wall time (epoch seconds) at ``now`` 0; the same for the whole life of the file."""
        return self._meta.anchor

    @property
    def node(self) -> str:
        return self._meta.node

    @property
    def last_seq(self) -> int:
        """The number of the newest step on the disk, 0 where there is none."""
        return self._next - 1

    @property
    def health(self) -> Health:
        return Health(self._since is None, self._since, self._reason, len(self._buffer), self._dropped)

    def append(self, now: float, event: Event | None, facts: Sequence[Fact]) -> None:
        """Keep one step; ``event`` None is a timer tick. When this returns, ``kill -9`` cannot lose it (unless in
        trouble, see ``health``). Never raises."""
        try:
            row = (self.run, now + self._shift, event_text(event), facts_text(facts), None)
        except Exception as error:
            self._drop(now + self._shift)
            self._fail(now, error)
            self._retry(now)
            return
        if self._since is None and self._insert(now, row):
            return
        self._keep(row)
        self._retry(now)

    def checkpoint(self, now: float, state: bytes, version: str) -> bool:
        """Keep an engine state that holds every step so far; the last two stay. False where it could not be kept."""
        if self._since is not None:
            self._retry(now)
        if self._since is not None or self._db is None:
            return False
        try:
            with transaction(self._db):
                self._store_checkpoint(self._db, now, state, version)
        except sqlite3.Error as error:
            self._fail(now, error)
            return False
        return True

    def restore(self, skip: int = 0) -> Restored:
        """The newest checkpoint (``skip`` 1: the one before it) and the steps after it. Never raises ``sqlite3.Error``;
        where nothing can be read, it is empty and not ``complete``."""
        nothing = Restored(None, "", 0.0, iter(()), 0.0, self.anchor, self.node, self._db is not None)
        if self._db is None:
            return nothing
        try:
            return self._restored(self._db, skip)
        except sqlite3.Error as error:
            self._fail(0.0, error)
            return nothing

    def prune(self, before_seq: int, keep_days: float = 14.0) -> int:
        """Forget steps up to ``before_seq`` (what the reporting tailer has consumed) that are older than every kept
        checkpoint and than ``keep_days``; how many. From any thread but the call path's. Raises ``sqlite3.Error``."""
        return prune(self.path, before_seq, keep_days)

    def close(self) -> None:
        """Write what still waits, if the disk takes it, and let go of the file."""
        with contextlib.suppress(sqlite3.Error):
            while self._db is not None and (self._buffer or self._gap):
                self._drain(self._db)
        self._close_db()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The happy path and its one exit.

    def _insert(self, now: float, row: _Waiting) -> bool:
        try:
            self._db.execute(INSERT, (self._next, *row))  # type: ignore[union-attr]  # open while not in trouble
        except sqlite3.Error as error:
            self._fail(now, error)
            return False
        self._next += 1
        return True

    # Trouble: keep, retry, drain.

    def _fail(self, now: float, error: Exception) -> None:
        begins = self._since is None
        self._reason = f"{type(error).__name__}: {error}"
        self._retry_at = now + _pause_s(error)
        if begins:
            self._since = now
            self._tell()

    def _tell(self) -> None:
        if self._on_trouble is not None:
            # Whatever the operator's screen does, the call goes on.
            with contextlib.suppress(Exception):
                self._on_trouble(self.health)

    def _keep(self, row: _Waiting) -> None:
        self._buffer.append(row)
        if len(self._buffer) > self._buffer_rows:
            self._drop(self._buffer.popleft()[1])

    def _drop(self, now: float) -> None:
        gap = self._gap or Gap(0, now, now)
        self._gap = Gap(gap.rows + 1, min(gap.first, now), max(gap.last, now))
        self._dropped += 1

    def _retry(self, now: float) -> None:
        if now < self._retry_at:
            return
        try:
            if self._db is None:
                self._open()
            self._drain(self._db)
        except (sqlite3.Error, OSError, JournalError) as error:
            self._fail(now, error)
            self._reopen_later(error)
            return
        if not self._buffer:
            self._since, self._reason = None, ""
            self._tell()

    def _drain(self, db: sqlite3.Connection | None) -> None:
        """Write the oldest waiting steps, a bounded number so that no caller waits for the whole backlog."""
        if db is None:
            raise sqlite3.OperationalError("not open")
        rows = list(islice(self._buffer, DRAIN_ROWS))
        gap = [(self.run, self._gap.last, None, "[]", gap_text(self._gap))] if self._gap else []
        with transaction(db):
            db.executemany(INSERT, [(seq, *row) for seq, row in enumerate([*gap, *rows], self._next)])
        self._next += len(gap) + len(rows)
        self._gap = None
        for _ in rows:
            self._buffer.popleft()

    def _reopen_later(self, error: Exception) -> None:
        """After an I/O error a connection may stay broken; after a full disk it does not."""
        if _code(error) not in _NO_REOPEN:
            self._close_db()

    # Opening.

    def _begin(self) -> None:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._take_lock()
            self._open()
        except (sqlite3.Error, OSError) as error:
            self._close_db()
            self._fail(0.0, error)
        except JournalError:
            self.close()
            raise

    def _take_lock(self) -> None:
        """Two writers would number their steps alike. The lock goes with the process, however it ends."""
        lock = self.path.with_name(self.path.name + ".lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise JournalError(f"{self.path} is in use by another engine") from None
        self._lock = lock

    def _open(self) -> None:
        if self._lock is None:
            self._take_lock()
        try:
            self._open_file()
        except sqlite3.DatabaseError as error:
            if _code(error) not in _DAMAGED:
                raise
            self._close_db()
            self._set_aside()
            self._open_file()

    def _open_file(self) -> None:
        make_private(self.path)
        db = self._db = connect(self.path, "rw")
        found = int(db.execute("PRAGMA user_version").fetchone()[0])
        if found > FORMAT:
            raise JournalError(f"{self.path}: format {found} was written by a newer version, this one knows {FORMAT}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        if found == 0:
            self._sign(db)
        self._take_over(db)

    def _sign(self, db: sqlite3.Connection) -> None:
        """Make the tables and say whose file this is, all or nothing."""
        ours = self._meta
        with transaction(db):
            for statement in SCHEMA:
                db.execute(statement)
            signature = (("journal", ours.journal), ("node", ours.node), ("anchor", repr(ours.anchor)))
            db.executemany("INSERT INTO meta VALUES (?, ?)", signature)

    def _take_over(self, db: sqlite3.Connection) -> None:
        """Read whose file it is and where it ends. Writes nothing: a restart must succeed on a full disk too."""
        found = read_meta(db)
        seq, run = db.execute("SELECT seq, run FROM step ORDER BY seq DESC LIMIT 1").fetchone() or (0, 0)
        self._next = seq + 1
        self.run = self.run or run + 1
        if self._since is None:
            self._meta = found
        else:
            # The engine already runs on our anchor, the file has its own: translate what is written from now on.
            self._adopt_anchor(self._meta.anchor - found.anchor)

    def _adopt_anchor(self, shift: float) -> None:
        moved = shift - self._shift
        self._shift = shift
        self._buffer = deque((run or self.run, now + moved, *rest) for run, now, *rest in self._buffer)  # type: ignore[misc]
        if self._gap:
            self._gap = Gap(self._gap.rows, self._gap.first + moved, self._gap.last + moved)

    def _set_aside(self) -> None:
        """A damaged file is kept for whoever wants to look, and a new one is begun: the line must not stand still."""
        stem = f"{self.path.name}.damaged-{uuid.uuid4().hex[:8]}"
        for tail in ("", "-wal", "-shm"):
            part = self.path.with_name(self.path.name + tail)
            if part.exists():
                part.rename(self.path.with_name(stem + tail))
        self.moved_aside = self.path.with_name(stem)

    def _close_db(self) -> None:
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    # Checkpoints.

    def _store_checkpoint(self, db: sqlite3.Connection, now: float, state: bytes, version: str) -> None:
        db.execute(
            "INSERT INTO checkpoint (seq, now, version, state) VALUES (?, ?, ?, ?)",
            (self.last_seq, now + self._shift, version, state),
        )
        db.execute(
            "DELETE FROM checkpoint WHERE id NOT IN (SELECT id FROM checkpoint ORDER BY id DESC LIMIT ?)",
            (KEPT_CHECKPOINTS,),
        )

    def _restored(self, db: sqlite3.Connection, skip: int) -> Restored:
        kept = "SELECT seq, now, version, state FROM checkpoint ORDER BY id DESC LIMIT 1 OFFSET ?"
        seq, now, version, state = db.execute(kept, (skip,)).fetchone() or (0, 0.0, "", None)
        last = self.last_seq
        found, gaps = db.execute(
            "SELECT count(*), count(gap) FROM step WHERE seq > ? AND seq <= ?", (seq, last)
        ).fetchone()
        newest = db.execute("SELECT now FROM step WHERE seq = ?", (last,)).fetchone()
        return Restored(
            state, version, now, self._steps(seq, last), max(now, newest[0] if newest else 0.0),
            self.anchor, self.node, found == last - seq and gaps == 0,
        )  # fmt: skip

    def _steps(self, after: int, last: int) -> Iterator[tuple[float, Event | None, tuple[Fact, ...]]]:
        for step in map(decode_row, pages(self.path, after, last)):
            if step.gap is None:
                yield step.now, step.event, step.facts


def _pause_s(error: Exception) -> float:
    """How long to leave the disk alone: a lock passes, and a step that is no message is not the disk's fault."""
    if not isinstance(error, (sqlite3.Error, OSError)):
        return 0.0
    return RETRY_PASSING_S if _code(error) in _PASSING else RETRY_S


def _code(error: Exception) -> int | None:
    """SQLite's primary result code."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF
