"""An agent's leg: joined with the caller, withdrawn, closed, forgotten."""

from __future__ import annotations

from typing import Final

from agents import Agent, AgentEvent
from calls import AgentState, ContractError, OfferResult
from calls import commands as c
from calls import facts as f

from . import staff
from .machine import OfferState
from .state import EngineState, Offer
from .timers import TimerKind

CONNECT_S: Final = 5.0
"""Longest time (s) from an agent's answer until agent and caller hear each other."""
CLOSE_S: Final = 5.0
"""Longest time (s) an agent's leg may take to go after it was cancelled."""


def connect(w: EngineState, offer: Offer) -> None:
    """Join agent and caller: both are there."""
    w.tell(c.Connect, offer.call, offer.id)
    w.set_timer(TimerKind.CONNECT, offer.id, CONNECT_S)


def withdraw(w: EngineState, offer: Offer) -> None:
    """Withdraw the offer: the call went while the agent's phone rang or had just been answered."""
    if offer.state is OfferState.RINGING:
        offer_ended(w, offer, OfferResult.WITHDRAWN)
    w.timers.cancel(TimerKind.CONNECT, offer.id)
    staff.move(w, w.roster[offer.agent], AgentEvent.WITHDRAWN)
    close(w, offer)


def offer_ended(w: EngineState, offer: Offer, result: OfferResult, detail: str = "") -> None:
    """Tell that the phone rings no more, and why."""
    w.timers.cancel(TimerKind.RING, offer.id)
    ring_s = w.now - offer.made_at
    w.tell(f.OfferEnded, offer.id, offer.call, offer.agent, offer.queue, result, ring_s, detail)


def close(w: EngineState, offer: Offer) -> None:
    """Close the decided offer. The agent gets no other call until their leg is gone."""
    w.move_offer(offer, OfferState.CLOSING)
    w.tell(c.CancelRing, offer.id)
    w.set_timer(TimerKind.CLOSE, offer.id, CLOSE_S)


def cancel_again(w: EngineState, offer: Offer, _: object) -> None:
    """Cancel once more: the phone rang, or was answered, just after the first cancel."""
    w.tell(c.CancelRing, offer.id)


def closed(w: EngineState, offer: Offer, _: object) -> None:
    """Forget the offer: the agent's leg is gone."""
    forget(w, offer)


def never_closed(w: EngineState, offer: Offer) -> None:
    """Handle the CLOSE timer: the leg did not go in time."""
    w.tell(f.Discrepancy, offer.id, "closing", "no hang-up seen", "counted as gone")
    w.tell(c.CancelRing, offer.id)
    forget(w, offer)


def forget(w: EngineState, offer: Offer) -> None:
    """Forget the offer, as the agent's leg is gone: they can have another call."""
    if None not in w.offer_moves[offer.state]:
        raise ContractError(f"{offer.id} cannot end {offer.state}")
    w.timers.forget(offer.id)
    del w.offers[offer.id]
    agent = w.roster[offer.agent]
    if agent.offer == offer.id:
        agent.offer = None
    staff.refresh(w, agent)
    ring_for_returned(w, agent)


def ring_for_returned(w: EngineState, agent: Agent) -> None:
    """Ring an agent for their own call that came back, even during wrap-up."""
    kept = w.room.by_preferred_agent.get(agent.id)  # not all who wait: every agent comes here after every call
    if not kept or agent.state is not AgentState.WRAP_UP:
        return
    if any(w.item(place.item).returned_by for place in kept.by_rank.all()):
        w.roster.ring_ahead(agent, w.now)
        w.distributor.agent_free(agent)
