"""What simulated callers do: they press keys, listen, lose patience, talk, hang up and call again.

What each of them is like was drawn before (``model/citizens.py``); the way through the menus is found in the menus
(``guides.py``).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import Final, final

from calls import AgentId, CallId, CallStage, OfferId, Outcome, QueueId
from calls import commands as c
from calls import events as e
from calls import facts as f
from simulator.model.citizens import CallerTable, turn_again
from simulator.model.draws import CallDraw
from simulator.model.paths import LISTEN
from simulator.model.streams import Streams
from simulator.scenario import Plan

from .course import CALLS, ENDED, GIVES_UP, HEARD, KEY, WRAPPED, Course
from .guides import Guides, SimulatedCaller

NODE: Final = "sim"
# Constants of this module, where they cost nothing to look up.
ARRIVED: Final = e.CallArrived
KEY_PRESSED: Final = e.KeyPressed
PROMPT_ENDED: Final = e.PromptEnded
CALLER_LEFT: Final = e.CallerLeft
AGENT_LEFT: Final = e.AgentLeft
LEAVES: Final = frozenset({CallStage.WAITING, CallStage.CONNECTING})
HEARS: Final = frozenset({CallStage.MENU, CallStage.WAITING, CallStage.LEAVING})
"""Stages in which a caller hears prompts and may give up."""
STILL_RINGS_S: Final = 1.0
"""Time (s) after which a caller without patience whose agent's phone rings decides again."""


@final
class Turns:
    """What the calls of the callers bring: a first one as it is in their row, a redial or a second talk of its own."""

    def __init__(self, plan: Plan, streams: Streams, drawn: CallerTable) -> None:
        self.plan, self.streams, self.topics = plan, streams, drawn.topic
        self.firsts: Iterator[tuple[float, float, float, float, float, float, float, float, float]] = zip(
            drawn.patience_s, drawn.talk_s, drawn.wrap_up_s, drawn.key_s, drawn.hangs_up, drawn.redials,
            drawn.redial_s, drawn.sent_on, drawn.ticket, strict=True,
        )  # fmt: skip
        """What is drawn for first calls: they come in the order of their rows."""
        self.places = array("q")
        """Each caller's place among those of the topic; made when it is first needed."""

    def first(self) -> CallDraw:
        """Give the first call of the next caller."""
        patience_s, talk_s, wrap_up_s, key_s, hangs_up, redials, redial_s, sent_on, ticket = next(self.firsts)
        return CallDraw(patience_s, talk_s, wrap_up_s, key_s, hangs_up, redials, redial_s, sent_on, ticket)

    def again(self, row: int, *turn: object, at: float) -> CallDraw:
        """Draw another call of a caller, by the caller's place among those of the topic."""
        if not self.places:
            counts: dict[str, int] = {}
            for topic in self.topics:
                counts[topic] = place = counts.get(topic, -1) + 1
                self.places.append(place)
        return turn_again(self.plan, self.streams, self.topics[row], self.places[row], *turn, at=at)


@final
class Callers:
    """All callers of a replication. ``drawn``: what they are like; ``pace``: how fast each agent works."""

    def __init__(
        self, course: Course, plan: Plan, drawn: CallerTable, streams: Streams, pace: Mapping[AgentId, float]
    ) -> None:
        self.course, self.drawn, self.pace = course, drawn, dict(pace)
        self.menus, habits = plan.settings.menus, plan.scenario.callers
        self.ends_at: float = plan.ends_at
        self.prompt_s: float = habits.prompt_s
        self.served_in_menus: float = habits.served_in_menus
        self.leave_in_menus: float = habits.served_in_menus + habits.lost_in_menus
        """The shares of callers who are served there, and who never come to a queue."""
        self.sent_on: float = habits.sent_on
        self.hangs_up_first: float = habits.hangs_up_first
        self.tickets: float = habits.tickets
        self.redial = habits.redial
        self.guides, self.turns = Guides(self.menus, drawn), Turns(plan, streams, drawn)
        self.on_line: dict[CallId, SimulatedCaller] = {}
        self.made = 0

    def reads(self) -> dict[object, Callable[..., None]]:
        """Give what is done with each kind of output, of which it takes the values."""
        return {
            c.Play: self._play, c.Record: self._record, f.Queued: self._queued, f.Connected: self._connected,
            f.ConversationEnded: self._conversation_ended, f.CallEnded: self._call_ended,
        }  # fmt: skip

    # -- what is planned ---

    def calls(self, row: int, redials: int) -> None:
        """Let the caller of this row call; ``redials``: how often they have called before."""
        course = self.course
        if course.now >= self.ends_at:
            return
        self.made += 1
        call = CallId(f"{NODE}-{self.made}")
        guide = self.guides.of(row)
        leaves = self.drawn.fate[row] < self.leave_in_menus
        own = self.turns.again(row, redials, at=course.now) if redials else self.turns.first()
        self.on_line[call] = SimulatedCaller(row, call, guide, leaves, redials, own)
        course.collector.who[call] = row
        course.collector.count("redials" if redials else "first_calls", course.now)
        course.do(ARRIVED, call, ("", guide.goal.number))  # without their own number: no callback is promised

    def heard(self, name: CallId, play: int) -> None:
        """End a prompt, if it is still said."""
        calls = self.course.view.calls
        if calls.saying(name) == play and calls.stage(name) in HEARS:
            self.course.do(PROMPT_ENDED, name, play)

    def key(self, call: CallId, keys: str) -> None:
        """Press keys."""
        if call in self.on_line:
            for key in keys:
                self.course.do(KEY_PRESSED, call, key)

    def gives_up(self, caller: SimulatedCaller, wait: int) -> None:
        """Let the caller give up: in a queue only in the wait whose patience is over; in the menus always."""
        if caller.waits != wait and not caller.leaves:
            return
        course = self.course
        stage = course.view.calls.stage(caller.call)
        if stage is not None and not caller.own.patience_s and course.view.calls.is_offered(caller.call):
            course.plan(STILL_RINGS_S, GIVES_UP, caller, wait)  # a caller who finds a free agent does not wait
        elif stage in LEAVES or (stage is CallStage.MENU and caller.leaves):
            if not caller.waits:
                served = self.drawn.fate[caller.row] < self.served_in_menus
                course.collector.count("served_in_menus" if served else "lost_in_menus", course.now)
            course.do(CALLER_LEFT, caller.call, False)

    def talk_ends(self, caller: SimulatedCaller, offer: OfferId) -> None:
        """End the conversation: one side hangs up, or the agent sends the caller to another topic's queue, once."""
        if caller.offer != offer or caller.call not in self.on_line:
            return
        course = self.course
        if caller.own.sent_on < self.sent_on and not caller.talk_again:
            caller.talk_again = True
            again = self.turns.again(caller.row, caller.redials, "sent on", at=course.now)
            again.patience_s = caller.own.patience_s
            caller.own = again
            course.collector.count("sent_on", course.now)
            course.happen(e.AgentTransferred(caller.call, self._other_queue(caller)))
        elif caller.own.hangs_up < self.hangs_up_first:
            course.do(CALLER_LEFT, caller.call, False)
        else:
            course.do(AGENT_LEFT, offer, False)
            course.do(CALLER_LEFT, caller.call, False)

    # -- what the line tells ---

    def _play(
        self,
        call: CallId,
        play: int,
        prompts: object = None,
        language: object = None,
        keys: object = None,
        edition: object = None,
        last: object = None,
    ) -> None:
        """Let the caller hear the prompt to its end, press their next key, or give up."""
        caller = self.on_line.get(call)
        if caller is None:
            return
        course = self.course
        if self.guides.surprises and not caller.waits:
            self.guides.lead(course.view, caller)
        path, step = caller.path, caller.step
        if caller.waits or step >= len(path):
            course.plan(self.prompt_s, HEARD, call, play)
            return
        caller.step = step + 1
        if caller.leaves and step + 1 == len(path):
            course.plan(caller.own.key_s, GIVES_UP, caller, 0)
        elif path[step] == LISTEN:
            course.plan(self.prompt_s, HEARD, call, play)
        else:
            course.plan(caller.own.key_s, KEY, call, path[step])

    def _record(self, call: CallId, play: int, *_: object) -> None:
        """Let the caller speak their message, as long as a prompt takes."""
        self.course.plan(self.prompt_s, HEARD, call, play)

    def _queued(
        self,
        call: CallId,
        queue: QueueId,
        requires: object = None,
        priority: object = None,
        position: object = None,
        agents_in: object = None,
        relaxes: object = None,
        kept_for: object = None,
    ) -> None:
        caller = self.on_line.get(call)
        if caller is None:
            return
        course = self.course
        course.collector.tracker.queued(course.now, call, queue)
        if caller.leaves and not caller.waits:
            course.plan(0.0, GIVES_UP, caller, 0)  # menus without keys: the caller is gone before they wait
        if caller.offer is not None or not caller.waits:
            caller.waits, caller.offer = caller.waits + 1, None
            if not caller.leaves and isfinite(caller.own.patience_s):
                course.plan(caller.own.patience_s, GIVES_UP, caller, caller.waits)

    def _connected(
        self, call: CallId, offer: OfferId, agent: AgentId, queue: QueueId, wait_s: float, ring_s: float
    ) -> None:
        caller = self.on_line.get(call)
        if caller is None:
            return
        course = self.course
        course.collector.tracker.connected(course.now, call, agent, queue, wait_s, ring_s)
        caller.offer = offer
        course.plan(caller.own.talk_s * self.pace[agent], ENDED, caller, offer)

    def _conversation_ended(
        self,
        call: CallId,
        offer: OfferId,
        agent: AgentId,
        queue: object = None,
        talk_s: object = None,
        hold_s: object = None,
        by: object = None,
        exact: object = None,
    ) -> None:
        caller = self.on_line.get(call)
        if caller is None:
            return
        self.course.plan(caller.own.wrap_up_s * self.pace[agent], WRAPPED, agent, call)
        if caller.own.ticket < self.tickets:
            self.course.collector.count("tickets", self.course.now)

    def _call_ended(
        self, call: CallId, outcome: Outcome, stage: object = None, by: object = None, total_s: object = None
    ) -> None:
        caller = self.on_line.pop(call, None)
        if caller is None:
            return
        course, redial = self.course, self.redial
        course.collector.tracker.ended(course.now, call, outcome)
        del course.collector.who[call]
        if redial is None or outcome is not Outcome.ABANDONED or caller.redials >= redial.most:
            return
        if caller.own.redials < redial.share:
            course.plan(caller.own.redial_s, CALLS, caller.row, caller.redials + 1)

    # -- inside ---

    def _other_queue(self, caller: SimulatedCaller) -> str:
        """Give the next topic's queue in the order of the line."""
        queues = list(dict.fromkeys(self.menus.topics.values()))
        own = self.menus.queue_for(self.drawn.topic[caller.row])
        return queues[(queues.index(own) + 1) % len(queues)] if own in queues else queues[0]
