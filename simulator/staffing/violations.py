"""Finds the labour rules that a plan breaks. Independent of how plans are made: it only reads shifts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .plan import PlannedPerson, PlannedShift, ShiftPlan
from .rules import DAYS, WEEK, LabourRules


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule (the name of its setting), one person: what was found, what the rule allows."""

    person: str
    rule: str
    found: float
    allowed: float

    def __str__(self) -> str:
        return f"{self.person}: {self.rule}: found {self.found:g}, allowed {self.allowed:g}"


def violations(plan: ShiftPlan, rules: LabourRules) -> tuple[Violation, ...]:
    """Find all violations, by person, then of the seats; the same week follows each week."""
    lasts = [1.0] * WEEK if plan.lasts is None else plan.lasts.tolist()
    of_people = (violation for person in plan.people for violation in person_violations(person, rules, lasts))
    return (*of_people, *_seats(plan))


def person_violations(
    person: PlannedPerson, rules: LabourRules, lasts: Sequence[float] = (1.0,) * WEEK
) -> Iterator[Violation]:
    """Find the rules that this person's week breaks. ``lasts``: how often each half hour comes in it."""
    for rule, found, at_most in _most(person, rules, lasts):
        if found > at_most + 1e-9:
            yield Violation(person.name, rule, found, at_most)
    for rule, found, at_least in _least(person, rules, lasts):
        if found < at_least - 1e-9:
            yield Violation(person.name, rule, found, at_least)


def _seats(plan: ShiftPlan) -> Iterator[Violation]:
    """Find the half hour with most people present, breaks included, if that is more than there are seats."""
    present = [0] * WEEK
    for person in plan.people:
        for shift in person.shifts:
            for half_hour in range(shift.start, shift.start + shift.half_hours):
                present[half_hour % WEEK] += 1
    if plan.limit is not None and max(present) > plan.limit:
        yield Violation("everybody", "seats", max(present), plan.limit)


def _passed_h(begins: int, ends: int, lasts: Sequence[float]) -> float:
    """Give the real hours between two half hours of the week, or of the next; below 0: backwards."""
    if ends < begins:
        return (ends - begins) / 2
    return sum(lasts[half_hour % WEEK] for half_hour in range(begins, ends)) / 2


def _worked_h(shift: PlannedShift, lasts: Sequence[float]) -> float:
    more_h = _passed_h(shift.start, shift.start + shift.half_hours, lasts) - shift.half_hours / 2
    return shift.worked_h + more_h


def _most(person: PlannedPerson, rules: LabourRules, lasts: Sequence[float]) -> Iterator[tuple[str, float, float]]:
    """List what must not be more: rule, found, allowed."""
    nights = [shift for shift in person.shifts if rules.is_night(shift.start, shift.half_hours)]
    yield "hours_a_week", sum(_worked_h(shift, lasts) for shift in person.shifts), rules.hours_a_week
    yield "days_a_week", len({shift.day for shift in person.shifts}), rules.days_a_week
    yield "days_in_row", _run(shift.day for shift in person.shifts), rules.days_in_row
    yield "nights_in_row", _run(shift.day for shift in nights), rules.nights_in_row
    for shift in person.shifts:
        yield "hours_a_day", _worked_h(shift, lasts), rules.hours_a_day
        yield "longest_stretch_h", max(_stretches(shift)) / 60, rules.longest_stretch_h
    for shift in nights:
        yield "night_hours", _worked_h(shift, lasts), rules.night_hours


def _least(person: PlannedPerson, rules: LabourRules, lasts: Sequence[float]) -> Iterator[tuple[str, float, float]]:
    """List what must not be less: rule, found, allowed."""
    rests = _rests(person.shifts, lasts)
    if rests:
        yield "daily_rest_h", min(rests), rules.daily_rest_h
        yield "weekly_rest_h", max(rests), rules.weekly_rest_h
    for shift in person.shifts:
        if shift.half_hours / 2 > rules.break_after_h:
            yield "break_min", _longest_break(shift), rules.break_min


def _rests(shifts: Iterable[PlannedShift], lasts: Sequence[float]) -> list[float]:
    """List the hours from each end to the next start, the last to the first of the next week; below 0: overlap."""
    ordered = sorted(shifts, key=lambda shift: shift.start)
    if not ordered:
        return []
    ends = [shift.start + shift.half_hours for shift in ordered]
    starts = [shift.start for shift in ordered[1:]] + [ordered[0].start + WEEK]
    return [_passed_h(end, start, lasts) for start, end in zip(starts, ends, strict=True)]


def _run(days: Iterable[int]) -> int:
    """Give the longest run of days, across the end of the week too."""
    worked = set(days)
    if len(worked) == DAYS:
        return DAYS
    longest = run = 0
    for day in range(2 * DAYS):
        run = run + 1 if day % DAYS in worked else 0
        longest = max(longest, run)
    return longest


def _stretches(shift: PlannedShift) -> list[int]:
    """List the minutes of work between breaks."""
    edges = [
        (0, 0),
        *sorted((p.after_min, p.after_min + p.minutes) for p in shift.pauses),
        (30 * shift.half_hours,) * 2,
    ]
    return [start - end for (_, end), (start, _) in pairwise(edges)]


def _longest_break(shift: PlannedShift) -> int:
    """Give the longest break (min); one at the very beginning or end of the shift, or outside it, does not count."""
    inside = (
        pause.minutes
        for pause in shift.pauses
        if pause.after_min > 0 and pause.after_min + pause.minutes < 30 * shift.half_hours
    )
    return max(inside, default=0)
