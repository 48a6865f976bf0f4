"""Agents send callers on: blind and attended transfers, consultations, and callers who are handed over."""

from __future__ import annotations

from calls import events as e

from .ami import AmiMessage
from .legs import CallerLeg, ConsultLeg, Legs, OfferLeg


def sent_on(legs: Legs, message: AmiMessage) -> list[e.Event]:
    """A blind transfer. Not by ``BlindTransfer``: another thread tells it, perhaps after the caller is back."""
    leg = legs.callers.get(message.get("Uniqueid"))
    if leg is None or leg.left:
        return []
    leg.transferring = message.get("Outside") == "yes"
    return [e.AgentTransferred(leg.call, message.get("To"), dialled=leg.transferring)]


def consult(legs: Legs, message: AmiMessage) -> list[e.Event]:
    """Tell that an agent calls somebody on a second channel; a channel that is no agent's says nothing."""
    channel = message.get("Uniqueid")
    agent = legs.others.get(channel)
    if agent is None:
        return []
    leg = legs.consults[channel] = ConsultLeg(legs.names.session(channel), message.get("With"))
    return [e.ConsultBegan(leg.session, agent, leg.target)]


def consult_answered(legs: Legs, members: set[str]) -> list[e.Event]:
    """Tell of consultations that were answered, once each. ``members``: the channels of one bridge."""
    asked = [legs.consults[member] for member in members if member in legs.consults]
    new = [leg for leg in asked if not leg.answered]
    for leg in new:
        leg.answered = True
    return [e.ConsultAnswered(leg.session) for leg in new]


def attended_transfer(legs: Legs, message: AmiMessage) -> list[e.Event]:
    """Caller and consulted party are in one bridge now; which of them was moved depends on the agent's phone."""
    ends = [message.get("TransfereeUniqueid"), message.get("TransferTargetUniqueid")]
    caller = next((legs.callers[end] for end in ends if end in legs.callers), None)
    if caller is None or caller.left or message.get("Result") != "Success":
        return []
    other = ends[1] if ends[0] == caller.channel else ends[0]
    if other in legs.others:
        return handed_over(legs, caller, other)
    caller.transferring = True
    mine = (message.get("SecondTransfererUniqueid"), message.get("OrigTransfererUniqueid"))
    target = next((legs.consults[leg].target for leg in mine if leg in legs.consults), "")
    sent = e.AgentTransferred(caller.call, target, dialled=True)
    # The agent did not wait for the answer: the caller has taken their place in Dial.
    return [sent] if message.get("DestType") == "App" else [sent, e.TransferAnswered(caller.call)]


def handed_over(legs: Legs, caller: CallerLeg, channel: str) -> list[e.Event]:
    """The colleague's phone, in use until now, carries a call of the line."""
    agent, offer = legs.others.pop(channel), legs.names.offer(channel)
    caller.transferring = False
    legs.offers[channel] = OfferLeg(offer, agent, channel, answered=True, rang=True)
    freed = [] if legs.in_use(agent) else [e.PhoneInUse(agent, False)]
    return [e.CallHandedOver(caller.call, offer, agent), *freed]
