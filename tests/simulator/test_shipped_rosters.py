"""The rosters of shipped scenarios keep the labour rules that the product itself has by default."""

from __future__ import annotations

import pytest

from line1555.cli.scenario import shipped
from simulator.model.people import pauses_of
from simulator.scenario.schema import HALF_HOUR_S, WEEK, People, Shift, seconds_of
from simulator.staffing import LabourRules, PlannedBreak, PlannedPerson, Violation
from simulator.staffing import PlannedShift as Planned
from simulator.staffing.rules import DAY
from simulator.staffing.violations import person_violations

ROSTERS = {name: found.people for name, found in shipped().items() if found.people and found.people.shifts}


def week_of(people: People, shift: Shift, place: int) -> PlannedPerson:
    """One of a shift's people, with breaks where the stagger puts them."""
    pauses = tuple(PlannedBreak(round(pause.after_min), round(pause.min)) for pause in pauses_of(people, shift, place))
    begins, length = int(seconds_of(shift.begins) // HALF_HOUR_S), int(shift.length_s // HALF_HOUR_S)
    days = sorted(WEEK.index(day) for day in shift.days)
    return PlannedPerson(
        f"{shift.begins} {shift.days} {place}", tuple(Planned(DAY * d + begins, length, pauses) for d in days)
    )


def broken(people: People) -> list[Violation]:
    return [
        violation
        for shift in people.shifts or ()
        for place in range(shift.count)
        for violation in person_violations(week_of(people, shift, place), LabourRules())
    ]


@pytest.mark.parametrize("name", ROSTERS)
def test_a_shipped_roster_keeps_the_rules(name: str) -> None:
    assert not broken(ROSTERS[name]), [str(violation) for violation in broken(ROSTERS[name])[:5]]


def test_there_are_rosters_and_the_check_can_fail() -> None:
    assert {"1555-week", "1555-140-people-24x7"} <= ROSTERS.keys()
    people = ROSTERS["1555-week"]
    first = (people.shifts or [])[0]
    night = first.model_copy(update={"days": list(WEEK[:5])})
    assert {found.rule for found in broken(people.model_copy(update={"shifts": [night], "stagger_min": 200}))} >= {
        "nights_in_row"
    }
