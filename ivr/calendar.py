"""Days and hours: Greek public holidays, when something is open, from when until when a node is there.

Pure: local time comes in as a ``datetime`` without a zone, made of the engine's instants by the table of a ``Zone``
(``docs/decisions/0010-local-time.md``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Zone:
    """Local time by a table: from ``changes[n]`` (epoch seconds) on it is ``offsets[n + 1]`` seconds ahead of UTC."""

    changes: tuple[float, ...] = ()
    offsets: tuple[float, ...] = (0.0,)

    def local(self, at: float) -> datetime:
        """The local time of an instant (epoch seconds)."""
        return EPOCH + timedelta(seconds=at + self.offsets[bisect_right(self.changes, at)])


# --- public holidays --------------------------------------------------------------------------------------------------

FIXED = {
    (1, 1): "New Year's Day",
    (1, 6): "Epiphany",
    (3, 25): "Independence Day",
    (5, 1): "Labour Day",
    (8, 15): "Dormition",
    (10, 28): "Ohi Day",
    (12, 25): "Christmas Day",
    (12, 26): "Synaxis of the Theotokos",
}
"""By month and day. A ministerial decision moves Labour Day where it falls on a Sunday or into the days of Easter. To
which day is decided anew each time: a one-off date in the YAML."""

MOVABLE = {
    -48: "Clean Monday",
    -2: "Good Friday",
    0: "Easter Sunday",
    1: "Easter Monday",
    49: "Whit Sunday",
    50: "Whit Monday",
}
"""By days from Orthodox Easter."""


def easter(year: int) -> date:
    """Orthodox Easter in the civil calendar, by Meeus's rule for the Julian one (Astronomical Algorithms, chapter 8).

    Right from 1900 to 2099, while the Julian calendar is 13 days behind.
    """
    moon = (19 * (year % 19) + 15) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7
    month, day = divmod(moon + sunday + 114, 31)
    return date(year, month, day + 1) + timedelta(days=13)


@lru_cache(maxsize=64)
def holidays(year: int) -> Mapping[date, str]:
    """The public holidays of Greece in a year, with their names. One that falls on another keeps the movable's name."""
    fixed = {date(year, month, day): name for (month, day), name in FIXED.items()}
    return fixed | {easter(year) + timedelta(days=days): name for days, name in MOVABLE.items()}


# --- opening hours ----------------------------------------------------------------------------------------------------

Spans = tuple[tuple[int, int], ...]
"""Half-open spans of a day in minutes from midnight: ``((480, 960),)`` is 08:00 to 16:00."""

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Hours:
    """When something is open: spans by day of the week. ``closed`` days beat the week, ``dates`` beat everything."""

    week: tuple[Spans, ...] = ((),) * 7
    holidays: bool = False
    """Whether public holidays are closed."""
    closed: frozenset[date] = frozenset()
    dates: Mapping[date, Spans] = field(default_factory=dict)

    def on(self, day: date) -> Spans:
        """The spans of one day."""
        if day in self.dates:
            return self.dates[day]
        if day in self.closed or (self.holidays and day in holidays(day.year)):
            return ()
        return self.week[day.weekday()]

    def open_at(self, at: datetime) -> bool:
        """Whether it is open at this local time."""
        minute = at.hour * 60 + at.minute
        return any(begins <= minute < ends for begins, ends in self.on(at.date()))


# --- from and until ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Validity:
    """From when, until when (half-open, local), and at which named ``hours`` something is there; nothing: always."""

    begins: datetime | None = None
    ends: datetime | None = None
    hours: str = ""

    def holds(self, at: datetime, hours: Mapping[str, Hours]) -> bool:
        """Whether it is there at this local time."""
        if (self.begins is not None and at < self.begins) or (self.ends is not None and at >= self.ends):
            return False
        return not self.hours or hours[self.hours].open_at(at)

    @property
    def always(self) -> bool:
        """Whether it says nothing at all."""
        return self.begins is None and self.ends is None and not self.hours
