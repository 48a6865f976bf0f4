"""Who sits at the phones and when: the people of a scenario, their shifts, breaks, absences and pace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import exp, log, sqrt

import numpy as np
from scipy import special

from agents import AgentSettings
from calls import AgentId, Skills

from .demand import Floats, first_midnight, seconds_of
from .distributions import Distribution
from .scenario import Plan
from .scenario.schema import WEEK, Shift
from .streams import Streams

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Duty:
    """One person's time at work (run time, s). ``breaks``: (begins, seconds)."""

    agent: AgentId
    begins: float
    ends: float
    breaks: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody, with what each does in this replication. ``pace``: 1.2 takes a fifth longer than the average."""

    agents: dict[AgentId, AgentSettings]
    duties: list[Duty]
    pace: dict[AgentId, float]
    seats: int

    def duties_of(self, agent: AgentId) -> list[Duty]:
        return [duty for duty in self.duties if duty.agent == agent]


def staff(plan: Plan, streams: Streams) -> Staff:
    """The people of the plan, and this replication's lateness, absences and paces."""
    people = plan.scenario.people
    if people is None:
        agents = dict(plan.settings.agents)
        return Staff(agents, list(_by_time(plan)), dict.fromkeys(agents, 1.0), len(agents))
    wanted = max(people.seats, sum(shift.count for shift in people.shifts or ()))
    agents = {agent.id: agent for agent in spread(list(plan.settings.agents.values()), wanted)}
    pace = _paces(list(agents), people.speed_cv, streams)
    if people.shifts is None:
        duties = [Duty(agent, 0.0, float("inf")) for agent in list(agents)[: people.seats]]
    else:
        duties = list(_on_shift(plan, people.shifts, list(agents), streams))
    return Staff(agents, sorted(duties, key=lambda duty: (duty.begins, duty.agent)), pace, people.seats)


def spread(agents: Sequence[AgentSettings], count: int) -> list[AgentSettings]:
    """``count`` people with the same mix of skills as these, in whatever number; beyond them, others like them."""
    mixed = _mixed(agents)
    rounds = -(-count // len(mixed))
    names = ((agent, turn) for turn in range(rounds) for agent in mixed)
    return [_like(agent, turn) for agent, turn in names][:count]


def _like(agent: AgentSettings, turn: int) -> AgentSettings:
    return replace(agent, id=AgentId(f"{agent.id}_{turn + 1}")) if turn else agent


def _mixed(agents: Sequence[AgentSettings]) -> list[AgentSettings]:
    """An order in which every first part has about the whole's mix of skills."""
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


def _on_shift(plan: Plan, shifts: Sequence[Shift], agents: list[AgentId], streams: Streams) -> Iterator[Duty]:
    """Each shift has people of its own; on each of its days some are late, and some do not come."""
    people = plan.scenario.people
    first, taken = first_midnight(plan), 0
    days = int((plan.ends_at - first) // DAY_S) + 1
    for shift in shifts:
        for agent in agents[taken : taken + shift.count]:
            rng = streams.of("comes", agent)
            for day in range(-1, days):
                comes, late = rng.random(2)
                at = first + day * DAY_S
                weekday = WEEK[(plan.began + timedelta(seconds=at)).weekday()]
                if people is not None and weekday in shift.days and comes >= people.shrinkage:
                    duty = _duty(agent, shift, at, people.late_s, float(late))
                    if duty.ends > 0 and duty.begins < plan.ends_at:
                        yield duty
        taken += shift.count


def _duty(agent: AgentId, shift: Shift, midnight: float, late: Distribution, chance: float) -> Duty:
    begins = midnight + seconds_of(shift.begins)
    length_s = (seconds_of(shift.ends) - seconds_of(shift.begins)) % DAY_S or DAY_S
    comes = begins + min(float(late.inverse(_one(chance))[0]), length_s)
    breaks = tuple((begins + pause.after_min * 60, pause.min * 60) for pause in shift.breaks)
    return Duty(agent, max(comes, 0.0), begins + length_s, tuple(b for b in breaks if b[0] > max(comes, 0.0)))


def _one(value: float) -> Floats:
    return np.array([value])


def _by_time(plan: Plan) -> Iterator[Duty]:
    """The groups of a plain line: who is there at which time of day; without times, always."""
    line = plan.scenario.line
    for number, group in enumerate(line.agents if line else ()):
        for seat in range(group.count or max((group.by_time or {}).values(), default=0)):
            agent = AgentId(f"g{number}a{seat}")
            if group.by_time is None:
                yield Duty(agent, 0.0, float("inf"))
                continue
            yield from _present(plan, agent, seat, sorted(group.by_time.items()))


def _present(plan: Plan, agent: AgentId, seat: int, steps: list[tuple[str, int]]) -> Iterator[Duty]:
    """Seat n is taken while more than n are wanted; the last step of a run has no end."""
    first = first_midnight(plan)
    on_since: float | None = None
    for day in range(int((plan.ends_at - first) // DAY_S) + 1):
        for clock, wanted in steps:
            at = first + day * DAY_S + seconds_of(clock)
            if at >= plan.ends_at:
                break
            if seat < wanted and on_since is None:
                on_since = max(at, 0.0)
            elif seat >= wanted and on_since is not None:
                yield Duty(agent, on_since, at)
                on_since = None
    if on_since is not None:
        yield Duty(agent, on_since, float("inf"))
