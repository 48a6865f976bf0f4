"""Channels go: who hung up, why a phone did not take a call, and what is forgotten of a channel that is no more."""

from __future__ import annotations

from calls import AgentId, OfferResult
from calls import events as e

from .ami import AmiMessage
from .legs import CallerLeg, DialledLeg, Legs, OfferLeg, agent_of
from .names import channel_of

REDIRECTED = "23"
"""Q.850: redirection to new destination."""

CAUSES = {
    "1": OfferResult.UNREACHABLE,
    "3": OfferResult.UNREACHABLE,
    "17": OfferResult.BUSY,
    "18": OfferResult.NO_ANSWER,
    "19": OfferResult.NO_ANSWER,
    "20": OfferResult.UNREACHABLE,
    "21": OfferResult.REJECTED,
    "22": OfferResult.UNREACHABLE,
    "27": OfferResult.UNREACHABLE,
    "28": OfferResult.UNREACHABLE,
    "34": OfferResult.UNREACHABLE,
    "38": OfferResult.UNREACHABLE,
    "41": OfferResult.UNREACHABLE,
    "42": OfferResult.UNREACHABLE,
    "102": OfferResult.UNREACHABLE,
    REDIRECTED: OfferResult.REDIRECTED,
}
"""Hang-up causes (Q.850) of a phone that did not take a call of ours; see docs/asterisk-outcomes.md."""

OWN_CAUSES = frozenset({"34", "38", "41", "42", "44", "47"})
"""No circuit, out of order, congestion, no resource: without a SIP answer it is Asterisk itself that has none."""
SILENT = "1"
"""SoftHangupRequest's Cause is no Q.850 cause but AST_SOFTHANGUP_DEV (channel.h): what res_pjsip_sdp_rtp gives."""

GONE = frozenset({"18", "127"})
"""Causes of a HangupRequest in a conversation whose phone did not answer a session refresh: 408, and 481."""


def hangup_request(legs: Legs, message: AmiMessage) -> list[e.Event]:
    """Tell who hung up: who asked first. A phone that rings still has to tell why: that comes with Hangup."""
    channel = message.get("Uniqueid")
    leg = legs.offers.get(channel)
    if leg is not None and not leg.answered:
        return []
    return _leaves(legs, channel, lost=message.get("Cause") in GONE)


def soft_hangup(legs: Legs, message: AmiMessage) -> list[e.Event]:
    """Asterisk ends a channel by itself: no sound for longer than rtp_timeout. Our own hang-ups differ."""
    lost = message.get("Cause") == SILENT
    return _leaves(legs, message.get("Uniqueid"), lost=True) if lost else []


def hangup(legs: Legs, message: AmiMessage) -> list[e.Event]:
    """Take a Hangup: forget the channel; the cause, and the phone's own (TechCause), say why an offer ended."""
    cause, text = message.get("Cause"), message.get("Cause-txt")
    leg = legs.offers.get(message.get("Uniqueid"))
    result = _judged(cause, message.get("TechCause"), rang=leg is not None and leg.rang)
    return gone(legs, message.get("Uniqueid"), result, f"{cause} {text}".strip())


def gone(
    legs: Legs, channel: str, result: OfferResult = OfferResult.FAILED, text: str = "gone unseen"
) -> list[e.Event]:
    """The channel is no more: by its Hangup, or because the audit does not find it."""
    leg, dialled = legs.offers.get(channel), legs.dialled.get(channel)
    if leg is not None and not leg.answered:
        return _refused(legs, leg, result, text)
    if dialled is not None:
        return _not_reached(legs, dialled, result, text)
    return _leaves(legs, channel) + _forget(legs, channel)


def _leaves(legs: Legs, channel: str, *, lost: bool = False) -> list[e.Event]:
    leg = legs.callers.get(channel) or legs.offers.get(channel)
    if leg is None or leg.left:
        return []
    leg.left = True
    return [e.CallerLeft(leg.call, lost) if isinstance(leg, CallerLeg) else e.AgentLeft(leg.offer, lost)]


def _forget(legs: Legs, channel: str) -> list[e.Event]:
    legs.callers.pop(channel, None)
    legs.early.pop(channel, None)
    legs.keys.pop(channel, None)
    legs.offers.pop(channel, None)
    legs.codes.pop(channel, None)
    consult, agent = legs.consults.pop(channel, None), legs.others.pop(channel, None)
    asked: list[e.Event] = [e.ConsultEnded(consult.session)] if consult is not None else []
    free = agent is not None and not legs.in_use(agent)
    return [*asked, e.PhoneInUse(agent, False)] if agent is not None and free else asked


def originate_response(legs: Legs, agents: frozenset[AgentId], message: AmiMessage) -> list[e.Event]:
    """An Originate that made no channel at all (no contact) tells it here only."""
    if message.get("Response") != "Failure":
        return []
    dialled = legs.dialled.get(message.get("Uniqueid"))
    if dialled is not None:
        return [] if dialled.seen else _not_reached(legs, dialled, OfferResult.FAILED, "no channel")
    agent = agent_of(message.get("Channel") + "-", agents)
    waiting = [leg for leg in legs.offers.values() if leg.agent == agent and not leg.answered and not leg.name]
    return [event for leg in waiting for event in _refused(legs, leg, OfferResult.NO_CHANNEL, "no channel")]


def _not_reached(legs: Legs, leg: DialledLeg, result: OfferResult, text: str) -> list[e.Event]:
    del legs.dialled[leg.channel]
    return [] if leg.given_up else [e.CallbackFailed(leg.call, result, text)]


def _refused(legs: Legs, leg: OfferLeg, result: OfferResult, text: str) -> list[e.Event]:
    del legs.offers[channel_of(leg.offer)]
    return [e.OfferFailed(leg.offer, result, text)]


def _judged(cause: str, answer: str, *, rang: bool) -> OfferResult:
    """Judge how a channel that was never answered ended. ``answer``: the phone's SIP status, empty where it gave none.

    Asterisk may lose the answer of a phone that rang (302: docs/asterisk-outcomes.md); the line could ring it.
    """
    if answer.endswith("302"):
        return OfferResult.REDIRECTED
    if answer:
        return CAUSES.get(cause, OfferResult.REJECTED)
    if rang and cause == "0":
        return OfferResult.REJECTED
    return OfferResult.FAILED if cause in OWN_CAUSES else CAUSES.get(cause, OfferResult.FAILED)
