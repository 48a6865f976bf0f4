"""A zone's local time as a table for the engine, which may read no files: its offsets and when they change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from ivr import Zone

FIRST, LAST = 2000, 2060
"""Years of the table. After them the last offset holds."""
STEP = timedelta(days=7)
"""Step of the search: no zone changes its offset twice in a week."""


@lru_cache(maxsize=16)
def table_of(zone: ZoneInfo) -> Zone:
    """Make the table of a zone, exact to the second."""
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
    """Find the first second with the new offset, between two instants with different offsets."""
    old, low, high = _offset(zone, before), int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, datetime.fromtimestamp(middle, UTC)) == old else (low, middle)
    return float(high)
