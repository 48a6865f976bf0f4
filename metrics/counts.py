"""Stays counted as they happen, in the tallies of interval, day and whole: what board and ``/metrics`` show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from calls import AgentId, QueueId

from .rows import Stay, Sum
from .tally import CountingRules, Ledger, Periods, Span, Tally


@dataclass(slots=True, eq=False)
class Rows:
    """Where a stay counts: at its queue's entry in the queue, at the offering's first one in line, topic and agents.

    ``here``: the periods of the entry; ``periods`` and ``topic``: those of the offering's first one.
    """

    queue: tuple[Tally, ...]
    line: tuple[Tally, ...]
    here: Periods
    periods: Periods
    topic: str

    @classmethod
    def of(cls, queue: QueueId, here: Periods, periods: Periods, topic: str) -> Rows:
        """Give the rows of a stay; those that do not exist yet are made."""
        line = (*(p.line for p in periods), *(p.topic(topic) for p in periods))
        return cls(tuple(period.queue(queue) for period in here), line, here, periods, topic)


class KeptRows(NamedTuple):
    """What is kept of where a stay counts."""

    here: Span
    first: Span
    topic: str


class Counts:
    """The tracker's reader. A stay keeps its ``Rows`` as its mark."""

    def __init__(self, ledger: Ledger, rules: CountingRules) -> None:
        self.ledger, self.rules = ledger, rules

    def entered(self, stay: Stay, before: Stay | None) -> None:
        here = self.ledger.periods(stay.since)
        if before is None:
            stay.mark = Rows.of(stay.queue, here, here, stay.topic)
            _came(stay.mark.line, stay)
        else:
            stay.mark = Rows.of(stay.queue, here, before.mark.periods, before.mark.topic)
        _came(stay.mark.queue, stay)

    def kept(self, stay: Stay) -> KeptRows:
        """Give what is kept of a stay's mark."""
        return KeptRows(Span.of(stay.mark.here), Span.of(stay.mark.periods), stay.mark.topic)

    def mark(self, stay: Stay, kept: KeptRows) -> None:
        """Mark the stay again, in the periods of a ledger that was taken up."""
        here, first = self.ledger.named(kept.here), self.ledger.named(kept.first)
        stay.mark = Rows.of(stay.queue, here, first, kept.topic)

    def left(self, stay: Stay) -> None:
        for row in stay.mark.queue:
            row.went(stay, stay.wait_s, self.rules)

    def settled(self, stay: Stay) -> None:
        for row in stay.mark.line:
            row.went(stay, stay.line_wait_s, self.rules)

    def added(self, stay: Stay, what: Sum, amount: float) -> None:
        for row in (*stay.mark.queue, *stay.mark.line):
            setattr(row, what, getattr(row, what) + amount)

    def worked(self, stay: Stay, agent: AgentId, what: Sum, amount: float) -> None:
        for period in stay.mark.periods:
            for row in (period.staff, period.agent(agent)):
                setattr(row, what, getattr(row, what) + amount)


def _came(rows: Iterable[Tally], stay: Stay) -> None:
    for row in rows:
        row.came(stay)
