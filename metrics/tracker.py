"""The rules of counting: facts become stays of calls in queues.

The one place that knows when a call is offered, served, or has left, by queue and by line.

It must not know what is made of a stay (tallies, rows of a database, figures of a simulation): its ``Reader`` does. A
fact about a call whose beginning was never told makes what it needs. Instants are whatever scale ``take`` is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from calls import AgentId, Attribute, CallId, OfferResult, Outcome, Party, QueueId, facts

from .rows import Stay, Sum


class Reader(Protocol):
    """What makes something of the stays; told of each change when it has been made."""

    def entered(self, stay: Stay, before: Stay | None) -> None:
        """A stay began; ``before``: the one that it goes on from, None where the line is offered the call anew."""

    def left(self, stay: Stay) -> None:
        """It is over: ``stay.served``, or ``stay.outcome``."""

    def settled(self, stay: Stay) -> None:
        """So it is for the line: no other queue takes the call on."""

    def added(self, stay: Stay, what: Sum, amount: float) -> None:
        """So much more of one of the stay's ``STAY_SUMS``."""

    def worked(self, stay: Stay, agent: AgentId, what: Sum, amount: float) -> None:
        """So much more of one of the agent's ``PART_SUMS`` in it."""


@dataclass(slots=True, eq=False)
class Life:
    """One call as far as it is counted. ``at_work``: wrap-ups that are still to come."""

    call: CallId
    topic: str = ""
    dnis: str = ""
    callback: bool = False
    confidential: bool = False
    ended: bool = False
    at_work: int = 0
    stays: list[Stay] = field(default_factory=list)

    @property
    def stay(self) -> Stay | None:
        """The one that is not over."""
        if not self.stays:
            return None
        last = self.stays[-1]
        return None if last.served or last.outcome is not None else last

    def served_by(self, agent: AgentId) -> Stay | None:
        """The last stay in which this agent had the call."""
        for stay in reversed(self.stays):
            part = stay.parts.get(agent)
            if part is not None and part.handled:
                return stay
        return None


class Tracker:
    """Give every fact to ``take``, in order. ``keeps``: also calls that are over are kept in ``lives``."""

    def __init__(self, reader: Reader, *, keeps: bool = False) -> None:
        self.reader, self.keeps = reader, keeps
        self.lives: dict[CallId, Life] = {}

    def take(self, at: float, fact: facts.Fact) -> None:
        """Take one fact in that was told at ``at``."""
        rule = _RULES.get(type(fact))
        if rule is not None:
            rule(self, at, fact)

    def move_clock(self, by_s: float) -> None:
        """The scale of ``at`` moved: what goes on is told by the new one, from its beginning."""
        for life in self.lives.values():
            for stay in life.stays:
                stay.since, stay.place_since = stay.since + by_s, stay.place_since + by_s
                stay.line_since += by_s

    def life(self, call: CallId) -> Life:
        """The call as far as it is counted, new where it was never told of."""
        life = self.lives.get(call)
        if life is None:
            life = self.lives[call] = Life(call)
        return life

    def forget(self, life: Life) -> None:
        """Let go of a call for which nothing more can come."""
        if life.ended and not life.at_work and not self.keeps:
            del self.lives[life.call]

    def enter(self, life: Life, queue: QueueId, at: float, place_since: float) -> Stay:
        """Begin a stay; it goes on from one that the line has not settled."""
        last = life.stays[-1] if life.stays else None
        before = last if last is not None and not last.settled else None
        if before is None:
            callback = life.callback and not any(stay.served for stay in life.stays)
            offering = 1 if last is None else last.offering + 1
            topic, dnis, line_since = life.topic, life.dnis, place_since
        else:
            callback, offering = before.callback, before.offering
            topic, dnis, line_since = before.topic, before.dnis, before.line_since
        stay = Stay(
            life.call,
            len(life.stays) + 1,
            queue,
            topic,
            dnis,
            offering,
            before is None,
            callback,
            at,
            place_since,
            line_since,
        )
        life.stays.append(stay)
        self.reader.entered(stay, before)
        return stay

    def leave(self, stay: Stay, outcome: Outcome, place_wait_s: float) -> None:
        """End a stay in which nobody served the call."""
        stay.outcome = outcome
        stay.end_wait(place_wait_s)
        self.reader.left(stay)

    def settle(self, stay: Stay) -> None:
        """So it is for the line: no other queue takes the call on."""
        stay.settled = True
        self.reader.settled(stay)

    def both(self, stay: Stay, agent: AgentId, what: Sum, amount: float) -> None:
        """Add to a sum of the stay and of the agent's part in it."""
        self.add(stay, what, amount)
        self.work(stay, agent, what, amount)

    def add(self, stay: Stay, what: Sum, amount: float) -> None:
        """Add to one of the stay's sums, and tell the reader."""
        setattr(stay, what, getattr(stay, what) + amount)
        self.reader.added(stay, what, amount)

    def work(self, stay: Stay, agent: AgentId, what: Sum, amount: float) -> None:
        """Add to one of the agent's sums in the stay, and tell the reader."""
        part = stay.part(agent)
        setattr(part, what, getattr(part, what) + amount)
        self.reader.worked(stay, agent, what, amount)

    def served(self, call: CallId, agent: AgentId) -> Stay | None:
        """The last stay in which this agent had the call."""
        life = self.lives.get(call)
        return life.served_by(agent) if life is not None else None


# -- who calls ---


def _started(tracker: Tracker, _at: float, fact: facts.CallStarted) -> None:
    tracker.life(fact.call).dnis = fact.dnis


def _attribute(tracker: Tracker, _at: float, fact: facts.AttributeSet) -> None:
    if fact.attribute is Attribute.TOPIC:
        life = tracker.life(fact.call)
        life.topic = "" if life.confidential else fact.value


def _promised(tracker: Tracker, _at: float, fact: facts.CallbackPromised) -> None:
    """A callback: what the call was about that it was promised to, and that nobody is offered twice."""
    life, asked = tracker.life(fact.callback), tracker.lives.get(fact.call) if fact.call else None
    life.callback = True
    if asked is not None:
        life.topic, life.dnis = asked.topic, asked.dnis
        life.confidential = life.confidential or asked.confidential
    if life.confidential:
        life.topic = ""


def _transfer_started(tracker: Tracker, _at: float, fact: facts.TransferStarted) -> None:
    """A confidential line: nobody may read in a report what this caller chose."""
    if fact.confidential:
        life = tracker.life(fact.call)
        life.confidential, life.topic = True, ""
        for stay in life.stays:
            stay.topic = ""


# -- queues ---


def _queued(tracker: Tracker, at: float, fact: facts.Queued) -> None:
    life = tracker.life(fact.call)
    stay = life.stay
    if stay is None or stay.queue != fact.queue:
        if stay is not None:
            tracker.leave(stay, Outcome.OVERFLOWED, at - stay.place_since)
        tracker.enter(life, fact.queue, at, at)


def _place_changed(tracker: Tracker, at: float, fact: facts.PlaceChanged) -> None:
    """To another queue, with the time that the place has waited."""
    life = tracker.lives.get(fact.call)
    stay = life.stay if life else None
    if life is not None and stay is not None and stay.queue != fact.queue:
        tracker.leave(stay, Outcome.OVERFLOWED, at - stay.place_since)
        tracker.enter(life, fact.queue, at, stay.place_since)


def _queue_left(tracker: Tracker, at: float, fact: facts.QueueLeft) -> None:
    """Sent away at the door of a queue, the call never stood in it; it was offered to it all the same."""
    life = tracker.life(fact.call)
    stay = life.stay or tracker.enter(life, fact.queue, at, at)
    tracker.leave(stay, fact.outcome, fact.wait_s)


def _call_ended(tracker: Tracker, at: float, fact: facts.CallEnded) -> None:
    life = tracker.lives.get(fact.call)
    if life is None:
        return
    last = life.stays[-1] if life.stays else None
    if last is not None and not last.settled:
        if not last.over:
            tracker.leave(last, fact.outcome, at - last.place_since)
        tracker.settle(last)
    life.ended = True
    if not life.at_work:
        tracker.forget(life)


# -- agents ---


def _offer_made(tracker: Tracker, _at: float, fact: facts.OfferMade) -> None:
    life = tracker.lives.get(fact.call)
    if life is not None and life.stay is not None:
        tracker.both(life.stay, fact.agent, "offers", 1)


def _offer_ended(tracker: Tracker, _at: float, fact: facts.OfferEnded) -> None:
    life = tracker.lives.get(fact.call)
    if fact.result is OfferResult.NO_ANSWER and life is not None and life.stay is not None:
        tracker.both(life.stay, fact.agent, "rona", 1)


def _connected(tracker: Tracker, at: float, fact: facts.Connected) -> None:
    life = tracker.life(fact.call)
    since = at - fact.wait_s
    stay = life.stay or tracker.enter(life, fact.queue, since, since)
    stay.served = stay.settled = True
    stay.end_wait(fact.wait_s)
    tracker.reader.left(stay)
    tracker.reader.settled(stay)
    part = stay.part(fact.agent)
    part.handled, part.ring_s, stay.ring_s = part.handled + 1, part.ring_s + fact.ring_s, stay.ring_s + fact.ring_s
    tracker.reader.worked(stay, fact.agent, "handled", 1)
    tracker.reader.worked(stay, fact.agent, "ring_s", fact.ring_s)
    tracker.reader.added(stay, "ring_s", fact.ring_s)


def _handed_over(tracker: Tracker, _at: float, fact: facts.HandedOver) -> None:
    """The same stay is now the colleague's: their talk counts there, and nobody waited again."""
    stay = tracker.served(fact.call, fact.by)
    if stay is not None:
        tracker.work(stay, fact.agent, "handled", 1)


def _conversation_ended(tracker: Tracker, _at: float, fact: facts.ConversationEnded) -> None:
    stay = tracker.served(fact.call, fact.agent)
    if stay is not None:
        tracker.lives[fact.call].at_work += 1
        tracker.both(stay, fact.agent, "talk_s", fact.talk_s)
        tracker.both(stay, fact.agent, "hold_s", fact.hold_s)
        if fact.by is Party.LOST_MEDIA:
            tracker.add(stay, "lost_media", 1)


def _media_lost(tracker: Tracker, _at: float, fact: facts.MediaLost) -> None:
    stay = tracker.served(fact.call, fact.agent)
    if stay is not None:
        tracker.work(stay, fact.agent, "lost_media_agent", 1)


def _wrap_up_done(tracker: Tracker, _at: float, fact: facts.WrapUpDone) -> None:
    stay = tracker.served(fact.call, fact.agent)
    if stay is not None:
        life = tracker.lives[fact.call]
        life.at_work = max(0, life.at_work - 1)
        tracker.both(stay, fact.agent, "wrap_up_s", fact.wrap_up_s)
        tracker.forget(life)


# -- Asterisk alone ---


def _survived(tracker: Tracker, at: float, fact: facts.Survived) -> None:
    """Served by Asterisk's own menu: offered where it came to its queue, and not handled by the line.

    The talk is the agent's work; the line's handle time knows nothing of it.
    """
    life = tracker.life(fact.call)
    life.dnis = life.dnis or fact.dnis
    if fact.queue and not fact.booked:
        since = at - fact.ago_s - fact.talk_s - fact.wait_s
        stay = tracker.enter(life, fact.queue, since, since)
        tracker.leave(stay, Outcome.SURVIVED, fact.wait_s)
        tracker.settle(stay)
        if fact.agent:
            tracker.work(stay, fact.agent, "handled", 1)
            tracker.work(stay, fact.agent, "talk_s", fact.talk_s)
    life.ended = True
    tracker.forget(life)


_RULES: dict[type, Callable[[Tracker, float, Any], None]] = {
    facts.CallStarted: _started,
    facts.AttributeSet: _attribute,
    facts.CallbackPromised: _promised,
    facts.TransferStarted: _transfer_started,
    facts.Queued: _queued,
    facts.PlaceChanged: _place_changed,
    facts.QueueLeft: _queue_left,
    facts.CallEnded: _call_ended,
    facts.OfferMade: _offer_made,
    facts.OfferEnded: _offer_ended,
    facts.Connected: _connected,
    facts.HandedOver: _handed_over,
    facts.ConversationEnded: _conversation_ended,
    facts.MediaLost: _media_lost,
    facts.WrapUpDone: _wrap_up_done,
    facts.Survived: _survived,
}
"""What each fact changes; the others change nothing that is counted."""
