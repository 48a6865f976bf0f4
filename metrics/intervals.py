"""Which interval and which day an instant belongs to, in local time. Instants are epoch seconds.

Intervals are half-open, ``[start, end)``, and named by the epoch second of their start: the hour that a DST day has
twice gives two intervals each, the hour that it lacks gives none, and no local label is ever ambiguous.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import partial

Offset = Callable[[float], float]
"""Seconds east of UTC at an instant (epoch seconds)."""

DAY_S = 86_400


def offset_of(zone: tzinfo) -> Offset:
    """The offset lookup of a zone, for example ``ZoneInfo("Europe/Athens")``."""
    return partial(_offset, zone)


def _offset(zone: tzinfo, at: float) -> float:
    return (datetime.fromtimestamp(at, zone).utcoffset() or timedelta()).total_seconds()


def utc(_at: float) -> float:
    """The offset lookup of UTC."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Calendar:
    """Local intervals of ``interval_s`` (a divisor of an hour: 900 or 1800) and local days.

    DST changes are taken to fall on interval bounds, as they do in every present zone with these lengths.
    """

    interval_s: int = 1800
    offset: Offset = utc

    def __post_init__(self) -> None:
        if self.interval_s <= 0 or 3600 % self.interval_s:
            raise ValueError(f"an interval must divide the hour: {self.interval_s} s")

    def interval_start(self, at: float) -> float:
        """The start of the interval that ``at`` lies in."""
        return self._floor(at, self.interval_s)

    def day_start(self, at: float) -> float:
        """The local midnight before ``at``; a DST change since then is taken out."""
        start = self._floor(at, DAY_S)
        return start + self.offset(at) - self.offset(start)

    def label(self, at: float) -> str:
        """ISO local time with its offset, to the second: ``2026-10-25T03:00:00+02:00``."""
        zone = timezone(timedelta(seconds=self.offset(at)))
        return datetime.fromtimestamp(at, UTC).astimezone(zone).isoformat(timespec="seconds")

    def _floor(self, at: float, length: int) -> float:
        offset = self.offset(at)
        return (at + offset) // length * length - offset
