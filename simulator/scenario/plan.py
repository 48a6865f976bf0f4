"""A scenario with the line it runs on: everything one replication needs, ready to be sent to another process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from engine import LineSettings

from .measured import ColumnRead
from .schema import HALF_HOUR_S, ScenarioFile
from .wall import Wall, epoch, wall_of


@dataclass(frozen=True, slots=True)
class TimeFactors:
    """Factors on all times of a kind: handle times (talk and wrap-up), patience."""

    aht: float = 1.0
    patience: float = 1.0

    def times(self, kind: str, factor: float) -> TimeFactors:
        """Multiply the factor that ``kind`` names; the others stay."""
        return replace(self, **{kind: getattr(self, kind) * factor})


@dataclass(frozen=True, slots=True)
class Plan:
    """``settings``: menus, queues and people of the line. Run time 0 is ``warm_s`` before the first counted day.

    ``in_order``: the agents of the settings take shifts and seats in their own order, as they are; else they are mixed
    by skills first (``people.spread``). ``begins``: when the counted time begins (epoch s), where that is not the
    scenario's first midnight.
    """

    name: str
    scenario: ScenarioFile
    settings: LineSettings
    zone: str = "Europe/Athens"
    stretch: TimeFactors = field(default=TimeFactors())
    in_order: bool = False
    begins: float | None = None
    columns: tuple[ColumnRead, ...] = ()
    """What was read from CSV files."""

    @property
    def warm_s(self) -> float:
        return self.scenario.warm_up_min * 60.0

    @property
    def length_s(self) -> float:
        """Give the counted seconds; a day has 23, 24 or 25 hours."""
        if self.scenario.days is None:
            return self.scenario.length_s
        zone, first = ZoneInfo(self.zone), self.scenario.starts
        return epoch(first + timedelta(days=self.scenario.days), zone) - epoch(first, zone)

    @property
    def ends_at(self) -> float:
        """The end of the counted time, on the run's scale (s)."""
        return self.warm_s + self.length_s

    @property
    def wall(self) -> Wall:
        """The wall clock of the run."""
        return wall_of(self.zone, self._counted_from, self.warm_s, self.length_s)

    @property
    def first_midnight(self) -> float:
        """The midnight at or before run time 0, on the run's scale."""
        return self.wall.midnight

    @property
    def anchor(self) -> float:
        """Run time 0 in epoch seconds, for the engine."""
        return self._counted_from - self.warm_s

    @property
    def _counted_from(self) -> float:
        return epoch(self.scenario.starts, ZoneInfo(self.zone)) if self.begins is None else self.begins

    def at(self, seconds: float) -> datetime:
        """Give the wall time of a run time."""
        return self.wall.at(seconds)

    def local(self, seconds: float) -> datetime:
        """Give the wall time with its zone, which tells two equal half hours apart."""
        return datetime.fromtimestamp(self.anchor + seconds, ZoneInfo(self.zone))

    def looks_alike(self, seconds: float) -> bool:
        """Tell whether the clock has shown this time before, an hour ago."""
        return self.local(seconds).fold == 1

    @property
    def changes(self) -> list[tuple[date, int]]:
        """List the counted days on which the clocks change, with their number of hours."""
        found = (self.at(at).date() for at in self.wall.changes if self.warm_s < at < self.ends_at)
        zone = ZoneInfo(self.zone)
        return [(day, round((epoch(day + timedelta(days=1), zone) - epoch(day, zone)) / 3600)) for day in found]

    @property
    def half_hours(self) -> int:
        """Count the half hours of the counted time; the last one may be cut short."""
        return ceil(self.length_s / HALF_HOUR_S)

    def on_the_wall(self, halves: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """Give the half hour that the clock shows in each counted one, from 00:00 of the first day, 48 a day.

        One that the clock leaves out is none's, one that it shows twice is two's.
        """
        numbers = np.arange(self.half_hours) if halves is None else halves
        middles = np.asarray(self.warm_s + HALF_HOUR_S * (numbers + 0.5), dtype=np.float64)
        shown = self.wall.shown(middles)
        from_midnight = shown - self.wall.shown(np.array([self.warm_s]))
        return np.asarray(np.floor(from_midnight / HALF_HOUR_S), dtype=np.int64)
