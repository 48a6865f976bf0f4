"""Days and hours: Greek public holidays, opening hours, and the validity of nodes.

Pure: local time comes in as a ``datetime`` without a zone, made from the engine's instants by the table of a ``Zone``
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
    """Local time by a table: from ``changes[n]`` (epoch seconds) on, ``offsets[n + 1]`` seconds ahead of UTC."""

    changes: tuple[float, ...] = ()
    offsets: tuple[float, ...] = (0.0,)
    in_whole_minutes: bool = field(init=False)
    """Whether local minutes begin where those of the epoch do."""

    def __post_init__(self) -> None:
        whole = all(at % 60 == 0 for at in (*self.changes, *self.offsets))
        object.__setattr__(self, "in_whole_minutes", whole)

    def local(self, at: float) -> datetime:
        """Give the local time of an instant (epoch seconds)."""
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
"""Fixed holidays by month and day. A ministerial decision moves Labour Day when it falls on a Sunday or near Easter, to
a day decided anew each time: a one-off date in the YAML."""

MOVABLE = {
    -48: "Clean Monday",
    -2: "Good Friday",
    0: "Easter Sunday",
    1: "Easter Monday",
    49: "Whit Sunday",
    50: "Whit Monday",
}
"""Movable holidays by days from Orthodox Easter."""


def easter(year: int) -> date:
    """Give Orthodox Easter in the civil calendar, by Meeus's rule (Astronomical Algorithms, chapter 8).

    Right from 1900 to 2099, while the Julian calendar is 13 days behind.
    """
    moon = (19 * (year % 19) + 15) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7
    month, day = divmod(moon + sunday + 114, 31)
    return date(year, month, day + 1) + timedelta(days=13)


@lru_cache(maxsize=64)
def holidays(year: int) -> Mapping[date, str]:
    """Give the public holidays of Greece in a year by name. If two fall on one day the movable's name stays."""
    fixed = {date(year, month, day): name for (month, day), name in FIXED.items()}
    return fixed | {easter(year) + timedelta(days=days): name for days, name in MOVABLE.items()}


# --- opening hours ----------------------------------------------------------------------------------------------------

Spans = tuple[tuple[int, int], ...]
"""Half-open spans of a day in minutes from midnight: ``((480, 960),)`` is 08:00 to 16:00."""

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours: spans by day of the week. ``closed`` days go before the week, ``dates`` before everything."""

    week: tuple[Spans, ...] = ((),) * 7
    holidays: bool = False
    """Whether it is closed on public holidays."""
    closed: frozenset[date] = frozenset()
    dates: Mapping[date, Spans] = field(default_factory=dict)

    def on(self, day: date) -> Spans:
        """Give the open spans of one day."""
        if day in self.dates:
            return self.dates[day]
        if day in self.closed or (self.holidays and day in holidays(day.year)):
            return ()
        return self.week[day.weekday()]

    def open_at(self, at: datetime) -> bool:
        """Tell whether it is open at this local time."""
        minute = at.hour * 60 + at.minute
        return any(begins <= minute < ends for begins, ends in self.on(at.date()))


# --- from and until ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Validity:
    """When something is there: from, until (half-open, local), in the named ``hours``; nothing given: always."""

    begins: datetime | None = None
    ends: datetime | None = None
    hours: str = ""

    def holds(self, at: datetime, hours: Mapping[str, Hours]) -> bool:
        """Tell whether it is there at this local time."""
        if (self.begins is not None and at < self.begins) or (self.ends is not None and at >= self.ends):
            return False
        return not self.hours or hours[self.hours].open_at(at)

    @property
    def in_whole_minutes(self) -> bool:
        """Tell whether it changes at the beginning of a minute only. Opening hours always do."""
        return all(at is None or not (at.second or at.microsecond) for at in (self.begins, self.ends))

    @property
    def always(self) -> bool:
        """Tell whether it sets no limit at all."""
        return self.begins is None and self.ends is None and not self.hours
