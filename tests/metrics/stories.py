"""A line in small that tells valid facts, and counts by itself what it told: the oracle of the fold's tests.

It knows nothing of tallies and intervals. Every move is one thing that can happen to one call, with the facts the
engine would tell for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from calls import (
    AgentId,
    AgentState,
    Attribute,
    CallId,
    CallStage,
    OfferId,
    OfferResult,
    Outcome,
    Party,
    QueueId,
    facts,
)

NOBODY = AgentId("")
QUEUES = [QueueId("insurance"), QueueId("pensions"), QueueId("general")]


@dataclass
class Caller:
    call: CallId
    arrived: float
    stage: CallStage = CallStage.MENU
    queue: QueueId | None = None
    queued: float = 0.0
    offer: OfferId | None = None
    agent: AgentId = NOBODY
    connected: float | None = None
    callback: bool = False

    @property
    def stands(self) -> bool:
        """In a line, and no agent has answered."""
        return self.stage in (CallStage.WAITING, CallStage.PROMISED)


@dataclass
class Story:
    """``told`` is the stream: (now, fact). ``count`` is the oracle, by (what, queue)."""

    told: list[tuple[float, facts.Fact]] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)
    count: Counter[tuple[str, str]] = field(default_factory=Counter)
    now: float = 0.0
    serial: int = 0

    def tell(self, *told: facts.Fact) -> None:
        self.told += [(self.now, fact) for fact in told]

    def number(self) -> int:
        self.serial += 1
        return self.serial

    def arrive(self, caller: Caller | None = None) -> None:
        call = CallId(f"n1-{self.number()}.1")
        self.callers.append(Caller(call, self.now))
        self.tell(facts.CallStarted(call, "6941234567", "1555"), facts.NodeEntered(call, "language"))
        self.tell(facts.AttributeSet(call, Attribute.TOPIC, f"topic{self.serial % 2}"))

    def queue(self, caller: Caller) -> None:
        if caller.stage is not CallStage.MENU:
            return
        queue = QUEUES[self.number() % len(QUEUES)]
        caller.stage, caller.queue, caller.queued = CallStage.WAITING, queue, self.now
        self.count["offered", queue] += 1
        self.tell(facts.Queued(caller.call, queue, "el", 0, 1, 1))

    def offer(self, caller: Caller) -> None:
        if not caller.stands or caller.offer or caller.queue is None:
            return
        caller.offer, caller.agent = OfferId(f"o{self.number()}"), AgentId(f"a{self.serial % 5}")
        waited = self.now - caller.queued
        self.tell(
            facts.OfferMade(caller.offer, caller.call, caller.agent, caller.queue, waited, "idle", (0.0,), 1, (), ())
        )

    def _end_offer(self, caller: Caller, result: OfferResult) -> None:
        if caller.offer and caller.queue:
            offer = facts.OfferEnded(caller.offer, caller.call, caller.agent, caller.queue, result, 1.0, "")
            self.tell(offer)

    def ring_out(self, caller: Caller) -> None:
        if caller.stands and caller.offer and caller.queue:
            self._end_offer(caller, OfferResult.NO_ANSWER)
            self.count["rona", caller.queue] += 1
            caller.offer = None

    def answer(self, caller: Caller) -> None:
        if caller.stands and caller.offer:
            self._end_offer(caller, OfferResult.ANSWERED)
            caller.stage = CallStage.DIALLING if caller.callback else CallStage.CONNECTING

    def connect(self, caller: Caller) -> None:
        if caller.stage in (CallStage.CONNECTING, CallStage.DIALLING) and caller.offer and caller.queue:
            self.count["called_back" if caller.callback else "handled", caller.queue] += 1
            wait_s = self.now - caller.queued
            self.tell(facts.Connected(caller.call, caller.offer, caller.agent, caller.queue, wait_s, 1.0))
            caller.stage, caller.connected = CallStage.TALKING, self.now

    def hang_up(self, caller: Caller) -> None:
        """Let the caller leave, wherever they stand; a callback that has no channel is taken out."""
        outcome = Outcome.HANDLED if caller.connected is not None else Outcome.LEFT_IN_MENU
        if caller.connected is not None and caller.offer and caller.queue:
            talk_s = self.now - caller.connected
            talk = (caller.call, caller.offer, caller.agent, caller.queue, talk_s, 0.0, Party.CALLER, True)
            self.tell(facts.ConversationEnded(*talk))
        elif caller.queue:
            outcome = Outcome.ABANDONED
            self._end_offer(caller, OfferResult.WITHDRAWN)
            self._leave(caller, outcome)
        self._end(caller, outcome)

    def refuse(self, caller: Caller) -> None:
        """The queue is full: the call is turned away at its door."""
        if caller.stage is CallStage.MENU:
            caller.queue, caller.queued = QUEUES[0], self.now
            self.count["offered", QUEUES[0]] += 1
            self._leave(caller, Outcome.REFUSED)
            self._end(caller, Outcome.REFUSED)

    def overflow(self, caller: Caller) -> None:
        """To another queue."""
        if caller.stage is CallStage.PROMISED and not caller.offer:
            other = QUEUES[self.number() % len(QUEUES)]
            self.count["callbacks", other] += other != caller.queue
            caller.queue = other
            self.tell(facts.PlaceChanged(caller.call, other, "el", 0, "moved"))
        if caller.stage is CallStage.WAITING and not caller.offer:
            self._leave(caller, Outcome.OVERFLOWED)
            caller.stage = CallStage.MENU
            self.queue(caller)

    def overflow_out(self, caller: Caller) -> None:
        """To a message and good-bye."""
        if caller.stage is CallStage.WAITING and not caller.offer:
            self._leave(caller, Outcome.OVERFLOWED)
            self._end(caller, Outcome.OVERFLOWED)

    def promise(self, caller: Caller) -> None:
        """Let the caller hang up, to be called back at their place."""
        if caller.stage is CallStage.WAITING and not caller.offer and caller.queue:
            queue, back = caller.queue, CallId(f"n1-cb0-{self.number()}")
            self._leave(caller, Outcome.OVERFLOWED)
            self.tell(facts.CallbackPromised(back, caller.call, queue, "6941234567", "el", 1.0, None))
            self.tell(facts.Queued(back, queue, "el", 0, 1, 1))
            self._end(caller, Outcome.OVERFLOWED)
            self.count["callbacks", queue] += 1
            self.callers.append(Caller(back, self.now, CallStage.PROMISED, queue, self.now, callback=True))

    def miss(self, caller: Caller) -> None:
        """Let the citizen not take their phone; some are given up."""
        if caller.stage is CallStage.DIALLING and caller.queue:
            last = self.number() % 2 == 0
            missed = (caller.call, caller.agent, OfferResult.NO_ANSWER, "19", 1, None if last else 900.0)
            self.tell(facts.CallbackMissed(*missed))
            caller.stage, caller.offer = CallStage.PROMISED, None
            if last:
                self.count["given_up", caller.queue] += 1
                self._leave(caller, Outcome.UNREACHED)
                self._end(caller, Outcome.UNREACHED)

    def _leave(self, caller: Caller, outcome: Outcome) -> None:
        queue = caller.queue or QUEUES[0]
        self.count[outcome, queue] += not caller.callback
        self.tell(facts.QueueLeft(caller.call, queue, outcome, self.now - caller.queued))
        caller.queue, caller.offer = None, None

    def _end(self, caller: Caller, outcome: Outcome) -> None:
        self.count["ended", outcome] += not caller.callback
        self.tell(facts.CallEnded(caller.call, outcome, caller.stage, Party.CALLER, self.now - caller.arrived))
        self.callers.remove(caller)
        if caller.connected is not None:
            agent, queue = caller.agent, caller.queue or QUEUES[0]
            self.tell(facts.WrapUpDone(caller.call, agent, queue, 3.0))
            self.tell(facts.AgentChanged(agent, AgentState.WRAP_UP, AgentState.READY, "", 3.0))


MOVES: list[Callable[[Story, Any], None]] = [
    Story.arrive,
    *[Story.queue] * 3,
    *[Story.offer] * 3,
    Story.ring_out,
    *[Story.answer] * 3,
    *[Story.connect] * 3,
    Story.hang_up,
    Story.refuse,
    Story.overflow,
    Story.overflow_out,
    *[Story.promise] * 2,
    Story.miss,
]


def told_by(moves: list[tuple[int, int, float]]) -> Story:
    """The story of a list of (move, caller, seconds later); the seconds are whole, so sums are exact."""
    story = Story()
    story.tell(facts.LineOpened("n1", 1_772_400_000.0, "1"))
    for move, caller, later_s in moves:
        story.now += later_s
        if story.callers and move:
            MOVES[move % len(MOVES)](story, story.callers[caller % len(story.callers)])
        else:
            story.arrive()
    return story
