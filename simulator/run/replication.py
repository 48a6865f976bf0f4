"""One replication: the engine that answers the phone, driven by a virtual clock.

Everything outside the engine is played by three: the callers (``callers.py``), the agents (``workforce.py``), and a
switch that does at once what it is told (``switch.py``). None of them decides anything about calls. Outside events
come before the engine's timers at the same instant, as on the live line.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Final, final

from calls import AgentId, CallId, OfferId, OfferResult, Outcome, QueueId
from calls import events as e
from calls import facts as f
from engine import Line, NotEstimatedError, Output
from simulator.model.citizens import CallerTable, draw
from simulator.model.people import Staff, staff
from simulator.model.streams import Streams
from simulator.scenario import Plan

from .callers import NODE, Callers
from .collector import Collector
from .course import ANSWERS, CALLS, COMES_BACK, ENDED, GIVES_UP, HEARD, KEY, TOLD, WRAPPED, Course
from .figures import ReplicationFigures
from .guides import UnreachableError
from .later import Planned
from .progress import STEPS, tell
from .switch import SimulatedSwitch
from .workforce import Workforce

__all__ = ["Replication", "UnreachableError", "replicate"]

DRAIN_S: Final = 4 * 3600.0
"""Time (s) after the counted period that the line may take to empty."""


@final
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
        self.plan, self.reader, self.streams = plan, reader, Streams(seed, run)
        self.drawn, self.staff = citizens or draw(plan, self.streams), people or staff(plan, self.streams)
        self._set_up(estimates=reader is not None)

    def _set_up(self, *, estimates: bool) -> None:
        """Make the line and all who act on it, before the first second."""
        plan, self.arrived = self.plan, 0
        settings = replace(plan.settings, agents=self.staff.agents)
        self.collector = Collector(
            tuple(settings.queues), plan.warm_s, plan.ends_at, plan.scenario.target.within_s,
            tuple(settings.menus.languages),
        )  # fmt: skip
        course = self.course = Course(self.collector)
        self.callers = Callers(course, plan, self.drawn, self.streams, self.staff.pace)
        self.workforce = Workforce(course, self.staff, plan.scenario.people, self.streams)
        self._reads = {
            **self.callers.reads(), **self.workforce.reads(), **SimulatedSwitch(course).reads(), **self._counts(),
        }  # fmt: skip
        self.line = Line(settings, self._reads if self.reader is None else None, estimates=estimates)
        course.view = self.line.view

    def _counts(self) -> dict[object, Callable[..., None]]:
        """Give what is done with facts that change nothing that anybody does."""
        return {
            f.QueueLeft: self._queue_left, f.PlaceChanged: self._place_changed, f.OfferEnded: self._offer_ended,
            f.TurnedAway: self._turned_away,
        }  # fmt: skip

    @property
    def made(self) -> int:
        """Count the calls so far."""
        return self.callers.made

    def run(self) -> ReplicationFigures:
        """Simulate from the first second of the warm-up until the last caller is gone.

        Waits are learnt only if something asks for an estimate: a limit, a step, a branch of the menus. The first time
        it does all begins anew, as if they had been learnt from the start.
        """
        try:
            return self._simulated()
        except NotEstimatedError:
            self._set_up(estimates=True)
            return self._simulated()

    def _simulated(self) -> ReplicationFigures:
        self._begin()
        arrivals, count = self.drawn.at, len(self.drawn.at)
        course, line, until = self.course, self.line, self.plan.ends_at + DRAIN_S
        later, on_line = course.later, self.callers.on_line
        while True:
            arrival = arrivals[self.arrived] if self.arrived < count else inf
            planned = later.next_at()
            outside = min(arrival, planned)
            deadline = line.next_deadline()
            if deadline is not None and deadline < outside:
                if deadline > until:
                    break
                course.now = deadline
                self._read(line.tick(deadline))
            elif outside > until or (self.arrived >= count and not on_line and outside >= self.plan.ends_at):
                break
            elif planned <= arrival:
                course.now = planned
                self._happens(later.pop())
            else:
                course.now = arrival
                self.callers.calls(self.arrived, 0)
                self.arrived += 1
            self._settle()
        return self.collector.close(self.plan.ends_at, self.drawn.language)

    def _happens(self, due: Planned) -> None:
        """Let those do it who planned it."""
        kind, subject, value = due.kind, due.subject, due.value
        if kind == KEY:
            self.callers.key(subject, value)
        elif kind == HEARD:
            self.callers.heard(subject, value)
        elif kind == ANSWERS:
            self.workforce.answers(subject)
        elif kind == ENDED:
            self.callers.talk_ends(subject, value)
        elif kind == WRAPPED:
            self.workforce.wrapped_up(subject, value)
        elif kind == GIVES_UP:
            self.callers.gives_up(subject, value)
        elif kind == CALLS:
            self.callers.calls(subject, value)
        elif kind == COMES_BACK:
            self.workforce.comes_back(subject, value)
        elif kind == TOLD:
            self._told(subject)
        else:
            subject(value)  # a step of a duty: coming, a break, going

    # -- the engine ---

    def _settle(self) -> None:
        """Let happen what happens at once: what the switch does, and whoever presses or says something now."""
        course, line, done = self.course, self.line, 0
        soon = course.soon
        while done < len(soon):
            one = soon[done]
            done += 1
            if one.kind is not None:
                self._read(line.do(one.kind, one.subject, one.value, course.now))
            else:
                self._read(line.handle(one.value, course.now))
        if done:
            soon.clear()

    def _read(self, outputs: list[Output]) -> None:
        """Hand outputs to the reader and on; without a reader they were told as values, and there are none."""
        if self.reader is None:
            return
        self.reader(self.course.now, outputs)
        for output in outputs:
            told = self._reads.get(type(output))
            if told is not None:
                told(*[getattr(output, name) for name in type(output).__match_args__])

    def _begin(self) -> None:
        """Open the line with every phone reachable."""
        self.course.happen(e.LineStarted(NODE, self.plan.anchor, "simulated"))
        self.course.happen(e.LinkUp())
        self.course.happen(e.Snapshot((), (), tuple(self.staff.agents), (), True))
        self._settle()
        self._told(0)
        self.workforce.begin()

    def _told(self, step: int) -> None:
        """Report the progress."""
        tell(step / STEPS)
        if step + 1 < STEPS:
            self.course.plan(self.plan.ends_at / STEPS, TOLD, step + 1)

    # -- what is only counted ---

    def _queue_left(self, call: CallId, queue: QueueId, outcome: Outcome, wait_s: float, by: object = None) -> None:
        self.collector.tracker.queue_left(self.course.now, call, queue, outcome, wait_s)

    def _place_changed(self, call: CallId, queue: QueueId, *_: object) -> None:
        self.collector.tracker.place_changed(self.course.now, call, queue)

    def _offer_ended(
        self,
        offer: OfferId,
        call: CallId,
        agent: AgentId,
        queue: QueueId,
        result: OfferResult,
        ring_s: float,
        detail: str,
    ) -> None:
        if result is OfferResult.NO_ANSWER:
            self.collector.tracker.not_answered(call, agent)

    def _turned_away(self, *_: object) -> None:
        self.collector.count("turned_away", self.course.now)


def replicate(plan: Plan, seed: int, run: int) -> ReplicationFigures:
    """Run one replication from its seed; the result does not depend on others. Nothing else is left of it."""
    collected = gc.isenabled()
    gc.freeze()  # what was there before is not looked at
    gc.disable()  # nothing is let go in a run that goes round in circles; looking for it takes a seventh of the time
    try:
        return Replication(plan, seed, run).run()
    finally:
        tell(0.0)
        gc.collect()  # those who act on a line know each other, so that none of them would go by itself
        gc.unfreeze()
        if collected:
            gc.enable()
