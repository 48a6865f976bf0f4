"""The wall clock of a run: the local time of each second, with days of 23 and 25 hours.

A run's own seconds never jump. The wall clock counts 86,400 s for every day from a first midnight; at a change of the
clocks it leaves out an hour or shows one twice. Rates, opening hours and rosters go by the wall, lengths by the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import inf
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Wall:
    """``midnight``: the run time of 00:00 on ``day``, at or before run time 0.

    From ``changes[n]`` (run time) on the clock shows ``ahead[n + 1]`` seconds more than have passed since midnight.
    """

    day: date
    midnight: float
    changes: tuple[float, ...] = ()
    ahead: tuple[float, ...] = (0.0,)

    def shown(self, at: Floats) -> Floats:
        """Give the clock's seconds since the first midnight, 86,400 a day, at these run times."""
        which = np.searchsorted(np.array(self.changes), at, side="right")
        return np.asarray(at - self.midnight + np.array(self.ahead)[which], dtype=np.float64)

    def of_day(self, at: Floats) -> Floats:
        """Give the time of day that the clock shows (s)."""
        return np.asarray(self.shown(at) % DAY_S, dtype=np.float64)

    def at(self, seconds: float) -> datetime:
        """Give the local time, without a zone."""
        shown = float(self.shown(np.array([seconds]))[0])
        return datetime.combine(self.day, datetime.min.time()) + timedelta(seconds=shown)

    def moments(self, shown: Floats) -> Floats:
        """List the run times at which the clock shows these: none in a skipped hour, two in a repeated hour."""
        found = [
            times[(times >= begins) & (times < ends)]
            for begins, ends, ahead in self._pieces()
            for times in [self.midnight + shown - ahead]
        ]
        return np.unique(np.concatenate(found))

    def first(self, shown: float) -> float:
        """Give the first run time at which the clock shows this, or more if the hour is skipped."""
        for begins, ends, ahead in self._pieces():
            if (at := self.midnight + shown - ahead) < ends:
                return max(at, begins)
        raise AssertionError("the last piece has no end")

    def _pieces(self) -> list[tuple[float, float, float]]:
        """List (from, until, seconds that the clock is ahead)."""
        return list(zip((-inf, *self.changes), (*self.changes, inf), self.ahead, strict=True))


@lru_cache(maxsize=64)
def wall_of(zone: str, origin: float, origin_at: float, length_s: float) -> Wall:
    """Make the wall clock of a run whose second ``origin_at`` is ``origin`` (epoch s), for ``length_s`` after it."""
    where = ZoneInfo(zone)
    first = datetime.fromtimestamp(origin - origin_at, where).date()
    midnight = epoch(first, where)
    days = [first + timedelta(days=n) for n in range(-2, int((origin + length_s - midnight) // DAY_S) + 3)]
    found = [at for day in days if (at := _change(where, day)) is not None]
    usual = _offset(where, midnight)
    ahead = tuple(_offset(where, at) - usual for at in (epoch(days[0], where), *found))
    return Wall(first, origin_at + midnight - origin, tuple(origin_at + at - origin for at in found), ahead)


def epoch(day: date, zone: ZoneInfo) -> float:
    """Give the epoch seconds of the day's beginning."""
    return datetime.combine(day, datetime.min.time(), zone).timestamp()


def _change(zone: ZoneInfo, day: date) -> float | None:
    """Find the first second (epoch s) with a new offset on the day; None if there is none."""
    low, high = int(epoch(day, zone)), int(epoch(day + timedelta(days=1), zone))
    old = _offset(zone, low)
    if _offset(zone, high) == old:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == old else (low, middle)
    return float(high)


def _offset(zone: ZoneInfo, at: float) -> float:
    return (datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset() or timedelta()).total_seconds()
