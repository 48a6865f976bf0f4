"""The tailer: carries the journal into the reporting database, in its own thread, and remembers where it was.

Each batch is one transaction that also moves ``progress``: a step counts once, whenever the process is killed. Nothing
is kept between batches, so memory is bounded by one batch, and the database may be away as long as the journal keeps
its steps. It knows nothing of the engine; the journal's file is all they share.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from math import inf
from pathlib import Path

from sqlalchemy import false, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from .damage import SPOILED, UNREADABLE, Kept, aside, code, kept_rows
from .database import open_engine, upgrade
from .lag import TailerLag, lag_of
from .projection import Projector
from .steps import Gap, Meta, Reader, Row
from .tables import AgentSpell, CallRow, OfferRow, Progress, Segment, Stay, StayAgent
from .told import StepFacts, needs, tell
from .upkeep import checkpoint_wal, prune

BATCH_STEPS = 500
POLL_S = 0.5
BACKOFF_S = (0.5, 30.0)
UPKEEP_S = 5.0
PRUNE_S = 3600.0


Source = Reader | Kept
"""Source of rows: the journal, or what could be read of a damaged one."""


class Tailer:
    """Follows the journal at ``journal`` into the database at ``url`` (its tables are made and upgraded here).

    ``start`` and ``stop`` run it in a thread; ``sync_once`` is the same by hand. It waits for a journal or a database
    that is not there (yet): ``problem`` says which, and is empty while all is well. Steps that are in the reports, are
    older than ``keep_days`` and not needed for a restart, are pruned from the journal.
    """

    def __init__(
        self,
        journal: Path | str,
        url: str,
        *,
        batch: int = BATCH_STEPS,
        poll_s: float = POLL_S,
        backoff_s: tuple[float, float] = BACKOFF_S,
        keep_days: float = 14.0,
        on_damage: Callable[[str], None] | None = None,
    ) -> None:
        self.path = Path(journal)
        self._on_damage = on_damage or (lambda _: None)
        self.problem = ""
        self._engine = open_engine(url)
        self._batch_steps, self._poll_s, self._backoff_s = batch, poll_s, backoff_s
        self.keep_days = keep_days
        self._ready_for: str | None = None
        self.reached = 0
        """The last step that is in the reports."""
        self._moved_s = 0.0
        self._upkeep_at = self._prune_at = 0.0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to follow. Once per tailer."""
        self._thread = threading.Thread(target=self._run, name="records-tailer", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Finish the batch at hand and let go of the database; what is left is done at the next start."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._thread = None
        self._engine.dispose()

    def lag(self) -> TailerLag:
        """From any thread; asks the journal, not the database."""
        return lag_of(self.path, self.reached)

    def sync_once(self) -> int:
        """Carry over everything that is in the journal now; how many steps. Not beside a running thread.

        Raises ``sqlite3.Error`` (journal) or ``SQLAlchemyError`` (database); then nothing of the last batch is kept.
        """
        total = 0
        while not self._stopping.is_set() and (done := self._advance()):
            total += done
        return total

    # The thread.

    def _run(self) -> None:
        pause_s = 0.0
        while not self._stopping.wait(pause_s):
            try:
                # Only a full batch has a next one waiting: transactions of a step or two would cost the engine dearly.
                pause_s = 0.0 if self._advance() >= self._batch_steps else self._poll_s
                self.problem = ""
            except (SQLAlchemyError, *UNREADABLE, OSError) as error:
                self.problem = f"{type(error).__name__}: {error}".splitlines()[0]
                self._look_for_damage(error)
                pause_s = min(max(pause_s * 2, self._backoff_s[0]), self._backoff_s[1])
            self._upkeep()

    def _upkeep(self) -> None:
        """Also while the database is away: the journal goes on growing."""
        now = time.monotonic()
        try:
            if now >= self._upkeep_at:
                self._upkeep_at = now + UPKEEP_S
                checkpoint_wal(self.path)
            if now >= self._prune_at and self.reached:
                self._prune_at = now + PRUNE_S
                prune(self.path, self.reached, self.keep_days)
        except (*UNREADABLE, OSError) as error:
            self._look_for_damage(error)

    def _look_for_damage(self, error: Exception) -> None:
        """The journal's writer sets a damaged file aside: it alone knows what is still to be written."""
        if isinstance(error, sqlite3.Error) and code(error) in SPOILED:
            self._on_damage(f"{type(error).__name__}: {error}")

    # One batch.

    def _advance(self) -> int:
        with Reader(self.path) as reader:
            if self._ready_for != reader.meta.journal:
                self._make_ready(reader.meta)
                self._moved_s = reader.clock(self.reached).anchor(-inf) - reader.meta.anchor
            if reader.last()[0] <= self.reached:
                return 0
            return self._from_aside(reader) or self._enter(reader)

    def _enter(self, source: Source) -> int:
        try:
            return self._carry(source, self._batch_steps)
        except Exception as error:
            if not _is_poison(error):
                raise
        return self._one_by_one(source)

    def _make_ready(self, meta: Meta) -> None:
        upgrade(self._engine)
        new = {"journal": meta.journal, "node": meta.node, "run": 0, "seq": 0, "now": 0.0}
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        with self._engine.begin() as connection:
            connection.execute(insert(Progress).values(new).on_conflict_do_nothing())
            self.reached = connection.execute(select(Progress.seq).filter_by(journal=meta.journal)).scalar_one()
        self._ready_for = meta.journal

    def _from_aside(self, reader: Reader) -> int:
        """Enter what the reports lack from damaged files, of which this journal is the continuation."""
        first = reader.rows(self.reached, 1)[0][0]
        if first == self.reached + 1:
            return 0
        done = 0
        for file in aside(self.path):
            kept = kept_rows(file, reader.meta, self.reached, first - 1)
            while found := self._enter(kept):
                done += found
        return done

    def _one_by_one(self, reader: Source) -> int:
        """Some step of the batch cannot be entered: it alone is noted and passed over."""
        done = 0
        for _ in range(self._batch_steps):
            try:
                found = self._carry(reader, 1)
            except Exception as error:
                if not _is_poison(error):
                    raise
                found = self._carry(reader, 1, refused=error)
            if not found:
                break
            done += found
        return done

    def _carry(self, reader: Source, limit: int, refused: Exception | None = None) -> int:
        """One batch in one transaction; how many steps."""
        with Session(self._engine, expire_on_commit=False, autoflush=False) as session, session.begin():
            seq = _lock(session, reader.meta)
            rows = reader.rows(seq, limit)
            if rows:
                projector = self._book(session, reader.meta, rows, refused)
                if rows[0][0] != seq + 1 and rows[0][5] is None:  # a gap tells of itself
                    _note_hole(projector, seq, rows[0])
                _store(session, projector)
                _move(session, reader.meta, rows[-1])
        if rows:
            self._moved_s = projector.moved_s
        self.reached = rows[-1][0] if rows else seq
        return len(rows)

    def _book(self, session: Session, meta: Meta, rows: Sequence[Row], refused: Exception | None) -> Projector:
        if refused is None:
            return _fetch(session, meta, self._moved_s, rows)
        return _refuse(meta, self._moved_s, rows[0], refused)


def _lock(session: Session, meta: Meta) -> int:
    """Read where the journal was left. Taking the row first keeps a second tailer out, on both databases."""
    mine = update(Progress).where(Progress.journal == meta.journal)
    reached = session.execute(mine.values(node=meta.node).returning(Progress.seq)).scalar_one()
    return int(reached)


def _move(session: Session, meta: Meta, last: Row) -> None:
    seq, run, now, *_ = last
    mine = update(Progress).where(Progress.journal == meta.journal)
    session.execute(mine.values(seq=seq, run=run, now=now, updated_at=datetime.now(UTC)))


def _fetch(session: Session, meta: Meta, moved_s: float, rows: Iterable[Row]) -> Projector:
    """The rows the steps speak about, with the steps entered."""
    steps: list[StepFacts] = [tell(row) for row in rows]
    needed = needs(steps)
    projector = Projector(meta, moved_s=moved_s)
    going_on = CallRow.ended_at.is_(None) if needed.open else false()
    wanted = select(CallRow).where(or_(CallRow.id.in_(sorted(needed.calls)), going_on))
    projector.calls = {c.id: c for c in session.scalars(wanted)}
    known = sorted(projector.calls)
    for segment in session.scalars(select(Segment).where(Segment.call_id.in_(known)).order_by(Segment.seq)):
        projector.segments.setdefault(segment.call_id, []).append(segment)
    for offer in session.scalars(select(OfferRow).where(OfferRow.call_id.in_(known))):
        projector.offers[offer.call_id, offer.id] = offer
    _fetch_stays(session, projector, known)
    spells = select(AgentSpell).where(AgentSpell.until.is_(None))
    if not needed.open:
        spells = spells.where(AgentSpell.agent.in_(sorted(needed.agents)))
    projector.spells = {s.agent: s for s in session.scalars(spells)}
    for step in steps:
        projector.apply(step)
    return projector


def _fetch_stays(session: Session, projector: Projector, known: list[str]) -> None:
    """The calls as far as they were counted."""
    stays: dict[str, list[Stay]] = {}
    for stay in session.scalars(select(Stay).where(Stay.call_id.in_(known)).order_by(Stay.number)):
        stays.setdefault(stay.call_id, []).append(stay)
    agents: dict[str, list[StayAgent]] = {}
    for agent in session.scalars(select(StayAgent).where(StayAgent.call_id.in_(known))):
        agents.setdefault(agent.call_id, []).append(agent)
    for name, call in projector.calls.items():
        life = projector.stays.take_up(call, stays.get(name, ()), agents.get(name, ()))
        projector.tracker.lives[life.call] = life


def _refuse(meta: Meta, moved_s: float, row: Row, error: Exception) -> Projector:
    """Only that the step was passed over, and by what kind of error: its text may hold a citizen's number."""
    projector = Projector(meta, seq=row[0], moved_s=moved_s)
    at = projector.instant(0.0)
    with suppress(ValueError, OverflowError, OSError):
        at = projector.instant(row[2])
    projector.odd(at, "unreadable", meta.node, type(error).__name__)
    return projector


def _note_hole(projector: Projector, reached: int, first: Row) -> None:
    """Steps were pruned or lost before they were read."""
    lost = Gap(first[0] - reached - 1, first[2], first[2])
    projector.seq, projector.anomalies = reached, 0
    projector.lost(lost)


def _store(session: Session, projector: Projector) -> None:
    # Calls first: segments and offers refer to them.
    session.add_all(row for row in projector.added if isinstance(row, CallRow))
    session.flush()
    session.add_all(projector.added)
    for segment in projector.erased:
        session.delete(segment)
    session.flush()


def _is_poison(error: Exception) -> bool:
    """Tell whether the step itself is to blame, not the state of the journal or the database."""
    if isinstance(error, DBAPIError):
        return isinstance(error, (DataError, IntegrityError))
    return not isinstance(error, (SQLAlchemyError, sqlite3.Error, OSError))
