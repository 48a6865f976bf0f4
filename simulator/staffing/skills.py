"""Skill coverage: for each topic and language, how many people at work have the skills, and where they are too few.

Reads the same queue settings as the engine, at their first step: later steps (``relax``) are not counted; only the
simulation does that. Erlang A gives how many a group needs by itself; with fewer its calls cannot meet the target.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from agents import AgentSettings
from calls import Requirement as Asked
from calls import satisfies
from simulator.model.people import spread
from simulator.scenario import Plan

from .plan import ShiftPlan, covered
from .requirements import Floats, Ints, Requirement, SkillGroup


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """One skill group, per half hour: agents it needs by itself, and agents at work who have the skills."""

    group: SkillGroup
    needed: Ints
    there: Floats

    @property
    def missing(self) -> Floats:
        """Give how many agents are too few in each half hour; 0 where there are enough."""
        return np.maximum(self.needed - self.there, 0.0)

    @property
    def worst(self) -> int:
        """Give the half hour in which most are missing; if none are, the one with the fewest to spare."""
        return int((self.needed - self.there).argmax())


def asked(plan: Plan, group: SkillGroup) -> Asked:
    """Give what a call of one topic and language requires of an agent at first."""
    (topic,), (language,) = group.topics, group.languages
    return plan.settings.queues[plan.settings.menus.queue_for(topic)].needs(language)


def cover_of_seats(plan: Plan, requirement: Requirement, seats: Ints) -> list[Cover]:
    """Give the coverage if these numbers of people, mixed by skills, are at work in each half hour."""
    people = spread(list(plan.settings.agents.values()), max(1, int(seats.max(initial=0))))
    return [
        Cover(group, requirement.alone[:, n], _able(people, asked(plan, group))[seats])
        for n, group in enumerate(requirement.groups)
    ]


def _able(people: Sequence[AgentSettings], needed: Asked) -> Floats:
    """Count those with the skills among the first 0, 1, 2, ... people."""
    able = np.array([satisfies(agent.skills, needed) for agent in people], dtype=np.float64)
    return np.concatenate(([0.0], np.cumsum(able)))


def cover_of_plan(
    plan: Plan, requirement: Requirement, shifts: ShiftPlan, people: Iterable[AgentSettings]
) -> list[Cover]:
    """Give the coverage of a shift plan, after breaks and shrinkage. ``people`` have the names of the plan's rows."""
    skills = {str(agent.id): agent.skills for agent in people}
    covers = []
    for n, group in enumerate(requirement.groups):
        needed = asked(plan, group)
        rows = [person for person in shifts.people if satisfies(skills[person.name], needed)]
        covers.append(Cover(group, requirement.alone[:, n], covered(rows)[plan.on_the_wall()] * (1 - shifts.shrinkage)))
    return covers
