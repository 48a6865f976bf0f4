"""What-ifs: one named change of a plan, and every combination of some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from agents import AgentSettings
from calls import AgentId

from .people import spread
from .scenario import Plan, ScenarioFile

MOST_STEPS = 200
TAUGHT_LEVEL = 5


class UnknownChangeError(ValueError):
    """No such change, or not with such a value; the text says what there is."""


@dataclass(frozen=True, slots=True)
class Vary:
    """One key and the values it takes in turn: ``seats=120:160:5``, ``load=0.8:1.5:0.1``, ``topic.dypa=2``."""

    key: str
    values: tuple[float, ...]


KEYS = "seats, load, aht, patience, shrinkage, topic.NAME (factor), teach.SKILL (so many more people)"


def parse(text: str) -> Vary:
    """Read ``key=value`` or ``key=first:last:step``. Raises ``UnknownChangeError``."""
    key, _, said = text.partition("=")
    try:
        numbers = [float(number) for number in said.split(":")]
        values = tuple(numbers) if len(numbers) == 1 else tuple(_steps(*numbers))
    except (ValueError, TypeError):
        raise UnknownChangeError(f"{text!r}: expected key=value or key=first:last:step; keys: {KEYS}") from None
    return Vary(key, values)


def _steps(first: float, last: float, step: float) -> Iterator[float]:
    if step <= 0 or last < first or (last - first) / step > MOST_STEPS:
        raise ValueError
    for n in range(int((last - first) / step + 1e-9) + 1):
        yield round(first + n * step, 9)


def combinations(varied: Sequence[Vary]) -> Iterator[dict[str, float]]:
    """Every combination, the last key fastest; one empty one where nothing is varied."""
    for values in product(*(vary.values for vary in varied)):
        yield {vary.key: value for vary, value in zip(varied, values, strict=True)}


def changed(plan: Plan, changes: dict[str, float]) -> Plan:
    """The plan with these changes. Raises ``UnknownChangeError``."""
    for key, value in changes.items():
        plan = _changed(plan, key, value)
    return plan


def _changed(plan: Plan, key: str, value: float) -> Plan:
    scenario = plan.scenario
    kind, _, name = key.partition(".")
    match kind, name:
        case "seats", "":
            return _with_people(plan, "seats", int(value)) if scenario.people else _with_group(plan, int(value))
        case "shrinkage", "" if scenario.people:
            return _with_people(plan, "shrinkage", value)
        case "load", "":
            return _with(plan, demand=_copy(scenario.demand, growth=scenario.demand.growth * value))
        case "topic", topic if topic in scenario.demand.topics:
            own = scenario.demand.topics[topic]
            topics = {**scenario.demand.topics, topic: _copy(own, factor=own.factor * value)}
            return _with(plan, demand=_copy(scenario.demand, topics=topics))
        case (("aht" | "patience"), ""):
            return replace(plan, stretch=plan.stretch.times(kind, value))
        case "teach", skill if skill:
            return replace(plan, settings=replace(plan.settings, agents=_taught(plan, skill, int(value))))
    raise UnknownChangeError(f"{key}: one of {KEYS}")


def _with(plan: Plan, **parts: Any) -> Plan:
    return replace(plan, scenario=_copy(plan.scenario, **parts))


def _copy(model: Any, **parts: Any) -> Any:
    return model.model_copy(update=parts)


def _with_people(plan: Plan, name: str, value: float) -> Plan:
    """More or fewer people: shifts shrink and grow in proportion with the seats."""
    people = plan.scenario.people
    if people is None:
        raise UnknownChangeError(f"{name}: a plain line has groups, not people")
    parts: dict[str, Any] = {name: value}
    if name == "seats" and people.shifts:
        ratio = value / people.seats
        shifts = [_copy(shift, count=max(1, round(shift.count * ratio))) for shift in people.shifts]
        parts["shifts"] = shifts
    if name == "seats" and people.weeks:
        wanted = max(1, round(len(people.weeks) * value / people.seats))
        parts["weeks"] = [people.weeks[n % len(people.weeks)] for n in range(wanted)]
    if name == "seats" and people.by_half_hour:
        parts["by_half_hour"] = [min(round(n * value / people.seats), int(value)) for n in people.by_half_hour]
    return _with(plan, people=_copy(people, **parts))


def _with_group(plan: Plan, seats: int) -> Plan:
    """A plain line of one group."""
    line = plan.scenario.line
    if line is None or len(line.agents) != 1 or line.agents[0].count is None:
        raise UnknownChangeError("seats: only where there is one group with a count")
    alike = next(iter(plan.settings.agents.values()))
    agents = {name: replace(alike, id=name) for name in (AgentId(f"g0a{n}") for n in range(seats))}
    scenario: ScenarioFile = _copy(plan.scenario, line=_copy(line, agents=[_copy(line.agents[0], count=seats)]))
    return replace(plan, scenario=scenario, settings=replace(plan.settings, agents=agents))


def _taught(plan: Plan, skill: str, count: int) -> dict[AgentId, AgentSettings]:
    """So many of those who do not have the skill learn it, spread over all kinds of people."""
    agents = plan.settings.agents
    without = [agent for agent in agents.values() if skill not in agent.skills]
    pupils = {agent.id for agent in spread(without, min(count, len(without)))}
    return {
        name: replace(agent, skills={**agent.skills, skill: TAUGHT_LEVEL}) if name in pupils else agent
        for name, agent in agents.items()
    }
