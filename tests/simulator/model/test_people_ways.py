"""The ways to say who is there: so many by half hour, people one by one, and people settled for a comparison."""

from __future__ import annotations

from pathlib import Path

import pytest

from calls import SettingsError
from simulator.model.people import settled, staff, staffed
from simulator.model.streams import Streams
from tests.simulator.scenarios import PLAIN, SITE, plan_of

HOUR = 3600.0
EXACT = SITE.replace("shrinkage: 0.05", "shrinkage: 0").replace("late_s: {exponential: {mean: 60}}", "")
"""Nobody late, nobody absent."""


def test_so_many_at_work_in_each_half_hour(tmp_path: Path) -> None:
    """A list shorter than the run begins again; the half hour before the first one is the last one of the list."""
    plan = staffed(plan_of(tmp_path), [2, 1, 0, 3])
    duties = staff(plan, Streams(1, 0)).duties
    for half_hour, wanted in enumerate([3, 2, 1, 0, 3, 2, 1, 0, 3]):
        middle = (half_hour + 0.5) * HOUR / 2
        assert sum(duty.begins <= middle < duty.ends for duty in duties) == wanted
    assert all(duty.ends == float("inf") for duty in duties if duty.begins <= 4.4 * HOUR < duty.ends)


def test_persons_with_shifts_of_their_own(tmp_path: Path) -> None:
    weeks = """weeks:
        - [{days: [mon], from: "06:00", to: "14:00"}, {days: [tue], from: "14:00", to: "22:00"}]
        - [{days: [mon], from: "07:00", to: "15:00", breaks: [{after_min: 60, min: 15}]}]
"""
    text = EXACT.split("shifts:")[0].replace("hours: 10", "days: 2") + weeks
    duties = staff(plan_of(tmp_path, text), Streams(1, 0)).duties
    assert [(duty.begins / HOUR, duty.ends / HOUR, len(duty.breaks)) for duty in duties] == [
        (6.0, 14.0, 0),
        (7.0, 15.0, 1),
        (38.0, 46.0, 0),
    ]
    assert len({duty.agent for duty in duties}) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("by_half_hour: [3]\n      weeks: []", "weeks and by_half_hour"),
        ("by_half_hour: [101]", "101 at work in a half hour"),
        ('weeks: [[{count: 2, from: "06:00", to: "14:00"}]]', "a count in weeks"),
    ],
)
def test_one_way_to_say_who_is_there(tmp_path: Path, wrong: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        plan_of(tmp_path, SITE.split("shifts:")[0] + wrong)
    assert said in str(error.value)


def test_settled_people_stay_where_they_were(tmp_path: Path) -> None:
    for text in (SITE, PLAIN, SITE.split("shifts:")[0]):
        plan = plan_of(tmp_path, text)
        before, after = staff(plan, Streams(1, 0)), staff(settled(plan), Streams(1, 0))
        assert before == after and list(before.agents) == list(after.agents)
