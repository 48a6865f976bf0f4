"""Time lapse: a part of a scenario that is small enough to be played with real phones.

Of the scenario's line a part is there (so many agents of its seats, the same part of its callers), and everything
people do is quicker: with ``speed`` 10 half an hour takes three minutes, a talk of 270 s 27 s. The line's own times
(ring time, announcements, relaxation, limits) stay as they are, for real phones and in the simulation alike.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from math import inf
from typing import Any

import numpy as np

from simulator.model.citizens import CallerTable, draw
from simulator.model.distributions import Distribution
from simulator.model.paths import LISTEN, CallerGoal, Path, path_for
from simulator.model.people import Duty, Staff, spread
from simulator.model.streams import Streams
from simulator.run.replication import Replication, UnreachableError
from simulator.scenario import Plan, ScenarioFile
from simulator.scenario.schema import People

from .vary import changed

JITTER_S = 0.2
"""Seconds that a real caller's arrival may be late or early: setting up a call takes time."""
DRAIN_MIN = 10.0
"""Time (min) after the last arrival in which a caller who comes into a queue still counts."""
QUICKER = ("patience_s", "talk_s", "wrap_up_s", "key_s")


@dataclass(frozen=True, slots=True)
class LapsePeriod:
    """The played part of the scenario: from ``begins_s`` of its first day (s after midnight), ``minutes`` of real time.

    ``load``: factor on the callers, on top of ``agents`` of the scenario's seats. ``pick_up_s``: of every phone, real
    seconds; None: the scenario's median, quicker.
    """

    agents: int
    begins_s: float
    minutes: float
    speed: float
    load: float = 1.0
    pick_up_s: float | None = None


@dataclass(frozen=True, slots=True)
class Lapse:
    """The callers of the period by arrival (s from its beginning, real time), and its agents."""

    plan: Plan
    citizens: CallerTable
    staff: Staff
    seed: int

    @property
    def pick_up_s(self) -> float:
        """From ring to answer."""
        people = self.plan.scenario.people
        return people.pick_up_s.mean_s if people else 0.0

    def path(self, row: int) -> Path:
        """Find a caller's path through the menus. Raises ``UnreachableError``."""
        drawn = self.citizens
        goal = CallerGoal(drawn.number[row], drawn.language[row], drawn.topic[row], drawn.role[row])
        path = path_for(self.plan.settings.menus, goal)
        if path is None:
            raise UnreachableError(f"no way through the menus for {goal}")
        return path

    def presses(self, row: int) -> list[tuple[float, str]]:
        """List the keys the caller presses: (s since the one before, or since the answer, key)."""
        pressed, pause_s = [], 0.0
        for step in self.path(row):
            if step == LISTEN:
                pause_s += self.plan.scenario.callers.prompt_s
            else:
                pressed.append((pause_s + self.citizens.key_s[row], step))
                pause_s = 0.0
        return pressed

    def simulated(self, jitter: int = 0) -> dict[int, tuple[float, bool]]:
        """Give by row each caller's wait (s) and whether they were handled. ``jitter`` 1, 2, ...: arrivals moved."""
        order, citizens = self._moved(jitter)
        run = Replication(self.plan, self.seed, 0, citizens, self.staff)
        run.run()
        return {order[row]: wait for row, wait in run.collector.waits().items()}

    def _moved(self, jitter: int) -> tuple[list[int], CallerTable]:
        """Give the callers in the order of their moved arrivals, with the row of each."""
        moves = Streams(self.seed, jitter).of("jitter").uniform(-JITTER_S, JITTER_S, len(self.citizens.at))
        at = np.maximum(0.0, np.array(self.citizens.at) + (moves if jitter else 0.0))
        order = np.argsort(at, kind="stable").tolist()
        return order, _of_rows(replace(self.citizens, at=at.tolist()), order)


def lapse(plan: Plan, wanted: LapsePeriod, seed: int) -> Lapse:
    """Make the time lapse of this plan, without a survey. Raises ``ValueError`` if nobody calls in it."""
    people = plan.scenario.people or People(seats=len(plan.settings.agents))
    scaled = changed(plan, {"load": wanted.load * wanted.agents / people.seats})
    citizens = _callers(scaled, wanted, seed)
    if not citizens.at:
        raise ValueError("nobody calls in this stretch of the scenario")
    agents = {agent.id: agent for agent in spread(list(plan.settings.agents.values()), wanted.agents)}
    staff = Staff(agents, [Duty(agent, 0.0, inf) for agent in agents], dict.fromkeys(agents, 1.0), wanted.agents)
    menus = replace(plan.settings.menus, after_call=None)
    settings = replace(plan.settings, agents=agents, menus=menus)
    return Lapse(replace(plan, scenario=_scenario(plan, people, wanted), settings=settings), citizens, staff, seed)


def _callers(plan: Plan, wanted: LapsePeriod, seed: int) -> CallerTable:
    """Draw the callers of the period who come as far as a queue, on the real time scale."""
    drawn = draw(plan, Streams(seed, 0))
    begins = plan.warm_s + wanted.begins_s
    ends = begins + wanted.minutes * 60 * wanted.speed
    in_menus = plan.scenario.callers.served_in_menus + plan.scenario.callers.lost_in_menus
    rows = [n for n, at in enumerate(drawn.at) if begins <= at < ends and drawn.fate[n] >= in_menus]
    chosen = _of_rows(drawn, rows)
    quicker: dict[str, Any] = {name: [seconds / wanted.speed for seconds in getattr(chosen, name)] for name in QUICKER}
    never: dict[str, Any] = {name: [1.0] * len(rows) for name in ("redials", "sent_on", "ticket")}
    return replace(chosen, at=[(at - begins) / wanted.speed for at in chosen.at], **quicker, **never)


def _of_rows(citizens: CallerTable, rows: list[int]) -> CallerTable:
    columns: dict[str, Any] = {column.name: getattr(citizens, column.name) for column in fields(CallerTable)}
    return CallerTable(**{name: [column[row] for row in rows] for name, column in columns.items()})


def _scenario(plan: Plan, people: People, wanted: LapsePeriod) -> ScenarioFile:
    """Make the scenario of the period: all agents there, every phone answered, nobody served or lost in the menus."""
    pick_up_s = wanted.pick_up_s
    if pick_up_s is None:
        pick_up_s = float(people.pick_up_s.inverse(np.array([0.5]))[0]) / wanted.speed
    callers = plan.scenario.callers
    quicker = callers.model_copy(
        update={
            "served_in_menus": 0.0,
            "lost_in_menus": 0.0,
            "redial": None,
            "sent_on": 0.0,
            "tickets": 0.0,
            "prompt_s": callers.prompt_s / wanted.speed,
        }
    )
    there = People(seats=wanted.agents, pick_up_s=Distribution(constant=pick_up_s))
    return plan.scenario.model_copy(
        update={
            "callers": quicker,
            "people": there,
            "warm_up_min": 0.0,
            "days": None,
            "hours": (wanted.minutes + DRAIN_MIN) / 60,
        }
    )
