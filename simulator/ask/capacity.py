"""Finds how many seats are enough, and up to which load the present ones are, by simulation with the same callers.

Enough is said of a plan only where the whole confidence interval lies above the target. From the present value the
search steps outwards, farther each time, to at most the double (seats) or 3 in 10 and the double (load), then halves
what is left: with 140 seats at most 12 simulations, with a thousand 15.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from simulator.run.runs import Pool, Result, RunRequest, run
from simulator.scenario import Plan

from . import answer, vary
from .answer import Searched, SearchFailure, Verdict

OUTWARDS = (0.05, 0.15, 0.35, 1.0)
"""Shares of the present seats or load by which the search steps away from it."""
DOWNWARDS = (0.05, 0.15, 0.35, 0.7)
STEPS = 100
"""Resolution of a load factor: one part in this many."""

Say = Callable[[float, float], None]
"""Called with the value that is simulated, and how many of its replications are done."""


def _silent(value: float, done: float) -> None:
    pass


def seats_needed(
    plan: Plan, order: RunRequest, pool: Pool, at_once: int = 1, present: Result | None = None, say: Say = _silent
) -> Searched:
    """Find the fewest seats with which the target surely holds, up to twice the present ones.

    Shifts grow with the seats. ``present``: the plan's own result, where it is known already.
    """
    trial = _CapacityTrial(plan, "seats", 1, order, pool, at_once, say)
    now = _present(plan, order, pool, at_once, present)
    start = answer.seats(now)
    trial.results[start] = now
    try:
        vary.changed(plan, {"seats": start})
    except vary.UnknownChangeError:
        return Searched(None, {start: now}, why=SearchFailure.CANNOT_VARY)
    return trial.frontier(start, [start + max(1, round(start * share)) for share in OUTWARDS])


def load_limit(
    plan: Plan, order: RunRequest, pool: Pool, at_once: int = 1, present: Result | None = None, say: Say = _silent
) -> Searched:
    """Find the highest load factor, to a hundredth, at which the target still surely holds with these seats."""
    trial = _CapacityTrial(plan, "load", STEPS, order, pool, at_once, say)
    now = trial.results[STEPS] = _present(plan, order, pool, at_once, present)
    shares = OUTWARDS if answer.verdict(now) is Verdict.ENOUGH else [-share for share in DOWNWARDS]
    return trial.frontier(STEPS, [STEPS + round(STEPS * share) for share in shares], last=True)


def _present(plan: Plan, order: RunRequest, pool: Pool, at_once: int, known: Result | None) -> Result:
    return known or run(plan, order, pool, at_once)


class _CapacityTrial:
    """Simulates the plan with one key at values ``n / steps``, each once."""

    def __init__(self, plan: Plan, key: str, steps: int, order: RunRequest, pool: Pool, at_once: int, say: Say) -> None:
        self.plan, self.key, self.steps = plan, key, steps
        self.order, self.pool, self.at_once, self.say = order, pool, at_once, say
        self.results: dict[int, Result] = {}

    def verdict(self, n: int) -> Verdict:
        """Judge the plan at ``n / steps``; it is simulated only the first time."""
        if n not in self.results:
            value = n / self.steps
            plan = vary.changed(self.plan, {self.key: value})
            self.results[n] = run(plan, self.order, self.pool, self.at_once, partial(self.say, value))
        return answer.verdict(self.results[n])

    def frontier(self, start: int, outwards: list[int], *, last: bool = False) -> Searched:
        """Find the first n, away from ``start``, with another verdict; ``last``: the last one that is enough."""
        if len(self.results[start].runs) < 2:
            return self._done(None, start, SearchFailure.ONE_RUN)
        begins = self.verdict(start) is Verdict.ENOUGH
        if begins and not last:
            return self._done(start, start)
        same, other = start, None
        for n in outwards:
            if (self.verdict(n) is Verdict.ENOUGH) != begins:
                other = n
                break
            same = n
        if other is None:
            return self._done(None, same, _WHY[self.verdict(same)])
        while abs(other - same) > 1:
            middle = (same + other) // 2
            if (self.verdict(middle) is Verdict.ENOUGH) == begins:
                same = middle
            else:
                other = middle
        return self._done(same if begins else other, start)

    def _done(self, found: int | None, farthest: int, why: SearchFailure | None = None) -> Searched:
        value = None if found is None else found / self.steps
        return Searched(value, dict(self._by_value()), farthest / self.steps, why)

    def _by_value(self) -> Iterator[tuple[float, Result]]:
        for n in sorted(self.results):
            yield n / self.steps, self.results[n]


_WHY = {
    Verdict.ENOUGH: SearchFailure.FARTHEST_ENOUGH,
    Verdict.NOT_ENOUGH: SearchFailure.FARTHEST_NOT_ENOUGH,
    Verdict.UNSURE: SearchFailure.FARTHEST_UNSURE,
}
