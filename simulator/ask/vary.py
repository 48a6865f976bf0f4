"""What-ifs: one named change of a plan, and every combination of several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Any

from calls import AgentId
from simulator.model.people import settled
from simulator.model.trainees import below, skills_of, taught
from simulator.scenario import Plan, ScenarioFile
from sites import one_of

from .keys import KEYS

MOST_STEPS = 200
FORMS = "key=value, key=value,value,... or key=first:last:step"


LEARNT = "expected before a lesson: who would the new people be, pupils or not?"


class UnknownChangeError(ValueError):
    """The change or its value is unknown; the text says which there are."""


@dataclass(frozen=True, slots=True)
class Vary:
    """One key and the values it takes in turn: ``seats=120:160:5``, ``load=0.8,1.2``, ``topic.dypa=2``."""

    key: str
    values: tuple[float, ...]

    def __str__(self) -> str:
        """Write it as ``parse`` reads it, in the shorter form."""
        steps = {round(after - before, 9) for before, after in pairwise(self.values)}
        if len(self.values) > 2 and len(steps) == 1 and min(steps) > 0:
            return f"{self.key}={self.values[0]:.10g}:{self.values[-1]:.10g}:{steps.pop():.10g}"
        return f"{self.key}={','.join(f'{value:.10g}' for value in self.values)}"


def parse(text: str) -> Vary:
    """Read ``key=value``, ``key=value,value`` or ``key=first:last:step``. Raises ``UnknownChangeError``."""
    key, _, said = text.partition("=")
    try:
        values = tuple(_steps(*map(float, said.split(":"))) if ":" in said else map(float, said.split(",")))
        if len(set(values)) != len(values):
            raise ValueError
    except (ValueError, TypeError, OverflowError):
        raise UnknownChangeError(f"{text!r}: expected {FORMS}, each value once; keys: {KEYS}") from None
    return Vary(key, values)


def _steps(first: float, last: float, step: float) -> Iterator[float]:
    if not (step > 0 and last >= first and (last - first) / step <= MOST_STEPS):
        raise ValueError
    for n in range(int((last - first) / step + 1e-9) + 1):
        yield round(first + n * step, 9)


def combinations(varied: Sequence[Vary]) -> Iterator[dict[str, float]]:
    """Give every combination, last key fastest; one empty one if nothing varies. Raises ``UnknownChangeError``."""
    keys = [vary.key for vary in varied]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise UnknownChangeError(f"{twice}: found twice, expected once, with all its values: {twice}=1,2")
    for values in product(*(vary.values for vary in varied)):
        yield {vary.key: value for vary, value in zip(varied, values, strict=True)}


def changed(plan: Plan, changes: dict[str, float]) -> Plan:
    """Make the plan with these changes. Raises ``UnknownChangeError``.

    Lessons come last, when it is settled who sits where: so they move nobody.
    """
    for key, value in sorted(changes.items(), key=lambda change: change[0].startswith("teach.")):
        plan = _changed(plan, key, value)
    return plan


def _changed(plan: Plan, key: str, value: float) -> Plan:
    scenario = plan.scenario
    kind, _, name = key.partition(".")
    _check(plan, key, value)
    match kind:
        case "seats":
            return _with_people(plan, "seats", int(value)) if scenario.people else _with_group(plan, int(value))
        case "shrinkage":
            return _with_people(plan, "shrinkage", value)
        case "load":
            return _with(plan, demand=_copy(scenario.demand, growth=scenario.demand.growth * value))
        case "topic":
            own = scenario.demand.topics[name]
            topics = {**scenario.demand.topics, name: _copy(own, factor=own.factor * value)}
            return _with(plan, demand=_copy(scenario.demand, topics=topics))
        case "teach":
            return _with_lesson(plan, name, int(value))
    return replace(plan, stretch=plan.stretch.times(kind, value))


def _check(plan: Plan, key: str, value: float) -> None:
    """Check a value: pydantic does not when it copies a model."""
    kind, _, name = key.partition(".")
    names = {"topic": plan.scenario.topics, "teach": tuple(skills_of(plan))}.get(kind)
    if kind not in _VALUES or (names is None and name):
        raise UnknownChangeError(f"{key}: found an unknown key, expected one of {KEYS}")
    if names is not None and name not in names:
        what = "topic" if kind == "topic" else "skill that the queues ask for and somebody lacks"
        raise UnknownChangeError(f"{key}: found no {what} {name!r}, expected {one_of(names, name)}")
    right, expected = _VALUES[kind]
    if not right(value):
        raise UnknownChangeError(f"{key}={value:g}: expected {expected}")


_FACTOR = (lambda value: 0 < value <= 100, "a factor above 0, at most 100: 1.2 is a fifth more")
_VALUES: dict[str, tuple[Callable[[float], bool], str]] = {
    "seats": (lambda value: value % 1 == 0 and 1 <= value <= 100_000, "a whole number of seats, 1 to 100000"),
    "load": _FACTOR,
    "aht": _FACTOR,
    "patience": _FACTOR,
    "shrinkage": (lambda value: 0 <= value < 1, "a share of the shifts, at least 0 and below 1"),
    "topic": (lambda value: 0 <= value <= 100, "a factor of its calls, 0 to 100: 2 is twice as many"),
    "teach": (lambda value: value % 1 == 0 and value >= 0, "a whole number of people, at least 0"),
}


def _with(plan: Plan, **parts: Any) -> Plan:
    return replace(plan, scenario=_copy(plan.scenario, **parts))


def _copy(model: Any, **parts: Any) -> Any:
    return model.model_copy(update=parts)


def _with_people(plan: Plan, name: str, value: float) -> Plan:
    """Change the number of people: shifts change in proportion to the seats."""
    people = plan.scenario.people
    if people is None:
        raise UnknownChangeError(f"{name}: found a plain line, which has groups, expected a scenario with people")
    if name == "seats" and plan.in_order:
        raise UnknownChangeError(f"seats: {LEARNT}")
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
    """Change the one group of a plain line."""
    line = plan.scenario.line
    alike, *others = plan.settings.agents.values()
    if line is None or len(line.agents) != 1 or line.agents[0].count is None:
        raise UnknownChangeError("seats: only where there is one group with a count")
    if any(other.skills != alike.skills for other in others):
        raise UnknownChangeError(f"seats: {LEARNT}")
    agents = {name: replace(alike, id=name) for name in (AgentId(f"g0a{n}") for n in range(seats))}
    scenario: ScenarioFile = _copy(plan.scenario, line=_copy(line, agents=[_copy(line.agents[0], count=seats)]))
    return replace(plan, scenario=scenario, settings=replace(plan.settings, agents=agents))


def _with_lesson(plan: Plan, skill: str, count: int) -> Plan:
    """Teach ``count`` of the scenario's people the skill; other people, and all shifts, stay as they are."""
    plan = settled(plan)
    if count > (most := len(below(plan, skill))):
        expected = f"at most the {most} of the scenario's {len(plan.settings.agents)} people who do not know it"
        raise UnknownChangeError(f"teach.{skill}={count}: expected {expected}")
    return taught(plan, skill, count)
