"""Conversations, from when caller and agent hear each other until the end of the wrap-up."""

from __future__ import annotations

from typing import Final

from agents import TABLE, AgentEvent
from calls import AgentId, AgentState, CallStage, ContractError, Outcome, Party, QueueId
from calls import events as e
from calls import facts as f

from . import legs, places, staff, transfers
from .call import Call
from .ending import caller_left, end_call
from .farewell import LEAVE_S
from .machine import OfferState
from .next import AfterTalk, Join
from .state import EngineState, Offer, WrapUp
from .timers import TimerKind

CUT_OFF_POINTS: Final = 3600.0
"""Points of a caller who was cut off in a conversation: worth an hour of waiting."""


def bridged(w: EngineState, offer: Offer, _: object) -> None:
    """Begin the conversation: caller and agent are joined."""
    begin(w, w.calls[offer.call], offer)


def begin(w: EngineState, call: Call, offer: Offer) -> None:
    """Begin the conversation: the call has left the queue for good."""
    w.timers.cancel(TimerKind.CONNECT, offer.id)
    w.timers.cancel(TimerKind.DIAL, call.id)
    item = call.work
    item.served_by, item.sender, item.returned_by = offer.agent, None, ""
    call.asked = None
    places.served(w, item, offer)
    w.move_offer(offer, OfferState.TALKING)
    w.move(call, CallStage.TALKING)
    offer.talk_at = w.now
    place = w.room.leave(call.id)
    wait_s, ring_s = offer.answered_at - place.entered_at, offer.answered_at - offer.made_at
    w.tell(f.Connected, call.id, offer.id, offer.agent, offer.queue, wait_s, ring_s)


def hold(w: EngineState, offer: Offer, event: e.HoldChanged) -> None:
    """Note that the agent puts the caller on hold, or takes them off; what is so already is ``Unexpected``."""
    on = event.on
    if on == (offer.hold_at is not None):
        w.tell(f.Unexpected, "HoldChanged", offer.id, "on hold" if on else "not on hold")
        return
    _end_hold(w, offer)
    offer.hold_at = w.now if on else None
    w.tell(f.Held, offer.call, offer.agent, on)


def _end_hold(w: EngineState, offer: Offer) -> None:
    if offer.hold_at is not None:
        offer.hold_s += w.now - offer.hold_at
        offer.hold_at = None


def left(w: EngineState, call: Call, lost: bool) -> None:
    """End the conversation: the caller hung up, or their channel is gone."""
    offer = _over(w, call, caller_left(w, call, lost))
    legs.close(w, offer)
    end_call(w, call)


def back(w: EngineState, call: Call, _: e.CallerBack) -> AfterTalk:
    """Go on to the survey or goodbye: the agent's leg is gone, though its own event may come a moment later."""
    offer = _over(w, call, Party.AGENT)
    legs.close(w, offer)
    return AfterTalk()


def leg_failed(w: EngineState, offer: Offer, _: e.OfferFailed) -> None:
    """Note that the agent's leg is gone, as if they had hung up."""
    agent_left(w, offer, lost=False)


def agent_left(w: EngineState, offer: Offer, lost: bool) -> None:
    """Note that the agent hung up, or (``lost``) their phone died; ``CallerBack`` follows."""
    call = w.calls[offer.call]
    if lost:
        w.tell(f.MediaLost, call.id, offer.agent)
    _over(w, call, Party.LOST_MEDIA if lost else Party.AGENT)
    w.move(call, CallStage.LEAVING)
    w.set_timer(TimerKind.LEAVE, call.id, LEAVE_S)
    legs.forget(w, offer)


def farewell(w: EngineState, call: Call, _: e.CallerBack) -> AfterTalk | Join:
    """Go on after the conversation: survey or goodbye; a caller who was cut off joins the queue again, first."""
    if call.by is Party.LOST_MEDIA and call.work.served_by is not None and not call.surveyed:
        return _cut_off(w, call)
    return AfterTalk()


def _cut_off(w: EngineState, call: Call) -> Join:
    """Put the caller back into the queue, before all calls of the kind: the agent's phone died."""
    w.timers.cancel(TimerKind.LEAVE, call.id)
    item = call.work
    call.by, item.overflowed = Party.LINE, ()
    item.extra_points = max(item.extra_points, CUT_OFF_POINTS)
    return Join(w.queue(item).id)


def sent_on(w: EngineState, call: Call, event: e.AgentTransferred) -> Join | None:
    """Handle a transfer by the agent to an outside number or back into a queue; the agent may have left already."""
    if not _stepped_aside(w, call, event):
        return None
    if not event.dialled and (event.target in w.settings.queues or event.target in w.roster):
        return _back_into_line(w, call, event.target)
    transfers.begin(w, call)
    w.tell(f.TransferStarted, call.id, event.target, False)
    return None


def _stepped_aside(w: EngineState, call: Call, event: e.AgentTransferred | e.CallHandedOver) -> bool:
    """Take the agent out of the conversation. Returns False if the caller never had one."""
    if call.work.served_by is None:
        w.tell(f.Unexpected, type(event).__name__, call.id, call.stage)
        return False
    if call.stage is CallStage.TALKING:
        legs.close(w, _over(w, call, Party.AGENT))
    elif call.stage is CallStage.TRANSFERRING:
        transfers.end(w, call)
    w.timers.cancel(TimerKind.LEAVE, call.id)
    call.work.overflowed = ()
    return True


def _back_into_line(w: EngineState, call: Call, target: str) -> Join:
    """Begin a new wait in the queue named, or in the same one if a colleague was named, who is offered the call."""
    item = call.work
    w.tell(f.SentOn, call.id, item.served_by or AgentId(""), target)
    queue = QueueId(target) if target in w.settings.queues else w.queue(item).id
    if target not in w.roster:
        return Join(queue)
    item.sender, item.returned_by = item.served_by, ""
    return Join(queue, first=AgentId(target))


def handed_over(w: EngineState, call: Call, event: e.CallHandedOver) -> None:
    """Hand the conversation over to the colleague with whom the agent joined the caller."""
    if not _stepped_aside(w, call, event):
        return
    offer = Offer(event.offer, call.id, event.agent, w.queue(call.work).id, w.now)
    offer.state, offer.answered_at, offer.talk_at = OfferState.TALKING, w.now, w.now
    w.offers[offer.id] = offer
    if AgentEvent.HANDED in TABLE[w.roster[event.agent].state] and w.roster[event.agent].offer is None:
        _take_over(w, call, offer)
    else:
        _lend(w, call, offer)


def _take_over(w: EngineState, call: Call, offer: Offer) -> None:
    agent, by = w.roster[offer.agent], call.work.served_by or AgentId("")
    w.move(call, CallStage.TALKING)
    call.work.offer, agent.offer, call.work.served_by = offer.id, offer.id, agent.id
    w.tell(f.HandedOver, call.id, offer.id, agent.id, offer.queue, by)
    staff.move(w, agent, AgentEvent.HANDED)


def _lend(w: EngineState, call: Call, offer: Offer) -> None:
    """Count a colleague who already has a call like an outside party: one agent has one call."""
    w.move_offer(offer, OfferState.CLOSING)
    transfers.begin(w, call)
    call.transfer_at = w.now
    w.tell(f.TransferStarted, call.id, offer.agent, False)


def vanished(w: EngineState, call: Call) -> None:
    """End a conversation whose legs are both gone without an event."""
    offer = _over(w, call, Party.UNKNOWN, exact=False)
    legs.close(w, offer)
    end_call(w, call)


def _over(w: EngineState, call: Call, by: Party, *, exact: bool = True) -> Offer:
    if call.work.offer is None:
        raise ContractError(f"{call.id} talks to nobody")
    offer = w.offers[call.work.offer]
    _end_hold(w, offer)
    talk_s = w.now - offer.talk_at - offer.hold_s
    w.tell(f.ConversationEnded, call.id, offer.id, offer.agent, offer.queue, talk_s, offer.hold_s, by, exact)
    call.decide(Outcome.HANDLED, by)
    call.work.offer = None
    _start_wrap_up(w, offer, talk_s + offer.hold_s)
    return offer


def _start_wrap_up(w: EngineState, offer: Offer, talked_s: float) -> None:
    w.wrap_ups[offer.agent] = WrapUp(offer.call, offer.queue, talked_s)
    agent = w.roster[offer.agent]
    staff.move(w, agent, AgentEvent.CALL_ENDED)
    queue = w.settings.queues.get(offer.queue)
    wrap_up_s = queue.wrap_up_s if queue else 0.0
    w.set_timer(TimerKind.WRAP_UP, agent.id, wrap_up_s)
    if queue and 0 < queue.ring_ahead_s < wrap_up_s and agent.pending is None:
        w.set_timer(TimerKind.RING_AHEAD, agent.id, wrap_up_s - queue.ring_ahead_s)


def ring_ahead(w: EngineState, subject: AgentId) -> None:
    """Handle the RING_AHEAD timer: the wrap-up ends soon, so a call may ring already."""
    agent = w.roster[subject]
    ends_at = w.timers.at(TimerKind.WRAP_UP, subject)
    if agent.state is AgentState.WRAP_UP and ends_at is not None:
        w.roster.ring_ahead(agent, ends_at)
        w.distributor.agent_free(agent)


def wrap_up_over(w: EngineState, subject: AgentId) -> None:
    """Handle the WRAP_UP timer: the wrap-up is over."""
    staff.move(w, w.roster[subject], AgentEvent.WRAP_UP_OVER)
