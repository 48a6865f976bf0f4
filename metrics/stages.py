"""Where each call on the line stands now. Decides nothing about what counts: the tracker does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from calls import AgentId, AgentState, CallId, CallStage, OfferResult, QueueId, facts

from .lives import Life
from .rows import Stay
from .tally import Ledger, Periods, Span
from .tracker import Tracker


@dataclass(slots=True, eq=False)
class TrackedCall:
    """A call on the line now. ``arrived`` are the periods of its arrival, ``life`` is what counts of it.

    ``promised_to``: it is a callback, and this the queue in which it will stand.
    """

    stage: CallStage
    arrived: Periods | None
    life: Life
    promised_to: QueueId | None = None

    @property
    def stay(self) -> Stay | None:
        """Its stay in a queue, where it stands in one."""
        return self.life.stay

    @property
    def queue(self) -> QueueId | None:
        """Where it stands, or will stand where its time has not come."""
        if self.stay is not None:
            return self.stay.queue
        return None if self.life.stays else self.promised_to


class KeptCall(NamedTuple):
    """What is kept of a call on the line. ``arrived``: None where it never arrived."""

    stage: CallStage
    arrived: Span | None
    promised_to: QueueId | None


class KeptStages(NamedTuple):
    """What is kept of the stages. ``answered``: the calls that agents have answered and do not hear yet."""

    calls: dict[CallId, KeptCall]
    answered: dict[AgentId, CallId]


class Stages:
    """Give it every fact after the tracker had it."""

    def __init__(self, ledger: Ledger, tracker: Tracker) -> None:
        self.ledger, self.tracker = ledger, tracker
        self.calls: dict[CallId, TrackedCall] = {}
        self.answered: dict[AgentId, TrackedCall] = {}
        """Calls that an agent has answered and does not hear yet."""

    def kept(self) -> KeptStages:
        """Give what is kept. A call that is over has no stage to come back to."""
        calls = {
            name: KeptCall(call.stage, Span.of(call.arrived) if call.arrived else None, call.promised_to)
            for name, call in self.calls.items()
        }
        names = {id(call): name for name, call in self.calls.items()}
        answered = {agent: names[id(call)] for agent, call in self.answered.items() if id(call) in names}
        return KeptStages(calls, answered)

    def take_up(self, kept: KeptStages) -> None:
        """Go on from what was kept; ledger and tracker have theirs already."""
        for name, known in kept.calls.items():
            arrived = self.ledger.named(known.arrived) if known.arrived else None
            self.calls[name] = TrackedCall(known.stage, arrived, self.tracker.lives[name], known.promised_to)
        self.answered = {agent: self.calls[name] for agent, name in kept.answered.items()}

    def apply(self, at: float, fact: facts.Fact) -> None:
        """Move the call that the fact is about."""
        move = _MOVES.get(type(fact))
        if move is not None:
            move(self, at, fact)

    def call(self, at: float, name: CallId) -> TrackedCall:
        """The call; where it is new it has arrived here."""
        call = self.calls.get(name)
        if call is None:
            periods = self.ledger.periods(at)
            for period in periods:
                period.line.arrived += 1
            call = self.calls[name] = TrackedCall(CallStage.MENU, periods, self.tracker.lives[name])
        return call

    def move(self, name: CallId, stage: CallStage) -> None:
        """Put a known call into the stage."""
        call = self.calls.get(name)
        if call:
            call.stage = stage


_ANSWERED = {CallStage.WAITING: CallStage.CONNECTING, CallStage.PROMISED: CallStage.DIALLING}
_NOT_ANSWERED = {CallStage.WAITING: CallStage.WAITING, CallStage.PROMISED: CallStage.PROMISED}
_NOT_JOINED = {CallStage.CONNECTING: CallStage.WAITING, CallStage.DIALLING: CallStage.PROMISED}


def _started(stages: Stages, at: float, fact: facts.CallStarted) -> None:
    stages.call(at, fact.call)


def _node_entered(stages: Stages, _at: float, fact: facts.NodeEntered) -> None:
    call = stages.calls.get(fact.call)
    if call and call.stay is None:
        call.stage = CallStage.MENU


def _queued(stages: Stages, at: float, fact: facts.Queued) -> None:
    call = stages.call(at, fact.call)
    if call.stage is not CallStage.PROMISED:
        call.stage = CallStage.WAITING


def _place_changed(stages: Stages, _at: float, fact: facts.PlaceChanged) -> None:
    call = stages.calls.get(fact.call)
    if call and call.promised_to and not call.life.stays:
        call.promised_to = fact.queue


def _queue_left(stages: Stages, _at: float, fact: facts.QueueLeft) -> None:
    stages.move(fact.call, CallStage.LEAVING)


def _offer_made(stages: Stages, _at: float, fact: facts.OfferMade) -> None:
    if fact.call in stages.calls and stages.calls[fact.call].stage is not CallStage.PROMISED:
        stages.move(fact.call, CallStage.WAITING)


def _offer_ended(stages: Stages, _at: float, fact: facts.OfferEnded) -> None:
    call = stages.calls.get(fact.call)
    if call and call.stay:
        steps = _ANSWERED if fact.result is OfferResult.ANSWERED else _NOT_ANSWERED
        call.stage = steps.get(call.stage, steps[CallStage.WAITING])
        if fact.result is OfferResult.ANSWERED:
            stages.answered[fact.agent] = call


def _connected(stages: Stages, at: float, fact: facts.Connected) -> None:
    call = stages.call(at, fact.call)
    call.stage, call.promised_to = CallStage.TALKING, None
    stages.answered.pop(fact.agent, None)


def _conversation_ended(stages: Stages, _at: float, fact: facts.ConversationEnded) -> None:
    call = stages.calls.get(fact.call)
    if call and call.stage is CallStage.TALKING:
        call.stage = CallStage.LEAVING


def _handed_over(stages: Stages, _at: float, fact: facts.HandedOver) -> None:
    stages.move(fact.call, CallStage.TALKING)


def _transfer_started(stages: Stages, _at: float, fact: facts.TransferStarted) -> None:
    stages.move(fact.call, CallStage.TRANSFERRING)


def _transfer_ended(stages: Stages, _at: float, fact: facts.TransferEnded) -> None:
    stages.move(fact.call, CallStage.LEAVING)


def _call_ended(stages: Stages, _at: float, fact: facts.CallEnded) -> None:
    call = stages.calls.pop(fact.call, None)
    if call:
        for period in call.arrived or ():
            period.line.end(fact.outcome)


def _promised(stages: Stages, _at: float, fact: facts.CallbackPromised) -> None:
    life = stages.tracker.lives[fact.callback]
    stages.calls[fact.callback] = TrackedCall(CallStage.PROMISED, None, life, promised_to=fact.queue)


def _missed(stages: Stages, _at: float, fact: facts.CallbackMissed) -> None:
    stages.move(fact.callback, CallStage.PROMISED)


def _announced(stages: Stages, _at: float, fact: facts.Announced) -> None:
    """A caller who hears their position is on the phone: also a citizen we called whose agent went away."""
    call = stages.calls.get(fact.call)
    if call and call.stage in (CallStage.PROMISED, CallStage.DIALLING):
        call.stage = CallStage.WAITING


def _agent_changed(stages: Stages, _at: float, fact: facts.AgentChanged) -> None:
    """An agent who answered went away before the two heard each other: the call waits again."""
    call = None if fact.new is AgentState.TALKING else stages.answered.pop(fact.agent, None)
    if call:
        call.stage = _NOT_JOINED.get(call.stage, call.stage)


_MOVES: dict[type, Callable[[Stages, float, Any], None]] = {
    facts.CallStarted: _started,
    facts.NodeEntered: _node_entered,
    facts.Queued: _queued,
    facts.PlaceChanged: _place_changed,
    facts.QueueLeft: _queue_left,
    facts.OfferMade: _offer_made,
    facts.OfferEnded: _offer_ended,
    facts.Connected: _connected,
    facts.ConversationEnded: _conversation_ended,
    facts.HandedOver: _handed_over,
    facts.TransferStarted: _transfer_started,
    facts.TransferEnded: _transfer_ended,
    facts.CallEnded: _call_ended,
    facts.CallbackPromised: _promised,
    facts.CallbackMissed: _missed,
    facts.Announced: _announced,
    facts.AgentChanged: _agent_changed,
}
