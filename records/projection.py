"""Facts to rows: what the reporting tables say about each call, offer and agent. Pure; a ``Projector`` holds the rows.

It decides what a report can know, so also what it must not know: a confidential call keeps no number, no choice and
no path. It must not know where rows are kept, nor what counts: ``stays`` keeps what the tracker says. A fact about
something unknown (its beginning fell into a gap) makes the row it needs: a late reader takes what there is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from calls import CallId, CallStage, OfferResult, Outcome, encode, facts
from metrics import Tracker

from .rows import Rows
from .spans import after, before, between, moved
from .stays import StayKeeper, redated
from .tables import Base, CallRow, OfferRow
from .told import StepFacts


@dataclass(slots=True)
class Projector(Rows):
    """The rows at hand, and the calls in them as the tracker counts them."""

    tracker: Tracker = field(init=False)
    stays: StayKeeper = field(init=False)

    def __post_init__(self) -> None:
        self.stays = StayKeeper(self)
        self.tracker = Tracker(self.stays, keeps=True)

    def apply(self, step: StepFacts) -> None:
        """Enter one step; steps come in the journal's order, each once."""
        self.at = self.instant(step.now)
        self.seq, self.anomalies = step.seq, 0
        if step.gap:
            self.lost(step.gap)
        for fact in step.facts:
            if not isinstance(fact, _BEGINNINGS):
                self.track(fact)
            enter = _ENTRIES.get(type(fact))
            if enter:
                enter(self, self.at, fact)
            if isinstance(fact, facts.ClockSet):
                self.at = self.instant(step.now)

    def track(self, fact: facts.Fact) -> None:
        """Count it. In order with the rows: a call's own row is there before that of its first stay."""
        self.tracker.take(self.at.timestamp(), fact)


def _plus(sum_s: float | None, more_s: float) -> float:
    return (sum_s or 0.0) + more_s


# The line.


def _line_opened(projector: Projector, at: datetime, fact: facts.LineOpened) -> None:
    if abs(fact.anchor - projector.anchor) > 1.0:
        projector.odd(at, "anchor", fact.node, f"the engine's is {fact.anchor}, the journal's {projector.anchor}")


def _clock_set(projector: Projector, at: datetime, fact: facts.ClockSet) -> None:
    """Date what still goes on by the new clock, from its beginning; a promised time stays what was said."""
    projector.moved_s += fact.by_s
    projector.odd(moved(at, fact.by_s), "clock", projector.meta.node, f"set by {fact.by_s:+.1f} s")
    for call in [call for call in projector.calls.values() if call.ended_at is None]:
        _redate(fact.by_s, call, "started_at", "queued_at", "answered_at")
        for segment in projector.segments.get(call.id, ()):
            _redate(fact.by_s, segment, "started_at", "ended_at")
        for offer in [offer for (name, _), offer in projector.offers.items() if name == call.id]:
            _redate(fact.by_s, offer, "made_at", "ended_at")
        redated(projector.tracker.lives.get(CallId(call.id)), fact.by_s)
    for spell in projector.spells.values():
        _redate(fact.by_s, spell, "since")


def _redate(by_s: float, row: Base, *instants: str) -> None:
    for name in instants:
        at = getattr(row, name)
        if at is not None:
            setattr(row, name, moved(at, by_s))


def _news(kind: str, said: Callable[[Any], str]) -> Callable[[Projector, datetime, Any], None]:
    """Make the entry for a fact that concerns the line as a whole."""
    return lambda projector, at, fact: projector.odd(at, kind, projector.meta.node, said(fact))


def _ordered(projector: Projector, at: datetime, fact: facts.Ordered) -> None:
    projector.odd(
        at, "order", fact.subject or projector.meta.node, f"{fact.order} {fact.detail}".strip() + f" by {fact.by}"
    )


def _unexpected(projector: Projector, at: datetime, fact: facts.Unexpected) -> None:
    projector.odd(at, "unexpected", fact.subject, f"{fact.event} in {fact.state}")


def _discrepancy(projector: Projector, at: datetime, fact: facts.Discrepancy) -> None:
    projector.odd(at, "discrepancy", fact.subject, f"{fact.engine} / {fact.switch}: {fact.done}")


def _command_lost(projector: Projector, at: datetime, fact: facts.CommandLost) -> None:
    projector.odd(at, "command_lost", fact.subject, f"{fact.command}: {fact.error}; {fact.done}")


# The menus.


def _call_started(projector: Projector, at: datetime, fact: facts.CallStarted) -> None:
    if fact.call in projector.calls:
        projector.odd(at, "doubled", fact.call, "the call had begun already")
    call = projector.call(fact.call, at)
    call.dnis = fact.dnis
    if not call.confidential:
        call.ani = fact.ani
    projector.track(fact)


def _node_entered(projector: Projector, at: datetime, fact: facts.NodeEntered) -> None:
    call = projector.call(fact.call, at)
    projector.end(call, at, ("menu",), "")
    if not call.confidential:
        projector.begin(call, at, "menu", fact.node)


def _key_taken(projector: Projector, at: datetime, fact: facts.KeyTaken) -> None:
    for menu in projector.running(projector.call(fact.call, at), "menu"):
        menu.result, menu.detail = fact.meaning, fact.key


def _input_missed(projector: Projector, at: datetime, fact: facts.InputMissed) -> None:
    for menu in projector.running(projector.call(fact.call, at), "menu"):
        menu.tries = fact.tries


def _digits_taken(projector: Projector, at: datetime, fact: facts.DigitsTaken) -> None:
    for menu in projector.running(projector.call(fact.call, at), "menu"):
        menu.result, menu.tries = "typed", fact.tries


def _lookup_ended(projector: Projector, at: datetime, fact: facts.LookupEnded) -> None:
    for menu in projector.running(projector.call(fact.call, at), "menu"):
        menu.result, menu.detail = "failed" if fact.error else "answered", fact.error


def _message_left(projector: Projector, at: datetime, fact: facts.MessageLeft) -> None:
    for menu in projector.running(projector.call(fact.call, at), "menu"):
        menu.result, menu.detail = "recorded", fact.file


def _surveyed(projector: Projector, at: datetime, fact: facts.Surveyed) -> None:
    for menu in projector.running(projector.call(fact.call, at), "menu"):
        menu.result = str(fact.score)


def _attribute_set(projector: Projector, at: datetime, fact: facts.AttributeSet) -> None:
    call = projector.call(fact.call, at)
    if not call.confidential:
        setattr(call, fact.attribute.value, fact.value)


# Waiting and offers.


def _place_changed(projector: Projector, at: datetime, fact: facts.PlaceChanged) -> None:
    call = projector.call(fact.call, at)
    if call.callback and call.queued_at is None:
        call.queue = fact.queue  # its time has not come: it stands nowhere yet


def _offer_made(projector: Projector, at: datetime, fact: facts.OfferMade) -> None:
    call = projector.call(fact.call, at)
    if (fact.call, fact.offer) in projector.offers:
        projector.odd(at, "doubled", fact.offer, "the offer had been made already")
        return
    call.offers += 1
    projector.end(call, at, ("dialling",), "")
    reason = {key: value for key, value in encode(fact).items() if key not in ("type", "offer", "call")}
    offer = OfferRow(
        call_id=fact.call,
        id=fact.offer,
        agent=fact.agent,
        queue=fact.queue,
        made_at=at,
        waited_s=fact.waited_s,
        reason=reason,
    )
    projector.offers[fact.call, fact.offer] = offer
    projector.added.append(offer)
    projector.begin(call, at, "ringing", fact.queue, agent=fact.agent, offer_id=fact.offer)


def _offer_ended(projector: Projector, at: datetime, fact: facts.OfferEnded) -> None:
    call = projector.call(fact.call, at)
    offer = projector.offers.get((fact.call, fact.offer))
    if offer:
        offer.ended_at, offer.ring_s = at, fact.ring_s
        offer.result, offer.detail = fact.result.value, fact.detail
    for ringing in projector.running(call, "ringing"):
        if ringing.offer_id == fact.offer:
            ringing.ended_at, ringing.duration_s = at, fact.ring_s
            ringing.result, ringing.detail = fact.result.value, fact.detail
    if call.callback and call.answered_at is None and fact.result is OfferResult.ANSWERED:
        projector.begin(call, at, "dialling", fact.queue, agent=fact.agent, offer_id=fact.offer)


# Callbacks.


def _callback_promised(projector: Projector, at: datetime, fact: facts.CallbackPromised) -> None:
    call = projector.call(fact.callback, at)
    call.callback, call.callback_of, call.attempts = True, fact.call, 0
    call.ani, call.language, call.queue = fact.number, fact.language, fact.queue
    call.due_at = None if fact.due_s is None else after(at, fact.due_s)
    asked = projector.calls.get(fact.call) if fact.call else None
    if asked is not None:
        call.dnis, call.topic, call.role = asked.dnis, asked.topic, asked.role
    projector.track(fact)
    if call.confidential or (asked is not None and asked.confidential):
        _conceal(projector, call)


def _callback_missed(projector: Projector, at: datetime, fact: facts.CallbackMissed) -> None:
    call = projector.call(fact.callback, at)
    call.attempts = fact.attempts
    for dialling in projector.running(call, "dialling"):
        dialling.detail = fact.detail
    projector.end(call, at, ("dialling",), fact.result.value)


# Conversation and after.


def _connected(projector: Projector, at: datetime, fact: facts.Connected) -> None:
    call = projector.call(fact.call, at)
    projector.end(call, at, ("menu", "ringing"), "")
    projector.end(call, at, ("dialling",), OfferResult.ANSWERED.value)
    projector.begin(call, at, "conversation", fact.queue, agent=fact.agent, offer_id=fact.offer)
    call.answered_at = call.answered_at or at
    call.queue, call.agent = fact.queue, fact.agent
    call.ring_s = _plus(call.ring_s, fact.ring_s)


def _held(projector: Projector, at: datetime, fact: facts.Held) -> None:
    call = projector.call(fact.call, at)
    projector.end(call, at, ("hold",), "")
    if fact.on:
        projector.begin(call, at, "hold", None, agent=fact.agent)


def _conversation_ended(projector: Projector, at: datetime, fact: facts.ConversationEnded) -> None:
    call = projector.call(fact.call, at)
    call.talk_s, call.hold_s = _plus(call.talk_s, fact.talk_s), _plus(call.hold_s, fact.hold_s)
    call.exact = call.exact and fact.exact
    projector.end(call, at, ("hold",), "")
    projector.end(call, at, ("conversation",), fact.by.value, fact.talk_s + fact.hold_s)


def _media_lost(projector: Projector, at: datetime, fact: facts.MediaLost) -> None:
    """Enter whose phone it was; the conversation's own end follows."""
    for talk in projector.running(projector.call(fact.call, at), "conversation"):
        talk.detail = "agent" if fact.agent else "caller"
    projector.odd(at, "lost_media", fact.agent or fact.call, f"{fact.call}: gone without hanging up")


def _handed_over(projector: Projector, at: datetime, fact: facts.HandedOver) -> None:
    call = projector.call(fact.call, at)
    projector.end(call, at, ("hold",), "")
    projector.begin(call, at, "conversation", fact.queue, agent=fact.agent, offer_id=fact.offer)
    call.agent = fact.agent


def _wrap_up_done(projector: Projector, at: datetime, fact: facts.WrapUpDone) -> None:
    call = projector.call(fact.call, at)
    call.wrap_up_s = _plus(call.wrap_up_s, fact.wrap_up_s)


def _transfer_started(projector: Projector, at: datetime, fact: facts.TransferStarted) -> None:
    call = projector.call(fact.call, at)
    projector.end(call, at, ("menu",), "")
    if fact.confidential:
        _conceal(projector, call)
    projector.begin(call, at, "transfer", None if fact.confidential else fact.target)


def _conceal(projector: Projector, call: CallRow) -> None:
    """A line such as 15900: nobody may read in a report who called it, or that this caller did."""
    call.confidential = True
    call.ani = call.language = call.topic = call.role = call.callback_of = None
    projector.erase(call, "menu")
    life = projector.tracker.lives.get(CallId(call.id))
    for stay in life.stays if life else ():
        stay.mark.topic = ""


def _transfer_ended(projector: Projector, at: datetime, fact: facts.TransferEnded) -> None:
    call = projector.call(fact.call, at)
    projector.end(call, at, ("transfer",), "answered" if fact.answered else "not_answered")


def _call_ended(projector: Projector, at: datetime, fact: facts.CallEnded) -> None:
    call = projector.call(fact.call, at)
    projector.end(call, at, (), fact.outcome.value)
    call.ended_at, call.total_s = at, fact.total_s
    call.outcome, call.stage, call.hung_up_by = fact.outcome.value, fact.stage.value, fact.by.value


def _survived(projector: Projector, at: datetime, fact: facts.Survived) -> None:
    """Enter what Asterisk's own account tells of a call; what the engine had told before stays."""
    known, ended = fact.call in projector.calls, before(at, fact.ago_s)
    began = before(ended, fact.total_s)
    call = projector.call(fact.call, began)
    call.ended_at, call.total_s = ended, between(call.started_at, ended) if known else fact.total_s
    if call.outcome is None or not fact.booked:
        call.outcome = Outcome.SURVIVED.value
    call.hung_up_by, call.exact = fact.by.value, False
    call.stage = call.stage or (CallStage.WAITING if fact.queue else CallStage.MENU).value
    if not call.confidential:
        call.ani, call.dnis = call.ani or fact.ani, call.dnis or fact.dnis
    projector.track(fact)
    if fact.queue:
        _served_alone(projector, call, fact, before(ended, fact.talk_s + fact.wait_s))


def _served_alone(projector: Projector, call: CallRow, fact: facts.Survived, queued: datetime) -> None:
    """In Asterisk's own queue: a wait, and a conversation where an agent took the call."""
    connected = after(queued, fact.wait_s)
    if fact.booked:  # it was counted as what the engine knew of it: this wait is a part of its journey only
        call.queue, call.queued_at = call.queue or fact.queue, call.queued_at or queued
        call.wait_s, call.left_queue = fact.wait_s, Outcome.SURVIVED.value
        projector.begin(call, queued, "waiting", fact.queue)
        projector.end(call, connected, ("waiting",), Outcome.SURVIVED.value)
    if fact.agent:
        call.agent, call.talk_s = fact.agent, fact.talk_s
        projector.begin(call, connected, "conversation", fact.queue, agent=fact.agent)
        projector.end(call, after(connected, fact.talk_s), ("conversation",), fact.by.value)


# Agents.


def _agent_changed(projector: Projector, at: datetime, fact: facts.AgentChanged) -> None:
    """Close the spell and open the next; a spell whose beginning was lost is put in from what the fact knows."""
    spell = projector.spells.get(fact.agent)
    since = before(at, fact.lasted_s)
    if spell is None or spell.state != fact.old.value:
        spell = projector.next_spell(fact.agent, fact.old.value, "", since)
    projector.close(spell, at)
    projector.next_spell(fact.agent, fact.new.value, fact.reason, at)


_BEGINNINGS = (facts.CallStarted, facts.CallbackPromised, facts.Survived)
"""Facts that make the row of their call, and are counted when it is there."""
_ENTRIES: dict[type, Callable[[Projector, datetime, Any], None]] = {
    facts.LineOpened: _line_opened,
    facts.ClockSet: _clock_set,
    facts.TrunkChanged: _news("trunk", lambda fact: "answers" if fact.reachable else "does not answer"),
    facts.LinkChanged: _news("link", lambda fact: "up" if fact.up else f"down: {fact.reason}"),
    facts.NodeLost: _news("link", lambda fact: f"{fact.node} lost with {fact.calls} calls"),
    facts.EditionTaken: _news("version", lambda fact: f"{fact.edition} by {fact.by}" if fact.by else str(fact.edition)),
    facts.Ordered: _ordered,
    facts.BannerChanged: _news("banner", lambda fact: fact.prompt or "off"),
    facts.Erased: _news("erased", lambda fact: f"{fact.token} by {fact.by}"),
    facts.Unexpected: _unexpected,
    facts.Discrepancy: _discrepancy,
    facts.CommandLost: _command_lost,
    facts.CallStarted: _call_started,
    facts.NodeEntered: _node_entered,
    facts.KeyTaken: _key_taken,
    facts.InputMissed: _input_missed,
    facts.DigitsTaken: _digits_taken,
    facts.LookupEnded: _lookup_ended,
    facts.Surveyed: _surveyed,
    facts.MessageLeft: _message_left,
    facts.AttributeSet: _attribute_set,
    facts.PlaceChanged: _place_changed,
    facts.OfferMade: _offer_made,
    facts.OfferEnded: _offer_ended,
    facts.CallbackPromised: _callback_promised,
    facts.CallbackMissed: _callback_missed,
    facts.Connected: _connected,
    facts.Held: _held,
    facts.ConversationEnded: _conversation_ended,
    facts.MediaLost: _media_lost,
    facts.HandedOver: _handed_over,
    facts.WrapUpDone: _wrap_up_done,
    facts.TransferStarted: _transfer_started,
    facts.TransferEnded: _transfer_ended,
    facts.CallEnded: _call_ended,
    facts.Survived: _survived,
    facts.AgentChanged: _agent_changed,
}
