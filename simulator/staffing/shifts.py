"""A shift plan for N people over a week: shift starts, days off, nights and breaks, under labour rules.

First the integer programme says how many people work each pattern (``programme``), with breaks as fractions of half
hours; then people get their rows, and each break its quarter of an hour, where it hurts least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product

import numpy as np

from .patterns import Column, Columns, columns
from .plan import QUARTERS, PlannedBreak, PlannedPerson, PlannedShift, ShiftPlan, covered
from .programme import Costs, Programme, Solution
from .requirements import Floats, Ints
from .rules import DAY, WEEK, LabourRules

PASSES = 3
"""Times that each break is placed again, with all others as they are then."""


@dataclass(frozen=True, slots=True)
class BreakRule:
    """A break of ``minutes`` (whole quarters of an hour) somewhere between two hours of the shift."""

    minutes: int
    from_h: float
    to_h: float
    paid: bool = True

    def __post_init__(self) -> None:
        if self.minutes <= 0 or self.minutes % 15:
            raise ValueError(f"breaks: found {self.minutes} min, expected whole quarters of an hour")
        if not 0 <= self.from_h <= self.to_h - self.minutes / 60 or any(h * 2 % 1 for h in (self.from_h, self.to_h)):
            raise ValueError(
                f"breaks: found {self.from_h:g}-{self.to_h:g} h, expected half hours with room for the break"
            )


@dataclass(frozen=True, slots=True)
class ShiftSettings:
    """How shifts look and how long the solver may think. Raises ValueError for figures that cannot be."""

    shift_h: float = 8.0
    """Presence, breaks included."""
    start_every_h: float = 0.5
    starts_h: tuple[float, float] = (0.0, 23.5)
    """Earliest and latest start of a shift, hours of the day."""
    breaks: tuple[BreakRule, ...] = (BreakRule(15, 1.0, 2.5), BreakRule(30, 3.0, 4.0), BreakRule(15, 5.5, 6.5))
    """In the order of time; the windows do not overlap."""
    days_off_together: bool = True
    least_present: int = 2
    """People on duty at any time (one has a break, the other answers)."""
    shrinkage: float = 0.0
    """Share of planned time in which a planned person is away."""
    costs: Costs = field(default_factory=Costs)
    gap: float = 0.025
    """The solver stops when it knows that nothing is cheaper by more than this share."""
    time_limit_s: float = 45.0
    """Stopped by time the plan depends on the machine; stopped by the gap it does not."""

    def __post_init__(self) -> None:
        if not (0 < self.shift_h <= 12 and self.shift_h * 2 % 1 == 0):
            raise ValueError(f"shift_h: found {self.shift_h:g} h, expected half hours, at most 12 h")
        if self.start_every_h * 2 not in range(1, DAY + 1):
            raise ValueError(f"start_every_h: found {self.start_every_h:g} h, expected whole half hours")
        if not 0 <= self.starts_h[0] <= self.starts_h[1] < 24 or any(h * 2 % 1 for h in self.starts_h):
            first, last = self.starts_h
            raise ValueError(f"latest_h: found starts from {first:g} to {last:g}, expected half hours of one day")
        edges = [0.0, *(edge for each in self.breaks for edge in (each.from_h, each.to_h)), self.shift_h]
        if edges != sorted(edges):
            raise ValueError(
                "breaks: found windows that overlap or leave the shift, expected them in the order of time"
            )
        if not (0 <= self.shrinkage < 1 and self.least_present >= 0 and self.gap >= 0 and self.time_limit_s > 0):
            raise ValueError(f"found {self}, expected shrinkage below 1, and no negative figures")

    @property
    def half_hours(self) -> int:
        return int(2 * self.shift_h)

    @property
    def starts(self) -> range:
        """Give the half hours of the day at which a shift may start."""
        first, last = (int(2 * h) for h in self.starts_h)
        return range(first, last + 1, int(2 * self.start_every_h))

    def profile(self) -> Floats:
        """Give what a shift covers, per half hour of it, if breaks are spread evenly over their windows."""
        there = np.ones(self.half_hours)
        for each in self.breaks:
            window = slice(int(2 * each.from_h), int(2 * each.to_h))
            there[window] -= each.minutes / 30 / (window.stop - window.start)
        return there * (1 - self.shrinkage)

    def placements(self, rules: LabourRules) -> tuple[tuple[PlannedBreak, ...], ...]:
        """List every way to place the breaks that keeps the rules; raises ValueError if there is none."""
        options = [
            [PlannedBreak(after, each.minutes, each.paid) for after in range(*_minutes(each), 15)]
            for each in self.breaks
        ]
        kept = tuple(pauses for pauses in product(*options) if self._kept(pauses, rules))
        if not kept:
            raise ValueError("breaks: found none that keep the labour rules' longest stretch and least break")
        return kept

    def _kept(self, pauses: tuple[PlannedBreak, ...], rules: LabourRules) -> bool:
        end = int(60 * self.shift_h)
        if self.shift_h > rules.break_after_h and not any(
            pause.minutes >= rules.break_min and 0 < pause.after_min < end - pause.minutes for pause in pauses
        ):
            return False
        edges = [(0, 0), *((pause.after_min, pause.after_min + pause.minutes) for pause in pauses), (end, end)]
        return all(start - before <= 60 * rules.longest_stretch_h for (_, before), (start, _) in pairwise(edges))


def _minutes(each: BreakRule) -> tuple[int, int]:
    """Give the first and (excluded) last minute of the shift at which the break may begin."""
    return int(60 * each.from_h), int(60 * each.to_h) - each.minutes + 1


def plan_shifts(
    required: Ints,
    people: int | Sequence[str] = 140,
    rules: LabourRules | None = None,
    settings: ShiftSettings | None = None,
    weights: Floats | None = None,
    seats: int | None = None,
    lasts: Floats | None = None,
) -> ShiftPlan:
    """Plan a week for ``people`` (how many, or their names), all of whom work their full hours.

    ``required``: seats per half hour from Monday 00:00, shape (336,). ``weights``: how much a missing seat counts in
    each half hour, default 1. ``seats``: never are more present at once; people for whom there is none have no shifts.
    ``lasts``: how often each half hour comes (``ShiftPlan``). Less shortage comes first, then less overstaffing.
    Raises ValueError for impossible figures or rules that allow no shift, TimeoutError where the solver found nothing
    in its time.
    """
    rules, settings = rules or LabourRules(), settings or ShiftSettings()
    names = [f"{n + 1:03d}" for n in range(people)] if isinstance(people, int) else list(people)
    required, weights = _checked(required, weights, names)
    _check_hours(rules, settings)
    placements = settings.placements(rules)
    chosen = columns(rules, settings.half_hours, settings.starts, settings.days_off_together)
    programme = Programme(
        chosen, settings.profile(), required, settings.costs, weights, settings.least_present, seats or np.inf
    )
    used = programme.usable(len(names), settings.time_limit_s)
    solution = programme.solve(used, settings.gap, settings.time_limit_s)
    rows = _rows(chosen, solution, settings.half_hours)
    staff = [PlannedPerson(name, row) for name, row in zip(names[:used], rows, strict=True)]
    rested, idle = tuple(_place_breaks(staff, required, placements)), len(names) - used
    needed = programme.needed()
    return ShiftPlan(rested, required, rules, settings.shrinkage, solution.gap, needed, seats, idle, lasts)


def _checked(required: Ints, weights: Floats | None, names: list[str]) -> tuple[Ints, Floats]:
    if required.shape != (WEEK,) or (required < 0).any():
        raise ValueError(f"required seats: found shape {required.shape}, expected {WEEK} figures, none below 0")
    weights = np.ones(WEEK) if weights is None else weights
    if weights.shape != (WEEK,) or not (weights > 0).all():
        raise ValueError(f"weights: found shape {weights.shape}, expected {WEEK} positive figures")
    if not names or len(set(names)) < len(names):
        raise ValueError(
            f"people: found {len(names)}, {len(set(names))} of them different, expected 1 or more, all different"
        )
    return required.astype(np.int64), weights


def _check_hours(rules: LabourRules, settings: ShiftSettings) -> None:
    unpaid_h = sum(each.minutes for each in settings.breaks if not each.paid) / 60
    worked_h = settings.shift_h - unpaid_h
    if worked_h > rules.hours_a_day or worked_h * rules.days_a_week > rules.hours_a_week:
        raise ValueError(
            f"shift: found {rules.days_a_week} days of {worked_h:g} working hours, "
            f"expected at most {rules.hours_a_day:g} h a day and {rules.hours_a_week:g} h a week"
        )
    if worked_h > rules.night_hours:
        raise ValueError(f"shift: found {worked_h:g} working hours, expected at most {rules.night_hours:g} h at night")


def _rows(chosen: Columns, solution: Solution, half_hours: int) -> list[tuple[PlannedShift, ...]]:
    """Make one row of shifts per person: columns that stand alone, then pairs of a night half and a day half."""
    repeated = [column for column, n in zip(chosen.all, solution.counts.tolist(), strict=True) for _ in range(n)]
    alone = [(column,) for column in repeated if column.joint < 0]
    dark, light = set(chosen.nights), set(chosen.days)
    nights = sorted((c for c in repeated if c in dark), key=lambda c: c.joint)
    days = sorted((c for c in repeated if c in light), key=lambda c: c.joint)
    return [_shifts(row, half_hours) for row in [*alone, *zip(nights, days, strict=True)]]


def _shifts(row: tuple[Column, ...], half_hours: int) -> tuple[PlannedShift, ...]:
    starts = sorted(day * DAY + column.start for column in row for day in column.days)
    return tuple(PlannedShift(start, half_hours) for start in starts)


def _place_breaks(
    staff: list[PlannedPerson], required: Ints, placements: tuple[tuple[PlannedBreak, ...], ...]
) -> list[PlannedPerson]:
    """Give each shift the breaks that fall where seats are least scarce, beside what is required."""
    offsets = np.array([[q for pause in pauses for q in _quarters(pause)] for pauses in placements], dtype=np.int64)
    spare = np.repeat(covered(staff) - required, 2)
    scale = np.repeat(np.maximum(required, 1), 2)
    shifts = sorted({(shift.start, n, k) for n, person in enumerate(staff) for k, shift in enumerate(person.shifts)})
    best = dict.fromkeys(shifts, -1)
    for _ in range(PASSES):
        for shift in shifts:
            away = (2 * shift[0] + offsets) % QUARTERS
            if best[shift] >= 0:
                spare[away[best[shift]]] += 1
            best[shift] = int((spare[away] / scale[away]).sum(axis=1).argmax())
            spare[away[best[shift]]] -= 1
    return [_with_breaks(n, person, best, placements) for n, person in enumerate(staff)]


def _quarters(pause: PlannedBreak) -> range:
    return range(pause.after_min // 15, (pause.after_min + pause.minutes) // 15)


def _with_breaks(
    n: int,
    person: PlannedPerson,
    best: dict[tuple[int, int, int], int],
    placements: tuple[tuple[PlannedBreak, ...], ...],
) -> PlannedPerson:
    shifts = (
        PlannedShift(shift.start, shift.half_hours, placements[best[shift.start, n, k]])
        for k, shift in enumerate(person.shifts)
    )
    return PlannedPerson(person.name, tuple(shifts))
