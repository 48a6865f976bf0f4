"""The agents of a scenario: their shifts, breaks, absences and pace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count, islice, repeat
from math import ceil, exp, inf, log, sqrt

import numpy as np
from scipy import special

from agents import AgentSettings
from calls import AgentId, Skills, requirement_of, satisfies
from simulator.scenario import DAY_S, Plan
from simulator.scenario.schema import HALF_HOUR_S, WEEK, Break, DayName, Group, People, Shift, seconds_of
from simulator.scenario.wall import Wall

from .demand import Floats
from .streams import Streams


@dataclass(frozen=True, slots=True)
class Duty:
    """One person's time at work (run time, s). ``breaks``: (begins, seconds)."""

    agent: AgentId
    begins: float
    ends: float
    breaks: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Staff:
    """All people, with what each does in this replication. ``pace``: 1.2 takes a fifth longer than the average."""

    agents: dict[AgentId, AgentSettings]
    duties: list[Duty]
    pace: dict[AgentId, float]
    seats: int


def staff(plan: Plan, streams: Streams) -> Staff:
    """Draw the plan's people with this replication's lateness, absences and paces."""
    people = plan.scenario.people
    if people is None:
        agents = dict(plan.settings.agents)
        return Staff(agents, list(_by_time(plan)), dict.fromkeys(agents, 1.0), len(agents))
    crews = _crews(plan, people)
    agents = {agent.id: agent for crew in crews for agent in crew}
    pace = _paces(list(agents), people.speed_cv, streams)
    if people.by_half_hour is not None:
        duties = list(_by_half_hour(plan, people.by_half_hour, list(agents)))
    elif people.shifts is None and people.weeks is None:
        duties = [Duty(agent, 0.0, inf) for agent in agents]
    else:
        duties = list(_on_shift(plan, people, crews, streams))
    return Staff(agents, sorted(duties, key=lambda duty: (duty.begins, duty.agent)), pace, people.seats)


def rings(people: People | None, streams: Streams) -> Iterator[float]:
    """Draw for one ring after the other the seconds until the answer; infinite if nobody answers."""
    if people is None:
        yield from repeat(0.0)
        return
    chance = streams.of("agents")
    while True:  # drawn by the thousand: one at a time costs as much as a decision of the engine
        missed, pick_up = chance.random((1000, 2)).T
        yield from np.where(missed < people.misses, inf, people.pick_up_s.inverse(pick_up)).tolist()


def crews_of(people: People, agents: Sequence[AgentSettings]) -> list[list[AgentSettings]]:
    """Divide the agents into crews, one for each shift; without shifts, one crew for all seats or all persons' weeks.

    Every crew has about the skill mix of the whole line. A shift that asks for skills takes the next people who have
    them; if nobody has, its crew is empty.
    """
    if people.shifts is None:
        return [spread(agents, people.seats if people.weeks is None else len(people.weeks))]
    crews: list[list[AgentSettings]] = []
    taken: set[AgentId] = set()
    for shift in people.shifts:
        able = [agent for agent in agents if satisfies(agent.skills, requirement_of(shift.who or {}))]
        free = (agent for agent in _without_end(able) if agent.id not in taken)
        crews.append([next(free) for _ in range(shift.count)] if able else [])
        taken |= {agent.id for agent in crews[-1]}
    return crews


def settled(plan: Plan) -> Plan:
    """Give the plan with exactly the agents it needs, in the order in which they take shifts and seats.

    Then one of them can be changed (learn a skill, say) and all others keep their places.
    """
    people = plan.scenario.people
    if people is None or plan.in_order:
        return plan
    agents = {agent.id: agent for crew in _crews(plan, people) for agent in crew}
    return replace(plan, settings=replace(plan.settings, agents=agents), in_order=True)


def _crews(plan: Plan, people: People) -> list[list[AgentSettings]]:
    """Divide the agents into crews; in a settled plan, the agents in their order."""
    agents = list(plan.settings.agents.values())
    if not plan.in_order:
        return crews_of(people, agents)
    if people.shifts is None:
        return [agents]
    ordered = iter(agents)
    return [list(islice(ordered, shift.count)) for shift in people.shifts]


def staffed(plan: Plan, at_work: Sequence[int]) -> Plan:
    """Make the plan with these numbers of people at work in each half hour from its first day; plain lines too.

    They are the first people of all, mixed by skills. Pace, missed rings and times to pick up stay as they are.
    """
    known = plan.scenario.people or People(seats=1)
    parts = {"seats": max(1, *at_work), "by_half_hour": list(at_work), "shifts": None, "weeks": None}
    scenario = plan.scenario.model_copy(update={"people": known.model_copy(update=parts)})
    return replace(plan, scenario=scenario, in_order=False)


def spread(agents: Sequence[AgentSettings], wanted: int) -> list[AgentSettings]:
    """Choose ``wanted`` people with the same mix of skills as these; if more are wanted, add others like them."""
    return list(islice(_without_end(agents), wanted))


def _without_end(agents: Sequence[AgentSettings]) -> Iterator[AgentSettings]:
    """Give the agents in a good mix; then others like them, without end."""
    mixed = _mixed(agents)
    for turn in count():
        yield from (_like(agent, turn) for agent in mixed)


def _like(agent: AgentSettings, turn: int) -> AgentSettings:
    return replace(agent, id=AgentId(f"{agent.id}_{turn + 1}")) if turn else agent


def _mixed(agents: Sequence[AgentSettings]) -> list[AgentSettings]:
    """Order agents so that every first part has about the skill mix of all."""
    groups: dict[tuple[tuple[str, int], ...], list[AgentSettings]] = {}
    for agent in agents:
        groups.setdefault(_skills(agent.skills), []).append(agent)
    placed = [((n + 0.5) / len(group), agent.id, agent) for group in groups.values() for n, agent in enumerate(group)]
    return [agent for _, _, agent in sorted(placed, key=lambda entry: entry[:2])]


def _skills(skills: Skills) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(skills.items()))


def _paces(agents: list[AgentId], cv: float, streams: Streams) -> dict[AgentId, float]:
    if cv == 0:
        return dict.fromkeys(agents, 1.0)
    sigma2 = log(1 + cv**2)
    drawn = streams.of("pace").random(len(agents))
    return {a: exp(sqrt(sigma2) * float(special.ndtri(u)) - sigma2 / 2) for a, u in zip(agents, drawn, strict=True)}


def _on_shift(plan: Plan, people: People, crews: Sequence[Sequence[AgentSettings]], streams: Streams) -> Iterator[Duty]:
    """Draw the duties, by shift with its own people, or by person with their own shifts."""
    for shift, crew in zip(people.shifts or (), crews, strict=False):
        for place, agent in enumerate(crew):
            yield from _days(plan, people, agent.id, [(shift, pauses_of(people, shift, place))], streams)
    for week, crew in zip(people.weeks or (), zip(*crews, strict=False), strict=False):
        own = [(shift, pauses_of(people, shift, 0)) for shift in week]
        yield from _days(plan, people, crew[0].id, own, streams)


def _days(
    plan: Plan, people: People, agent: AgentId, shifts: Sequence[tuple[Shift, list[Break]]], streams: Streams
) -> Iterator[Duty]:
    """Draw one person's duties over the run: on some days they are late, or absent."""
    rng = streams.of("comes", agent)
    for day in range(-1, _days_of(plan)):
        comes, late = rng.random(2)
        weekday = _weekday(plan, day)
        for shift, pauses in shifts:
            if weekday in shift.days and comes >= people.shrinkage:
                duty = _duty(plan.wall, agent, shift, day, float(people.late_s.inverse(_one(late))[0]), pauses)
                if duty.ends > 0 and duty.begins < plan.ends_at:
                    yield duty


def _days_of(plan: Plan) -> int:
    """Count the days from the first midnight to the end of the run; the last one may be cut short."""
    return int(plan.wall.shown(np.array([plan.ends_at]))[0] // DAY_S) + 1


def _weekday(plan: Plan, day: int) -> DayName:
    return WEEK[(plan.wall.day + timedelta(days=day)).weekday()]


def pauses_of(people: People, shift: Shift, place: int) -> list[Break]:
    """Give the breaks of one person of a shift; its people go one after the other."""
    pauses = people.breaks if shift.breaks is None else shift.breaks
    stagger = people.stagger_min if shift.stagger_min is None else shift.stagger_min
    later = stagger * place / max(1, shift.count - 1)
    return [pause.model_copy(update={"after_min": pause.after_min + later}) for pause in pauses]


def _by_half_hour(plan: Plan, at_work: Sequence[int], agents: Sequence[AgentId]) -> Iterator[Duty]:
    """Draw duties by half hour: agent n works while more than n are wanted; those there at the end of the run stay."""
    halves = np.arange(-ceil(plan.warm_s / HALF_HOUR_S), plan.half_hours)
    in_order = len(at_work) == plan.half_hours
    wanted = np.array(at_work)[(halves if in_order else plan.on_the_wall(halves)) % len(at_work)]
    bounds = [*np.maximum(plan.warm_s + halves * HALF_HOUR_S, 0.0).tolist(), inf]
    for n, agent in enumerate(agents):
        there = np.concatenate(([0], wanted > n, [0]))
        changes = np.flatnonzero(np.diff(there)).tolist()
        for begins, ends in zip(changes[::2], changes[1::2], strict=True):
            yield Duty(agent, bounds[begins], bounds[ends])


def _duty(wall: Wall, agent: AgentId, shift: Shift, day: int, late_s: float, pauses: Sequence[Break]) -> Duty:
    """Make a duty from wall times: a night in which the clocks change has an hour more, or less."""
    shown = day * DAY_S + seconds_of(shift.begins)
    begins, ends = wall.first(shown), wall.first(shown + shift.length_s)
    comes = max(0.0, begins + min(late_s, ends - begins))
    breaks = ((begins + pause.after_min * 60, pause.min * 60) for pause in pauses)
    return Duty(agent, comes, ends, tuple(pause for pause in breaks if comes < pause[0] < ends))


def _one(value: float) -> Floats:
    return np.array([value])


def _by_time(plan: Plan) -> Iterator[Duty]:
    """Give the duties of a plain line's groups by time of day; without times, always."""
    line = plan.scenario.line
    for number, group in enumerate(line.agents if line else ()):
        steps = list(_steps(plan, group))
        for seat in range(group.most):
            agent = AgentId(f"g{number}a{seat}")
            if group.by_time is None:
                yield Duty(agent, 0.0, float("inf"))
            else:
                yield from _present(agent, seat, steps)


def _steps(plan: Plan, group: Group) -> Iterator[tuple[float, int]]:
    """List (run time, how many from then on), day after day."""
    for day in range(_days_of(plan)):
        steps = group.by_day.get(_weekday(plan, day), group.by_time or {})
        for clock, wanted in sorted(steps.items()):
            if (at := plan.wall.first(day * DAY_S + seconds_of(clock))) < plan.ends_at:
                yield at, wanted


def _present(agent: AgentId, seat: int, steps: Sequence[tuple[float, int]]) -> Iterator[Duty]:
    """Give the duties of seats: seat n is taken while more than n are wanted; the last step has no end."""
    on_since: float | None = None
    for at, wanted in steps:
        if seat < wanted and on_since is None:
            on_since = max(at, 0.0)
        elif seat >= wanted and on_since is not None:
            if at > on_since:
                yield Duty(agent, on_since, at)
            on_since = None
    if on_since is not None:
        yield Duty(agent, on_since, float("inf"))
