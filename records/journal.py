"""The journal: every step of the engine, on this machine's own disk, before the commands it caused are sent.

It decides what happens when the disk does not take a step: the step waits in a bounded memory, the operator is told,
the call goes on. Nothing here raises into the call path, and nothing here knows what a step means.

Durability: WAL with ``synchronous=NORMAL``; a commit is one write into the page cache, which outlives ``kill -9``
of this process (a power cut may cost the last moments). Checkpoints of the WAL belong to `upkeep.py` and to another
thread, which also pays for the one sync that SQLite makes when the WAL starts over.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
import uuid
from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path
from typing import Self

from calls.events import Event
from calls.facts import Fact

from .backlog import Backlog, Waiting
from .damage import UNREADABLE, DamagedError, Salvage, aside, check_end, code, is_damage, salvage, set_aside
from .health import Health, is_passing, pause_s
from .opening import WriterLock, format_of
from .restored import Restored, restored
from .steps import (
    FORMAT,
    INSERT,
    KEEP_SETTINGS,
    WALL_ANCHOR,
    JournalError,
    Meta,
    begin_file,
    connect,
    event_text,
    facts_text,
    forget_checkpoints,
    gap_text,
    insert_checkpoint,
    make_private,
    read_meta,
    summed,
    transaction,
    upgrade_file,
)
from .upkeep import prune

log = logging.getLogger(__name__)

DRAIN_ROWS = 500
BUFFER_BYTES = 64 << 20
LOCKED_MS = 5
"""Time a step waits for somebody's lock, once; while it stays, steps wait in memory."""
TOLD_AFTER_S = 1.0
"""A lock that passes sooner is no trouble to tell of."""
ASIDE_EVERY_S = 60.0
"""A disk that spoils every new file shall not fill up with them."""


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
        self.wants_checkpoint = False
        self._backlog = Backlog(buffer_rows, BUFFER_BYTES)
        self._on_trouble = on_trouble
        self._since: float | None = None
        self._told = False
        self._suspicion = ""
        self._spoiled = 0
        self._aside_at = -inf
        self._salvage: Salvage | None = None
        self._now = 0.0
        self._reason = ""
        self._retry_at = 0.0
        self._next = 1
        self._shift = 0.0
        self._db: sqlite3.Connection | None = None
        self._lock = WriterLock(self.path)
        self._meta = Meta(uuid.uuid4().hex, node, wall())
        self._settings: dict[str, str] = {}
        self._begin()

    @property
    def anchor(self) -> float:
        """Wall time (epoch seconds) at ``now`` 0; the same for the whole life of the file."""
        return self._meta.anchor

    @property
    def wall_anchor(self) -> float:
        """The same as of the newest steps: the wall clock may have been set since ``now`` was 0."""
        found = None
        with contextlib.suppress(sqlite3.Error):
            found = self._db and self._db.execute(WALL_ANCHOR).fetchone()
        return float(found[0]) if found else self.anchor

    def move_wall(self, anchor: float) -> None:
        """Somebody set the wall clock. Never raises: what the disk does not take, the facts tell all the same."""
        with contextlib.suppress(sqlite3.Error):
            if self._db is not None:
                self._db.execute("INSERT OR REPLACE INTO meta VALUES ('wall', ?)", (repr(anchor - self._shift),))

    @property
    def node(self) -> str:
        return self._meta.node

    @property
    def set_aside(self) -> list[Path]:
        """The damaged files that this journal goes on from, the oldest first."""
        return aside(self.path)

    @property
    def last_seq(self) -> int:
        """The number of the newest step on the disk, 0 where there is none."""
        return self._next - 1

    @property
    def health(self) -> Health:
        """Whether steps reach the disk now, and what waits or was lost."""
        aside = self.moved_aside.name if self.moved_aside else ""
        buffered, dropped = len(self._backlog), self._backlog.dropped
        return Health(not self._told, self._since, self._reason, buffered, dropped, aside, self._spoiled)

    def append(self, now: float, event: Event | None, facts: Sequence[Fact]) -> None:
        """Keep one step; ``event`` None is a timer tick. When this returns, ``kill -9`` cannot lose it (unless in
        trouble, see ``health``). Never raises."""
        self._now = now
        try:
            row = (self.run, now + self._shift, event_text(event), facts_text(facts), None)
        except Exception as error:
            self._drop(now)
            self._fail(now, error)
            self._retry(now)
            return
        untroubled = self._since is None and not self._suspicion
        if untroubled and self._db is not None and self._insert(self._db, now, row):
            return
        self._backlog.keep(row)
        self._retry(now)

    def retry(self, now: float) -> None:
        """Write what waits, if the disk takes it by now. To be called now and then, also while nothing happens."""
        if self._since is not None or self._suspicion:
            self._retry(max(now, self._now))

    def suspect(self, reason: str) -> None:
        """Somebody (from any thread) has found the file damaged: with the next step a new one is begun."""
        self._suspicion = self._suspicion or reason

    def checkpoint(self, now: float, state: bytes, version: str) -> bool:
        """Keep an engine state that holds every step so far; the last two stay. False where it could not be kept."""
        self._now = now
        self.retry(now)
        if self._since is not None or self._db is None:
            return False
        try:
            with transaction(self._db):
                ours = Meta(self._meta.journal, self._meta.node, self._meta.anchor - self._shift)
                insert_checkpoint(self._db, ours, self.last_seq, now + self._shift, version, state)
                forget_checkpoints(self._db)
        except sqlite3.Error as error:
            self._fail(now, error)
            return False
        self.wants_checkpoint = False
        return True

    def keep_settings(self, digest: str, text: str) -> None:
        """Keep a version's settings, once, before a step names them. Never raises: a new file gets them again."""
        self._settings[digest] = text
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute(KEEP_SETTINGS, (digest, text))

    def settings(self, digest: str) -> str | None:
        """The settings of that name; None where they are not here, or cannot be read."""
        if digest not in self._settings and self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                found = self._db.execute("SELECT settings FROM settings WHERE digest = ?", (digest,)).fetchone()
                if found is not None:
                    self._settings[digest] = found[0]
        return self._settings.get(digest)

    def restore(self, skip: int = 0) -> Restored:
        """The newest checkpoint (``skip`` 1: the one before it) and the steps after it. Never raises ``sqlite3.Error``;
        where nothing can be read, it is empty and not ``complete``."""
        nothing = Restored(None, "", 0.0, iter(()), 0.0, self.anchor, self.node, self._db is not None)
        if self._db is None:
            return nothing
        try:
            return restored(self._db, self.path, self.last_seq, self._meta, skip)
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
            while self._db is not None and (self._backlog or self._backlog.gap):
                self._drain(self._db)
        self._close_db()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The happy path and its one exit.

    def _insert(self, db: sqlite3.Connection, now: float, row: Waiting) -> bool:
        try:
            db.execute(INSERT, summed(self._next, *row))
        except (sqlite3.Error, OverflowError) as error:
            self._fail(now, error)
            return False
        self._next += 1
        return True

    # Trouble: keep, retry, drain.

    def _fail(self, now: float, error: Exception) -> None:
        self._reason = f"{type(error).__name__}: {error}"
        if is_damage(error) and isinstance(error, sqlite3.Error):
            self._suspicion = self._reason
        self._retry_at = now + pause_s(error)
        if self._since is None:
            self._since = now
            self._wait_ms(0)
        if not self._told and (not is_passing(error) or now - self._since >= TOLD_AFTER_S):
            self._told = True
            self._tell()

    def _well(self) -> None:
        told, self._told = self._told, False
        self._since, self._reason = None, ""
        self._wait_ms(LOCKED_MS)
        if told:
            self._tell()

    def _wait_ms(self, milliseconds: int) -> None:
        """Set how long a lock may hold a step up."""
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute(f"PRAGMA busy_timeout = {milliseconds}")

    def _tell(self) -> None:
        if self._on_trouble is not None:
            # Whatever the operator's screen does, the call goes on.
            with contextlib.suppress(Exception):
                self._on_trouble(self.health)

    def _drop(self, now: float) -> None:
        self._backlog.drop(now + self._shift)
        self.wants_checkpoint = True

    def _retry(self, now: float) -> None:
        if now < self._retry_at and not self._suspicion:
            return
        try:
            if self._db is None or self._suspicion:
                self._open()
            self._drain(self._db)
        except (sqlite3.Error, OSError, JournalError) as error:
            self._fail(now, error)
            self._reopen_later(error)
            return
        if not self._backlog:
            self._well()

    def _drain(self, db: sqlite3.Connection | None) -> None:
        """Write the oldest waiting steps, a bounded number so that no caller waits for the whole backlog."""
        if db is None:
            raise sqlite3.OperationalError("not open")
        rows, lost = self._backlog.oldest(DRAIN_ROWS), self._backlog.gap
        gap = [(self.run, lost.last, None, "[]", gap_text(lost))] if lost else []
        with transaction(db):
            db.executemany(KEEP_SETTINGS, self._settings.items())
            db.executemany(INSERT, [summed(seq, *row) for seq, row in enumerate([*gap, *rows], self._next)])
        self._next += len(gap) + len(rows)
        self.wants_checkpoint = self.wants_checkpoint or bool(gap)  # a replay across the gap would go astray
        self._backlog.written(len(rows))

    def _reopen_later(self, error: Exception) -> None:
        """After an I/O error a connection may stay broken; after a full disk it does not."""
        if not is_passing(error) and code(error) != sqlite3.SQLITE_FULL:
            self._close_db()

    # Opening.

    def _begin(self) -> None:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._open()
        except (sqlite3.Error, OSError) as error:
            self._close_db()
            self._fail(0.0, error)
        except JournalError:
            self.close()
            raise

    def _open(self) -> None:
        self._lock.take()
        try:
            if self._suspicion:
                raise DamagedError(self._suspicion)
            self._open_file()
        except UNREADABLE as error:
            if not is_damage(error):
                raise
            self._close_db()
            self._begin_anew(error)

    def _begin_anew(self, error: Exception) -> None:
        """The damaged file is kept, and a new one goes on from what of it is whole: the line must not stand still."""
        if self._now < self._aside_at + ASIDE_EVERY_S:
            raise sqlite3.OperationalError(f"a new file was damaged at once: {error}") from error
        aside = self.moved_aside = set_aside(self.path)
        running = self.run > 0
        kept = salvage(aside, self._next - 1, rows=not running)
        if kept.meta is None and not running:
            kept = Salvage()  # without its anchor no instant of it means anything
        if running:
            kept.run, kept.last_now = self.run, self._now + self._shift
        self._salvage, self._suspicion = kept, ""
        self._aside_at, self._spoiled, self.wants_checkpoint = self._now, self._spoiled + 1, True
        log.error("the journal is damaged (%s: %s): set aside as %s", type(error).__name__, error, aside.name)
        self._open_file()

    def _open_file(self) -> None:
        make_private(self.path)
        db = self._db = connect(self.path, "rw")
        found = format_of(db, self.path)
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", f"busy_timeout = {LOCKED_MS}"):
            db.execute(f"PRAGMA {pragma}")
        if found == 0:
            self._sign(db)
        elif found < FORMAT:
            upgrade_file(db, found)
        self._take_over(db)

    def _sign(self, db: sqlite3.Connection) -> None:
        """Make the tables, say whose file this is, and go on from a damaged one; all or nothing."""
        kept, aside = self._salvage, self.moved_aside
        mark = f"the journal was damaged and set aside as {aside.name}" if aside else ""
        with transaction(db):
            begin_file(db, (kept and kept.meta) or self._meta)
            if kept is not None:
                kept.enter(db, mark)
        self._salvage = None

    def _take_over(self, db: sqlite3.Connection) -> None:
        """Read whose file it is and where it ends. Writes nothing: a restart must succeed on a full disk too."""
        found = read_meta(db)
        if not self.run:
            check_end(db)
        seq, run = db.execute("SELECT seq, run FROM step ORDER BY seq DESC LIMIT 1").fetchone() or (0, 0)
        self._next = seq + 1
        self.run = self.run or run + 1
        if self._since is None:
            self._meta = found
        else:
            # The engine already runs on our anchor, the file has its own: translate what is written from now on.
            self._adopt_anchor(self._meta.anchor - found.anchor)

    def _adopt_anchor(self, shift: float) -> None:
        self._backlog.move(shift - self._shift, self.run)
        self._shift = shift

    def _close_db(self) -> None:
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._db = None
