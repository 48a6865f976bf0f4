"""The rules of counting: what happens to calls becomes stays in queues.

The one place that knows when a call is offered, served, or has left, by queue and by line. A rule takes values, so
that a simulation counts without making facts; ``Tracker.take`` hands on what a fact says.

It must not know what is made of a stay (tallies, rows of a database, figures of a simulation): its ``Reader`` does. A
call whose beginning was never told is made where it is needed. Instants are whatever scale ``at`` is given in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, final

from calls import AgentId, CallId, OfferResult, Outcome, Party, QueueId, facts

from .lives import Lives


@final
class Tracker(Lives):
    """Give every fact to ``take``, in order, or what it says to the rule of its kind."""

    def take(self, at: float, fact: facts.Fact) -> None:
        """Take one fact in that was told at ``at``; those that change nothing that is counted are passed over."""
        rule = _RULES.get(type(fact))
        if rule is not None:
            rule(self, at, fact)

    # -- queues ---

    def queued(self, at: float, call: CallId, queue: QueueId) -> None:
        """The call waits in the queue."""
        life = self.life(call)
        stay = life.stay
        if stay is None or stay.queue != queue:
            if stay is not None:
                self.leave(stay, Outcome.OVERFLOWED, at - stay.place_since)
            self.enter(life, queue, at, at)

    def place_changed(self, at: float, call: CallId, queue: QueueId) -> None:
        """Its place may be in another queue now, with the time that it has waited."""
        life = self.lives.get(call)
        stay = life.stay if life else None
        if life is not None and stay is not None and stay.queue != queue:
            self.leave(stay, Outcome.OVERFLOWED, at - stay.place_since)
            self.enter(life, queue, at, stay.place_since)

    def queue_left(self, at: float, call: CallId, queue: QueueId, outcome: Outcome, wait_s: float) -> None:
        """Sent away at the door of a queue, the call never stood in it; it was offered to it all the same."""
        life = self.life(call)
        stay = life.stay or self.enter(life, queue, at, at)
        self.leave(stay, outcome, wait_s)

    def ended(self, at: float, call: CallId, outcome: Outcome) -> None:
        """The call is over."""
        life = self.lives.get(call)
        if life is None:
            return
        last = life.stays[-1] if life.stays else None
        if last is not None and not last.settled:
            if not last.over:
                self.leave(last, outcome, at - last.place_since)
            self.settle(last)
        life.ended = True
        if not life.at_work:
            self.forget(life)

    # -- agents ---

    def offer_made(self, call: CallId, agent: AgentId) -> None:
        """An agent's phone rings for the call."""
        life = self.lives.get(call)
        if life is not None and life.stay is not None:
            self.both(life.stay, agent, "offers", 1)

    def not_answered(self, call: CallId, agent: AgentId) -> None:
        """The agent's phone rang, and nobody answered."""
        life = self.lives.get(call)
        if life is not None and life.stay is not None:
            self.both(life.stay, agent, "rona", 1)

    def connected(self, at: float, call: CallId, agent: AgentId, queue: QueueId, wait_s: float, ring_s: float) -> None:
        """The caller and the agent hear each other: the wait is over, and the offering served."""
        life = self.life(call)
        stay = life.stay or self.enter(life, queue, at - wait_s, at - wait_s)
        stay.served = stay.settled = True
        stay.end_wait(wait_s)
        self.reader.left(stay)
        self.reader.settled(stay)
        stay.ring_s += ring_s
        self.work(stay, agent, "handled", 1)
        self.work(stay, agent, "ring_s", ring_s)
        self.reader.added(stay, "ring_s", ring_s)

    def handed_over(self, call: CallId, by: AgentId, agent: AgentId) -> None:
        """The same stay is now the colleague's: their talk counts there, and nobody waited again."""
        stay = self.served(call, by)
        if stay is not None:
            self.work(stay, agent, "handled", 1)

    def conversation_ended(self, call: CallId, agent: AgentId, talk_s: float, hold_s: float, by: Party) -> None:
        """The agent's conversation is over; their wrap-up is still to come."""
        stay = self.served(call, agent)
        if stay is not None:
            self.lives[call].at_work += 1
            self.both(stay, agent, "talk_s", talk_s)
            self.both(stay, agent, "hold_s", hold_s)
            if by is Party.LOST_MEDIA:
                self.add(stay, "lost_media", 1)

    def media_lost(self, call: CallId, agent: AgentId) -> None:
        """The agent's own phone was gone in the middle of the conversation."""
        stay = self.served(call, agent)
        if stay is not None:
            self.work(stay, agent, "lost_media_agent", 1)

    def wrapped_up(self, call: CallId, agent: AgentId, wrap_up_s: float) -> None:
        """The agent's wrap-up is over."""
        stay = self.served(call, agent)
        if stay is not None:
            life = self.lives[call]
            life.at_work = max(0, life.at_work - 1)
            self.both(stay, agent, "wrap_up_s", wrap_up_s)
            self.forget(life)

    # -- Asterisk alone ---

    def survived(self, at: float, fact: facts.Survived) -> None:
        """Served by Asterisk's own menu: offered where it came to its queue, and not handled by the line.

        The talk is the agent's work; the line's handle time knows nothing of it.
        """
        life = self.life(fact.call)
        life.dnis = life.dnis or fact.dnis
        if fact.queue and not fact.booked:
            since = at - fact.ago_s - fact.talk_s - fact.wait_s
            stay = self.enter(life, fact.queue, since, since)
            self.leave(stay, Outcome.SURVIVED, fact.wait_s)
            self.settle(stay)
            if fact.agent:
                self.work(stay, fact.agent, "handled", 1)
                self.work(stay, fact.agent, "talk_s", fact.talk_s)
        life.ended = True
        self.forget(life)


def _transfer_started(tracker: Tracker, _at: float, fact: facts.TransferStarted) -> None:
    if fact.confidential:
        tracker.made_confidential(fact.call)


def _offer_ended(tracker: Tracker, _at: float, fact: facts.OfferEnded) -> None:
    if fact.result is OfferResult.NO_ANSWER:
        tracker.not_answered(fact.call, fact.agent)


def _connected(tracker: Tracker, at: float, fact: facts.Connected) -> None:
    tracker.connected(at, fact.call, fact.agent, fact.queue, fact.wait_s, fact.ring_s)


def _conversation_ended(tracker: Tracker, _at: float, fact: facts.ConversationEnded) -> None:
    tracker.conversation_ended(fact.call, fact.agent, fact.talk_s, fact.hold_s, fact.by)


_RULES: Final[dict[type, Callable[[Tracker, float, Any], None]]] = {
    facts.CallStarted: lambda tracker, _, fact: tracker.started(fact.call, fact.dnis),
    facts.AttributeSet: lambda tracker, _, fact: tracker.attribute_set(fact.call, fact.attribute, fact.value),
    facts.CallbackPromised: lambda tracker, _, fact: tracker.promised(fact.callback, fact.call),
    facts.TransferStarted: _transfer_started,
    facts.Queued: lambda tracker, at, fact: tracker.queued(at, fact.call, fact.queue),
    facts.PlaceChanged: lambda tracker, at, fact: tracker.place_changed(at, fact.call, fact.queue),
    facts.QueueLeft: lambda tracker, at, fact: tracker.queue_left(at, fact.call, fact.queue, fact.outcome, fact.wait_s),
    facts.CallEnded: lambda tracker, at, fact: tracker.ended(at, fact.call, fact.outcome),
    facts.OfferMade: lambda tracker, _, fact: tracker.offer_made(fact.call, fact.agent),
    facts.OfferEnded: _offer_ended,
    facts.Connected: _connected,
    facts.HandedOver: lambda tracker, _, fact: tracker.handed_over(fact.call, fact.by, fact.agent),
    facts.ConversationEnded: _conversation_ended,
    facts.MediaLost: lambda tracker, _, fact: tracker.media_lost(fact.call, fact.agent),
    facts.WrapUpDone: lambda tracker, _, fact: tracker.wrapped_up(fact.call, fact.agent, fact.wrap_up_s),
    facts.Survived: lambda tracker, at, fact: tracker.survived(at, fact),
}
"""The rule of each fact; the others change nothing that is counted."""
