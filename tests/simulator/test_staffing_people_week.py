"""A shift plan's people as the scenario's, and rules from a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from calls import SettingsError
from simulator.model.people import spread, staff
from simulator.model.streams import Streams
from simulator.staffing import (
    LabourRules,
    PlannedBreak,
    PlannedPerson,
    PlannedShift,
    ShiftPlan,
    ShiftSettings,
    StaffingTarget,
)
from simulator.staffing.needs import requirement_of
from simulator.staffing.people_week import at_work, week_of
from simulator.staffing.rules_file import read_rules
from simulator.staffing.seating import seated

from .scenarios import PLAIN, SITE, plan_of

HOUR = 3600.0
HELP_AT_NIGHT = 'help: {per_hour: {"00:00": 40, "08:00": 0}}'


def test_everybody_comes_when_the_plan_says(tmp_path: Path) -> None:
    """Each with their own breaks, on the first day the one who began the night before."""
    text = SITE.replace("shrinkage: 0.05", "shrinkage: 0").replace("late_s: {exponential: {mean: 60}}", "")
    plan = week_of(plan_of(tmp_path, text))
    people = spread(list(plan.settings.agents.values()), 2)
    day, night = (str(agent.id) for agent in people)
    shifts = (PlannedShift(15, 16, (PlannedBreak(90, 15),)), PlannedShift(48 + 15, 16, (PlannedBreak(120, 15),)))
    rows = (PlannedPerson(day, shifts), PlannedPerson(night, (PlannedShift(6 * 48 + 44, 16),)))
    week = ShiftPlan(rows, np.zeros(336, np.int64), LabourRules(), 0.0, 0.0, 2)
    duties = staff(at_work(plan, week, people), Streams(1, 0)).duties
    assert [(d.agent, d.begins / HOUR, d.ends / HOUR) for d in duties] == [
        (night, 0.0, 6.0), (day, 7.5, 15.5), (day, 31.5, 39.5), (night, 166.0, 174.0),
    ]  # fmt: skip
    assert [d.breaks for d in duties[1:3]] == [((9 * HOUR, 900.0),), ((33.5 * HOUR, 900.0),)]


def test_a_week_begins_on_monday(tmp_path: Path) -> None:
    plan = week_of(plan_of(tmp_path, SITE.replace("hours: 10", "days: 2\n    starts: 2026-11-26")))
    assert plan.scenario.starts == date(2026, 11, 23) and plan.scenario.length_s == 7 * 86_400


def test_rules_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        "rules: {nights_in_row: 2, hours_a_week: 37.5}\n"
        "shifts: {shift_h: 7.5, latest_h: 16, breaks: [{minutes: 30, from_h: 2.5, to_h: 4.5}]}\n"
    )
    rules, settings = read_rules(file, shrinkage=0.1)
    assert (rules.nights_in_row, rules.hours_a_week, rules.days_a_week) == (2, 37.5, 5)
    assert settings.starts_h == (0.0, 16) and settings.shrinkage == 0.1 and settings.breaks[0].minutes == 30
    assert read_rules(None) == (LabourRules(), ShiftSettings())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules:\n  nights: 3\n", "rules.yaml:2:3: rules.nights: found an unknown key"),
        ("rules:\n  days_a_week: 7\n", "rules.yaml:2:3: rules.days_a_week: found 7, expected 1 to 6"),
        ("shifts:\n  shift_h: 13\n", "rules.yaml:2:3: shifts.shift_h: found 13 h, expected half hours, at most 12 h"),
        (
            "shifts:\n  breaks: [{minutes: 20, from_h: 1, to_h: 2}]\n",
            "rules.yaml:2:3: shifts.breaks: found 20 min, expected whole",
        ),
        ("shifts: {shrinkage: 1.5}\n", "shifts.shrinkage: found 1.5, expected less than 1"),
    ],
)
def test_rules_that_cannot_be(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(text)
    with pytest.raises(SettingsError) as error:
        read_rules(file)
    assert said in str(error.value)


def test_who_knows_more_sits_where_it_is_needed(tmp_path: Path) -> None:
    """One of three knows help, which is called for at night only: they get the night. Nobody's hours change."""
    text = PLAIN.replace("hours: 4", "days: 7").replace('help: {per_hour: {"00:00": 40}}', HELP_AT_NIGHT)
    text = text.replace("{count: 6, skills: {k.sales: 5}}", "{count: 2, skills: {k.sales: 5}}")
    plan = plan_of(tmp_path, text.replace("count: 6", "count: 1"))
    offered, requirement = requirement_of(plan, StaffingTarget(0.8, 20.0))
    people = spread(list(plan.settings.agents.values()), 3)
    rows = [tuple(PlannedShift(48 * day + start, 16) for day in range(5)) for start in (0, 16, 32)]
    helper = next(str(agent.id) for agent in people if "k.help" in agent.skills)
    for turn in range(3):
        turned = tuple(PlannedPerson(str(a.id), rows[(n + turn) % 3]) for n, a in enumerate(people))
        before = ShiftPlan(turned, requirement.seats, LabourRules(), 0.0, 0.0, None)
        after = seated(plan, offered, requirement, before, people)
        assert next(person for person in after.people if person.name == helper).shifts == rows[0]
        assert sorted(person.shifts[0].start for person in after.people) == [0, 16, 32]
        assert [person.name for person in after.people] == [str(agent.id) for agent in people]
