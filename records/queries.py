"""Questions of ``line1555 report`` to the tables: figures of a span of time, and one call's journey.

Counting and formulas are those of ``metrics`` (the board's, docs/design.md section 6): a row of a report is a ``Tally``
filled from rows instead of facts, so the two agree figure by figure. A call counts where it was offered (its first
queue entry), an arrival where it arrived. Spans are half-open, ``[start, end)``, aware instants; labels are local time.
Every figure is JSON-ready; durations are seconds, shares 0..1, None where a measure is not defined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import URL, ColumnElement, Engine, Row, Select, and_, func, inspect, or_, select
from sqlalchemy.orm import Session

from calls import AgentState, OfferResult, Outcome, Party
from metrics import AgentTally, Calendar, Rules, Tally, offset_of, view

from .database import open_engine
from .tables import AgentSpell, Base, Call, Oddity, Offer, Progress, Segment

ZONE = "Europe/Athens"
_PAGE = 1000

Figures = dict[str, Any]


class Reports:
    """Read-only questions to the reporting database. Close it when done.

    Raises SQLAlchemy's ``OperationalError`` where the database is away. ``interval_s`` divides the hour.
    """

    def __init__(self, url: str | URL, *, zone: str = ZONE, rules: Rules | None = None, interval_s: int = 1800) -> None:
        self.zone = ZoneInfo(zone)
        self.rules = rules or Rules()
        self.calendar = Calendar(interval_s, offset_of(self.zone))
        self._engine: Engine = open_engine(url)

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def day(self, day: date) -> tuple[datetime, datetime]:
        """The span of a local day: 23 or 25 hours where the clocks change."""
        first, second = (datetime.combine(d, time(), self.zone) for d in (day, day + timedelta(days=1)))
        return first.astimezone(UTC), second.astimezone(UTC)

    def totals(self, start: datetime, end: datetime) -> Figures:
        """The whole line: arrived, offered, handled, abandoned, service level with its T, and the rest."""
        rows = self._tallies(start, end, lambda _call, _at: "")
        tally = rows.get("", Tally())
        ended = {str(way): tally.ended.get(way, 0) for way in view.LINE_EXITS}
        level = {"formula": view.SERVICE_LEVEL, "t_s": self.rules.t_s, "short_abandon_s": self.rules.short_s}
        span = {"from": self._label(start), "to": self._label(end)}
        counted = view.counts(tally, self.rules)
        return {**span, "service_level_rule": level, "arrived": tally.arrived, **ended, **counted}

    def by_interval(self, start: datetime, end: datetime) -> dict[str, Figures]:
        """By interval of local time, those in which something was."""
        return self._grouped(start, end, lambda _call, at: self._interval(at))

    def by_topic(self, start: datetime, end: datetime) -> dict[str, Figures]:
        """By topic; calls that chose none (and confidential ones) stand under the empty name."""
        return self._grouped(start, end, lambda call, _at: call.topic or "")

    def by_entry_number(self, start: datetime, end: datetime) -> dict[str, Figures]:
        """By the number that was dialled."""
        return self._grouped(start, end, lambda call, _at: call.dnis or "")

    def by_queue(self, start: datetime, end: datetime) -> dict[str, Figures]:
        """By queue, which counts its own entries: a call that overflowed counts in each, as overflowed in the first."""
        rows: dict[str, Tally] = defaultdict(Tally)
        entered = (Segment.kind == "waiting") & _within(Segment.started_at, start, end)
        for one in self._stream(select(*_CALL, Segment).join(Segment, Segment.call_id == Call.id).where(entered)):
            tally, segment = rows[one.Segment.name or ""], one.Segment
            if one.callback and (one.answered_at is None or segment.started_at < one.answered_at):
                self._call_back(tally, one, segment.result)
                continue
            tally.offered += 1
            if segment.result == "connected":
                self._answer(tally, one, segment.duration_s or 0.0)
            elif segment.result:
                tally.leave(Outcome(segment.result), segment.duration_s or 0.0, self.rules)
        for queue, count in self._cut_off(Segment.name, _within(Segment.started_at, start, end)):
            rows[queue].lost_media = count
        return {name: view.counts(tally, self.rules) for name, tally in sorted(rows.items())}

    def by_agent(self, start: datetime, end: datetime, at: datetime | None = None) -> dict[str, Figures]:
        """Each agent's calls, offers, handle time, occupancy and time in each state (``at``: see ``agent_times``)."""
        rows: dict[str, AgentTally] = defaultdict(AgentTally)
        self._agent_calls(rows, start, end)
        self._agent_offers(rows, start, end)
        theirs = _within(Call.queued_at, start, end) & (Segment.detail == "agent")
        for agent, count in self._cut_off(Segment.agent, theirs):
            rows[agent].lost_media_agent = count
        for agent, spent in self.agent_times(start, end, at).items():
            rows[agent].state_s = {AgentState(s): spent_s for s, spent_s in spent.items() if s != AgentState.LOGGED_OUT}
        return {name: view.agent_counts(tally) for name, tally in sorted(rows.items())}

    def agent_times(self, start: datetime, end: datetime, at: datetime | None = None) -> dict[str, dict[str, float]]:
        """Seconds of the span that each agent spent in each state; a state that lasts on is counted up to ``at``
        (this machine's now where not given)."""
        rows: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        last = min(end, at or datetime.now(UTC))
        lasting = or_(AgentSpell.until.is_(None), AgentSpell.until > start)
        for (spell,) in self._stream(select(AgentSpell).where(AgentSpell.since < last, lasting)):
            spent = min(spell.until or last, last) - max(spell.since, start)
            rows[spell.agent][spell.state] += max(0.0, spent.total_seconds())
        return {agent: dict(states) for agent, states in sorted(rows.items())}

    def journey(self, call_id: str) -> Figures | None:
        """One call: its row, its segments and offers in order, with local times. None where there is no such call."""
        with Session(self._engine) as session:
            call = session.get(Call, call_id)
            if call is None:
                return None
            segments = session.scalars(select(Segment).filter_by(call_id=call_id).order_by(Segment.seq))
            offers = session.scalars(select(Offer).filter_by(call_id=call_id).order_by(Offer.made_at, Offer.id))
            return {
                **self._plain(call),
                "segments": [self._plain(row) for row in segments],
                "offers": [self._plain(row) for row in offers],
            }

    def oddities(self, start: datetime, end: datetime, limit: int = 1000) -> list[Figures]:
        """Give the oddities of the span in order, at most ``limit``."""
        asked = select(Oddity).where(_within(Oddity.at, start, end)).order_by(Oddity.at, Oddity.seq, Oddity.number)
        with Session(self._engine) as session:
            return [self._plain(row) for row in session.scalars(asked.limit(limit))]

    def progress(self) -> list[Figures]:
        """Tell how far each journal is in the tables."""
        with Session(self._engine) as session:
            return [self._plain(row) for row in session.scalars(select(Progress).order_by(Progress.journal))]

    # Calls to tallies.

    def _grouped(self, start: datetime, end: datetime, key: Callable[[Row[Any], datetime], str]) -> dict[str, Figures]:
        rows = sorted(self._tallies(start, end, key).items())
        return {name: {"arrived": tally.arrived, **view.counts(tally, self.rules)} for name, tally in rows}

    def _tallies(self, start: datetime, end: datetime, key: Callable[[Row[Any], datetime], str]) -> dict[str, Tally]:
        rows: dict[str, Tally] = defaultdict(Tally)
        touched = or_(_within(Call.started_at, start, end), _within(Call.queued_at, start, end))
        for call in self._stream(select(*_CALL).where(touched)):
            if start <= call.started_at < end:
                self._arrive(rows[key(call, call.started_at)], call)
            if call.queued_at and start <= call.queued_at < end:
                self._offer(rows[key(call, call.queued_at)], call)
        return rows

    def _arrive(self, tally: Tally, call: Row[Any]) -> None:
        if call.callback:
            return
        tally.arrived += 1
        if call.outcome:
            tally.end(Outcome(call.outcome))

    def _offer(self, tally: Tally, call: Row[Any]) -> None:
        tally.offers += call.offers
        tally.rona += call.rona
        tally.lost_media += call.lost_media
        if call.callback:
            self._call_back(tally, call, "connected" if call.answered_at else call.left_queue)
            return
        tally.offered += 1
        if call.answered_at:
            self._answer(tally, call, call.wait_s or 0.0)
        elif call.outcome and call.left_queue:
            # Left one queue and not over: it may yet be in another.
            tally.leave(Outcome(call.left_queue), call.wait_s or 0.0, self.rules)

    def _call_back(self, tally: Tally, call: Row[Any], result: str | None) -> None:
        """A callback counts apart: the citizen's own call was offered (docs/measures.md)."""
        tally.callbacks += 1
        tally.unreached += result == Outcome.UNREACHED
        if result == "connected":
            tally.call_back(call.ring_s or 0.0)
            self._work(tally, call)

    def _answer(self, tally: Tally, call: Row[Any], wait_s: float) -> None:
        tally.answer(wait_s, call.ring_s or 0.0, self.rules)
        self._work(tally, call)

    def _work(self, tally: Tally, call: Row[Any]) -> None:
        tally.talk_s += call.talk_s or 0.0
        tally.hold_s += call.hold_s or 0.0
        tally.wrap_up_s += call.wrap_up_s or 0.0

    # Agents.

    def _agent_calls(self, rows: dict[str, AgentTally], start: datetime, end: datetime) -> None:
        sums = [
            func.coalesce(func.sum(column), 0.0) for column in (Call.ring_s, Call.talk_s, Call.hold_s, Call.wrap_up_s)
        ]
        asked = select(Call.agent, func.count(), *sums).where(
            _within(Call.queued_at, start, end), Call.agent.is_not(None)
        )
        for agent, handled, ring_s, talk_s, hold_s, wrap_up_s in self._stream(asked.group_by(Call.agent)):
            tally = rows[agent]
            tally.handled, tally.ring_s = handled, ring_s
            tally.talk_s, tally.hold_s, tally.wrap_up_s = talk_s, hold_s, wrap_up_s

    def _agent_offers(self, rows: dict[str, AgentTally], start: datetime, end: datetime) -> None:
        """Offers count, like their calls, where the call was offered to the line."""
        asked = (
            select(Offer.agent, Offer.result, func.count())
            .join(Call, Call.id == Offer.call_id)
            .where(_within(Call.queued_at, start, end))
            .group_by(Offer.agent, Offer.result)
        )
        for agent, result, count in self._stream(asked):
            rows[agent].offers += count
            rows[agent].rona += count if result == OfferResult.NO_ANSWER else 0

    # Small things.

    def _cut_off(self, of: Any, which: ColumnElement[bool]) -> Iterator[Any]:
        """Conversations that a lost phone ended: ``of`` (a queue, an agent), how many."""
        return self._stream(select(of, func.count()).join(Call).where(_CUT_OFF, which).group_by(of))

    def _stream(self, asked: Select[*tuple[Any, ...]]) -> Iterator[Any]:
        with Session(self._engine) as session:
            yield from session.execute(asked.execution_options(yield_per=_PAGE))

    def _label(self, at: datetime) -> str:
        return self.calendar.label(at.timestamp())

    def _interval(self, at: datetime) -> str:
        return self.calendar.label(self.calendar.interval_start(at.timestamp()))

    def _plain(self, row: Base) -> Figures:
        return {column.key: self._value(getattr(row, column.key)) for column in inspect(type(row)).column_attrs}

    def _value(self, value: Any) -> Any:
        return value.astimezone(self.zone).isoformat(timespec="milliseconds") if isinstance(value, datetime) else value


def _within(column: Any, start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(column >= start, column < end)


_RONA = (
    select(func.count())
    .where(Offer.call_id == Call.id, Offer.result == OfferResult.NO_ANSWER.value)
    .correlate(Call)
    .scalar_subquery()
    .label("rona")
)
_CUT_OFF = and_(Segment.kind == "conversation", Segment.result == Party.LOST_MEDIA.value)
"""Conversations that ended because a phone was gone; ``detail`` says whose."""
_LOST_MEDIA = (
    select(func.count())
    .where(Segment.call_id == Call.id, _CUT_OFF)
    .correlate(Call)
    .scalar_subquery()
    .label("lost_media")
)
_CALL = (
    Call.topic, Call.dnis, Call.started_at, Call.queued_at, Call.answered_at, Call.left_queue, Call.outcome,
    Call.wait_s, Call.ring_s, Call.talk_s, Call.hold_s, Call.wrap_up_s, Call.offers, Call.callback, _RONA,
    _LOST_MEDIA,
)  # fmt: skip
