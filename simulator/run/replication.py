"""One replication: the engine that answers the phone, driven by a virtual clock.

Everything outside the engine is played by three: the callers (``callers.py``), the agents (``workforce.py``), and a
switch that does at once what it is told (``switch.py``). None of them decides anything about calls. Outside events
come before the engine's timers at the same instant, as on the live line.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from heapq import heappop
from math import inf
from typing import Any, Final

from calls import OfferResult
from calls import events as e
from calls import facts as f
from engine import Line, Output
from simulator.model.citizens import CallerTable, draw
from simulator.model.people import Staff, staff
from simulator.model.streams import Streams
from simulator.scenario import Plan

from .callers import NODE, Callers, UnreachableError
from .collector import Collector
from .course import TOLD, Course
from .figures import ReplicationFigures
from .progress import STEPS, tell
from .switch import SimulatedSwitch
from .workforce import Workforce

__all__ = ["Replication", "UnreachableError", "replicate"]

DRAIN_S: Final = 4 * 3600.0
"""Time (s) after the counted period that the line may take to empty."""


class Replication:
    """One run of a plan. ``run()`` once. ``citizens``, ``people``: a recorded day's, in place of drawn ones.

    ``reader`` is told all outputs of every step, where somebody wants them (a journal, a test).
    """

    def __init__(
        self,
        plan: Plan,
        seed: int,
        run: int,
        citizens: CallerTable | None = None,
        people: Staff | None = None,
        reader: Callable[[float, list[Output]], None] | None = None,
    ) -> None:
        streams = Streams(seed, run)
        self.plan, self.reader, self.arrived = plan, reader, 0
        self.drawn, self.staff = citizens or draw(plan, streams), people or staff(plan, streams)
        settings = replace(plan.settings, agents=self.staff.agents)
        self.collector = Collector(
            tuple(settings.queues), plan.warm_s, plan.ends_at, plan.scenario.target.within_s,
            tuple(settings.menus.languages),
        )  # fmt: skip
        course = self.course = Course(self.collector)
        self.callers = Callers(course, plan, self.drawn, streams, self.staff.pace)
        self.workforce = Workforce(course, self.staff, plan.scenario.people, streams)
        self._planned = {**self.callers.planned(), **self.workforce.planned(), TOLD: self._told}
        self._outputs = {
            **self.callers.reads(), **self.workforce.reads(), **SimulatedSwitch(course).reads(), **self._counts(),
        }  # fmt: skip
        self.line = Line(settings, self._reads() if reader is None else None)
        course.view = self.line.view

    def _counts(self) -> dict[type, Callable[[Any], None]]:
        """Give what is done with facts that change nothing that anybody does."""
        return {
            f.QueueLeft: self._counted, f.PlaceChanged: self._counted, f.OfferEnded: self._offer_ended,
            f.TurnedAway: self._turned_away,
        }  # fmt: skip

    def _reads(self) -> dict[object, Callable[..., None]]:
        """Give who is told the values of each kind of output."""
        return {kind: _as_message(kind, handler) for kind, handler in self._outputs.items()}

    @property
    def made(self) -> int:
        """Count the calls so far."""
        return self.callers.made

    def run(self) -> ReplicationFigures:
        """Simulate from the first second of the warm-up until the last caller is gone."""
        self._begin()
        arrivals, count = self.drawn.at, len(self.drawn.at)
        course, line, until = self.course, self.line, self.plan.ends_at + DRAIN_S
        later, citizens = course.later, self.callers.citizens
        while True:
            arrival = arrivals[self.arrived] if self.arrived < count else inf
            planned = later[0][0] if later else inf
            outside = min(arrival, planned)
            deadline = line.next_deadline()
            if deadline is not None and deadline < outside:
                if deadline > until:
                    break
                self._step(None, deadline)
            elif outside > until or (self.arrived >= count and not citizens and outside >= self.plan.ends_at):
                break
            elif planned <= arrival:
                course.now, kind, _, first, second = heappop(later)
                self._planned[kind](first, second)
                self._settle()
            else:
                course.now = arrival
                self.callers.calls(self.arrived, 0)
                self.arrived += 1
                self._settle()
        return self.collector.close(self.plan.ends_at, self.drawn.language)

    # -- the engine ---

    def _step(self, event: e.Event | None, now: float) -> None:
        self.course.now = now
        outputs = self.line.tick(now) if event is None else self.line.handle(event, now)
        if self.reader is not None:
            self.reader(now, outputs)
        told = self._outputs
        for output in outputs:
            handler = told.get(type(output))
            if handler is not None:
                handler(output)
        if event is None:
            self._settle()

    def _settle(self) -> None:
        """Carry out what the switch does at once."""
        course = self.course
        while course.soon:
            self._step(course.soon.popleft(), course.now)

    def _begin(self) -> None:
        """Open the line with every phone reachable."""
        self.course.do(e.LineStarted(NODE, self.plan.anchor, "simulated"))
        self.course.do(e.LinkUp())
        self.course.do(e.Snapshot((), (), tuple(self.staff.agents), (), True))
        self._settle()
        self._told(0, 0)
        self.workforce.begin()

    def _told(self, step: int, _: int) -> None:
        """Report the progress."""
        tell(step / STEPS)
        if step + 1 < STEPS:
            self.course.plan(self.plan.ends_at / STEPS, TOLD, step + 1)

    # -- what is only counted ---

    def _counted(self, fact: f.QueueLeft | f.PlaceChanged) -> None:
        """Count a fact that changes nothing that a citizen does."""
        self.collector.take(self.course.now, fact)

    def _offer_ended(self, fact: f.OfferEnded) -> None:
        if fact.result is OfferResult.NO_ANSWER:
            self.collector.take(self.course.now, fact)

    def _turned_away(self, _: f.TurnedAway) -> None:
        self.collector.count("turned_away", self.course.now)


def _as_message(kind: type, handler: Callable[[Any], None]) -> Callable[..., None]:
    def told(*values: Any) -> None:
        handler(kind(*values))

    return told


def replicate(plan: Plan, seed: int, run: int) -> ReplicationFigures:
    """Run one replication from its seed; the result does not depend on others."""
    replication = Replication(plan, seed, run)
    collected = gc.isenabled()
    gc.disable()  # nothing here goes round in circles; looking for it takes a seventh of the time
    try:
        return replication.run()
    finally:
        tell(0.0)
        if collected:
            gc.enable()
