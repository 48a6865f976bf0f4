"""Cross-training: what one more skill for some people would change, with the same callers.

All agents keep their places (``people.settled``) and all callers call as before: only the skill is new. So the
difference is far more precise than either figure. Trainees are below the level that the queues ask for, spread evenly
over all people, early shifts and late ones; or, for the second question, of one skill profile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.model.people import settled
from simulator.model.trainees import SkillProfile, below, kind_of, skills_of, taught
from simulator.run.measures import ConfidenceInterval
from simulator.run.runs import Result, RunRequest, run_all
from simulator.scenario import Plan

from .trial import Where


@dataclass(frozen=True, slots=True)
class Lesson:
    """One skill for some trainees: changes run by run, same callers. ``kind``: their profile; None: any."""

    skill: str
    trainees: int
    service_level: ConfidenceInterval
    mean_wait_s: ConfidenceInterval
    answered: ConfidenceInterval
    kind: SkillProfile | None = None

    @property
    def sure(self) -> bool:
        """Tell whether the service level rises, or the wait falls, by more than chance explains."""
        return self.service_level.low > 0 or self.mean_wait_s.high < 0


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """The figures without lessons, each skill's changes (best first), and who should learn the best one."""

    before: Result
    skills: tuple[Lesson, ...]
    kinds: tuple[Lesson, ...]


def lessons(
    plan: Plan,
    count: int,
    order: RunRequest,
    where: Where,
    told: Callable[[float, float], None] = lambda done, of: None,
) -> Lessons:
    """Simulate the lessons. ``told``: replications done, and of how many."""
    base, skills = settled(plan), skills_of(settled(plan))
    plans = [base, *(taught(base, skill, count) for skill in skills)]
    most = order.runs * (len(plans) + len({kind_of(agent.skills) for agent in base.settings.agents.values()}))
    before, *after = run_all(plans, order, where.pool, where.at_once, lambda done: told(done, most))
    found = [
        _lesson(skill, min(count, len(below(base, skill))), result, before)
        for skill, result in zip(skills, after, strict=True)
    ]
    best = sorted(found, key=_worth)
    if not best:
        return Lessons(before, (), ())
    skill, begun = best[0].skill, order.runs * len(plans)
    kinds = sorted({kind_of(agent.skills) for agent in below(base, skill)})
    results = run_all(
        [taught(base, skill, count, kind) for kind in kinds],
        order,
        where.pool,
        where.at_once,
        lambda done: told(begun + done, begun + order.runs * len(kinds)),
    )
    by_kind = [
        _lesson(skill, min(count, len(below(base, skill, kind))), result, before, kind)
        for kind, result in zip(kinds, results, strict=True)
    ]
    return Lessons(before, tuple(best), tuple(sorted(by_kind, key=_worth)))


def _lesson(skill: str, trainees: int, after: Result, before: Result, kind: SkillProfile | None = None) -> Lesson:
    level, wait_s, answered = (after.against(before, name) for name in ("service_level", "mean_wait_s", "answered"))
    return Lesson(skill, trainees, level, wait_s, answered, kind)


def _worth(lesson: Lesson) -> tuple[float, float]:
    return -lesson.service_level.mean, lesson.mean_wait_s.mean
