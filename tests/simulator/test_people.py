"""Who is there when: shifts over midnight, breaks, absences, seats; and the mix of skills."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from simulator.people import Duty, spread, staff
from simulator.streams import Streams

from .scenarios import PLAIN, SITE, plan_of

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
