"""What is counted, and in which interval, day and row. Sums and counts only: the measures are in ``formulas``.

A call counts where it was offered, so a tally of an interval may still grow after the interval is over.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from calls import AgentId, AgentState, Outcome, QueueId

from .intervals import Calendar
from .rows import STAY_SUMS, Stay

BOUNDS_S = (
    1, 2, 3, 5, 7.5, 10, 12.5, 15, 17.5, 20, 25, 30, 40, 50, 60, 75, 90, 120, 150, 180,
    240, 300, 420, 600, 900, 1200, 1800, 3600,
)  # fmt: skip
"""Upper bounds of the wait buckets, inclusive; one more holds what is longer."""

DAYS_KEPT = 2


@dataclass(frozen=True, slots=True)
class CountingRules:
    """Limits that the counting depends on: T of the service level and the short-abandon threshold, both in seconds."""

    t_s: float = 20.0
    short_s: float = 5.0


@dataclass(slots=True, eq=False)
class Waits:
    """Count, sum, maximum and a fixed histogram of waits: bounded memory, whatever the day brings."""

    count: int = 0
    sum_s: float = 0.0
    max_s: float = 0.0
    buckets: list[int] = field(default_factory=list)

    def add(self, wait_s: float) -> None:
        """Count one wait (s)."""
        if not self.buckets:  # most rows of most intervals stay empty
            self.buckets = [0] * (len(BOUNDS_S) + 1)
        self.count += 1
        self.sum_s += wait_s
        self.buckets[bisect_left(BOUNDS_S, wait_s)] += 1
        if wait_s > self.max_s:
            self.max_s = wait_s

    def quantile(self, share: float) -> float | None:
        """The wait that ``share`` of the calls do not exceed, in seconds; ``None`` without calls.

        Linear inside its bucket, so the error is below the bucket's width; never above the longest wait.
        """
        if not self.count:
            return None
        rank, below = share * self.count, 0
        edges = (0.0, *BOUNDS_S, self.max_s)
        for i, count in enumerate(self.buckets):
            if count and below + count >= rank:
                upper = min(edges[i + 1], self.max_s)
                return edges[i] + (upper - edges[i]) * (rank - below) / count
            below += count
        return self.max_s


@dataclass(slots=True, eq=False)
class Tally:
    """Counts and sums of one row (the line, a queue, a topic) in one period.

    ``offered = handled + every way out in exits + still in the row``; ``arrived = every way out in ended + still in
    the line`` (rows of the line only: a call that never waited has no queue). A callback is in none of these, because
    the call it is promised to was counted: it has its own three; its talk and the rest are in the same sums.
    """

    arrived: int = 0
    offered: int = 0
    handled: int = 0
    handled_within_t: int = 0
    abandoned_within_t: int = 0
    short_abandoned: int = 0
    callbacks: int = 0
    called_back: int = 0
    unreached: int = 0
    offers: int = 0
    rona: int = 0
    lost_media: int = 0
    """Conversations that were cut off because a phone, on either side, was gone without hanging up."""
    ring_s: float = 0.0
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_up_s: float = 0.0
    exits: dict[Outcome, int] = field(default_factory=dict)
    ended: dict[Outcome, int] = field(default_factory=dict)
    waits: Waits = field(default_factory=Waits)
    abandon_waits: Waits = field(default_factory=Waits)

    def came(self, stay: Stay) -> None:
        """The stay (or the offering that begins with it) is one of this row."""
        if stay.callback:
            self.callbacks += 1
        else:
            self.offered += 1

    def went(self, stay: Stay, wait_s: float, rules: CountingRules) -> None:
        """It is over, and counts here as a wait of ``wait_s``."""
        if stay.callback:
            self.called_back += stay.served
            self.unreached += stay.outcome is Outcome.UNREACHED
        elif stay.served:
            self.handled += 1
            self.handled_within_t += wait_s <= rules.t_s
            self.waits.add(wait_s)
        elif stay.outcome is not None:
            self.exits[stay.outcome] = self.exits.get(stay.outcome, 0) + 1
            if stay.outcome is Outcome.ABANDONED:
                self.abandoned_within_t += wait_s <= rules.t_s
                self.short_abandoned += wait_s < rules.short_s
                self.abandon_waits.add(wait_s)

    def count_in_queue(self, stay: Stay, rules: CountingRules) -> None:
        """Count a stay as far as it has come, in the row of its queue."""
        self.came(stay)
        if stay.over:
            self.went(stay, stay.wait_s, rules)
        self._sum(stay)

    def count_in_line(self, stay: Stay, rules: CountingRules) -> None:
        """Count a stay as far as it has come, in a row of the line or a topic: each offering once."""
        if stay.first:
            self.came(stay)
        if stay.settled:
            self.went(stay, stay.line_wait_s, rules)
        self._sum(stay)

    def _sum(self, stay: Stay) -> None:
        for what in STAY_SUMS:
            setattr(self, what, getattr(self, what) + getattr(stay, what))

    @property
    def served(self) -> int:
        """Conversations that came about: what handle times are divided by."""
        return self.handled + self.called_back

    def end(self, outcome: Outcome) -> None:
        """A call that arrived in this period is over."""
        self.ended[outcome] = self.ended.get(outcome, 0) + 1


@dataclass(slots=True, eq=False)
class AgentTally:
    """One agent (or all) in one period. Call sums count where the call was offered; ``state_s`` is clock time."""

    handled: int = 0
    offers: int = 0
    rona: int = 0
    lost_media_agent: int = 0
    """Conversations that were cut off because the agent's own phone was gone."""
    ring_s: float = 0.0
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_up_s: float = 0.0
    state_s: dict[AgentState, float] = field(default_factory=dict)

    def spend(self, state: AgentState, seconds: float) -> None:
        """Add seconds in this state."""
        self.state_s[state] = self.state_s.get(state, 0.0) + seconds


@dataclass(slots=True, eq=False)
class Period:
    """All rows of one interval, one day, or of everything folded so far (``start`` minus infinity)."""

    start: float
    line: Tally = field(default_factory=Tally)
    staff: AgentTally = field(default_factory=AgentTally)
    queues: dict[QueueId, Tally] = field(default_factory=dict)
    topics: dict[str, Tally] = field(default_factory=dict)
    agents: dict[AgentId, AgentTally] = field(default_factory=dict)

    def queue(self, queue: QueueId) -> Tally:
        """Give the queue's row; it is made the first time."""
        return self.queues.get(queue) or self.queues.setdefault(queue, Tally())

    def topic(self, topic: str) -> Tally:
        """Give the topic's row; it is made the first time."""
        return self.topics.get(topic) or self.topics.setdefault(topic, Tally())

    def agent(self, agent: AgentId) -> AgentTally:
        """Give the agent's row; it is made the first time."""
        return self.agents.get(agent) or self.agents.setdefault(agent, AgentTally())


Periods = tuple[Period, Period, Period]
"""Where something counts: its interval, its day, and the whole."""


class Span(NamedTuple):
    """Periods by the starts of their interval and their day."""

    interval: float
    day: float

    @classmethod
    def of(cls, periods: Periods) -> Span:
        """Take the starts from the periods: the interval's comes first, then the day's."""
        return cls(periods[0].start, periods[1].start)


class KeptLedger(NamedTuple):
    """What is kept of a ledger. ``intervals``: of each day, by the day's start."""

    whole: Period
    days: dict[float, Period]
    intervals: dict[float, dict[float, Period]]


class Ledger:
    """The periods: the intervals of today and yesterday, those two days, and the whole since the fold began."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.whole = Period(float("-inf"))
        self.days: dict[float, Period] = {}
        self._intervals: dict[float, dict[float, Period]] = {}
        self._present: Periods = (self.whole, self.whole, self.whole)
        self._from, self._to = 0.0, 0.0

    def kept(self) -> KeptLedger:
        """Give what is kept; valid until the next fact."""
        return KeptLedger(self.whole, self.days, self._intervals)

    def take_up(self, kept: KeptLedger) -> None:
        """Go on from what was kept, which is the ledger's own from now on."""
        self.whole, self.days, self._intervals = kept
        self._present, self._from, self._to = (self.whole, self.whole, self.whole), 0.0, 0.0

    def named(self, span: Span) -> Periods:
        """Give the periods again; those that are kept no longer count for nobody."""
        interval = self._intervals.get(span.day, {}).get(span.interval) or Period(span.interval)
        return interval, self.days.get(span.day) or Period(span.day), self.whole

    def periods(self, at: float) -> Periods:
        """The interval, the day and the whole of an instant; a new interval or day begins here."""
        if not self._from <= at < self._to:
            self._turn(at)
        return self._present

    def pieces(self, start: float, end: float) -> Iterator[tuple[Periods, float]]:
        """``[start, end)`` cut at interval bounds: where each piece counts, and its length in seconds."""
        while start < end:
            periods = self.periods(start)
            cut = min(end, self._to)
            yield periods, cut - start
            start = cut

    def intervals(self, day: Period) -> Mapping[float, Period]:
        """The intervals of a day in which something was counted, by start."""
        return self._intervals.get(day.start, {})

    def forget_after(self, at: float) -> None:
        """The clock was set back: days that have not come yet must not push out today's."""
        today = self.calendar.day_start(at)
        for day in [day for day in self.days if day > today]:
            del self.days[day], self._intervals[day]
        self._to = self._from

    def _turn(self, at: float) -> None:
        start, day_start = self.calendar.interval_start(at), self.calendar.day_start(at)
        day = self.days.setdefault(day_start, Period(day_start))
        interval = self._intervals.setdefault(day_start, {}).setdefault(start, Period(start))
        self._present = (interval, day, self.whole)
        self._from, self._to = start, start + self.calendar.interval_s
        for old in sorted(self.days)[:-DAYS_KEPT]:
            del self.days[old], self._intervals[old]
