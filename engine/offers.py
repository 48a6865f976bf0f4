"""Offers: one live offer per call and per agent, from the choice until the two can be joined."""

from __future__ import annotations

from typing import Final

from agents import Agent, AgentEvent
from calls import AgentId, CallId, CallStage, NotReady, OfferId, OfferResult, Outcome, Party
from calls import commands as c
from calls import events as e
from calls import facts as f

from . import callback_requests, display, faults, legs, overflow, places, playback, reach, staff
from .call import Call
from .machine import OfferState
from .next import CallCitizen, HangUp, OfferTo
from .state import EngineState, Offer
from .timers import TimerKind
from .work import WorkItem

BACK_S: Final = 10.0
"""Seconds for which a call that came back is kept for its sender."""
MOST_FAILED_CONNECTS: Final = 2
"""Number of failed joins after which the caller's channel counts as dead."""


def distribute(w: EngineState) -> None:
    """Give waiting calls to available agents until no rule allows another offer."""
    if not w.linked:
        return
    while (choice := w.distributor.next(w.now)) is not None:
        call = w.calls[CallId(choice.place.item)]
        _make(w, call.work, choice.agent, choice.rule, callback_requests.hold_s(w, call))
    if (holdback_ends_at := w.distributor.holdback_ends_at(w.now)) is not None:
        w.timers.set(TimerKind.HOLDBACK, "", holdback_ends_at)


def holdback_expired(w: EngineState) -> None:
    """Handle the HOLDBACK timer: agents were held back long enough."""
    w.distributor.everything_changed()


def offer_to(w: EngineState, call: Call, wanted: OfferTo) -> None:
    """Ring the agent to whom a colleague sent the call; if that is not possible, return it to its sender."""
    agent = wanted.agent
    if call.stage is not CallStage.WAITING or call.work.offer is not None:
        return
    there = reach.reached(w, call.work) and reach.home(w, call.work) not in w.roster[agent].missing
    if there and w.roster[agent].available:
        _make(w, call.work, w.roster[agent], "sent by a colleague")
    else:
        come_back(w, call.work, agent)


def come_back(w: EngineState, item: WorkItem, target: AgentId) -> None:
    """Return the item to the agent who sent it, if they are still there: the colleague did not take it."""
    sender, item.sender = item.sender, None
    if sender is None or sender not in w.roster or not w.roster[sender].serving:
        return
    item.returned_by = target
    places.prefer(w, item, sender, f"back to {sender}: {target} is {w.roster[target].availability.value}", BACK_S)
    if w.roster[sender].offer is None:
        legs.ring_for_returned(w, w.roster[sender])


def _make(w: EngineState, item: WorkItem, agent: Agent, rule: str, hold_s: float = 0.0) -> None:
    """Offer the item. ``hold_s``: the longest time that the agent's leg may wait for a citizen who is called then."""
    call = CallId(item.id)
    place, queue = w.room.place(item.id), w.queue(item)
    why = w.distributor.reasons(place) if w.explains else None
    w.made += 1
    node = reach.rung_at(w, agent, place.node)
    offer = Offer(OfferId(f"{node}-o{w.epoch}-{w.made}"), call, agent.id, queue.id, w.now)
    w.offers[offer.id], item.offer, agent.offer = offer, offer.id, offer.id
    w.room.reserve(item.id)
    if why is not None:
        w.tell(
            f.OfferMade,
            offer.id,
            call,
            agent.id,
            queue.id,
            w.now - place.entered_at,
            rule,
            place.key(w.now),
            why.eligible_count,
            why.eligible,
            why.excluded,
        )
    staff.move(w, agent, AgentEvent.OFFERED)
    shown, by_itself = display.shown(w, item) if w.explains else "", agent.settings.auto_answer
    w.tell(c.Ring, offer.id, call, agent.id, queue.ring_s, item.ani, shown, by_itself, hold_s)
    w.set_timer(TimerKind.RING, offer.id, queue.ring_s)


def rang(w: EngineState, offer: Offer, _: object) -> None:
    """Note that the agent's phone rings."""
    w.roster[offer.agent].faults = 0


def answered(w: EngineState, offer: Offer, _: object) -> CallCitizen | None:
    """Join agent and caller now, whatever the caller hears; for a callback, ring the citizen."""
    call = w.calls[offer.call]
    picked_up(w, offer)
    if call.stage is CallStage.DIALLING:
        return CallCitizen()
    legs.connect(w, offer)
    return None


def picked_up(w: EngineState, offer: Offer) -> None:
    """Note that the agent answered; agent and caller do not hear each other yet."""
    w.move_offer(offer, OfferState.ANSWERED)
    offer.answered_at = w.now
    w.roster[offer.agent].faults = 0
    call = w.calls[offer.call]
    w.move(call, CallStage.DIALLING if call.stage is CallStage.PROMISED else CallStage.CONNECTING)
    call.asked = None
    w.timers.cancel(TimerKind.ASKED, call.id)
    legs.offer_ended(w, offer, OfferResult.ANSWERED)
    staff.move(w, w.roster[offer.agent], AgentEvent.ANSWERED)


def failed(w: EngineState, offer: Offer, event: e.OfferFailed) -> None:
    """End the offer: the phone did not take the call, or the line could not ring it. The call keeps its place."""
    _missed(w, offer, faults.judged(w.roster[offer.agent], event.result), event.detail)
    legs.forget(w, offer)


def left_ringing(w: EngineState, offer: Offer, _: bool) -> None:
    """End the offer: the agent's leg is gone while it rang. The call keeps its place."""
    _missed(w, offer, OfferResult.REJECTED, "left while ringing")
    legs.forget(w, offer)


def no_answer(w: EngineState, offer: Offer) -> None:
    """Handle the RING timer: RONA. With the switch out of reach it is unknown whether the phone rang at all."""
    if reach.of_offer(w, offer.id).linked:
        _missed(w, offer, OfferResult.NO_ANSWER, "")
    else:
        _missed(w, offer, OfferResult.FAILED, "the link is down")
    legs.close(w, offer)


def _missed(w: EngineState, offer: Offer, result: OfferResult, detail: str) -> None:
    """Make the agent not ready with a reason; if the line itself failed, they stay ready and rest."""
    legs.offer_ended(w, offer, result, detail)
    agent, call = w.roster[offer.agent], w.calls[offer.call]
    agent.missed = agent.missed or result is OfferResult.NO_ANSWER
    if result is OfferResult.FAILED:
        faults.rest(w, agent)
        staff.move(w, agent, AgentEvent.WITHDRAWN)
    else:
        staff.move(w, agent, AgentEvent.MISSED, NotReady.RONA if result is OfferResult.NO_ANSWER else result.value)
    _back_to_line(w, call)
    if call.work.sender is not None and call.stage is CallStage.WAITING:
        come_back(w, call.work, agent.id)


def _back_to_line(w: EngineState, call: Call) -> None:
    call.work.offer = None
    w.move(call, CallStage.PROMISED if call.stage is CallStage.PROMISED else CallStage.WAITING)
    w.room.release(call.id)
    w.distributor.item_free(w.room.place(call.id))
    if call.stage is CallStage.WAITING:
        overflow.look_again(w, call)


def connect_failed(w: EngineState, call: Call, _: e.CallerBack | None = None) -> HangUp | None:
    """Return the call to its place and free the agent: they could not be joined."""
    if call.work.offer is None:
        return None
    offer = w.offers[call.work.offer]
    w.tell(f.Discrepancy, call.id, "connecting", "not joined", "back to its place")
    after = _unjoined(w, call, offer, AgentEvent.WITHDRAWN, "")
    legs.close(w, offer)
    return after


def connect_late(w: EngineState, offer: Offer) -> HangUp | None:
    """Handle the CONNECT timer: agent and caller were not joined in time."""
    return connect_failed(w, w.calls[offer.call])


def left_unbridged(w: EngineState, offer: Offer, _: object) -> HangUp | None:
    """End the offer: the agent hung up between their answer and the conversation."""
    after = _unjoined(w, w.calls[offer.call], offer, AgentEvent.MISSED, OfferResult.REJECTED.value)
    legs.forget(w, offer)
    return after


def _unjoined(w: EngineState, call: Call, offer: Offer, event: AgentEvent, reason: str) -> HangUp | None:
    w.timers.cancel(TimerKind.CONNECT, offer.id)
    staff.move(w, w.roster[offer.agent], event, reason)
    if call.stage is CallStage.DIALLING:
        call.work.offer = None
        callback_requests.agent_gave_up(w, call)
        return None
    call.failed_connects += 1
    if call.failed_connects <= MOST_FAILED_CONNECTS:
        _back_to_line(w, call)
        playback.music(w, call)
        return None
    call.work.offer = None
    w.move(call, CallStage.WAITING)
    places.leave_queue(w, call.work, Outcome.LOST)
    call.decide(Outcome.LOST, Party.LINE)
    return HangUp()
