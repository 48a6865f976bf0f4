"""What no routing of the same people can be expected to beat: the house with everybody able to do everything.

`pooled`: one line, oldest call first, the fastest ready agent. With equal means of handle time and patience in all
classes and equal agents it has the law of the pooled M/M/n+M line, and the mean wait of all callers of any rule on the
real skill matrix is at least its mean wait, in expectation. (Two runs on the same callers may differ from that by the
noise of the order; P95 and P99 are not bounded at all: another order may serve the tail better or worse.)

`pooled_short`: the class with the shortest mean handle time first, oldest first within it. With unequal handle times
and equal patience this is the index rule (mu, times equal waiting cost) that is optimal for the pooled mean wait
without abandonment and near full load with it: a bound for the mean wait over all callers, not for any single class,
and not for a rule that knew the length of the single call.

With unequal agents the fastest ready agent first is a good rule, not a proven optimum: there both are figures to
compare with rather than bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappop, heappush

from .case import Case
from .floor import Rule


class Pooled:
    """One line of callers by key, one of ready agents by speed; run on ``Case.pooled()``."""

    name = "pooled"
    short_first = False

    def __init__(self, case: Case) -> None:
        self.means = [kind.handle_s if self.short_first else 0.0 for kind in case.classes]
        self.slowness = [-seat.speed for seat in case.seats]
        self.line: list[tuple[float, int]] = []
        self.ready: list[tuple[float, int]] = []
        self.left: set[int] = set()
        self.away: set[int] = set()

    def arrived(self, caller: int, kind: int, now: float) -> None:
        heappush(self.line, (self.means[kind], caller))

    def abandoned(self, caller: int, now: float) -> None:
        self.left.add(caller)

    def freed(self, agent: int, now: float) -> None:
        if agent in self.away:
            self.away.discard(agent)
        else:
            heappush(self.ready, (self.slowness[agent], agent))

    def gone(self, agent: int, now: float) -> None:
        self.away.add(agent)

    def pairs(self, now: float) -> Iterable[tuple[int, int]]:
        _drop(self.line, self.left)
        _drop(self.ready, self.away)
        if self.line and self.ready:
            return ((heappop(self.line)[1], heappop(self.ready)[1]),)
        return ()

    def next_at(self) -> float | None:
        return None

    def tick(self, now: float) -> None:
        """No timers."""


class PooledShort(Pooled):
    """The shortest mean first."""

    name = "pooled_short"
    short_first = True


def _drop(heap: list[tuple[float, int]], absent: set[int]) -> None:
    while absent and heap and heap[0][1] in absent:
        absent.discard(heappop(heap)[1])


BOUNDS: dict[str, Callable[[Case], Rule]] = {Pooled.name: Pooled, PooledShort.name: PooledShort}
"""Rules that only make sense on the pooled house."""
