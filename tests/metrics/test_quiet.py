"""When a line without calls is an alarm: the hours, the night before, weekends, and days of 23 and 25 hours."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from metrics import Calendar, QuietRule, offset_of, too_quiet

ATHENS = ZoneInfo("Europe/Athens")
CALENDAR = Calendar(offset=offset_of(ATHENS))
WORK = QuietRule(quiet_s=900, from_s=8 * 3600, until_s=16 * 3600, days=frozenset(range(5)))


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ATHENS).timestamp()


@pytest.mark.parametrize(
    ("called", "now", "alarm"),
    [
        ("2026-11-30T09:00", "2026-11-30T09:14:59", False),
        ("2026-11-30T09:00", "2026-11-30T09:15", True),
        ("2026-11-30T02:00", "2026-11-30T08:14:59", False),
        ("2026-11-30T02:00", "2026-11-30T08:15", True),
        ("2026-11-30T12:00", "2026-11-30T15:59:59", True),
        ("2026-11-30T12:00", "2026-11-30T16:00", False),
        ("2026-11-27T12:00", "2026-11-28T12:00", False),
        ("2026-11-29T23:00", "2026-11-30T07:59", False),
    ],
)
def test_only_hours_with_traffic_count(called: str, now: str, alarm: bool) -> None:
    assert too_quiet(WORK, CALENDAR, at(called), at(now)) is alarm


@pytest.mark.parametrize("day", ["2026-10-25", "2027-03-28"])
def test_on_days_with_a_changed_clock_the_hours_begin_at_eight(day: str) -> None:
    every = QuietRule(quiet_s=900, from_s=8 * 3600, until_s=16 * 3600)
    assert not too_quiet(every, CALENDAR, at(f"{day}T01:00"), at(f"{day}T08:14:59"))
    assert too_quiet(every, CALENDAR, at(f"{day}T01:00"), at(f"{day}T08:15"))


def test_without_a_limit_no_silence_is_too_long() -> None:
    assert not too_quiet(QuietRule(), CALENDAR, 0.0, at("2026-11-30T12:00"))
