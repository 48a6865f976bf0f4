"""A week for so many people, from seats to figures: the shift plan, its people as the scenario's, what they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import ceil

import numpy as np

from agents import AgentSettings
from simulator.model.people import crews_of
from simulator.run.runs import run
from simulator.scenario import DAY_S, Plan
from simulator.scenario.schema import WEEK as DAY_NAMES
from simulator.scenario.schema import Break as ScenarioBreak
from simulator.scenario.schema import People
from simulator.scenario.schema import Shift as ScenarioShift

from .plan import PlannedBreak, PlannedPerson, ShiftPlan
from .requirements import Floats, Ints
from .rules import DAY, DAYS, WEEK, LabourRules
from .seating import seated
from .seats import Seats, Simulated, check
from .shifts import ShiftSettings, plan_shifts
from .skills import Cover, cover_of_plan
from .trial import SeatTrial, others, timed
from .violations import Violation, violations


@dataclass(frozen=True, slots=True, eq=False)
class Week:
    """The plan, the rules it breaks (none, or a fault of ours), and what the engine makes of it."""

    seats: Seats
    people: tuple[AgentSettings, ...]
    shifts: ShiftPlan
    broken: tuple[Violation, ...]
    simulated: Simulated | None

    @property
    def wall(self) -> Ints:
        """Which half hour of the week, as the plan has them, each half hour of the seats is."""
        return self.seats.plan.on_the_wall()

    @property
    def planned(self) -> Floats:
        """Seats that the plan fills in each half hour of the seats."""
        return np.asarray(self.shifts.seats[self.wall], dtype=np.float64)

    @property
    def missing(self) -> Floats:
        """Seats that are missing then."""
        return np.maximum(self.seats.seats - self.planned, 0.0)

    @property
    def covers(self) -> list[Cover]:
        return cover_of_plan(self.seats.plan, self.seats.requirement, self.shifts, self.people)

    @property
    def too_late(self) -> Floats:
        """Per half hour and week, how many more calls would have to be answered in time; 0 where the target is held."""
        if self.simulated is None:
            return np.zeros(len(self.seats.seats))
        level, runs = self.simulated.level, len(self.simulated.result.runs)
        lacking = np.maximum(self.seats.wanted.target.share - np.nan_to_num(level.mean, nan=1.0), 0.0)
        calls: Floats = lacking * level.calls / runs
        return calls


def week_of(plan: Plan, day: date | None = None) -> Plan:
    """Make the scenario of the week from the Monday before ``day`` to Sunday: shifts are planned by the week.

    ``day`` None: of its first day, where it has no second week. Raises ValueError where it has, and for a day that is
    not the scenario's.
    """
    starts = plan.scenario.starts
    last = starts + timedelta(days=max(0, ceil(plan.scenario.length_s / DAY_S) - 1))
    if day is not None and not starts - timedelta(days=starts.weekday()) <= day <= last:
        raise ValueError(f"--week {day}: found no such day in the scenario, expected one from {starts} to {last}")
    if day is None and (last - starts).days >= DAYS:
        raise ValueError(
            f"--people: found a scenario of {(last - starts).days + 1} days, and shifts are planned by the week: "
            f"say which by --week, any of its days, e.g. --week {starts}; or give the scenario days: 7"
        )
    day = day or starts
    monday = day - timedelta(days=day.weekday())
    scenario = plan.scenario.model_copy(update={"starts": monday, "days": 7, "hours": None})
    return replace(plan, scenario=scenario)


def plan_week(
    seats: Seats, count: int, rules: LabourRules, settings: ShiftSettings, trial: SeatTrial | None = None
) -> Week:
    """Plan shifts of ``count`` people that fill these seats as well as possible; simulated if there is a ``trial``.

    Raises ValueError for rules that allow no shift, TimeoutError where the solver found nothing in its time.
    """
    agents = list(seats.plan.settings.agents.values())
    (people,) = crews_of(People(seats=count), agents)
    known = seats.plan.scenario.people
    required, lasts = on_the_week(seats.plan, seats.seats)
    planned = plan_shifts(
        required,
        [str(agent.id) for agent in people],
        rules,
        settings,
        seats=known.seats if known else None,
        lasts=lasts,
    )
    people = people[: len(planned.people)]
    shifts = seated(seats.plan, seats.offered, seats.requirement, planned, people)
    simulated = None
    if trial is not None:
        plan = timed(at_work(seats.plan, shifts, people), seats.wanted.target)
        result = run(plan, others(trial.order), trial.where.pool, trial.where.at_once, lambda done: trial.told(0, done))
        simulated = check(trial, seats.wanted, result)
    return Week(seats, tuple(people), shifts, violations(shifts, rules), simulated)


def on_the_week(plan: Plan, seats: Ints) -> tuple[Ints, Floats]:
    """Seats by the half hours of a usual week, and how often each of these comes: the greater one of those that come
    twice, none where the clock leaves one out."""
    required, lasts = np.zeros(WEEK, dtype=np.int64), np.zeros(WEEK)
    np.maximum.at(required, plan.on_the_wall(), seats)
    np.add.at(lasts, plan.on_the_wall(), 1.0)
    return required, lasts


def at_work(plan: Plan, shifts: ShiftPlan, people: Sequence[AgentSettings]) -> Plan:
    """Give the scenario's people the shifts and breaks of the shift plan, each their own week under the same name."""
    known = plan.scenario.people or People(seats=len(people))
    parts = {"weeks": [_week(person) for person in shifts.people], "shifts": None, "by_half_hour": None}
    scenario = plan.scenario.model_copy(update={"people": known.model_copy(update=parts)})
    settings = replace(plan.settings, agents={agent.id: agent for agent in people})
    return replace(plan, scenario=scenario, settings=settings, in_order=True)


def _week(person: PlannedPerson) -> list[ScenarioShift]:
    """Make one entry for all shifts with the same start and breaks."""
    days: dict[tuple[int, int, tuple[PlannedBreak, ...]], list[int]] = defaultdict(list)
    for shift in person.shifts:
        days[shift.start % DAY, shift.half_hours, shift.pauses].append(shift.day)
    return [
        ScenarioShift.model_validate(
            {
                "days": [DAY_NAMES[day] for day in on],
                "from": clock(start),
                "to": clock(start + half_hours),
                "breaks": [ScenarioBreak(after_min=pause.after_min, min=pause.minutes) for pause in pauses],
            }
        )
        for (start, half_hours, pauses), on in days.items()
    ]


def clock(half_hour: int) -> str:
    """Format a half hour: ``15`` -> ``07:30``; wraps at midnight."""
    return f"{half_hour % DAY // 2:02d}:{half_hour % 2 * 30:02d}"
