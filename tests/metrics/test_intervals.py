"""Local intervals and days, with both DST days of Athens."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics import Calendar, Ledger, offset_of

ATHENS = ZoneInfo("Europe/Athens")


def epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("at", "interval", "day"),
    [
        ("2026-03-02T10:29:59.999+02:00", "2026-03-02T10:00:00+02:00", "2026-03-02T00:00:00+02:00"),
        ("2026-03-02T10:30:00+02:00", "2026-03-02T10:30:00+02:00", "2026-03-02T00:00:00+02:00"),
        ("2026-03-02T00:00:00+02:00", "2026-03-02T00:00:00+02:00", "2026-03-02T00:00:00+02:00"),
        # 29 March 2026: 03:00 becomes 04:00.
        ("2026-03-29T02:59:59+02:00", "2026-03-29T02:30:00+02:00", "2026-03-29T00:00:00+02:00"),
        ("2026-03-29T04:00:00+03:00", "2026-03-29T04:00:00+03:00", "2026-03-29T00:00:00+02:00"),
        ("2026-03-29T23:59:59+03:00", "2026-03-29T23:30:00+03:00", "2026-03-29T00:00:00+02:00"),
        # 25 October 2026: 04:00 becomes 03:00, the hour before comes twice.
        ("2026-10-25T03:10:00+03:00", "2026-10-25T03:00:00+03:00", "2026-10-25T00:00:00+03:00"),
        ("2026-10-25T03:10:00+02:00", "2026-10-25T03:00:00+02:00", "2026-10-25T00:00:00+03:00"),
        ("2026-10-25T23:59:59+02:00", "2026-10-25T23:30:00+02:00", "2026-10-25T00:00:00+03:00"),
    ],
)
def test_where_an_instant_counts(at: str, interval: str, day: str) -> None:
    calendar = Calendar(1800, offset_of(ATHENS))
    assert calendar.label(calendar.interval_start(epoch(at))) == interval
    assert calendar.label(calendar.day_start(epoch(at))) == day


@pytest.mark.parametrize(("day", "hours"), [("2026-03-02", 24), ("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_is_cut_without_gap_or_overlap(day: str, hours: int) -> None:
    ledger = Ledger(Calendar(900, offset_of(ATHENS)))
    start = datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=ATHENS).timestamp()
    pieces = list(ledger.pieces(start, start + hours * 3600))
    assert len(pieces) == hours * 4
    assert {length for _, length in pieces} == {900.0}
    assert len({id(periods[0]) for periods, _ in pieces}) == hours * 4
    assert len({id(periods[1]) for periods, _ in pieces}) == 1
    (following, _), *_ = ledger.pieces(start + hours * 3600, start + hours * 3600 + 1)
    assert following[1] is not pieces[0][0][1]


@given(st.floats(1.6e9, 1.9e9))
def test_an_interval_holds_its_instant(at: float) -> None:
    calendar = Calendar(900, offset_of(ATHENS))
    assert calendar.interval_start(at) <= at < calendar.interval_start(at) + 900
    assert calendar.day_start(at) <= at < calendar.day_start(at) + 25 * 3600


def test_two_days_are_kept() -> None:
    ledger = Ledger(Calendar(1800))
    for day in range(10):
        ledger.periods(day * 86_400.0 + 1)
    assert sorted(ledger.days) == [8 * 86_400.0, 9 * 86_400.0]
    assert all(ledger.intervals(day) for day in ledger.days.values())


@pytest.mark.parametrize("length", [0, 7, -900, 7200])
def test_an_interval_divides_the_hour(length: int) -> None:
    with pytest.raises(ValueError, match="divide the hour"):
        Calendar(length)
