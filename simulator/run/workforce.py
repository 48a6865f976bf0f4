"""What simulated agents do: they come, take a seat, pick up, finish their wrap-up, take breaks and leave."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import isfinite
from typing import Any, Final

from calls import AgentAction, AgentId, AgentState, CallId, NotReady, OfferId
from calls import commands as c
from calls import events as e
from calls import facts as f
from simulator.model.people import Duty, Staff, rings
from simulator.model.streams import Streams
from simulator.scenario.schema import People

from .course import ANSWERS, COMES_BACK, DUTY, WRAPPED, Course

BREAK: Final = "break"


class Workforce:
    """All agents of a replication. ``staff``: who they are and when they come; ``people``: how they work."""

    def __init__(self, course: Course, staff: Staff, people: People | None, streams: Streams) -> None:
        self.course, self.staff, self.people = course, staff, people
        self.rings = rings(people, streams)
        self.seated, self.standing = 0, deque[Duty]()
        self.break_s: dict[AgentId, float] = {}

    def planned(self) -> dict[int, Callable[[Any, Any], None]]:
        """Give what is done when a plan of a kind is due."""
        return {DUTY: self._duty, ANSWERS: self._answers, WRAPPED: self._wrapped, COMES_BACK: self._comes_back}

    def reads(self) -> dict[type, Callable[[Any], None]]:
        """Give what is done with each kind of output."""
        return {c.Ring: self._ring, f.AgentChanged: self._agent_changed}

    def begin(self) -> None:
        """Plan who comes when."""
        for duty in self.staff.duties:
            self.course.plan(max(0.0, duty.begins - self.course.now), DUTY, self._takes_a_seat, duty)

    def _ring(self, output: c.Ring) -> None:
        if isfinite(after_s := next(self.rings)):
            self.course.plan(after_s, ANSWERS, output.offer)

    def _answers(self, offer: OfferId, _: int) -> None:
        if self.course.view.agents.has_offer(offer):
            self.course.do(e.OfferAnswered(offer))

    def _wrapped(self, agent: AgentId, call: CallId) -> None:
        """End the wrap-up before the line's own limit."""
        if self.course.view.agents.wrapped_up_call(agent) == call:
            self.course.do(e.AgentAsked(agent, AgentAction.END_WRAP_UP))

    def _duty(self, do: Callable[[Any], None], what: Any) -> None:
        """Handle a step of a duty: coming, a break, going."""
        do(what)

    def _goes_on_break(self, pause: tuple[AgentId, float]) -> None:
        agent, self.break_s[agent] = pause[0], pause[1]
        self._ask(agent, AgentAction.NOT_READY, BREAK)

    def _leaves(self, agent: AgentId) -> None:
        self._ask(agent, AgentAction.LOG_OUT)

    def _ask(self, agent: AgentId, action: AgentAction, reason: str = "") -> None:
        """Make an agent's request; an agent without a seat makes none."""
        if self.course.view.agents.state(agent) is not AgentState.LOGGED_OUT:
            self.course.do(e.AgentAsked(agent, action, reason))

    def _takes_a_seat(self, duty: Duty) -> None:
        """Give the agent a seat; if all are taken they wait until one is left."""
        if self.seated >= self.staff.seats:
            self.standing.append(duty)
            return
        self.seated += 1
        self.course.do(e.AgentAsked(duty.agent, AgentAction.LOG_IN))
        self.course.do(e.AgentAsked(duty.agent, AgentAction.READY))
        for begins, seconds in duty.breaks:
            if begins > self.course.now:
                self.course.plan(begins - self.course.now, DUTY, self._goes_on_break, (duty.agent, seconds))
        if isfinite(duty.ends):
            self.course.plan(max(0.0, duty.ends - self.course.now), DUTY, self._leaves, duty.agent)

    def _agent_changed(self, fact: f.AgentChanged) -> None:
        self.course.collector.staff.changed(self.course.now, fact)
        if fact.new is AgentState.NOT_READY and self.people is not None:
            if fact.reason == BREAK:
                # A break that began late, after a call, is as long as any.
                self.course.plan(self.break_s[fact.agent], COMES_BACK, fact.agent, BREAK)
            elif fact.reason != NotReady.LOGIN:
                self.course.plan(self.people.back_after_s, COMES_BACK, fact.agent, fact.reason)
        elif fact.new is AgentState.LOGGED_OUT and fact.old is not AgentState.LOGGED_OUT:
            self.seated -= 1
            while self.standing:
                duty = self.standing.popleft()
                if duty.ends > self.course.now:
                    self._takes_a_seat(duty)
                    break

    def _comes_back(self, agent: AgentId, reason: str) -> None:
        view = self.course.view
        if view.agents.state(agent) is AgentState.NOT_READY and view.agents.reason(agent) == reason:
            self.course.do(e.AgentAsked(agent, AgentAction.READY))
