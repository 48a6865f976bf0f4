"""The journal's file: its tables, one row per step, and the read side (tailer, replays, standby engines).

A step is what the engine did at one ``now``: at most one outside event and the facts it told. The JSON text is ASCII
on purpose: whatever a hostile number or header holds (NUL, a lone surrogate), the text can always be stored.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import msgspec

from calls import ContractError, decode, encode
from calls.events import Event
from calls.facts import Fact

from .wall import WallClock

FORMAT = 3
BUSY_S = 0.05
KEPT_CHECKPOINTS = 2
# The WAL file is cut back to this size when it starts over.
WAL_KEPT_BYTES = 8 << 20

SETTINGS = "CREATE TABLE settings (digest TEXT PRIMARY KEY, settings TEXT NOT NULL) WITHOUT ROWID"
"""Every version that a ``SettingsPublished`` of the steps names, once."""
SCHEMA = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE step (seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, now REAL NOT NULL,"
    " event TEXT, facts TEXT NOT NULL, gap TEXT, sum INTEGER)",
    "CREATE TABLE checkpoint (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, now REAL NOT NULL,"
    " version TEXT NOT NULL, state BLOB NOT NULL, meta TEXT, sum INTEGER)",
    SETTINGS,
    f"PRAGMA user_version = {FORMAT}",
)

UPGRADE = {
    1: (
        "ALTER TABLE step ADD COLUMN sum INTEGER",
        "ALTER TABLE checkpoint ADD COLUMN meta TEXT",
        "ALTER TABLE checkpoint ADD COLUMN sum INTEGER",
    ),
    2: (SETTINGS,),
}
"""Statements that bring a file of an older format to the next. Its rows have no checksum and are believed."""

INSERT = "INSERT INTO step (seq, run, now, event, facts, gap, sum) VALUES (?, ?, ?, ?, ?, ?, ?)"
KEEP_SETTINGS = "INSERT OR IGNORE INTO settings (digest, settings) VALUES (?, ?)"
_FATES = (
    "SELECT facts FROM step WHERE now >= ? AND (facts LIKE '%\"CallStarted\"%' OR facts LIKE '%\"CallEnded\"%'"
    " OR facts LIKE '%\"Survived\"%') ORDER BY seq"
)
WALL_ANCHOR = "SELECT value FROM meta WHERE key = 'wall'"
"""Epoch seconds at ``now`` 0 by the wall clock of the newest steps, where somebody has set it."""
_SELECT = "SELECT seq, run, now, event, facts, gap, {} FROM step WHERE seq > ? ORDER BY seq LIMIT ?"

Row = tuple[int, int, float, str | None, str, str | None, int | None]
"""One stored step: seq, run, now, event JSON or None, facts JSON, gap JSON or None, checksum."""

_text = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
_quick = msgspec.json.Encoder().encode


class JournalError(Exception):
    """The journal cannot be used at all: in use by another engine, or written by a newer version."""


@dataclass(frozen=True, slots=True)
class Gap:
    """``rows`` steps between ``first`` and ``last`` (engine seconds) are lost: not written, or for the ``reason``."""

    rows: int
    first: float
    last: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: ``event`` None is a timer tick; a ``gap`` stands in the place of lost steps, with nothing else."""

    seq: int
    run: int
    now: float
    event: Event | None
    facts: tuple[Fact, ...]
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class Meta:
    """Identity of a journal: ``anchor`` is the wall time (epoch seconds) at ``now`` 0, ``journal`` a random name."""

    journal: str
    node: str
    anchor: float


def event_text(event: Event | None) -> str | None:
    """The event as the journal keeps it. Raises ``ContractError`` for what is no message."""
    return None if event is None else _message_text(event)


def facts_text(facts: Sequence[Fact]) -> str:
    """The facts as the journal keeps them. Raises ``ContractError`` for what is no message."""
    return f"[{','.join([_message_text(fact) for fact in facts])}]" if facts else "[]"


def _message_text(message: Event | Fact) -> str:
    """One message as ``encode`` has it, written ten times as fast where the quick writer writes the same.

    It does not where a text is not ASCII, and makes ``null`` of a number that is not finite.
    """
    kind = type(message)
    if hasattr(kind, "__dataclass_fields__"):
        with suppress(UnicodeEncodeError):
            quick = _quick(message)
            if len(quick) > len(b"{}") and quick.isascii() and b"null" not in quick:
                return f'{{"type":"{kind.__name__}",{quick[1:].decode("ascii")}'
    return _text(encode(message))


def gap_text(gap: Gap) -> str:
    """The gap as the journal stores it."""
    return _text(asdict(gap))


def row_sum(seq: int, run: int, now: float, event: str | None, facts: str, gap: str | None) -> int:
    """The checksum that stands beside a step; told by what SQLite gives back of it."""
    return zlib.crc32(f"{seq} {run} {now!r} {event} {gap} {facts}".encode(errors="replace"))


def summed(seq: int, run: int, now: float, event: str | None, facts: str, gap: str | None) -> Row:
    """A row as it is stored, with its checksum."""
    now = float(now)
    return seq, run, now, event, facts, gap, row_sum(seq, run, now, event, facts, gap)


def intact(row: Row) -> bool:
    """Tell whether the row is what was written."""
    return row[6] is None or row[6] == row_sum(*row[:6])


def state_sum(seq: int, now: float, version: str, state: bytes, meta: str | None) -> int:
    """The checksum that stands beside a checkpoint."""
    return zlib.crc32(state, zlib.crc32(f"{seq} {now!r} {version} {meta}".encode(errors="replace")))


def decode_row(row: Row) -> Step:
    """The step again. Raises ``ContractError`` for a row that is damaged, or that this version does not understand."""
    if not intact(row):
        raise ContractError(f"journal row {row[0]} is damaged")
    seq, run, now, event, facts, gap, _ = row
    try:
        return Step(
            seq,
            run,
            now,
            None if event is None else decode(json.loads(event)),
            tuple(decode(plain) for plain in json.loads(facts)),
            None if gap is None else Gap(**json.loads(gap)),
        )
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ContractError(f"journal row {seq} cannot be read: {error}") from error


def make_private(path: Path) -> None:
    """Numbers of citizens stand in it: 0600 from its first moment (SQLite gives -wal and -shm the same mode).

    Never opens an existing file: closing it would drop the locks SQLite holds in this process.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    if path.is_file():
        path.chmod(0o600)


def _lenient(stored: bytes) -> str:
    """A damaged text must be read to be found out."""
    return stored.decode("utf-8", "replace")


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection in ``mode`` ``ro`` or ``rw``; never makes the file. Raises ``sqlite3.Error``."""
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_S,
        isolation_level=None,
        check_same_thread=False,
    )
    db.text_factory = _lenient
    # SQLite's own automatic checkpoint would put an fsync into somebody's commit.
    db.execute("PRAGMA wal_autocheckpoint = 0")
    db.execute(f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES}")
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. Takes the write lock at once: a later upgrade could not wait for it."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def read_meta(db: sqlite3.Connection) -> Meta:
    """Raises ``sqlite3.Error`` or ``KeyError`` where no journal was begun."""
    values: dict[str, str] = dict(db.execute("SELECT key, value FROM meta"))
    return Meta(values["journal"], values["node"], float(values["anchor"]))


def select_rows(db: sqlite3.Connection) -> str:
    """Give the query for so many rows after a seq, of a file of this or an older format. Raises ``sqlite3.Error``."""
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    return _SELECT.format("NULL" if found < 2 else "sum")


def begin_file(db: sqlite3.Connection, meta: Meta) -> None:
    """Make the tables and say whose file this is. Inside a transaction."""
    for statement in SCHEMA:
        db.execute(statement)
    signature = (("journal", meta.journal), ("node", meta.node), ("anchor", repr(meta.anchor)))
    db.executemany("INSERT INTO meta VALUES (?, ?)", signature)


def upgrade_file(db: sqlite3.Connection, found: int) -> None:
    """Bring a file of format ``found`` to the present one."""
    with transaction(db):
        for number in range(found, FORMAT):
            for statement in UPGRADE[number]:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {FORMAT}")


def forget_checkpoints(db: sqlite3.Connection) -> None:
    """Forget all checkpoints but the newest ``KEPT_CHECKPOINTS``."""
    older = "DELETE FROM checkpoint WHERE id NOT IN (SELECT id FROM checkpoint ORDER BY id DESC LIMIT ?)"
    db.execute(older, (KEPT_CHECKPOINTS,))


def insert_checkpoint(db: sqlite3.Connection, meta: Meta, seq: int, now: float, version: str, state: bytes) -> None:
    """Keep a state with its checksum, and whose it is: the table that says so may be what gets damaged."""
    text, now = json.dumps(asdict(meta)), float(now)
    row = (seq, now, version, state, text, state_sum(seq, now, version, state, text))
    db.execute("INSERT INTO checkpoint (seq, now, version, state, meta, sum) VALUES (?, ?, ?, ?, ?, ?)", row)


class Reader:
    """Reads a journal that an engine may be writing at this moment, from any process. Never blocks the writer.

    Raises ``sqlite3.Error`` where there is no journal to be read (yet). Not for several threads at once.
    """

    def __init__(self, path: Path | str) -> None:
        self._db = connect(Path(path), "ro")
        try:
            self.meta = read_meta(self._db)
            self._select = select_rows(self._db)
        except (KeyError, ValueError) as error:
            self._db.close()
            raise sqlite3.OperationalError(f"{path}: not a journal yet ({error})") from error
        except BaseException:
            self._db.close()
            raise

    def rows(self, after_seq: int, limit: int) -> list[Row]:
        """At most ``limit`` stored rows after ``after_seq``, in order, not decoded."""
        return self._db.execute(self._select, (after_seq, limit)).fetchall()

    def read(self, after_seq: int = 0, limit: int = 1000) -> list[Step]:
        """At most ``limit`` steps after ``after_seq``, in order. Raises ``ContractError`` for a foreign row."""
        return [decode_row(row) for row in self.rows(after_seq, limit)]

    def settings(self, digest: str) -> str | None:
        """The text of the settings that a ``SettingsPublished`` names; None where the file does not have them."""
        row = self._db.execute("SELECT settings FROM settings WHERE digest = ?", (digest,)).fetchone()
        return row[0] if row else None

    def last(self) -> tuple[int, float]:
        """``seq`` and ``now`` of the newest step; zeros where there is none."""
        row = self._db.execute("SELECT seq, now FROM step ORDER BY seq DESC LIMIT 1").fetchone()
        return (int(row[0]), float(row[1])) if row else (0, 0.0)

    def first(self) -> float | None:
        """``now`` of the oldest step that is kept; None where there is none."""
        row = self._db.execute("SELECT now FROM step ORDER BY seq LIMIT 1").fetchone()
        return float(row[0]) if row else None

    def fates(self, since: float) -> Iterator[str]:
        """The facts (JSON) of steps from ``now`` ``since`` on that tell which calls there were, and how they ended."""
        return (text for (text,) in self._db.execute(_FATES, (since,)))

    def clock(self, after_seq: int = 0) -> WallClock:
        """The wall clock of the steps after ``after_seq``. Reads all of them."""
        sets = "SELECT now, facts FROM step WHERE seq > ? AND facts LIKE '%\"ClockSet\"%' ORDER BY seq"
        rows = self._db.execute(sets, (after_seq,)).fetchall()
        told = [(now, fact) for now, text in rows for fact in json.loads(text) if fact.get("type") == "ClockSet"]
        newest = self._db.execute(WALL_ANCHOR).fetchone()
        return WallClock.of(
            float(newest[0]) if newest else self.meta.anchor,
            [(now, fact["anchor"], fact["by_s"]) for now, fact in told],
        )

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def pages(path: Path, after_seq: int, last_seq: int, size: int = 1000) -> Generator[Row, None, None]:
    """The rows after ``after_seq`` up to ``last_seq``, read page by page so that no long read holds the WAL back."""
    with closing(Reader(path)) as reader:
        while after_seq < last_seq and (rows := reader.rows(after_seq, min(size, last_seq - after_seq))):
            yield from (row for row in rows if row[0] <= last_seq)
            after_seq = rows[-1][0]
