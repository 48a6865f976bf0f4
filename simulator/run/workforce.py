"""What simulated agents do: they come, take a seat, pick up, finish their wrap-up, take breaks and leave."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import isfinite
from typing import Final, final

from calls import AgentAction, AgentId, AgentState, CallId, NotReady, OfferId
from calls import commands as c
from calls import events as e
from calls import facts as f
from simulator.model.people import Duty, Staff, rings
from simulator.model.streams import Streams
from simulator.scenario.schema import People

from .course import ANSWERS, COMES_BACK, DUTY, Course

BREAK: Final = "break"
ANSWERED: Final = e.OfferAnswered
ASKED: Final = e.AgentAsked


@final
class Workforce:
    """All agents of a replication. ``staff``: who they are and when they come; ``people``: how they work."""

    def __init__(self, course: Course, staff: Staff, people: People | None, streams: Streams) -> None:
        self.course, self.staff, self.people = course, staff, people
        self.rings = rings(people, streams)
        self.seated, self.standing = 0, deque[Duty]()
        self.break_s: dict[AgentId, float] = {}

    def reads(self) -> dict[object, Callable[..., None]]:
        """Give what is done with each kind of output, of which it takes the values."""
        return {c.Ring: self._ring, f.AgentChanged: self._agent_changed}

    def begin(self) -> None:
        """Plan who comes when."""
        for duty in self.staff.duties:
            self.course.enrol(max(0.0, duty.begins), DUTY, self._takes_a_seat, duty)
        self.course.later.begin()

    # -- what is planned ---

    def answers(self, offer: OfferId) -> None:
        """Pick up, if the phone still rings."""
        if self.course.view.agents.has_offer(offer):
            self.course.do(ANSWERED, offer)

    def wrapped_up(self, agent: AgentId, call: CallId) -> None:
        """End the wrap-up before the line's own limit."""
        if self.course.view.agents.wrapped_up_call(agent) == call:
            self.course.do(ASKED, agent, (AgentAction.END_WRAP_UP, ""))

    def comes_back(self, agent: AgentId, reason: str) -> None:
        """Be ready again, if they are still away for this reason."""
        agents = self.course.view.agents
        if agents.state(agent) is AgentState.NOT_READY and agents.reason(agent) == reason:
            self.course.do(ASKED, agent, (AgentAction.READY, ""))

    # -- duties ---

    def _goes_on_break(self, pause: tuple[AgentId, float]) -> None:
        agent, self.break_s[agent] = pause[0], pause[1]
        self._ask(agent, AgentAction.NOT_READY, BREAK)

    def _leaves(self, agent: AgentId) -> None:
        self._ask(agent, AgentAction.LOG_OUT)

    def _ask(self, agent: AgentId, action: AgentAction, reason: str = "") -> None:
        """Make an agent's request; an agent without a seat makes none."""
        if self.course.view.agents.state(agent) is not AgentState.LOGGED_OUT:
            self.course.do(ASKED, agent, (action, reason))

    def _takes_a_seat(self, duty: Duty) -> None:
        """Give the agent a seat; if all are taken they wait until one is left."""
        course = self.course
        if self.seated >= self.staff.seats:
            self.standing.append(duty)
            return
        self.seated += 1
        course.do(ASKED, duty.agent, (AgentAction.LOG_IN, ""))
        course.do(ASKED, duty.agent, (AgentAction.READY, ""))
        for begins, seconds in duty.breaks:
            if begins > course.now:
                course.plan(begins - course.now, DUTY, self._goes_on_break, (duty.agent, seconds))
        if isfinite(duty.ends):
            course.plan(max(0.0, duty.ends - course.now), DUTY, self._leaves, duty.agent)

    # -- what the line tells ---

    def _ring(
        self,
        offer: OfferId,
        call: object = None,
        agent: object = None,
        ring_s: object = None,
        caller: object = None,
        label: object = None,
        auto_answer: object = None,
        hold_s: object = None,
    ) -> None:
        after_s = next(self.rings)
        if isfinite(after_s):
            self.course.plan(after_s, ANSWERS, offer)

    def _agent_changed(
        self, agent: AgentId, old: AgentState, new: AgentState, reason: str, lasted_s: object = None, by: object = None
    ) -> None:
        course = self.course
        course.collector.staff.changed(course.now, agent, new)
        if new is AgentState.NOT_READY and self.people is not None:
            if reason == BREAK:
                # A break that began late, after a call, is as long as any.
                course.plan(self.break_s[agent], COMES_BACK, agent, BREAK)
            elif reason != NotReady.LOGIN:
                course.plan(self.people.back_after_s, COMES_BACK, agent, reason)
        elif new is AgentState.LOGGED_OUT and old is not AgentState.LOGGED_OUT:
            self.seated -= 1
            while self.standing:
                duty = self.standing.popleft()
                if duty.ends > course.now:
                    self._takes_a_seat(duty)
                    break
