"""Which people are there when: shifts over midnight, breaks, absences, seats; and the mix of skills."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from calls import AgentId, SettingsError
from simulator.model.people import Duty, crews_of, spread, staff
from simulator.model.streams import Streams
from simulator.scenario import Plan
from tests.simulator.scenarios import PLAIN, SITE, plan_of

HOUR = 3600.0


def test_every_first_part_has_the_mix_of_the_whole(tmp_path: Path) -> None:
    agents = list(plan_of(tmp_path, SITE).settings.agents.values())
    everybody = Counter(tuple(sorted(agent.skills.items())) for agent in agents)
    half = Counter(tuple(sorted(agent.skills.items())) for agent in spread(agents, len(agents) // 2))
    assert all(abs(half[skills] - count / 2) <= 1 for skills, count in everybody.items())


def test_more_people_than_the_line_has(tmp_path: Path) -> None:
    agents = list(plan_of(tmp_path, SITE).settings.agents.values())
    more = spread(agents, 200)
    assert len({agent.id for agent in more}) == 200
    assert Counter(str(agent.skills) for agent in more[140:]) <= Counter(str(agent.skills) for agent in agents)


def exact(text: str = SITE) -> str:
    """Nobody late, nobody absent."""
    return text.replace("shrinkage: 0.05", "shrinkage: 0").replace("late_s: {exponential: {mean: 60}}", "")


def test_a_shift_over_midnight_counts_from_the_evening_before(tmp_path: Path) -> None:
    duties = staff(plan_of(tmp_path, exact()), Streams(1, 0)).duties
    night = [duty for duty in duties if duty.ends == 6 * HOUR]
    assert len(night) == 20 and {duty.begins for duty in night} == {0.0}


def test_breaks(tmp_path: Path) -> None:
    duties = staff(plan_of(tmp_path, exact()), Streams(1, 0)).duties
    early = next(duty for duty in duties if duty.begins == 6 * HOUR)
    assert early.breaks == ((7.5 * HOUR, 900.0), (9.5 * HOUR, 1800.0)) and early.ends == 14 * HOUR


def test_absence_and_lateness_are_the_persons_own(tmp_path: Path) -> None:
    """Another shrinkage takes more people away, and moves nobody else."""
    some, more = (
        staff(plan_of(tmp_path, SITE.replace("shrinkage: 0.05", f"shrinkage: {share}")), Streams(1, 0)).duties
        for share in (0.05, 0.15)
    )
    assert set(more) < set(some)


def test_groups_by_time(tmp_path: Path) -> None:
    """The last step of a run has no end: calls that are still there are served."""
    text = PLAIN.replace(
        "{count: 6, skills: {k.sales: 5}}", '{by_time: {"00:00": 2, "01:00": 3, "03:00": 1}, skills: {k.sales: 5}}'
    )
    text = text.replace("warm_up_min: 30", "warm_up_min: 0")
    duties = [duty for duty in staff(plan_of(tmp_path, text), Streams(1, 0)).duties if duty.agent.startswith("g0")]
    assert duties == [
        Duty(duties[0].agent, 0.0, float("inf")),
        Duty(duties[1].agent, 0.0, 3 * HOUR),
        Duty(duties[2].agent, HOUR, 3 * HOUR),
    ]


CREWS = """
      breaks: [{after_min: 120, min: 30}]
      stagger_min: 60
      shifts:
        - {count: 3, from: "22:00", to: "06:00", who: {topic.general: 5, lang.en: 5}}
        - {count: 20, from: "06:00", to: "14:00"}
        - {count: 2, from: "06:00", to: "14:00", breaks: [], who: "topic.labour >= 9 or topic.opeka >= 8"}
"""


def crews(tmp_path: Path, text: str = CREWS) -> Plan:
    return plan_of(tmp_path, exact().split("      shifts:")[0].rstrip() + text)


def test_a_shift_may_ask_for_skills(tmp_path: Path) -> None:
    plan = crews(tmp_path)
    assert plan.scenario.people is not None
    night, day, special = crews_of(plan.scenario.people, list(plan.settings.agents.values()))
    assert len(night) == 3 and all(agent.skills["lang.en"] >= 5 for agent in night)
    assert all(agent.skills.get("topic.labour", 0) >= 9 or agent.skills.get("topic.opeka", 0) >= 8 for agent in special)
    assert len({agent.id for agent in (*night, *day, *special)}) == 25, "everybody has one shift"


def test_breaks_one_after_the_other(tmp_path: Path) -> None:
    plan = crews(tmp_path)
    duties = [duty for duty in staff(plan, Streams(1, 0)).duties if duty.begins == 6 * HOUR]
    begun = sorted(duty.breaks[0][0] / HOUR for duty in duties if duty.breaks)
    assert len(begun) == 20, "two have none"
    assert begun[0] == 8 and begun[-1] == 9
    assert max(b - a for a, b in pairwise(begun)) < 0.1, "spread evenly"


def test_nobody_for_a_shift(tmp_path: Path) -> None:
    """Such a scenario is refused when it is read; of people who learnt nothing afterwards a crew stays empty."""
    with pytest.raises(SettingsError, match="no agent satisfies"):
        crews(tmp_path, CREWS.replace("lang.en: 5", "lang.fr: 5"))
    plan = crews(tmp_path, CREWS)
    assert plan.scenario.people is not None
    mute = [replace(agent, skills={"lang.el": 10}) for agent in plan.settings.agents.values()]
    assert crews_of(plan.scenario.people, mute)[0] == []


def test_groups_by_day_of_the_week(tmp_path: Path) -> None:
    """Tuesday has steps of its own; who is there at midnight stays until they say otherwise."""
    by = 'by_time: {"00:00": 1, "08:00": 2}, by_day: {tue: {"09:00": 0, "10:00": 1}}'
    text = PLAIN.replace("count: 6, skills: {k.sales: 5}}", f"{by}, skills: {{k.sales: 5}}}}")
    plan = plan_of(tmp_path, text.replace("warm_up_min: 30", "warm_up_min: 0").replace("hours: 4", "days: 2"))
    duties = [duty for duty in staff(plan, Streams(1, 0)).duties if duty.agent.startswith("g0")]
    assert duties == [
        Duty(AgentId("g0a0"), 0.0, 33 * HOUR),
        Duty(AgentId("g0a0"), 34 * HOUR, float("inf")),
        Duty(AgentId("g0a1"), 8 * HOUR, 33 * HOUR),
    ]
