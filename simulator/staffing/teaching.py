"""Whom to teach what next: what some more people with one skill more would change, on the same callers.

Everybody sits where he sat (``people.settled``) and every caller calls as he called: only the skill is new. So the
difference is far better known than either figure. Pupils are those below the level that the queues ask for, evenly
spread over all people, early shifts and late ones; or, for the second question, those of one kind (the same skills).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agents import AgentSettings
from calls import Skills
from simulator.measures import Estimate
from simulator.people import settled
from simulator.runs import Order, Result, run_all
from simulator.scenario import Plan
from simulator.vary import TAUGHT_LEVEL

from .trial import Where

Kind = tuple[tuple[str, int], ...]
"""The skills of people who are alike, sorted."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One skill for so many pupils: what changes, run by run on the same callers. ``kind``: theirs; None: of any."""

    skill: str
    pupils: int
    service_level: Estimate
    mean_wait_s: Estimate
    answered: Estimate
    kind: Kind | None = None

    @property
    def sure(self) -> bool:
        """Whether the service level rises, or the wait falls, by more than chance explains."""
        return self.service_level.low > 0 or self.mean_wait_s.high < 0


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Before anybody learns, what each skill would change (best first), and for the best one who should learn it."""

    before: Result
    skills: tuple[Lesson, ...]
    kinds: tuple[Lesson, ...]


def skills_of(plan: Plan) -> dict[str, int]:
    """What the queues of the scenario's topics and their callers' languages ask for, and at which level at most.

    In the order of the topics; without skills that everybody has at that level.
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


def kind_of(skills: Skills) -> Kind:
    return tuple(sorted(skills.items()))


def taught(plan: Plan, skill: str, count: int, kind: Kind | None = None) -> Plan:
    """A settled plan in which so many of those who do not know the skill well enough do, nobody moved."""
    agents, level = plan.settings.agents, skills_of(plan).get(skill, TAUGHT_LEVEL)
    pupils = {agent.id for agent in _pupils(list(agents.values()), skill, level, count, kind)}
    known = {name: _learned(agent, skill, level) if name in pupils else agent for name, agent in agents.items()}
    return replace(plan, settings=replace(plan.settings, agents=known))


def lessons(
    plan: Plan, count: int, order: Order, where: Where, told: Callable[[int, int], None] = lambda done, of: None
) -> Lessons:
    """``told``: replications done, and of how many."""
    base, skills = settled(plan), skills_of(settled(plan))
    plans = [base, *(taught(base, skill, count) for skill in skills)]
    agents = list(base.settings.agents.values())
    most = order.runs * (len(plans) + len({kind_of(agent.skills) for agent in agents}))
    before, *after = run_all(plans, order, where.pool, where.at_once, lambda done: told(done, most))
    found = [
        _lesson(skill, len(_pupils(agents, skill, level, count)), result, before)
        for (skill, level), result in zip(skills.items(), after, strict=True)
    ]
    best = sorted(found, key=_worth)
    if not best:
        return Lessons(before, (), ())
    skill, level, begun = best[0].skill, skills[best[0].skill], order.runs * len(plans)
    kinds = sorted({kind_of(agent.skills) for agent in agents if agent.skills.get(skill, 0) < level})
    results = run_all(
        [taught(base, skill, count, kind) for kind in kinds],
        order, where.pool, where.at_once, lambda done: told(begun + done, begun + order.runs * len(kinds)),
    )  # fmt: skip
    by_kind = [
        _lesson(skill, len(_pupils(agents, skill, level, count, kind)), result, before, kind)
        for kind, result in zip(kinds, results, strict=True)
    ]
    return Lessons(before, tuple(best), tuple(sorted(by_kind, key=_worth)))


def _lesson(skill: str, pupils: int, after: Result, before: Result, kind: Kind | None = None) -> Lesson:
    level, wait_s, answered = (after.against(before, name) for name in ("service_level", "mean_wait_s", "answered"))
    return Lesson(skill, pupils, level, wait_s, answered, kind)


def _worth(lesson: Lesson) -> tuple[float, float]:
    return -lesson.service_level.mean, lesson.mean_wait_s.mean


def _pupils(
    agents: Sequence[AgentSettings], skill: str, level: int, count: int, kind: Kind | None = None
) -> list[AgentSettings]:
    """Of those who are below the level so many, evenly over their order."""
    below = [a for a in agents if a.skills.get(skill, 0) < level and (kind is None or kind_of(a.skills) == kind)]
    taken = min(count, len(below))
    return [below[int((n + 0.5) * len(below) / taken)] for n in range(taken)]


def _learned(agent: AgentSettings, skill: str, level: int) -> AgentSettings:
    return replace(agent, skills={**agent.skills, skill: max(level, TAUGHT_LEVEL)})
