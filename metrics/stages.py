"""Where each call on the line stands now. Decides nothing about what counts: the tracker does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from calls import AgentId, AgentState, CallId, CallStage, OfferResult, QueueId, facts

from .rows import Stay
from .tally import Ledger, Tally
from .tracker import Life, Tracker


@dataclass(slots=True, eq=False)
class TrackedCall:
    """A call on the line now. ``rows`` are the tallies of its arrival, ``life`` is what counts of it.

    ``promised_to``: it is a callback, and this the queue in which it will stand.
    """

    stage: CallStage
    rows: tuple[Tally, ...]
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


class Stages:
    """Give it every fact after the tracker had it."""

    def __init__(self, ledger: Ledger, tracker: Tracker) -> None:
        self.ledger, self.tracker = ledger, tracker
        self.calls: dict[CallId, TrackedCall] = {}
        self._answered: dict[AgentId, TrackedCall] = {}
        """Calls that an agent has answered and does not hear yet."""

    def apply(self, at: float, fact: facts.Fact) -> None:
        """Move the call that the fact is about."""
        move = _MOVES.get(type(fact))
        if move is not None:
            move(self, at, fact)

    def _call(self, at: float, name: CallId) -> TrackedCall:
        """The call; where it is new it has arrived here."""
        call = self.calls.get(name)
        if call is None:
            rows = tuple(period.line for period in self.ledger.periods(at))
            for row in rows:
                row.arrived += 1
            call = self.calls[name] = TrackedCall(CallStage.MENU, rows, self.tracker.lives[name])
        return call

    def _to(self, name: CallId, stage: CallStage) -> None:
        call = self.calls.get(name)
        if call:
            call.stage = stage

    def _started(self, at: float, fact: facts.CallStarted) -> None:
        self._call(at, fact.call)

    def _node_entered(self, _at: float, fact: facts.NodeEntered) -> None:
        call = self.calls.get(fact.call)
        if call and call.stay is None:
            call.stage = CallStage.MENU

    def _queued(self, at: float, fact: facts.Queued) -> None:
        call = self._call(at, fact.call)
        if call.stage is not CallStage.PROMISED:
            call.stage = CallStage.WAITING

    def _place_changed(self, _at: float, fact: facts.PlaceChanged) -> None:
        call = self.calls.get(fact.call)
        if call and call.promised_to and not call.life.stays:
            call.promised_to = fact.queue

    def _queue_left(self, _at: float, fact: facts.QueueLeft) -> None:
        self._to(fact.call, CallStage.LEAVING)

    def _offer_made(self, _at: float, fact: facts.OfferMade) -> None:
        if fact.call in self.calls and self.calls[fact.call].stage is not CallStage.PROMISED:
            self._to(fact.call, CallStage.WAITING)

    def _offer_ended(self, _at: float, fact: facts.OfferEnded) -> None:
        call = self.calls.get(fact.call)
        if call and call.stay:
            steps = _ANSWERED if fact.result is OfferResult.ANSWERED else _NOT_ANSWERED
            call.stage = steps.get(call.stage, steps[CallStage.WAITING])
            if fact.result is OfferResult.ANSWERED:
                self._answered[fact.agent] = call

    def _connected(self, at: float, fact: facts.Connected) -> None:
        call = self._call(at, fact.call)
        call.stage, call.promised_to = CallStage.TALKING, None
        self._answered.pop(fact.agent, None)

    def _conversation_ended(self, _at: float, fact: facts.ConversationEnded) -> None:
        call = self.calls.get(fact.call)
        if call and call.stage is CallStage.TALKING:
            call.stage = CallStage.LEAVING

    def _handed_over(self, _at: float, fact: facts.HandedOver) -> None:
        self._to(fact.call, CallStage.TALKING)

    def _transfer_started(self, _at: float, fact: facts.TransferStarted) -> None:
        self._to(fact.call, CallStage.TRANSFERRING)

    def _transfer_ended(self, _at: float, fact: facts.TransferEnded) -> None:
        self._to(fact.call, CallStage.LEAVING)

    def _call_ended(self, _at: float, fact: facts.CallEnded) -> None:
        call = self.calls.pop(fact.call, None)
        if call:
            for row in call.rows:
                row.end(fact.outcome)

    def _promised(self, _at: float, fact: facts.CallbackPromised) -> None:
        life = self.tracker.lives[fact.callback]
        self.calls[fact.callback] = TrackedCall(CallStage.PROMISED, (), life, promised_to=fact.queue)

    def _missed(self, _at: float, fact: facts.CallbackMissed) -> None:
        self._to(fact.callback, CallStage.PROMISED)

    def _announced(self, _at: float, fact: facts.Announced) -> None:
        """A caller who hears their position is on the phone: also a citizen we called whose agent went away."""
        call = self.calls.get(fact.call)
        if call and call.stage in (CallStage.PROMISED, CallStage.DIALLING):
            call.stage = CallStage.WAITING

    def _agent_changed(self, _at: float, fact: facts.AgentChanged) -> None:
        """An agent who answered went away before the two heard each other: the call waits again."""
        call = None if fact.new is AgentState.TALKING else self._answered.pop(fact.agent, None)
        if call:
            call.stage = _NOT_JOINED.get(call.stage, call.stage)


_ANSWERED = {CallStage.WAITING: CallStage.CONNECTING, CallStage.PROMISED: CallStage.DIALLING}
_NOT_ANSWERED = {CallStage.WAITING: CallStage.WAITING, CallStage.PROMISED: CallStage.PROMISED}
_NOT_JOINED = {CallStage.CONNECTING: CallStage.WAITING, CallStage.DIALLING: CallStage.PROMISED}

_MOVES: dict[type, Callable[[Stages, float, Any], None]] = {
    facts.CallStarted: Stages._started,
    facts.NodeEntered: Stages._node_entered,
    facts.Queued: Stages._queued,
    facts.PlaceChanged: Stages._place_changed,
    facts.QueueLeft: Stages._queue_left,
    facts.OfferMade: Stages._offer_made,
    facts.OfferEnded: Stages._offer_ended,
    facts.Connected: Stages._connected,
    facts.ConversationEnded: Stages._conversation_ended,
    facts.HandedOver: Stages._handed_over,
    facts.TransferStarted: Stages._transfer_started,
    facts.TransferEnded: Stages._transfer_ended,
    facts.CallEnded: Stages._call_ended,
    facts.CallbackPromised: Stages._promised,
    facts.CallbackMissed: Stages._missed,
    facts.Announced: Stages._announced,
    facts.AgentChanged: Stages._agent_changed,
}
