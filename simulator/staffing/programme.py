"""The integer programme: how many people work each column (``patterns``), for the least weighted shortage.

Solved by HiGHS (Huangfu and Hall 2018, Mathematical Programming Computation 10, 119-142) through scipy, in steps: the
linear programme gives a bound; then whole people are looked for near its solution, which is quick and seldom more than
2 % above the bound; only if that is not near enough, among all columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from .patterns import Columns
from .requirements import Floats, Ints
from .rules import DAY, DAYS, WEEK

NOBODY = 100.0
"""Cost of each half hour and person below the least presence: dearer than any missing seat."""

NEAR = 1
"""People per column more or fewer than in the linear programme, rounded outwards, when looking near its solution."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs of a missing seat, per half hour and by how many are missing already, and of a superfluous one.

    ``tiers``: up to this share of the required seats, this cost for each; dearer as more is missing, so that shortage
    is spread and not heaped on one hour. ``overstaffing`` has to be far cheaper: it only chooses among equal shortages.
    """

    tiers: tuple[tuple[float, float], ...] = ((0.05, 1.0), (0.10, 2.0), (0.20, 4.0), (0.40, 8.0), (1.0, 16.0))
    overstaffing: float = 0.05

    def __post_init__(self) -> None:
        shares, costs = zip(*self.tiers, strict=True)
        if list(shares) != sorted(set(shares)) or list(costs) != sorted(costs) or costs[0] <= self.overstaffing:
            raise ValueError(f"tiers: found {self.tiers}, expected rising shares and costs, above {self.overstaffing}")

    def widths(self, required: Ints) -> list[Floats]:
        """Missing seats that fall into each tier, at most; half a seat is never dear: a break at night."""
        tops = [np.maximum(share * required, (k + 1) / 2) for k, (share, _) in enumerate(self.tiers[:-1])]
        lowest = np.zeros(required.shape)
        return [top - below for below, top in zip([lowest, *tops], [*tops, lowest + np.inf], strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """People per column, in the order of ``Columns.all``; gap: relative distance from the bound that was proved."""

    counts: Ints
    gap: float


class Programme:
    """The programme for one week. ``profile``: what one shift covers, per half hour of it, after breaks.
    ``most_present``: people at once, on a break or not: a hard limit, as the least presence is not,
    which is of the half hours in which anybody is required.

    Variables: people per column; missing seats per tier, superfluous seats and missing presence per half hour.
    """

    def __init__(
        self,
        chosen: Columns,
        profile: Floats,
        required: Ints,
        costs: Costs,
        weights: Floats,
        least_present: int,
        most_present: float = np.inf,
    ) -> None:
        self._size = len(chosen.all)
        tiers, one, none = len(costs.tiers), sparse.identity(WEEK), sparse.csr_matrix((WEEK, WEEK))
        seats = [_matrix(chosen, profile), *[one] * tiers, -one, none]
        present = [_matrix(chosen, np.ones(len(profile))), *[none] * tiers, none, one]
        links = _links(chosen)
        rows = [links, sparse.csr_matrix((DAYS + 1, (tiers + 2) * WEEK))]
        self._rows = sparse.vstack([sparse.hstack(seats), sparse.hstack(present), sparse.hstack(rows)], format="csr")
        self._low = np.concatenate([required, np.where(required > 0, least_present, 0), np.zeros(DAYS + 1)])
        self._high = np.concatenate([required, np.full(WEEK, most_present), np.zeros(DAYS + 1)])
        self._person = links.toarray()[DAYS]
        cost = [np.zeros(self._size), *(each * weights for _, each in costs.tiers)]
        self._cost = np.concatenate([*cost, costs.overstaffing * weights, np.full(WEEK, NOBODY)])
        self._most = np.concatenate([*costs.widths(required), np.full(2 * WEEK, np.inf)])

    def solve(self, people: int, gap: float, time_limit_s: float) -> Solution:
        """Find the cheapest plan for exactly ``people``. Raises TimeoutError if none was found in ``time_limit_s``."""
        relaxed = self._run(people, None)
        if relaxed.x is None:
            raise ValueError(f"people: found {people}, expected as many as there are seats for")
        counts = relaxed.x[: self._size]
        fewest, most = np.maximum(np.floor(counts) - NEAR, 0), np.where(counts > 1e-9, np.ceil(counts) + NEAR, 0)
        best, bound = self._run(people, (gap / 2, time_limit_s / 2), fewest, most), relaxed.fun
        if best.x is None or best.fun - bound > gap * best.fun:
            wide = self._run(people, (gap, time_limit_s / 2))
            bound = max(bound, wide.mip_dual_bound or 0.0)
            best = min((best, wide), key=lambda found: np.inf if found.x is None else found.fun)
        if best.x is None:
            raise TimeoutError(f"no plan was found in {time_limit_s:g} s: allow more time, or fewer shift starts")
        found_gap = max(0.0, (best.fun - bound) / best.fun) if best.fun > 1e-9 else 0.0
        return Solution(np.rint(best.x[: self._size]).astype(np.int64), round(found_gap, 12))

    def usable(self, people: int, time_limit_s: float) -> int:
        """Find how many of ``people`` can have a week of shifts without more present at once than there are seats.

        Raises TimeoutError where that was not found in ``time_limit_s``.
        """
        if self._run(people, None).x is not None:
            return people
        cost = np.concatenate([-self._person, np.zeros(len(self._most))])
        whole = np.zeros(len(cost))
        whole[: self._size] = 1
        found = milp(
            cost,
            integrality=whole,
            bounds=self._bounds(0, np.inf, self._most),
            constraints=self._constraint(0, people),
            options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
        )
        if found.x is None:
            raise TimeoutError(f"no plan was found in {time_limit_s:g} s: allow more time, or fewer shift starts")
        return round(float(-found.fun))

    def needed(self) -> int | None:
        """Give a lower bound of the people that cover everything (by the linear programme); None: impossible."""
        cost = np.concatenate([self._person, np.zeros(len(self._most))])
        complete = np.zeros(len(self._most))
        complete[-2 * WEEK : -WEEK] = np.inf  # nothing may be missing, anything superfluous
        found = milp(cost, bounds=self._bounds(0, np.inf, complete), constraints=self._constraint(0, np.inf))
        return int(np.ceil(found.fun - 1e-6)) if found.x is not None else None

    def _run(
        self,
        people: int,
        limits: tuple[float, float] | None,
        fewest: Floats | float = 0.0,
        most: Floats | float = np.inf,
    ) -> OptimizeResult:
        """Solve for whole people within ``limits`` (gap, seconds); without limits the linear programme."""
        whole = np.zeros(len(self._cost))
        whole[: self._size] = limits is not None
        options = {"mip_rel_gap": limits[0], "time_limit": limits[1]} if limits else {}
        return milp(
            self._cost,
            integrality=whole,
            bounds=self._bounds(fewest, most, self._most),
            constraints=self._constraint(people, people),
            options=options,
        )

    def _bounds(self, fewest: Floats | float, most: Floats | float, rest: Floats) -> Bounds:
        columns = np.broadcast_to(fewest, self._size), np.broadcast_to(most, self._size)
        return Bounds(np.concatenate([columns[0], np.zeros(len(rest))]), np.concatenate([columns[1], rest]))

    def _constraint(self, fewest: float, most: float) -> LinearConstraint:
        low, high = self._low.copy(), self._high.copy()
        low[-1], high[-1] = fewest, most
        return LinearConstraint(self._rows, low, high)


def _links(chosen: Columns) -> sparse.csr_matrix:
    """Make the constraints: for each first night as many night halves as day halves; last row: people."""
    rows = np.zeros((DAYS + 1, len(chosen.all)))
    halves = [(column.joint, 1.0) for column in chosen.nights] + [(column.joint, -1.0) for column in chosen.days]
    for place, (joint, sign) in enumerate(halves, start=len(chosen.alone)):
        rows[joint, place] = sign
    rows[DAYS, : len(chosen.alone) + len(chosen.nights)] = 1.0
    return sparse.csr_matrix(rows)


def _matrix(chosen: Columns, profile: Floats) -> sparse.csr_matrix:
    """Make the matrix of seats that one person of each column fills, shape (336, columns)."""
    one = np.zeros(WEEK)
    one[: len(profile)] = profile
    filled = np.zeros((WEEK, len(chosen.all)))
    for place, column in enumerate(chosen.all):
        for day in column.days:
            filled[:, place] += np.roll(one, day * DAY + column.start)
    return sparse.csr_matrix(filled)
