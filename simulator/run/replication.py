"""One replication: the engine that answers the phone, driven by a virtual clock.

Plays everything outside the engine: citizens who press keys, lose patience, talk and hang up; agents who come, pick up,
take breaks and leave; a switch that does at once what it is told. Decides nothing about calls. Outside events come
before the engine's timers at the same instant, as on the live line.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from math import inf, isfinite
from typing import Any, Final

from calls import AgentAction, AgentId, AgentState, CallId, CallStage, NotReady, OfferId, OfferResult, Outcome
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import Line, Output
from ivr import MenuPosition
from simulator.model.citizens import CallDraw, CallerTable, draw, first_turn, turn_again
from simulator.model.paths import LISTEN, CallerGoal, Path, may_surprise, path_for, path_on
from simulator.model.people import Duty, Staff, rings, staff
from simulator.model.streams import Streams
from simulator.scenario import Plan

from .collector import Collector
from .figures import ReplicationFigures
from .progress import STEPS, tell

NODE: Final = "sim"
DRAIN_S: Final = 4 * 3600.0
"""Time (s) after the counted period that the line may take to empty."""
BREAK: Final = "break"
LEAVES: Final = frozenset({CallStage.WAITING, CallStage.CONNECTING})
HEARS: Final = frozenset({CallStage.MENU, CallStage.WAITING, CallStage.LEAVING})
"""Stages in which a caller hears prompts and may give up."""

# What is planned for later, in the order of law at the same instant.
ENDED, ANSWERS, GIVES_UP, DUTY, HEARD, KEY, WRAPPED, COMES_BACK, CALLS, TOLD = range(10)
STILL_RINGS_S: Final = 1.0
"""Time (s) after which a caller without patience whose agent's phone rings decides again."""


class UnreachableError(Exception):
    """The menus have no way for citizens of the scenario."""


@dataclass(slots=True)
class SimulatedCaller:
    """One caller on the line. ``row``: in the drawn columns; ``own``: what this call brings.

    ``ways``: those found so far for all who want the same, by the place they were led to.

    ``leaves``: before the last key (served, or lost). ``waits``: how often the call has come to wait in a queue: once,
    and once more where an agent has sent it on.
    """

    row: int
    call: CallId
    goal: CallerGoal
    path: Path
    ways: dict[MenuPosition, Path]
    leaves: bool
    redials: int
    own: CallDraw
    step: int = 0
    waits: int = 0
    offer: OfferId | None = None
    talk_again: bool = False

    @property
    def queued(self) -> bool:
        return self.waits > 0


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
        self.plan, self.callers = plan, plan.scenario.callers
        self.people = plan.scenario.people
        streams = Streams(seed, run)
        self.streams, self.places = streams, dict[int, int]()
        self.drawn, self.staff = citizens or draw(plan, streams), people or staff(plan, streams)
        self.settings = replace(plan.settings, agents=self.staff.agents)
        self.rings = rings(self.people, streams)
        self.collector = Collector(
            tuple(self.settings.queues), plan.warm_s, plan.ends_at, plan.scenario.target.within_s,
            tuple(self.settings.menus.languages),
        )  # fmt: skip
        self.now, self.sequence, self.arrived, self.made = 0.0, 0, 0, 0
        self.later: list[tuple[float, int, int, Any, Any]] = []
        self.soon: deque[e.Event] = deque()
        self.citizens: dict[CallId, SimulatedCaller] = {}
        self.paths: dict[CallerGoal, Path] = {}
        self.ways: dict[CallerGoal, dict[MenuPosition, Path]] = {}
        self.surprises = may_surprise(self.settings.menus)
        self.seated, self.standing = 0, deque[Duty]()
        self.break_s: dict[AgentId, float] = {}
        self.reader = reader
        self._planned, self._outputs = self._what_is_planned(), self._what_is_read()
        self.line = Line(self.settings, frozenset(self._outputs) if reader is None else None)
        self.view = self.line.view

    def _what_is_planned(self) -> dict[int, Callable[[Any, Any], None]]:
        """Give what is done when a plan of a kind is due."""
        return {
            ENDED: self._talk_ends, GIVES_UP: self._gives_up, DUTY: self._duty, HEARD: self._heard, KEY: self._key,
            ANSWERS: self._answers, WRAPPED: self._wrapped, COMES_BACK: self._comes_back, CALLS: self._calls,
            TOLD: self._told,
        }  # fmt: skip

    def _what_is_read(self) -> dict[type, Callable[[Any], None]]:
        """Give what is done with each kind of output; the engine makes no other."""
        return {
            c.Play: self._play, c.Ring: self._ring, c.Connect: self._connect, c.CancelRing: self._cancelled,
            c.HangUp: self._hung_up, c.Transfer: self._transfer, c.Lookup: self._lookup,
            c.Record: self._record,
            f.Queued: self._queued, f.Connected: self._connected, f.ConversationEnded: self._conversation_ended,
            f.CallEnded: self._call_ended, f.AgentChanged: self._agent_changed, f.TurnedAway: self._turned_away,
            f.QueueLeft: self._counted, f.PlaceChanged: self._counted, f.OfferEnded: self._offer_ended,
        }  # fmt: skip

    def run(self) -> ReplicationFigures:
        """Simulate from the first second of the warm-up until the last caller is gone."""
        self._begin()
        arrivals, count = self.drawn.at, len(self.drawn.at)
        later, line, until = self.later, self.line, self.plan.ends_at + DRAIN_S
        while True:
            arrival = arrivals[self.arrived] if self.arrived < count else inf
            planned = later[0][0] if later else inf
            outside = min(arrival, planned)
            deadline = line.next_deadline()
            if deadline is not None and deadline < outside:
                if deadline > until:
                    break
                self._step(None, deadline)
            elif outside > until or (self.arrived >= count and not self.citizens and outside >= self.plan.ends_at):
                break
            elif planned <= arrival:
                self.now, kind, _, first, second = heappop(later)
                self._planned[kind](first, second)
                self._settle()
            else:
                self.now = arrival
                self._calls(self.arrived, 0)
                self.arrived += 1
                self._settle()
        return self.collector.close(self.plan.ends_at, self.drawn.language)

    # -- the engine ---

    def _step(self, event: e.Event | None, now: float) -> None:
        self.now = now
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
        while self.soon:
            self._step(self.soon.popleft(), self.now)

    def _do(self, event: e.Event) -> None:
        self.soon.append(event)

    def _plan(self, after_s: float, kind: int, first: Any, second: Any = 0) -> None:
        self.sequence += 1
        heappush(self.later, (self.now + after_s, kind, self.sequence, first, second))

    def _begin(self) -> None:
        """Open the line with every phone reachable."""
        self._do(e.LineStarted(NODE, self.plan.anchor, "simulated"))
        self._do(e.LinkUp())
        self._do(e.Snapshot((), (), tuple(self.staff.agents), (), True))
        self._settle()
        self._told(0, 0)
        for duty in self.staff.duties:
            self._plan(max(0.0, duty.begins - self.now), DUTY, self._takes_a_seat, duty)

    def _told(self, step: int, _: int) -> None:
        """Report the progress."""
        tell(step / STEPS)
        if step + 1 < STEPS:
            self._plan(self.plan.ends_at / STEPS, TOLD, step + 1)

    # -- citizens ---

    def _calls(self, row: int, redials: int) -> None:
        drawn = self.drawn
        if self.now >= self.plan.ends_at:
            return
        self.made += 1
        call = CallId(f"{NODE}-{self.made}")
        goal = CallerGoal(drawn.number[row], drawn.language[row], drawn.topic[row], drawn.role[row])
        leaves = drawn.fate[row] < self.callers.served_in_menus + self.callers.lost_in_menus
        own = self._again(row, redials) if redials else first_turn(drawn, row)
        self.citizens[call] = SimulatedCaller(row, call, goal, self._path(goal), self.ways[goal], leaves, redials, own)
        self.collector.who[call] = row
        self.collector.count("redials" if redials else "first_calls", self.now)
        self._do(e.CallArrived(call, "", goal.number))  # not the caller's own number: no callback is promised

    def _again(self, row: int, *turn: object) -> CallDraw:
        """Draw a caller's redial, by the caller's place among those of the topic."""
        if not self.places:
            counts: dict[str, int] = {}
            for number, topic in enumerate(self.drawn.topic):
                self.places[number] = counts[topic] = counts.get(topic, -1) + 1
        return turn_again(self.plan, self.streams, self.drawn.topic[row], self.places[row], *turn, at=self.now)

    def _path(self, goal: CallerGoal) -> Path:
        if goal not in self.paths:
            path = path_for(self.settings.menus, goal)
            if path is None:
                raise UnreachableError(f"no way through the menus for {goal}")
            self.paths[goal], self.ways[goal] = path, {}
        return self.paths[goal]

    def _path_on(self, citizen: SimulatedCaller) -> Path:
        """Give the caller's path from where the menus have led them; without any path they only listen."""
        here = self.view.calls.menu_position(citizen.call)
        if here is None:
            return ()
        if here not in citizen.ways:
            citizen.ways[here] = path_on(self.settings.menus, here, citizen.goal) or ()
        return citizen.ways[here]

    def _play(self, output: c.Play) -> None:
        """Let the caller hear the prompt to its end, press their next key, or give up."""
        citizen = self.citizens.get(output.call)
        if citizen is None:
            return
        if self.surprises and not citizen.queued:
            citizen.path, citizen.step = self._path_on(citizen), 0
        if citizen.queued or citizen.step >= len(citizen.path):
            self._plan(self.callers.prompt_s, HEARD, output.call, output.play)
            return
        step, citizen.step = citizen.path[citizen.step], citizen.step + 1
        if citizen.leaves and citizen.step == len(citizen.path):
            self._plan(citizen.own.key_s, GIVES_UP, citizen)
        elif step == LISTEN:
            self._plan(self.callers.prompt_s, HEARD, output.call, output.play)
        else:
            self._plan(citizen.own.key_s, KEY, output.call, step)

    def _heard(self, name: CallId, play: int) -> None:
        if self.view.calls.saying(name) == play and self.view.calls.stage(name) in HEARS:
            self._do(e.PromptEnded(name, play))

    def _key(self, call: CallId, keys: str) -> None:
        if call in self.citizens:
            for key in keys:
                self._do(e.KeyPressed(call, key))

    def _gives_up(self, citizen: SimulatedCaller, wait: int) -> None:
        """Let the caller give up: in a queue only in the wait whose patience is over; in the menus always."""
        if citizen.waits != wait and not citizen.leaves:
            return
        stage = self.view.calls.stage(citizen.call)
        if stage is not None and not citizen.own.patience_s and self.view.calls.is_offered(citizen.call):
            self._plan(STILL_RINGS_S, GIVES_UP, citizen, wait)  # a caller who finds a free agent does not wait
        elif stage in LEAVES or (stage is CallStage.MENU and citizen.leaves):
            if not citizen.queued:
                served = self.drawn.fate[citizen.row] < self.callers.served_in_menus
                self.collector.count("served_in_menus" if served else "lost_in_menus", self.now)
            self._do(e.CallerLeft(citizen.call))

    def _queued(self, fact: f.Queued) -> None:
        citizen = self.citizens.get(fact.call)
        if citizen is None:
            return
        self.collector.take(self.now, fact)
        if citizen.leaves and not citizen.queued:
            self._plan(0.0, GIVES_UP, citizen)  # menus without keys: the caller is gone before they wait
        if citizen.offer is not None or not citizen.queued:
            citizen.waits, citizen.offer = citizen.waits + 1, None
            if not citizen.leaves and isfinite(patience_s := citizen.own.patience_s):
                self._plan(patience_s, GIVES_UP, citizen, citizen.waits)

    def _connected(self, fact: f.Connected) -> None:
        citizen = self.citizens.get(fact.call)
        if citizen is None:
            return
        self.collector.take(self.now, fact)
        citizen.offer = fact.offer
        self._plan(citizen.own.talk_s * self.staff.pace[fact.agent], ENDED, citizen, fact.offer)

    def _talk_ends(self, citizen: SimulatedCaller, offer: OfferId) -> None:
        """End the conversation: one side hangs up, or the agent sends the caller to another topic's queue, once."""
        if citizen.offer != offer or citizen.call not in self.citizens:
            return
        if citizen.own.sent_on < self.callers.sent_on and not citizen.talk_again:
            citizen.talk_again = True
            again = self._again(citizen.row, citizen.redials, "sent on")
            citizen.own = replace(again, patience_s=citizen.own.patience_s)
            self.collector.count("sent_on", self.now)
            self._do(e.AgentTransferred(citizen.call, self._other_queue(citizen)))
        elif citizen.own.hangs_up < self.callers.hangs_up_first:
            self._do(e.CallerLeft(citizen.call))
        else:
            self._do(e.AgentLeft(offer))
            self._do(e.CallerLeft(citizen.call))

    def _other_queue(self, citizen: SimulatedCaller) -> str:
        """Give the next topic's queue in the order of the line."""
        menus = self.settings.menus
        queues = list(dict.fromkeys(menus.topics.values()))
        own = menus.queue_for(self.drawn.topic[citizen.row])
        return queues[(queues.index(own) + 1) % len(queues)] if own in queues else queues[0]

    def _conversation_ended(self, fact: f.ConversationEnded) -> None:
        citizen = self.citizens.get(fact.call)
        if citizen is None:
            return
        self._plan(citizen.own.wrap_up_s * self.staff.pace[fact.agent], WRAPPED, fact.agent, fact.call)
        if citizen.own.ticket < self.callers.tickets:
            self.collector.count("tickets", self.now)

    def _call_ended(self, fact: f.CallEnded) -> None:
        citizen = self.citizens.pop(fact.call, None)
        if citizen is None:
            return
        self.collector.take(self.now, fact)
        del self.collector.who[fact.call]
        redial = self.callers.redial
        again = redial is not None and fact.outcome is Outcome.ABANDONED and citizen.redials < redial.most
        if redial and again and citizen.own.redials < redial.share:
            self._plan(citizen.own.redial_s, CALLS, citizen.row, citizen.redials + 1)

    def _counted(self, fact: f.QueueLeft | f.PlaceChanged) -> None:
        """Count a fact that changes nothing that a citizen does."""
        self.collector.take(self.now, fact)

    def _offer_ended(self, fact: f.OfferEnded) -> None:
        if fact.result is OfferResult.NO_ANSWER:
            self.collector.take(self.now, fact)

    def _turned_away(self, _: f.TurnedAway) -> None:
        self.collector.count("turned_away", self.now)

    # -- the switch ---

    def _connect(self, output: c.Connect) -> None:
        self._do(e.Bridged(output.call, output.offer))

    def _cancelled(self, output: c.CancelRing) -> None:
        if self.view.agents.has_offer(output.offer):
            self._do(e.AgentLeft(output.offer))

    def _hung_up(self, output: c.HangUp) -> None:
        if self.view.calls.has(output.call):
            self._do(e.CallerLeft(output.call))

    def _transfer(self, output: c.Transfer) -> None:
        """Send the call to an outside number for good: it is not simulated further."""
        self.collector.count("transferred", self.now)
        self._do(e.TransferAnswered(output.call))
        self._do(e.CallerLeft(output.call))

    def _record(self, output: c.Record) -> None:
        """Let the caller speak their message, as long as a prompt takes."""
        self._plan(self.callers.prompt_s, HEARD, output.call, output.play)

    def _lookup(self, output: c.Lookup) -> None:
        """Fail the lookup, as there is no service: callers take the way of its failure."""
        self._do(e.LookupFailed(output.call, output.number, "no services in a simulation"))

    # -- agents ---

    def _ring(self, output: c.Ring) -> None:
        if isfinite(after_s := next(self.rings)):
            self._plan(after_s, ANSWERS, output.offer)

    def _answers(self, offer: OfferId, _: int) -> None:
        if self.view.agents.has_offer(offer):
            self._do(e.OfferAnswered(offer))

    def _wrapped(self, agent: AgentId, call: CallId) -> None:
        """End the wrap-up before the line's own limit."""
        if self.view.agents.wrapped_up_call(agent) == call:
            self._do(e.AgentAsked(agent, AgentAction.END_WRAP_UP))

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
        if self.view.agents.state(agent) is not AgentState.LOGGED_OUT:
            self._do(e.AgentAsked(agent, action, reason))

    def _takes_a_seat(self, duty: Duty) -> None:
        """Give the agent a seat; if all are taken they wait until one is left."""
        if self.seated >= self.staff.seats:
            self.standing.append(duty)
            return
        self.seated += 1
        self._do(e.AgentAsked(duty.agent, AgentAction.LOG_IN))
        self._do(e.AgentAsked(duty.agent, AgentAction.READY))
        for begins, seconds in duty.breaks:
            if begins > self.now:
                self._plan(begins - self.now, DUTY, self._goes_on_break, (duty.agent, seconds))
        if isfinite(duty.ends):
            self._plan(max(0.0, duty.ends - self.now), DUTY, self._leaves, duty.agent)

    def _agent_changed(self, fact: f.AgentChanged) -> None:
        self.collector.staff.changed(self.now, fact)
        if fact.new is AgentState.NOT_READY and self.people is not None:
            if fact.reason == BREAK:
                # A break that began late, after a call, is as long as any.
                self._plan(self.break_s[fact.agent], COMES_BACK, fact.agent, BREAK)
            elif fact.reason != NotReady.LOGIN:
                self._plan(self.people.back_after_s, COMES_BACK, fact.agent, fact.reason)
        elif fact.new is AgentState.LOGGED_OUT and fact.old is not AgentState.LOGGED_OUT:
            self.seated -= 1
            while self.standing:
                duty = self.standing.popleft()
                if duty.ends > self.now:
                    self._takes_a_seat(duty)
                    break

    def _comes_back(self, agent: AgentId, reason: str) -> None:
        if self.view.agents.state(agent) is AgentState.NOT_READY and self.view.agents.reason(agent) == reason:
            self._do(e.AgentAsked(agent, AgentAction.READY))


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
