"""Whom to teach what next: what some more people with one skill more would change, on the same callers.

Everybody sits where he sat (``people.settled``) and every caller calls as he called: only the skill is new. So the
difference is far better known than either figure. Pupils are those without the skill, evenly spread over all people,
early shifts and late ones; or, for the second question, those of one kind (the same skills).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agents import AgentSettings
from calls import Skills, skills_in
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


def skills_of(plan: Plan) -> list[str]:
    """What the queues of the scenario's topics and their callers' languages ask for, in the order of the topics."""
    demand, menus = plan.scenario.demand, plan.settings.menus
    found: dict[str, None] = {}
    for name, topic in demand.topics.items():
        queue = plan.settings.queues[menus.queue_for(name)]
        for language in topic.languages or demand.languages or {menus.default_language: 1.0}:
            found |= dict.fromkeys(sorted(skills_in(queue.needs(language))))
    return [skill for skill in found if any(skill not in agent.skills for agent in plan.settings.agents.values())]


def kind_of(skills: Skills) -> Kind:
    return tuple(sorted(skills.items()))


def taught(plan: Plan, skill: str, count: int, kind: Kind | None = None) -> Plan:
    """A settled plan in which so many of those without the skill have it, nobody moved."""
    agents = plan.settings.agents
    pupils = {agent.id for agent in _pupils(list(agents.values()), skill, count, kind)}
    known = {name: _learned(agent, skill) if name in pupils else agent for name, agent in agents.items()}
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
    found = [_lesson(s, _count(agents, s, count), r, before) for s, r in zip(skills, after, strict=True)]
    best = sorted(found, key=_worth)
    if not best:
        return Lessons(before, (), ())
    kinds = sorted({kind_of(agent.skills) for agent in agents if best[0].skill not in agent.skills})
    begun = order.runs * len(plans)
    results = run_all(
        [taught(base, best[0].skill, count, kind) for kind in kinds],
        order, where.pool, where.at_once, lambda done: told(begun + done, begun + order.runs * len(kinds)),
    )  # fmt: skip
    by_kind = [
        _lesson(best[0].skill, _count(agents, best[0].skill, count, kind), result, before, kind)
        for kind, result in zip(kinds, results, strict=True)
    ]
    return Lessons(before, tuple(best), tuple(sorted(by_kind, key=_worth)))


def _lesson(skill: str, pupils: int, after: Result, before: Result, kind: Kind | None = None) -> Lesson:
    level, wait_s, answered = (after.against(before, name) for name in ("service_level", "mean_wait_s", "answered"))
    return Lesson(skill, pupils, level, wait_s, answered, kind)


def _worth(lesson: Lesson) -> tuple[float, float]:
    return -lesson.service_level.mean, lesson.mean_wait_s.mean


def _count(agents: Sequence[AgentSettings], skill: str, count: int, kind: Kind | None = None) -> int:
    return len(_pupils(agents, skill, count, kind))


def _pupils(agents: Sequence[AgentSettings], skill: str, count: int, kind: Kind | None) -> list[AgentSettings]:
    """Of those without the skill so many, evenly over their order."""
    without = [a for a in agents if skill not in a.skills and (kind is None or kind_of(a.skills) == kind)]
    taken = min(count, len(without))
    return [without[int((n + 0.5) * len(without) / taken)] for n in range(taken)]


def _learned(agent: AgentSettings, skill: str) -> AgentSettings:
    return replace(agent, skills={**agent.skills, skill: TAUGHT_LEVEL})
