"""Trainees: some of the agents below the level of a skill that the line asks for; all keep their places.

That holds only in a settled plan (``people.settled``), where agents are in the order in which they take shifts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agents import AgentSettings
from calls import Skills
from simulator.scenario import Plan

TAUGHT_LEVEL = 5
"""Least level that a lesson teaches."""
SkillProfile = tuple[tuple[str, int], ...]
"""The skills of people who are alike, sorted."""


def skills_of(plan: Plan) -> dict[str, int]:
    """Give the skills that the queues and languages of the scenario ask for, with the highest level of each.

    In the order of the topics; without skills that all people have at that level.
    """
    demand, menus = plan.scenario.demand, plan.settings.menus
    found: dict[str, int] = {}
    for name, topic in demand.topics.items():
        queue = plan.settings.queues[menus.queue_for(name)]
        for language in topic.languages or demand.languages or {menus.default_language: 1.0}:
            for skill, level in sorted(need for needs in queue.needs(language) for need in needs):
                found[skill] = max(level, found.get(skill, 0))
    agents = plan.settings.agents.values()
    return {skill: level for skill, level in found.items() if any(a.skills.get(skill, 0) < level for a in agents)}


def kind_of(skills: Skills) -> SkillProfile:
    """Give the profile of these skills: pairs of skill and level, sorted by skill."""
    return tuple(sorted(skills.items()))


def below(plan: Plan, skill: str, kind: SkillProfile | None = None) -> list[AgentSettings]:
    """List the agents below the level that the queues ask for, in order. ``kind``: only those of this profile."""
    level = skills_of(plan).get(skill, TAUGHT_LEVEL)
    agents = plan.settings.agents.values()
    return [a for a in agents if a.skills.get(skill, 0) < level and (kind is None or kind_of(a.skills) == kind)]


def taught(plan: Plan, skill: str, count: int, kind: SkillProfile | None = None) -> Plan:
    """Make a settled plan in which some people below the level have learned the skill; nobody is moved."""
    level = max(TAUGHT_LEVEL, skills_of(plan).get(skill, 0))
    trainees = {agent.id for agent in _evenly(below(plan, skill, kind), count)}
    known = {
        name: replace(agent, skills={**agent.skills, skill: level}) if name in trainees else agent
        for name, agent in plan.settings.agents.items()
    }
    return replace(plan, settings=replace(plan.settings, agents=known))


def _evenly(people: Sequence[AgentSettings], count: int) -> list[AgentSettings]:
    """Choose ``count`` of the people evenly over their order: early shifts and late ones."""
    taken = min(count, len(people))
    return [people[int((n + 0.5) * len(people) / taken)] for n in range(taken)]
