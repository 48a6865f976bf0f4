"""Half hours of all replications folded into an average week or day, whatever the length of the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from simulator.run.figures import STATES, ReplicationFigures, quantile
from simulator.run.measures import ConfidenceInterval, estimate
from simulator.run.runs import Result

Floats = NDArray[np.float64]
A_DAY, A_WEEK = 48, 336


class Span(StrEnum):
    """The period into which the half hours are folded."""

    WEEK = "week"
    """From Monday 00:00."""
    DAY = "day"
    HOURS = "hours"
    """Shorter than a day: as they are."""
    DAYS = "days"
    """As they are, in whole days."""


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """``slot[half hour]`` of ``size`` places; ``times[place]``: half hours of one run that fell into it."""

    result: Result
    span: Span
    size: int
    slot: NDArray[np.intp]

    @property
    def times(self) -> Floats:
        return np.bincount(self.slot, minlength=self.size).astype(np.float64)

    def each(self, of: Callable[[ReplicationFigures], NDArray[np.generic]]) -> Floats:
        """Sum by place, for every run: ``[run, place, ...]`` of arrays ``[half hour, ...]``."""
        return np.array([self._folded(of(figures).astype(np.float64)) for figures in self.result.runs])

    def mean(self, of: Callable[[ReplicationFigures], NDArray[np.generic]]) -> Floats:
        """Give the mean per half hour, over runs and days; nan if there was no such half hour."""
        return _ratio(self.each(of).mean(axis=0), self.times)

    def _folded(self, values: Floats) -> Floats:
        folded = np.zeros((self.size, *values.shape[1:]))
        np.add.at(folded, self.slot, values)
        return folded

    # -- what the plots show ---

    def levels(self) -> list[ConfidenceInterval]:
        """Give the service level of each place, over the runs."""
        in_time = self.each(lambda f: f.in_time.sum(axis=1))
        counted = self.each(lambda f: f.offered.sum(axis=1) - f.short.sum(axis=1))
        return [estimate(list(column)) for column in _ratio(in_time, counted).T]

    def waits(self, share: float) -> Floats:
        """Give the quantile of the wait (s) of each place's callers."""
        histograms = self.each(lambda f: f.waits).sum(axis=0).astype(np.int64)
        return np.array([quantile(histogram, share) for histogram in histograms])

    def seated(self) -> Floats:
        """Give the agents at work, without those on a break."""
        return self.mean(lambda f: f.staff[:, : len(STATES) - 1].sum(axis=1) / 1800.0)

    def occupancy(self) -> Floats:
        """Give the occupancy of each place, 0 to 1; nan where nobody was at work."""
        staff = self.each(lambda f: f.staff).sum(axis=0)
        busy = staff[:, :3].sum(axis=1)
        return _ratio(busy, busy + staff[:, 3])

    def hours(self) -> Floats:
        """Give the middle of each place, in hours from the beginning of the first."""
        return (np.arange(self.size) + 0.5) / 2


def _ratio(part: Floats, whole: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(whole > 0, part / whole, np.nan))


def profile_of(result: Result, span: Span | None = None) -> Profile:
    """Fold into ``span``; default: a week if there is one, else a day, else the hours as they are."""
    halves = result.plan.on_the_wall(np.arange(len(result.runs[0].offered)))
    count = int(halves.max()) + 1
    if span is None:
        span = Span.WEEK if count >= A_WEEK else Span.DAY if count >= A_DAY else Span.HOURS
    match span:
        case Span.WEEK:
            first = result.plan.scenario.starts.weekday() * A_DAY
            return Profile(result, span, A_WEEK, (halves + first) % A_WEEK)
        case Span.DAY:
            return Profile(result, span, A_DAY, halves % A_DAY)
        case Span.DAYS:
            return Profile(result, span, -(-count // A_DAY) * A_DAY, halves)
        case Span.HOURS:
            return Profile(result, span, count, halves)


def day_of(result: Result, number: int) -> date:
    """Give the date of the run's day ``number``, from 0."""
    return result.plan.scenario.starts + timedelta(days=number)
