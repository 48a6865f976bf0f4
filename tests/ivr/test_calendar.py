"""Holidays against the almanac, local time against the zone's own table, hours and terms at their bounds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.calendar import Hours, Validity, Zone, easter, holidays
from sites.zones import table_of

EASTERS = [
    (2008, 4, 27), (2016, 5, 1), (2020, 4, 19), (2021, 5, 2), (2022, 4, 24), (2023, 4, 16), (2024, 5, 5), (2025, 4, 20),
    (2026, 4, 12), (2027, 5, 2), (2028, 4, 16), (2029, 4, 8), (2030, 4, 28), (2031, 4, 13), (2032, 5, 2), (2033, 4, 24),
    (2038, 4, 25), (2040, 5, 6),
]  # fmt: skip
ATHENS = ZoneInfo("Europe/Athens")
ZONE = table_of(ATHENS)
OFFICE = Hours(
    week=(((480, 960),),) * 5 + ((), ()),
    holidays=True,
    closed=frozenset({date(2026, 12, 24)}),
    dates={date(2026, 12, 31): ((480, 720),), date(2026, 12, 25): ((600, 660),)},
)


@pytest.mark.parametrize(("year", "month", "day"), EASTERS)
def test_orthodox_easter(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)
    assert easter(year).weekday() == 6


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2024, "01-01 01-06 03-18 03-25 05-01 05-03 05-05 05-06 06-23 06-24 08-15 10-28 12-25 12-26"),
        (2025, "01-01 01-06 03-03 03-25 04-18 04-20 04-21 05-01 06-08 06-09 08-15 10-28 12-25 12-26"),
        (2026, "01-01 01-06 02-23 03-25 04-10 04-12 04-13 05-01 05-31 06-01 08-15 10-28 12-25 12-26"),
        (2027, "01-01 01-06 03-15 03-25 04-30 05-01 05-02 05-03 06-20 06-21 08-15 10-28 12-25 12-26"),
        (2030, "01-01 01-06 03-11 03-25 04-26 04-28 04-29 05-01 06-16 06-17 08-15 10-28 12-25 12-26"),
    ],
)
def test_the_holidays_of_a_year(year: int, days: str) -> None:
    assert [f"{day:%m-%d}" for day in sorted(holidays(year))] == days.split()


@given(st.floats(1.2e9, 2.8e9))
def test_local_time_is_the_zones(at: float) -> None:
    assert abs(ZONE.local(at) - datetime.fromtimestamp(at, ATHENS).replace(tzinfo=None)) < timedelta(milliseconds=1)


def test_the_hour_that_comes_twice_and_the_one_that_is_missing() -> None:
    autumn = datetime(2026, 10, 25, 1, tzinfo=ZoneInfo("UTC")).timestamp()
    spring = datetime(2026, 3, 29, 1, tzinfo=ZoneInfo("UTC")).timestamp()
    assert (ZONE.local(autumn - 1).hour, ZONE.local(autumn).hour) == (3, 3)
    assert (ZONE.local(spring - 1).hour, ZONE.local(spring).hour) == (2, 4)


def test_without_a_table_it_is_utc() -> None:
    assert Zone().local(86_400 + 3600) == datetime(1970, 1, 2, 1)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-26T08:00", True),
        ("2026-11-26T07:59", False),
        ("2026-11-26T15:59", True),
        ("2026-11-26T16:00", False),
        ("2026-11-28T12:00", False),
        ("2026-04-13T12:00", False),
        ("2026-12-24T12:00", False),
        ("2026-12-25T10:30", True),
        ("2026-12-31T11:59", True),
        ("2026-12-31T12:00", False),
    ],
)
def test_hours(at: str, is_open: bool) -> None:
    assert OFFICE.open_at(datetime.fromisoformat(at)) is is_open


@pytest.mark.parametrize(
    ("term", "at", "holds"),
    [
        (Validity(), "2026-12-01T00:00", True),
        (Validity(begins=datetime(2026, 12, 1)), "2026-11-30T23:59:59", False),
        (Validity(begins=datetime(2026, 12, 1)), "2026-12-01T00:00", True),
        (Validity(ends=datetime(2026, 12, 1)), "2026-11-30T23:59:59", True),
        (Validity(ends=datetime(2026, 12, 1)), "2026-12-01T00:00", False),
        (Validity(hours="office"), "2026-12-01T08:00", True),
        (Validity(hours="office"), "2026-12-01T07:00", False),
    ],
)
def test_terms(term: Validity, at: str, holds: bool) -> None:
    assert term.holds(datetime.fromisoformat(at), {"office": OFFICE}) is holds
    assert term.always is (term == Validity())
