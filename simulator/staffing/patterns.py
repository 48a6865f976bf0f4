"""The weeks a person may have: day patterns x shift starts that keep the labour rules by construction.

A column is a set of shifts of one start. A person is one column (the same start all week keeps the daily rest), or,
where nights in a row are limited, a pair: some days by day, then ``nights_in_row`` nights, then all days off together.
The two halves of a pair are columns of their own, joined by the day on which the nights begin: any day half goes with
any night half, and their number stays a sum instead of a product.

Compared on a week like 1555's: free starts on every day would save 0.2 % of the cost. So one start a week is no loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from .rules import DAY, DAYS, LabourRules


@dataclass(frozen=True, slots=True)
class Column:
    """Shifts of one ``start`` (half hour of the day) on these days; ``joint``: first night of a pair, -1: alone."""

    days: tuple[int, ...]
    start: int
    joint: int = -1


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that the rules allow. ``alone``: persons. ``nights`` and ``days``: the halves of pairs."""

    alone: tuple[Column, ...]
    nights: tuple[Column, ...] = ()
    days: tuple[Column, ...] = ()

    @property
    def all(self) -> tuple[Column, ...]:
        return self.alone + self.nights + self.days


def columns(rules: LabourRules, half_hours: int, starts: range, together: bool) -> Columns:
    """List every column that keeps the rules; ``together``: adjacent days off. Raises ValueError if there is none."""
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
    """Tell whether the same shift on these days keeps the days in a row and both rests, by the gaps between them."""
    gaps = [(after - day - 1) % DAYS + 1 for day, after in zip(days, days[1:] + days[:1], strict=True)]
    rests = [(DAY * gap - half_hours) / 2 for gap in gaps]
    breaks = sum(gap > 1 for gap in gaps)
    if min(rests) < rules.daily_rest_h or max(rests) < rules.weekly_rest_h or (together and breaks > 1):
        return False
    return _longest_run(gaps) <= rules.days_in_row


def _longest_run(gaps: list[int]) -> int:
    """Give the longest run of days, from the distances between working days, around the week."""
    longest = run = 0
    for gap in gaps * 2:
        run = run + 1 if gap == 1 else 0
        longest = max(longest, run + 1)
    return longest


def _rested(night: int, light: list[int], half_hours: int, rules: LabourRules) -> bool:
    """Tell whether a night that starts on the day after any day shift leaves the daily rest."""
    return (DAY + night - max(light) - half_hours) / 2 >= rules.daily_rest_h
