"""Seats are a hard limit of a shift plan, weeks in which the clocks change are planned as they pass, others refused."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from simulator.run.runs import RunRequest
from simulator.staffing import (
    LabourRules,
    PlannedPerson,
    PlannedShift,
    ShiftPlan,
    ShiftSettings,
    StaffingTarget,
    Trust,
    covered,
    plan_shifts,
)
from simulator.staffing.people_week import Week, on_the_week, plan_week, week_of
from simulator.staffing.rules import WEEK
from simulator.staffing.seats import SeatsRequest, find_seats
from simulator.staffing.show import seats_shown, week_shown
from simulator.staffing.trial import Where
from simulator.staffing.violations import violations

from .scenarios import SITE, plan_of

QUICK = ShiftSettings(start_every_h=8, starts_h=(6.0, 22.0), gap=0.2, time_limit_s=20)
RULES = LabourRules()
DAYTIME = np.tile(np.repeat([2, 30, 4], 16), 7)
"""Nights of 2, days of 30."""


def test_never_more_are_present_than_there_are_seats() -> None:
    free = plan_shifts(DAYTIME, 60, RULES, QUICK)
    held = plan_shifts(DAYTIME, 60, RULES, QUICK, seats=24)
    assert covered(free.people, pauses=False).max() > 24 >= covered(held.people, pauses=False).max()
    assert held.unused == 0 and len(held.people) == 60 and not violations(held, RULES)


def test_people_for_whom_there_is_no_seat() -> None:
    """Ten seats round the clock are 210 shifts of 8 hours a week: 42 people."""
    plan = plan_shifts(DAYTIME, 60, RULES, QUICK, seats=10)
    assert 38 <= len(plan.people) <= 42 and len(plan.people) + plan.unused == 60
    assert covered(plan.people, pauses=False).max() <= 10


def test_the_checker_counts_seats_by_itself() -> None:
    people = tuple(PlannedPerson(name, (PlannedShift(20, 16),)) for name in ("Eleni", "Nikos", "Maria"))
    plan = ShiftPlan(people, np.zeros(WEEK, dtype=np.int64), RULES, 0.0, 0.0, None, limit=2)
    assert [str(found) for found in violations(plan, RULES) if found.rule == "seats"] == [
        "everybody: seats: found 3, allowed 2"
    ]


HERE = Where(NotImplemented)
"""Nothing is simulated."""
NIGHT = PlannedShift(6 * 48 - 4, 16)
"""From Saturday 22:00."""


@pytest.mark.parametrize(("half_hour", "times", "hours"), [(6, 2.0, 9.0), (6, 0.0, 7.0)])
def test_a_night_in_which_the_clocks_change(half_hour: int, times: float, hours: float) -> None:
    lasts = np.ones(WEEK)
    lasts[6 * 48 + half_hour : 6 * 48 + half_hour + 2] = times
    plan = ShiftPlan((PlannedPerson("Eleni", (NIGHT,)),), np.zeros(WEEK, np.int64), RULES, 0.0, 0.0, None, lasts=lasts)
    assert plan.really_h(NIGHT) == hours and plan.hours == {"Eleni": hours}
    found = {each.rule: each.found for each in violations(plan, RULES)}
    assert (found.get("night_hours"), found.get("hours_a_day")) == ((9, 9) if hours > 8 else (None, None))


@pytest.mark.parametrize(("starts", "count"), [("2026-10-19", 338), ("2027-03-22", 334), ("2026-11-23", 336)])
def test_a_week_has_the_half_hours_that_pass(tmp_path: Path, starts: str, count: int) -> None:
    plan = plan_of(tmp_path, SITE.replace("hours: 10", f'days: 7\n    starts: "{starts}"'))
    wanted = SeatsRequest(StaffingTarget(0.8, 20.0), Trust(), 0)
    seats = find_seats(week_of(plan), wanted, RunRequest(2, 1), HERE)
    assert len(seats.seats) == count
    required, lasts = on_the_week(plan, seats.seats)
    assert lasts.sum() == count and required.shape == (WEEK,)
    week = plan_week(seats, 60, RULES, QUICK)
    assert len(week.planned) == len(week.missing) == count
    hours = {week.shifts.really_h(shift) for person in week.shifts.people for shift in person.shifts}
    assert hours == {8.0, 8.0 + (count - 336) / 2}
    _told(week, count)


def _told(week: Week, count: int) -> None:
    console = Console(width=160, record=True, file=StringIO())
    for part in (*seats_shown(week.seats, "en"), *week_shown(week, "en")):
        console.print(part)
    said = console.export_text()
    assert ("03:00 (2)" in said) == (count == 338) and ("the day has 25 hours" in said) == (count == 338)
    assert ("the day has 23 hours" in said) == (count == 334)
    assert "of 100 seats" in said


def test_more_than_a_week_says_which(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, SITE.replace("hours: 10", 'days: 28\n    starts: "2026-11-23"'))
    with pytest.raises(ValueError, match=r"scenario of 28 days.*--week 2026-11-23"):
        week_of(plan)
    assert week_of(plan, date(2026, 12, 10)).scenario.starts == date(2026, 12, 7)
    with pytest.raises(ValueError, match="from 2026-11-23 to 2026-12-20"):
        week_of(plan, date(2027, 1, 1))
