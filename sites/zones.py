"""A zone's local time as a table for the engine, which may read no files: when its offset changes, and to what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from ivr import Zone

FIRST, LAST = 2000, 2060
"""Years of the table. Beyond them the last offset holds; who runs the line then has newer rules anyway."""
STEP = timedelta(days=7)
"""No zone changes its offset twice in a week."""


@lru_cache(maxsize=16)
def table_of(zone: ZoneInfo) -> Zone:
    """The zone as a table, exact to the second."""
    at, end = datetime(FIRST, 1, 1, tzinfo=UTC), datetime(LAST, 1, 1, tzinfo=UTC)
    changes, offsets = [], [_offset(zone, at)]
    while at < end:
        if _offset(zone, at + STEP) != offsets[-1]:
            changes.append(_change(zone, at, at + STEP))
            offsets.append(_offset(zone, at + STEP))
        at += STEP
    return Zone(tuple(changes), tuple(offsets))


def _offset(zone: ZoneInfo, at: datetime) -> float:
    return (at.astimezone(zone).utcoffset() or timedelta()).total_seconds()


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> float:
    """The first second with the new offset, between two instants with different ones."""
    old, low, high = _offset(zone, before), int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, datetime.fromtimestamp(middle, UTC)) == old else (low, middle)
    return float(high)
