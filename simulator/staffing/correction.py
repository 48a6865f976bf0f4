"""Corrects seats by simulation: raises them if the target is not surely met, lowers them if it is met with room.

Knows the simulator only as a callable, and the target only as a service level. Where the target also limits the mean
wait or abandoned calls, seats are never lowered below what these need by Erlang A; whether they hold in the simulation
is to be read off its own figures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from scipy.special import stdtr, stdtrit

from simulator.model.erlang import Load, least_agents

from .requirements import Bools, Floats, Ints, Requirement

Simulate = Callable[[Ints], tuple[Floats, Floats]]
"""Seats per half hour -> mean service level per half hour (nan: no calls), half width of its confidence interval."""

FARTHEST = 0.25
"""Largest share by which a round changes the seats of a half hour: an earlier backlog makes it look too bad."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What counts as sure: ``confidence`` wanted that the target holds in a half hour, and how to read the half widths.

    ``interval`` is the confidence level of the simulator's intervals, ``runs`` the replications behind them
    (Student's distribution; infinite: the normal one). Raises ValueError for figures that are no confidence.
    """

    confidence: float = 0.95
    interval: float = 0.95
    runs: float = inf

    def __post_init__(self) -> None:
        if not (0.5 <= self.confidence < 1 and 0 < self.interval < 1 and self.runs >= 2):
            raise ValueError(f"found {self}, expected confidence from 0.5, interval between 0 and 1, 2 runs or more")

    def deviation(self, half_width: Floats) -> Floats:
        """Give the standard error of the mean behind a half width."""
        return half_width / float(stdtrit(self.runs - 1, (1 + self.interval) / 2))

    def that_holds(self, level: Floats, half_width: Floats, share: float) -> Floats:
        """Give the confidence per half hour that the true level is at least ``share``; 1 without calls."""
        deviation = self.deviation(half_width)
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = np.where(deviation > 0, (level - share) / deviation, np.where(level >= share, inf, -inf))
        return np.where(np.isnan(level), 1.0, stdtr(self.runs - 1, steps))

    def surely(self, level: Floats, half_width: Floats) -> Floats:
        """Give the level that is reached with the wanted confidence: the lower end of a one-sided interval."""
        return level - float(stdtrit(self.runs - 1, self.confidence)) * self.deviation(half_width)


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """Seats of the last or best simulation, and per half hour whether the target holds, shapes (H,)."""

    seats: Ints
    level: Floats
    """Mean simulated service level; nan without calls."""
    half_width: Floats
    confidence: Floats
    """Confidence that the target holds in the half hour."""
    holds: Bools
    """Whether this confidence is at least the one that was wanted."""
    rounds: int
    """Simulations that were run."""

    @property
    def everywhere(self) -> float:
        """Give a lower bound of the confidence that the target holds in all half hours at once (Bonferroni).

        Each half hour is sure by itself; of 336 at 95 % some 17 may fail all the same. Where that is too many, ask for
        more confidence in each.
        """
        return max(0.0, 1 - float((1 - self.confidence).sum()))


def corrected(
    requirement: Requirement,
    simulate: Simulate,
    trust: Trust | None = None,
    *,
    rounds: int = 10,
    least: int = 0,
    most: int | None = None,
) -> Corrected:
    """Raise and lower seats until the target holds with confidence in each half hour, and with one seat less does not.

    Steps are sized by Erlang A: it may be wrong about the level, but knows well what a seat is worth. At most
    ``rounds`` simulations, seats between ``least`` (where anybody calls) and ``most``. Returned is always a plan that
    was simulated as a whole (half hours touch each other): the one with the fewest half hours in doubt, then the
    fewest seats.
    Use the same random numbers in every round, else seats may be bought for noise; and since these numbers then chose
    the seats, simulate the result once more with others before promising it. Raises ValueError where ``simulate``
    answers with other shapes, or a level without a half width.
    """
    floor = np.array([least if load.rate_per_s else 0 for load in requirement.loads], dtype=np.int64)
    highest = 10 * int(requirement.seats.max(initial=1)) if most is None else most
    search = _Search(requirement, trust or Trust(), floor, highest)
    seats = np.clip(requirement.seats, floor, highest)
    best: Corrected | None = None
    for number in range(1, rounds + 1):
        found = search.judge(seats, *simulate(seats.copy()))
        if best is None or _rank(found) < _rank(best):
            best = found
        following = search.following(found)
        if (following == seats).all() or number == rounds:
            return replace(best, rounds=number)
        seats = following
    raise ValueError(f"rounds: found {rounds}, expected 1 or more")


def _rank(found: Corrected) -> tuple[int, int]:
    return int((~found.holds).sum()), int(found.seats.sum())


class _Search:
    """Per half hour the seats known to be too few and enough, and the next ones to try between them."""

    def __init__(self, requirement: Requirement, trust: Trust, least: Ints, most: int) -> None:
        self.most = most
        self._requirement, self._trust = requirement, trust
        floor = requirement.seats if requirement.target.limits else least
        self._too_few = np.full(requirement.seats.shape, np.minimum(floor, most) - 1)
        self._enough = np.full(requirement.seats.shape, most + 1)

    def judge(self, seats: Ints, level: Floats, half_width: Floats) -> Corrected:
        """Judge seats by their simulated service level.

        All arrays are per half hour; raises ``ValueError`` if their shapes differ, or if a level has no half width.
        """
        shape = self._requirement.seats.shape
        if level.shape != shape or half_width.shape != shape or (np.isnan(half_width) & ~np.isnan(level)).any():
            raise ValueError(f"simulated: found {level.shape} levels, expected {shape}, each with a half width")
        confidence = self._trust.that_holds(level, half_width, self._requirement.target.share)
        return Corrected(seats, level, half_width, confidence, confidence >= self._trust.confidence, 0)

    def following(self, found: Corrected) -> Ints:
        """Learn from one simulation, and say which seats to simulate next."""
        sure = self._trust.surely(found.level, found.half_width)
        return np.array([self._next(h, found, float(level)) for h, level in enumerate(sure)], dtype=np.int64)

    def _next(self, h: int, found: Corrected, level: float) -> int:
        seats = int(found.seats[h])
        if np.isnan(level):
            return seats
        far = max(1, int(FARTHEST * seats))
        step = min(max(1, abs(self._worth(h, level))), far)
        if found.holds[h]:
            self._enough[h] = min(self._enough[h], seats)
            return min(seats, max(seats - step, int(self._too_few[h]) + 1))
        self._too_few[h] = max(self._too_few[h], seats)
        if self._enough[h] <= seats:  # it was enough once: a neighbour has changed since
            self._enough[h] = self.most + 1
        return min(seats + step, int(self._enough[h]), self.most)

    def _worth(self, h: int, level: float) -> int:
        """Count the seats that Erlang A needs more for ``level`` than for the target; below 0 if fewer."""
        target, load = self._requirement.target, self._requirement.loads[h]
        return _least(load, min(max(level, 0.01), 0.999), target.within_s) - _least(load, target.share, target.within_s)


def _least(load: Load, share: float, within_s: float) -> int:
    return least_agents(load, lambda found: found.service_level >= share, within_s)
