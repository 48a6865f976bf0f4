"""Shift plans: small ones whose best plan is known, random ones that must obey every rule, and 140 people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.staffing import (
    BreakRule,
    Costs,
    LabourRules,
    ShiftSettings,
    StaffingTarget,
    covered,
    plan_shifts,
    required,
    violations,
)
from simulator.staffing.requirements import Ints
from simulator.staffing.rules import DAY, WEEK

from .staffing_week import week

UNBROKEN = LabourRules(break_after_h=24, longest_stretch_h=24)
COARSE = ShiftSettings(start_every_h=4, breaks=(), least_present=0, gap=0.0, time_limit_s=10)
"""Few starts, no breaks: solved to the end in no time."""


def wanted(*spans: tuple[int, float, float, int]) -> Ints:
    """Seats from (day, from hour, to hour, seats)."""
    seats = np.zeros(WEEK, dtype=np.int64)
    for day, start, end, n in spans:
        seats[int(day * DAY + 2 * start) : int(day * DAY + 2 * end)] += n
    return seats


def office(n: int, days: int = 5) -> Ints:
    return wanted(*((day, 8, 16, n) for day in range(days)))


# Known plans


def test_three_people_fill_three_seats_of_an_office() -> None:
    found = plan_shifts(office(3), 3, UNBROKEN, COARSE)
    assert found.missing_h == 0 and found.overstaffing.sum() == 0 and found.gap == 0 and found.needed == 3
    assert {shift.start % DAY for person in found.people for shift in person.shifts} == {16}
    assert found.hours == {"001": 40, "002": 40, "003": 40}


def test_when_two_have_to_fill_three_seats_it_says_what_is_missing() -> None:
    found = plan_shifts(office(3), ["Anna", "Petros"], UNBROKEN, COARSE)
    assert found.missing_h == 40 and (found.shortage[16:32] == 1).all() and found.needed == 3
    assert [person.name for person in found.people] == ["Anna", "Petros"]
    assert "40 of 120 seat hours a week are missing" in found.words("en")


def test_more_people_than_work_all_work_their_hours() -> None:
    found = plan_shifts(office(1), 3, UNBROKEN, COARSE)
    assert found.missing_h == 0 and found.overstaffing.sum() / 2 == 80 and found.needed == 1


def test_a_seat_on_all_days_needs_two_people_by_turns() -> None:
    found = plan_shifts(office(5, 7), 7, UNBROKEN, COARSE)
    assert found.missing_h == 0
    assert all(len(person.shifts) == 5 for person in found.people)


def test_around_the_clock() -> None:
    """One seat day and night is 168 hours: 4.2 people."""
    asked = np.ones(WEEK, dtype=np.int64)
    assert plan_shifts(asked, 5, UNBROKEN, COARSE).needed == 5
    assert plan_shifts(asked, 7, UNBROKEN, COARSE).missing_h == 0
    assert 8 <= plan_shifts(asked, 4, UNBROKEN, replace(COARSE, gap=0.5)).missing_h <= 24


def test_shortage_is_spread_and_not_heaped_on_one_hour() -> None:
    found = plan_shifts(office(10), 7, UNBROKEN, COARSE)
    assert found.shortage.max() == 3
    twice = plan_shifts(wanted((0, 8, 16, 10), (1, 8, 16, 10)), 12, replace(UNBROKEN, days_a_week=1), COARSE)
    assert twice.shortage[[16, 16 + DAY]].tolist() == [4, 4]


def test_a_weight_says_where_a_seat_matters() -> None:
    asked, weights = wanted((0, 8, 16, 10), (1, 8, 16, 10)), np.ones(WEEK)
    weights[DAY : 2 * DAY] = 20.0
    found = plan_shifts(asked, 12, replace(UNBROKEN, days_a_week=1), COARSE, weights)
    assert found.shortage[[16, 16 + DAY]].tolist() == [8, 0]


def test_where_no_nights_are_allowed_the_night_stays_empty() -> None:
    found = plan_shifts(np.ones(WEEK, dtype=np.int64), 9, replace(UNBROKEN, nights_in_row=0), COARSE)
    assert set(found.nights.values()) == {0} and found.needed is None
    assert found.shortage[4] == 1 and "would be needed" not in found.words("en")


def test_nights_come_in_a_block_before_the_days_off() -> None:
    found = plan_shifts(np.ones(WEEK, dtype=np.int64), 8, UNBROKEN, COARSE)
    assert not violations(found, UNBROKEN) and found.missing_h == 0
    assert set(found.nights.values()) <= {0, 3} and 3 in found.nights.values()


def test_nobody_is_alone() -> None:
    """Where one is needed two are there; where nobody is needed, nobody has to be."""
    alone = plan_shifts(np.ones(WEEK, dtype=np.int64), 12, UNBROKEN, replace(COARSE, least_present=2))
    assert covered(alone.people, pauses=False).min() == 2
    night = plan_shifts(office(1), 12, UNBROKEN, replace(COARSE, least_present=2))
    present = covered(night.people, pauses=False)
    assert present[office(1) > 0].min() == 2 and present.min() == 0


def test_who_is_away_has_to_be_replaced() -> None:
    assert plan_shifts(office(4), 5, UNBROKEN, replace(COARSE, shrinkage=0.2)).missing_h == pytest.approx(0)
    assert plan_shifts(office(4), 4, UNBROKEN, replace(COARSE, shrinkage=0.2)).missing_h == pytest.approx(32)


# Breaks


def test_breaks_are_taken_where_seats_are_spare() -> None:
    """Three people, two seats, three of them from 9 to 10:30: the first breaks hurt, and the third meal in one hour."""
    asked = office(2) + wanted(*((day, 9, 10.5, 1) for day in range(5)))
    found = plan_shifts(asked, 3, LabourRules(), replace(COARSE, breaks=ShiftSettings().breaks))
    assert found.shortage[18:21].sum() / 2 == pytest.approx(3 * 0.25)
    assert found.shortage[22:24].sum() / 2 == pytest.approx(0.5)
    assert (found.shortage[24:32] == 0).all()


def test_breaks_stay_in_their_windows_and_nobody_works_too_long() -> None:
    found = plan_shifts(office(6), 6, LabourRules(longest_stretch_h=2), replace(COARSE, breaks=ShiftSettings().breaks))
    assert not violations(found, LabourRules(longest_stretch_h=2))
    for pauses in (shift.pauses for person in found.people for shift in person.shifts):
        for pause, each in zip(pauses, ShiftSettings().breaks, strict=True):
            assert 60 * each.from_h <= pause.after_min <= 60 * each.to_h - pause.minutes
    assert len({shift.pauses for person in found.people for shift in person.shifts}) > 1


def test_the_profile_of_a_shift() -> None:
    there = ShiftSettings(shrinkage=0.1).profile()
    assert there.shape == (16,) and there.sum() == pytest.approx(14 * 0.9)
    assert there[[0, 3, 6, 11]] == pytest.approx([0.9, 0.9 * 5 / 6, 0.9 * 0.5, 0.9 * 0.75])


# What is refused


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ({"shift_h": 7.75}, "shift_h: found 7.75"),
        ({"shift_h": 0}, "shift_h: found 0"),
        ({"start_every_h": 0.25}, "start_every_h: found 0.25"),
        ({"starts_h": (9.0, 8.0)}, "latest_h: found starts from 9 to 8"),
        ({"shift_h": 6.0}, "breaks: found windows"),
        ({"breaks": (BreakRule(30, 3, 4), BreakRule(15, 1, 2))}, "breaks: found windows"),
        ({"shrinkage": 1.0}, "expected shrinkage below 1"),
    ],
)
def test_impossible_settings_are_refused(wrong: dict[str, object], found: str) -> None:
    with pytest.raises(ValueError, match=found):
        ShiftSettings(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [(20, 1, 2), (0, 1, 2), (30, 2, 2), (15, 1.25, 2), (15, -1, 2)])
def test_impossible_breaks_are_refused(wrong: tuple[int, float, float]) -> None:
    with pytest.raises(ValueError, match="breaks: found"):
        BreakRule(*wrong)


@pytest.mark.parametrize(
    "tiers",
    [((0.1, 1.0), (0.05, 2.0)), ((0.1, 2.0), (0.2, 1.0)), ((0.1, 0.01), (1.0, 1.0))],
    ids=["shares", "costs", "cheap"],
)
def test_impossible_costs_are_refused(tiers: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="tiers: found"):
        Costs(tiers)


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        (replace(UNBROKEN, hours_a_week=38), "5 days of 8 working hours"),
        (replace(UNBROKEN, night_hours=7), "at most 7 h at night"),
        (replace(UNBROKEN, daily_rest_h=17), "no 5 days of 8 h a week keep"),
        (replace(UNBROKEN, days_in_row=4), "no 5 days of 8 h a week keep"),
        (LabourRules(), "breaks: found none that keep"),
    ],
)
def test_rules_that_allow_no_shift(rules: LabourRules, found: str) -> None:
    with pytest.raises(ValueError, match=found):
        plan_shifts(office(1), 1, rules, COARSE)


def test_impossible_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="required seats"):
        plan_shifts(np.ones(48, dtype=np.int64), 1, UNBROKEN, COARSE)
    with pytest.raises(ValueError, match="weights"):
        plan_shifts(office(1), 1, UNBROKEN, COARSE, np.zeros(WEEK))
    with pytest.raises(ValueError, match="people: found 0"):
        plan_shifts(office(1), 0, UNBROKEN, COARSE)
    with pytest.raises(ValueError, match="people: found 2, 1 of them different"):
        plan_shifts(office(1), ["Anna", "Anna"], UNBROKEN, COARSE)


# Whatever the rules are, they are kept

rules = st.builds(
    LabourRules,
    hours_a_week=st.just(48.0),
    days_a_week=st.integers(1, 6),
    days_in_row=st.integers(1, 6),
    daily_rest_h=st.sampled_from([8.0, 11.0, 12.0, 16.0]),
    weekly_rest_h=st.sampled_from([24.0, 35.0]),
    nights_in_row=st.integers(0, 6),
    night_shift_h=st.sampled_from([1.0, 3.0, 5.0]),
)


@settings(max_examples=8, deadline=None)
@given(rules, st.integers(1, 9), st.booleans(), st.integers(0, 10_000))
def test_every_plan_keeps_its_rules(law: LabourRules, people: int, together: bool, seed: int) -> None:
    asked = np.random.default_rng(seed).integers(0, 4, 84).repeat(4)
    quick = ShiftSettings(start_every_h=3, days_off_together=together, gap=0.5, time_limit_s=5)
    try:
        found = plan_shifts(asked, people, law, quick)
    except ValueError as error:
        assert "keep the labour rules" in str(error)
        return
    assert violations(found, law) == ()
    assert {len(person.shifts) for person in found.people} == {law.days_a_week}
    filled = covered(found.people)
    assert filled.sum() / 2 == pytest.approx(people * law.days_a_week * 7)
    assert found.shortage - found.overstaffing == pytest.approx(asked - filled)


# 140 people


def test_140_people_over_a_week() -> None:
    asked = required(week(), StaffingTarget(0.8, 20.0), least=2).seats
    found = plan_shifts(asked, 140, settings=ShiftSettings(start_every_h=1, gap=0.05, time_limit_s=25))
    assert violations(found, LabourRules()) == ()
    assert len(found.people) == 140 and set(found.hours.values()) == {40.0}
    assert covered(found.people, pauses=False).mean() == pytest.approx(140 * 40 / 168)
    assert covered(found.people, pauses=False).min() >= 2
    assert found.gap <= 0.1
    least_missing_h = asked.sum() / 2 - 140 * 35  # if no seat were ever superfluous
    assert least_missing_h <= found.missing_h <= least_missing_h + 200
    assert found.needed is not None and 160 <= found.needed <= 195
    assert sum(found.nights.values()) >= 14
    assert "33.3 seats on average around the clock" in found.words("en")
