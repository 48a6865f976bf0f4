"""The integer programme: how many people work each (day pattern x shift start), for the least weighted shortage.

A column is a set of shifts of one start; a person is one column (the same start all week, so the daily rest is kept by
construction), or, where nights in a row are limited, a pair: some days by day, then ``nights_in_row`` nights, then all
days off together. The two halves of a pair are columns of their own, joined by the day on which the nights begin: any
day half goes with any night half, and their number stays a sum instead of a product.

Compared on a week like 1555's: free starts on every day would save 0.2 % of the cost. So one start a week is no loss.
Solved by HiGHS (Huangfu and Hall 2018, Math. Prog. Computation 10, 119-142) through scipy.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from .requirements import Floats, Ints
from .rules import DAY, DAYS, WEEK, LabourRules

NOBODY = 100.0
"""Cost of each half hour and person below the least presence: dearer than any missing seat."""


@dataclass(frozen=True, slots=True)
class Column:
    """Shifts of one ``start`` (half hour of the day) on these days; ``joint``: first night of a pair, -1: alone."""

    days: tuple[int, ...]
    start: int
    joint: int = -1


@dataclass(frozen=True, slots=True)
class Costs:
    """What a missing seat costs, per half hour, by how many are missing already, and what a superfluous one costs.

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


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns the rules allow. ``alone``: persons. ``nights`` and ``days``: the halves of pairs."""

    alone: tuple[Column, ...]
    nights: tuple[Column, ...] = ()
    days: tuple[Column, ...] = ()

    @property
    def all(self) -> tuple[Column, ...]:
        return self.alone + self.nights + self.days


def columns(rules: LabourRules, half_hours: int, starts: range, together: bool) -> Columns:
    """Every column that keeps the rules; ``together``: days off not separated. ValueError where none keeps them."""
    patterns = [
        days for days in combinations(range(DAYS), rules.days_a_week) if _allowed(days, rules, half_hours, together)
    ]
    if not patterns:
        raise ValueError(f"days: no {rules.days_a_week} days of {half_hours / 2:g} h a week keep the labour rules")
    dark = [start for start in starts if rules.is_night(start, half_hours)]
    if rules.nights_in_row >= rules.days_a_week:
        return Columns(tuple(Column(days, start) for start in starts for days in patterns))
    light = [start for start in starts if start not in dark]
    alone = tuple(Column(days, start) for start in light for days in patterns)
    if not (light and rules.nights_in_row and rules.days_a_week <= rules.days_in_row):
        return Columns(alone)
    return _paired(alone, light, [start for start in dark if _rested(start, light, half_hours, rules)], rules)


def _paired(alone: tuple[Column, ...], light: list[int], dark: list[int], rules: LabourRules) -> Columns:
    k, n = rules.nights_in_row, rules.days_a_week
    nights = [Column(_round(first, k), start, first) for first in range(DAYS) for start in dark]
    days = [Column(_round(first - (n - k), n - k), start, first) for first in range(DAYS) for start in light]
    return Columns(alone, tuple(nights), tuple(days))


def _round(first: int, count: int) -> tuple[int, ...]:
    return tuple((first + k) % DAYS for k in range(count))


def _allowed(days: tuple[int, ...], rules: LabourRules, half_hours: int, together: bool) -> bool:
    """Whether the same shift on these days keeps the days in a row and both rests, by the gaps between them."""
    gaps = [(after - day - 1) % DAYS + 1 for day, after in zip(days, days[1:] + days[:1], strict=True)]
    rests = [(DAY * gap - half_hours) / 2 for gap in gaps]
    breaks = sum(gap > 1 for gap in gaps)
    if min(rests) < rules.daily_rest_h or max(rests) < rules.weekly_rest_h or (together and breaks > 1):
        return False
    return _longest_run(gaps) <= rules.days_in_row


def _longest_run(gaps: list[int]) -> int:
    """Days in a row, from the distances between working days, around the week."""
    longest = run = 0
    for gap in gaps * 2:
        run = run + 1 if gap == 1 else 0
        longest = max(longest, run + 1)
    return longest


def _rested(night: int, light: list[int], half_hours: int, rules: LabourRules) -> bool:
    """Whether a night that starts on the day after any day shift leaves the daily rest."""
    return (DAY + night - max(light) - half_hours) / 2 >= rules.daily_rest_h


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """People per column, in the order of ``Columns.all``; gap: relative distance from the bound that was proved."""

    counts: Ints
    gap: float


class Programme:
    """The programme for one week. ``profile``: what one shift covers, per half hour of it, after breaks."""

    def __init__(self, chosen: Columns, profile: Floats, required: Ints, weights: Floats, least_present: int) -> None:
        self._columns, self._required, self._weights = chosen, required, weights
        self._least = least_present
        self._seats = _matrix(chosen, profile)
        self._present = _matrix(chosen, np.ones(len(profile)))
        self._person = np.array([1.0] * (len(chosen.alone) + len(chosen.nights)) + [0.0] * len(chosen.days))

    def solve(self, people: int, costs: Costs, gap: float, time_limit_s: float) -> Solution:
        """The cheapest plan for exactly ``people``. Raises TimeoutError where none was found in ``time_limit_s``."""
        cost = [np.zeros(len(self._person)), *(each * self._weights for _, each in costs.tiers)]
        cost += [costs.overstaffing * self._weights, np.full(WEEK, NOBODY)]
        options = {"mip_rel_gap": gap, "time_limit": time_limit_s}
        found = self._run(np.concatenate(cost), costs.widths(self._required), people, people, options, integral=True)
        if found.x is None:
            raise TimeoutError(f"no plan was found in {time_limit_s:g} s: allow more time, or fewer shift starts")
        counts = np.rint(found.x[: len(self._person)]).astype(np.int64)
        return Solution(counts, max(0.0, float(found.mip_gap)))

    def needed(self) -> int | None:
        """With fewer people than this nothing covers everything (a linear programme: a bound); None: nobody can."""
        cost = np.concatenate([self._person, np.zeros(3 * WEEK)])
        found = self._run(cost, [np.zeros(WEEK)], 0, np.inf, {}, integral=False, least_missing=0.0)
        return int(np.ceil(found.fun - 1e-6)) if found.x is not None else None

    def _run(
        self,
        cost: Floats,
        widths: list[Floats],
        fewest: float,
        most: float,
        options: dict[str, float],
        integral: bool,
        least_missing: float = np.inf,
    ) -> OptimizeResult:
        """Variables: people per column, missing seats per tier, superfluous seats, missing presence."""
        one, none = sparse.identity(WEEK, format="csr"), sparse.csr_matrix((WEEK, WEEK))
        tiers = len(widths)
        seats = sparse.hstack([self._seats, *[one] * tiers, -one, none])
        present = sparse.hstack([self._present, *[none] * tiers, none, one])
        links = self._links()
        rows = sparse.hstack([links, sparse.csr_matrix((links.shape[0], (tiers + 2) * WEEK))])
        size = len(self._person)
        ends = [np.full(size, np.inf), *widths, np.full(WEEK, np.inf), np.full(WEEK, least_missing)]
        joined = np.zeros(links.shape[0] - 1)
        return milp(
            cost,
            integrality=np.concatenate([np.full(size, int(integral)), np.zeros(rows.shape[1] - size)]),
            bounds=Bounds(0, np.concatenate(ends)),
            constraints=[
                LinearConstraint(seats, self._required, self._required),
                LinearConstraint(present, self._least, np.inf),
                LinearConstraint(rows, np.append(joined, fewest), np.append(joined, most)),
            ],
            options=options,
        )

    def _links(self) -> sparse.csr_matrix:
        """For each first night as many night halves as day halves; last row: people."""
        halves = [(column.joint, 1.0) for column in self._columns.nights]
        halves += [(column.joint, -1.0) for column in self._columns.days]
        rows = np.zeros((DAYS + 1, len(self._person)))
        for place, (joint, sign) in enumerate(halves, start=len(self._columns.alone)):
            rows[joint, place] = sign
        rows[DAYS] = self._person
        return sparse.csr_matrix(rows)


def _matrix(chosen: Columns, profile: Floats) -> sparse.csr_matrix:
    """Seats that one person of each column fills, shape (336, columns)."""
    one = np.zeros(WEEK)
    one[: len(profile)] = profile
    filled = np.zeros((WEEK, len(chosen.all)))
    for place, column in enumerate(chosen.all):
        for day in column.days:
            filled[:, place] += np.roll(one, day * DAY + column.start)
    return sparse.csr_matrix(filled)
