"""Questions of ``line1555 report`` to the tables: figures of a span of time, and one call's journey.

Counting and formulas are those of ``metrics`` (the board's, docs/design.md section 6): a row of a report is a ``Tally``
of stays that were kept, so the two agree figure by figure. An arrival counts where it arrived. Spans are half-open,
``[start, end)``, aware instants; labels are local time. Every figure is JSON-ready; durations are seconds, shares 0..1,
None where a measure is not defined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import URL, ColumnElement, Engine, Select, and_, func, inspect, or_, select
from sqlalchemy.orm import Session

from calls import AgentState, Outcome
from metrics import PART_SUMS, AgentTally, Calendar, CountingRules, Tally, offset_of, view

from .database import open_engine
from .stays import stay_of
from .tables import AgentSpell, Anomaly, Base, CallRow, OfferRow, Progress, Segment, Stay, StayAgent

ZONE = "Europe/Athens"
_PAGE = 1000

ReportRow = dict[str, Any]
Key = Callable[[str, str, datetime], str]
"""The row in which a call counts: from its topic, the number dialled and the instant."""


class KeptRows:
    """The reporting database, opened to be read: its rows as they are kept. Close it when done."""

    def __init__(self, url: str | URL, zone: str = ZONE) -> None:
        self.zone = ZoneInfo(zone)
        self._engine: Engine = open_engine(url)

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stream(self, asked: Select[*tuple[Any, ...]]) -> Iterator[Any]:
        """The rows one by one, however many."""
        with Session(self._engine) as session:
            yield from session.execute(asked.execution_options(yield_per=_PAGE))

    def journey(self, call_id: str) -> ReportRow | None:
        """One call: its row, its segments and offers in order, with local times. None where there is no such call."""
        with Session(self._engine) as session:
            call = session.get(CallRow, call_id)
            if call is None:
                return None
            segments = session.scalars(select(Segment).filter_by(call_id=call_id).order_by(Segment.seq))
            offers = session.scalars(
                select(OfferRow).filter_by(call_id=call_id).order_by(OfferRow.made_at, OfferRow.id)
            )
            return {
                **self._plain(call),
                "segments": [self._plain(row) for row in segments],
                "offers": [self._plain(row) for row in offers],
            }

    def anomalies(self, start: datetime, end: datetime, limit: int = 1000) -> list[ReportRow]:
        """Give the anomalies of the span in order, at most ``limit``."""
        asked = select(Anomaly).where(_within(Anomaly.at, start, end)).order_by(Anomaly.at, Anomaly.seq, Anomaly.number)
        with Session(self._engine) as session:
            return [self._plain(row) for row in session.scalars(asked.limit(limit))]

    def progress(self) -> list[ReportRow]:
        """Tell how far each journal is in the tables."""
        with Session(self._engine) as session:
            return [self._plain(row) for row in session.scalars(select(Progress).order_by(Progress.journal))]

    def _plain(self, row: Base) -> ReportRow:
        return {column.key: _value(getattr(row, column.key), self.zone) for column in inspect(type(row)).column_attrs}


class Reports(KeptRows):
    """Read-only questions to the reporting database. Close it when done.

    Raises SQLAlchemy's ``OperationalError`` where the database is away. ``interval_s`` divides the hour.
    """

    def __init__(
        self, url: str | URL, *, zone: str = ZONE, rules: CountingRules | None = None, interval_s: int = 1800
    ) -> None:
        super().__init__(url, zone)
        self.rules = rules or CountingRules()
        self.calendar = Calendar(interval_s, offset_of(self.zone))

    def day(self, day: date) -> tuple[datetime, datetime]:
        """The span of a local day: 23 or 25 hours where the clocks change."""
        first, second = (datetime.combine(d, time(), self.zone) for d in (day, day + timedelta(days=1)))
        return first.astimezone(UTC), second.astimezone(UTC)

    def totals(self, start: datetime, end: datetime) -> ReportRow:
        """The whole line: arrived, offered, handled, abandoned, service level with its T, and the rest."""
        rows = self._tallies(start, end, lambda _topic, _dnis, _at: "")
        tally = rows.get("", Tally())
        ended = {str(way): tally.ended.get(way, 0) for way in view.LINE_EXITS}
        level = {"formula": view.SERVICE_LEVEL, "t_s": self.rules.t_s, "short_abandon_s": self.rules.short_s}
        span = {"from": self._label(start), "to": self._label(end)}
        counted = view.counts(tally, self.rules)
        return {**span, "service_level_rule": level, "arrived": tally.arrived, **ended, **counted}

    def by_interval(self, start: datetime, end: datetime) -> dict[str, ReportRow]:
        """By interval of local time, those in which something was."""
        return self._grouped(start, end, lambda _topic, _dnis, at: self._interval(at))

    def by_topic(self, start: datetime, end: datetime) -> dict[str, ReportRow]:
        """By topic; calls that chose none (and confidential ones) stand under the empty name."""
        return self._grouped(start, end, lambda topic, _dnis, _at: topic)

    def by_entry_number(self, start: datetime, end: datetime) -> dict[str, ReportRow]:
        """By the number that was dialled."""
        return self._grouped(start, end, lambda _topic, dnis, _at: dnis)

    def by_queue(self, start: datetime, end: datetime) -> dict[str, ReportRow]:
        """By queue, which counts its own entries: a call that overflowed counts in each, as overflowed in the first."""
        rows: dict[str, Tally] = defaultdict(Tally)
        for row in self.stream(select(*_STAY).where(_within(Stay.entered_at, start, end))):
            rows[row.queue].count_in_queue(stay_of(row), self.rules)
        return {name: view.counts(tally, self.rules) for name, tally in sorted(rows.items())}

    def by_agent(self, start: datetime, end: datetime, at: datetime | None = None) -> dict[str, ReportRow]:
        """Each agent's calls, offers, handle time, occupancy and time in each state (``at``: see ``agent_times``).

        All but the states count, like their calls, where the call was offered to the line.
        """
        rows: dict[str, AgentTally] = defaultdict(AgentTally)
        sums = [func.sum(getattr(StayAgent, what)) for what in PART_SUMS]
        theirs = select(StayAgent.agent, *sums).join(Stay, _SAME_STAY).where(_within(Stay.offered_at, start, end))
        for agent, *found in self.stream(theirs.group_by(StayAgent.agent)):
            for what, amount in zip(PART_SUMS, found, strict=True):
                setattr(rows[agent], what, amount)
        for agent, spent in self.agent_times(start, end, at).items():
            rows[agent].state_s = {AgentState(s): spent_s for s, spent_s in spent.items() if s != AgentState.LOGGED_OUT}
        return {name: view.agent_counts(tally) for name, tally in sorted(rows.items())}

    def agent_times(self, start: datetime, end: datetime, at: datetime | None = None) -> dict[str, dict[str, float]]:
        """Seconds of the span that each agent spent in each state; a state that lasts on is counted up to ``at``
        (this machine's now where not given)."""
        rows: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        last = min(end, at or datetime.now(UTC))
        lasting = or_(AgentSpell.until.is_(None), AgentSpell.until > start)
        for (spell,) in self.stream(select(AgentSpell).where(AgentSpell.since < last, lasting)):
            spent = min(spell.until or last, last) - max(spell.since, start)
            rows[spell.agent][spell.state] += max(0.0, spent.total_seconds())
        return {agent: dict(states) for agent, states in sorted(rows.items())}

    # Calls to tallies.

    def _grouped(self, start: datetime, end: datetime, key: Key) -> dict[str, ReportRow]:
        rows = sorted(self._tallies(start, end, key).items())
        return {name: {"arrived": tally.arrived, **view.counts(tally, self.rules)} for name, tally in rows}

    def _tallies(self, start: datetime, end: datetime, key: Key) -> dict[str, Tally]:
        """Arrivals where they arrived, offerings where they were offered. A callback did not arrive."""
        rows: dict[str, Tally] = defaultdict(Tally)
        arrivals = select(*_ARRIVAL).where(_within(CallRow.started_at, start, end), CallRow.callback.is_(False))
        for call in self.stream(arrivals):
            tally = rows[key(call.topic or "", call.dnis or "", call.started_at)]
            tally.arrived += 1
            if call.outcome:
                tally.end(Outcome(call.outcome))
        for row in self.stream(select(*_STAY).where(_within(Stay.offered_at, start, end))):
            rows[key(row.topic, row.dnis, row.offered_at)].count_in_line(stay_of(row), self.rules)
        return rows

    # Small things.

    def _label(self, at: datetime) -> str:
        return self.calendar.label(at.timestamp())

    def _interval(self, at: datetime) -> str:
        return self.calendar.label(self.calendar.interval_start(at.timestamp()))


def _value(value: Any, zone: ZoneInfo) -> Any:
    return value.astimezone(zone).isoformat(timespec="milliseconds") if isinstance(value, datetime) else value


def _within(column: Any, start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(column >= start, column < end)


_ARRIVAL = (CallRow.topic, CallRow.dnis, CallRow.started_at, CallRow.outcome)
_STAY = tuple(Stay.__table__.c)
_SAME_STAY = and_(Stay.call_id == StayAgent.call_id, Stay.number == StayAgent.number)
