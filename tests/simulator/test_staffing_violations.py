"""Every labour rule, broken one at a time; what a plan covers, counted minute by minute."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from simulator.staffing import (
    LabourRules,
    PlannedBreak,
    PlannedPerson,
    PlannedShift,
    ShiftPlan,
    Violation,
    covered,
    violations,
)
from simulator.staffing.rules import DAY, WEEK

RULES = LabourRules()
BREAKS = (PlannedBreak(105, 15), PlannedBreak(210, 30), PlannedBreak(360, 15))


def shift(day: int, hour: float, hours: float = 8.0, breaks: tuple[PlannedBreak, ...] = BREAKS) -> PlannedShift:
    return PlannedShift(int(day * DAY + 2 * hour), int(2 * hours), breaks)


def plan(*shifts: PlannedShift) -> ShiftPlan:
    person = PlannedPerson("Eleni", shifts)
    return ShiftPlan((person,), np.zeros(WEEK, dtype=np.int64), RULES, 0.0, 0.0, None)


def broken(*shifts: PlannedShift, rules: LabourRules = RULES) -> dict[str, tuple[float, float]]:
    return {found.rule: (found.found, found.allowed) for found in violations(plan(*shifts), rules)}


def test_five_days_of_eight_hours_break_nothing() -> None:
    assert violations(plan(*(shift(day, 8) for day in range(5))), RULES) == ()


def test_two_days_by_day_then_three_nights_break_nothing() -> None:
    assert not broken(shift(0, 14), shift(1, 14), shift(2, 22), shift(3, 22), shift(4, 22))


def test_nobody_works_nobody_breaks_rules() -> None:
    assert not broken()


def test_six_days() -> None:
    assert broken(*(shift(day, 8) for day in range(6))) == {"hours_a_week": (48, 40), "days_a_week": (6, 5)}


def test_seven_days_have_no_weekly_rest() -> None:
    found = broken(*(shift(day, 8) for day in range(7)))
    assert found["weekly_rest_h"] == (16, 24) and found["days_in_row"] == (7, 6)


def test_days_in_row_go_round_the_week() -> None:
    """Friday to Tuesday is five days in a row."""
    days = [shift(day, 8) for day in (0, 1, 4, 5, 6)]
    assert broken(*days, rules=replace(RULES, days_in_row=4)) == {"days_in_row": (5, 4)}
    assert not broken(*days, rules=replace(RULES, days_in_row=5))


def test_long_day() -> None:
    assert broken(shift(0, 8, 8.5)) == {"hours_a_day": (8.5, 8)}


def test_an_unpaid_break_is_no_working_time() -> None:
    unpaid = (BREAKS[0], PlannedBreak(210, 30, paid=False), BREAKS[2])
    assert not broken(*(shift(day, 8, 8.5, unpaid) for day in range(5)))


@pytest.mark.parametrize(("hour", "rest"), [(2.5, 10.5), (0.0, 8.0)])
def test_short_rest_between_shifts(hour: float, rest: float) -> None:
    assert broken(shift(0, 8), shift(1, hour))["daily_rest_h"] == (rest, 11)


def test_eleven_hours_are_enough() -> None:
    assert not broken(shift(0, 8), shift(1, 3))


def test_two_shifts_on_a_day_and_shifts_that_overlap() -> None:
    assert broken(shift(0, 0, 4, ()), shift(0, 10, 4, ()), rules=replace(RULES, longest_stretch_h=4))[
        "daily_rest_h"
    ] == (6, 11)
    assert broken(shift(0, 8), shift(0, 12))["daily_rest_h"] == (-4, 11)


def test_rest_from_sunday_to_monday() -> None:
    assert broken(shift(6, 22), shift(0, 12))["daily_rest_h"] == (6, 11)


def test_a_rest_of_24_hours_may_be_asked_to_be_longer() -> None:
    days = [shift(day, 8) for day in (0, 1, 3, 4, 5)]  # days off apart: 40 hours of rest
    assert broken(*days, rules=replace(RULES, weekly_rest_h=48)) == {"weekly_rest_h": (40, 48)}


def test_nights_in_row_go_round_the_week() -> None:
    nights = [shift(day, 22) for day in (0, 5, 6)]
    assert not broken(*nights)
    assert broken(*nights, rules=replace(RULES, nights_in_row=2)) == {"nights_in_row": (3, 2)}


def test_what_a_night_is() -> None:
    assert RULES.night_h(2 * 17, 16) == 3 and RULES.is_night(2 * 17, 16)
    assert RULES.night_h(33, 16) == 2.5 and not RULES.is_night(33, 16)
    assert RULES.night_h(6 * DAY + 44, 16) == 8
    assert LabourRules(night_from_h=0, night_to_h=5).night_h(2 * 22, 16) == 5


def test_long_night() -> None:
    rules = replace(RULES, hours_a_day=10, longest_stretch_h=4)
    assert not broken(shift(0, 8, 10), rules=rules)
    assert broken(shift(0, 21, 10), rules=rules) == {"night_hours": (10, 8)}


@pytest.mark.parametrize(
    "breaks",
    [(), (PlannedBreak(0, 30),), (PlannedBreak(450, 30),), (PlannedBreak(500, 15),)],
    ids=["none", "first", "last", "after"],
)
def test_a_break_is_inside_the_shift(breaks: tuple[PlannedBreak, ...]) -> None:
    assert broken(shift(0, 8, 8, breaks), rules=replace(RULES, longest_stretch_h=9)) == {"break_min": (0, 15)}


def test_a_break_that_is_too_short() -> None:
    assert broken(shift(0, 8), rules=replace(RULES, break_min=45)) == {"break_min": (30, 45)}


def test_short_days_need_no_break() -> None:
    assert not broken(shift(0, 8, 4, ()), rules=replace(RULES, longest_stretch_h=4))


def test_long_stretch() -> None:
    assert broken(shift(0, 8, 8, (PlannedBreak(210, 30),)), rules=RULES) == {"longest_stretch_h": (4, 2.5)}
    assert broken(shift(0, 8), rules=replace(RULES, longest_stretch_h=2)) == {}


def test_says_who_and_what() -> None:
    assert str(Violation("Eleni", "daily_rest_h", 10.5, 11.0)) == "Eleni: daily_rest_h: found 10.5, allowed 11"


@pytest.mark.parametrize(
    "wrong",
    [{"days_a_week": 7}, {"hours_a_week": 0}, {"night_from_h": 24}, {"nights_in_row": -1}, {"daily_rest_h": -1}],
)
def test_impossible_rules_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        LabourRules(**wrong)  # type: ignore[arg-type]


# What a plan covers


def test_covered_is_what_minutes_say() -> None:
    random = Random(4)
    people = [
        PlannedPerson(str(n), tuple(shift(day, random.randrange(48) / 2) for day in random.sample(range(7), 5)))
        for n in range(9)
    ]
    minutes = np.zeros(WEEK * 30)
    for person in people:
        for each in person.shifts:
            away = [range(pause.after_min, pause.after_min + pause.minutes) for pause in each.pauses]
            for minute in range(each.half_hours * 30):
                minutes[(each.start * 30 + minute) % len(minutes)] += not any(minute in pause for pause in away)
    assert covered(people) == pytest.approx(minutes.reshape(WEEK, 30).mean(axis=1))
    assert covered(people, pauses=False).sum() == 9 * 5 * 16


def test_figures_of_a_plan() -> None:
    asked = np.zeros(WEEK, dtype=np.int64)
    asked[16:34] = 1
    found = replace(plan(shift(0, 8)), required=asked, needed=3)
    assert found.missing_h == pytest.approx(2) and found.shortage[32] == 1 and found.overstaffing.sum() == 0
    assert found.shortage[19] == 0.5
    assert found.hours == {"Eleni": 8} and found.nights == {"Eleni": 0}
    assert found.words("en") == (
        "1 people at 8 h a week fill 0.0 seats on average around the clock, 0.0 after breaks. "
        "2 of 9 seat hours a week are missing (22.2 %), most on Mon 11:30: 1 of 1 seats. "
        "At least 3 people would be needed."
    )
    assert "Δευτέρα 11:30" in found.words("el") and "22,2 %" in found.words("el")
    with pytest.raises(ValueError, match="found 'de', expected el or en"):
        found.words("de")


def test_who_is_away_covers_nothing() -> None:
    asked = np.full(WEEK, 0, dtype=np.int64)
    found = replace(plan(shift(0, 8)), required=asked, shrinkage=0.25)
    assert found.seats.sum() == pytest.approx(14 * 0.75)
    assert "cover every half hour" in found.words("en")
