"""Stays counted as they happen, in the tallies of interval, day and whole: what board and ``/metrics`` show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from calls import AgentId

from .rows import Stay, Sum
from .tally import CountingRules, Ledger, Periods, Tally


@dataclass(slots=True, eq=False)
class Rows:
    """Where a stay counts: at its queue's entry in the queue, at the offering's first one in line, topic and agents."""

    queue: tuple[Tally, ...]
    line: tuple[Tally, ...]
    periods: Periods


class Counts:
    """The tracker's reader. A stay keeps its ``Rows`` as its mark."""

    def __init__(self, ledger: Ledger, rules: CountingRules) -> None:
        self.ledger, self.rules = ledger, rules

    def entered(self, stay: Stay, before: Stay | None) -> None:
        here = self.ledger.periods(stay.since)
        if before is None:
            line = (*(p.line for p in here), *(p.topic(stay.topic) for p in here))
            _came(line, stay)
        stay.mark = Rows(
            tuple(period.queue(stay.queue) for period in here),
            line if before is None else before.mark.line,
            here if before is None else before.mark.periods,
        )
        _came(stay.mark.queue, stay)

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
