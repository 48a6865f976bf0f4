"""Find who could take a call that does not exist yet: the line's settings are asked, not the line.

Everybody counts as logged in and ready, so this is the widest there can be; who works today is not known here.
Steps that depend on the day (``ahead``, ``wait_s``) are listed, never taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from agents import AgentSettings
from calls import AgentId, CallId, Need, Requirement, either, expression, satisfies
from engine import LineSettings
from queues import Place, QueueSettings, Relax

NAMES_TOLD = 5


@dataclass(frozen=True, slots=True)
class Question:
    """The call: what its caller chose and dialled. ``topic`` None: the operator's queue."""

    topic: str | None
    language: str
    role: str | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Able:
    """Agents with the same skills who could take the call."""

    count: int
    agents: tuple[AgentId, ...]
    skills: dict[str, int]


@dataclass(frozen=True, slots=True)
class Missing:
    """A need, and how many of those who could not take the call lack it."""

    need: str
    count: int


@dataclass(frozen=True, slots=True)
class Moment:
    """The call after ``waited_s``. ``key``: tier (0 due, 1 not yet) and value; the lower goes first."""

    waited_s: float
    requires: str
    score: float
    key: tuple[float, float]
    due: bool
    eligible: int
    groups: tuple[Able, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class EligibilityAnswer:
    """The answer. ``due_after_s``: from then on it goes before all that are not due."""

    queue: str
    agents: int
    points: float
    ageing: float
    due_after_s: float
    policy: str
    relaxes: tuple[str, ...]
    moments: tuple[Moment, ...]


def survey(line: LineSettings, question: Question, at: Sequence[float]) -> EligibilityAnswer:
    """The call at each of the seconds ``at``. Topic, role, language and number are taken to be known ones."""
    queue = line.queues[line.menus.queue_for(question.topic)]
    place = _place(queue, question)
    people = tuple(line.agents.values())
    return EligibilityAnswer(
        queue=queue.id,
        agents=len(people),
        points=place.points,
        ageing=place.ageing,
        due_after_s=place.due_at,
        policy=queue.policy,
        relaxes=tuple(told(step, question.language) for step in queue.relax),
        moments=tuple(_moment(place, asked_after(queue, question.language, s), people, s) for s in at),
    )


def asked_after(queue: QueueSettings, language: str, waited_s: float) -> Requirement:
    """The requirement in force after so long, by the steps that wait for time alone."""
    needed = queue.needs(language)
    for step in queue.relax:
        if step.after_s is not None and step.after_s <= waited_s:
            needed = either(needed, step.widened(language))
    return needed


def told(step: Relax, language: str) -> str:
    """Tell when the step is taken, and whom it lets in."""
    if step.after_s is not None:
        when = f"{step.after_s:g} s waited"
    elif step.ahead is not None:
        when = f"{step.ahead} or more ahead"
    else:
        when = f"{step.wait_s or 0:g} s expected"
    return f"{when}: {expression(step.widened(language))}"


def _place(queue: QueueSettings, question: Question) -> Place:
    """Its place, as if it had come at 0."""
    points = queue.points(question.role, question.number)
    needed = queue.needs(question.language)
    return Place(CallId("?"), queue.id, needed, points, queue.ageing, 0.0, queue.cap_s or inf, 1)


def _moment(place: Place, needed: Requirement, people: Iterable[AgentSettings], waited_s: float) -> Moment:
    able = [agent for agent in people if satisfies(agent.skills, needed)]
    others = [agent for agent in people if not satisfies(agent.skills, needed)]
    tier, value, *_ = place.key(waited_s)
    return Moment(
        waited_s,
        expression(needed),
        place.score(waited_s),
        (tier, value),
        place.is_due(waited_s),
        len(able),
        _groups(able),
        _missing(others, needed),
    )


def _groups(able: Iterable[AgentSettings]) -> tuple[Able, ...]:
    """By equal skills, in the order of agents.yaml; the first few of each by name."""
    groups: dict[frozenset[tuple[str, int]], list[AgentSettings]] = {}
    for agent in able:
        groups.setdefault(frozenset(agent.skills.items()), []).append(agent)
    return tuple(
        Able(len(members), tuple(agent.id for agent in members[:NAMES_TOLD]), dict(sorted(members[0].skills.items())))
        for members in groups.values()
    )


def _missing(others: Iterable[AgentSettings], needed: Requirement) -> tuple[Missing, ...]:
    """Count agents by what they lack, in the alternative that each is nearest to; who lacks two counts in both."""
    lacking = Counter(need for agent in others for need in _nearest(agent, needed))
    return tuple(Missing(str(need), count) for need, count in sorted(lacking.items(), key=lambda x: (-x[1], x[0])))


def _nearest(agent: AgentSettings, needed: Requirement) -> list[Need]:
    lacks = ([need for need in needs if agent.skills.get(need.skill, 0) < need.level] for needs in needed)
    return min(lacks, key=len)
