"""Events of agents: offers, conversations, phones, and what they ask for."""

from __future__ import annotations

from dataclasses import dataclass

from calls.ids import AgentId, CallId, OfferId, SessionId
from calls.words import AgentAction, OfferResult


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """The agent put the caller on hold, or took them back."""

    offer: OfferId
    on: bool


@dataclass(frozen=True, slots=True)
class AgentTransferred:
    """The agent sent the caller on (SIP REFER) and is out of it: to an outside number, a queue, or a colleague.

    ``dialled``: Asterisk rings the target already, whoever it is; else a queue or a colleague is reached by the line.
    """

    call: CallId
    target: str
    dialled: bool = False


@dataclass(frozen=True, slots=True)
class CallHandedOver:
    """An agent joined their caller with a colleague and stepped aside; ``offer`` is the colleague's leg."""

    call: CallId
    offer: OfferId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class ConsultBegan:
    """An agent calls a colleague or an outside number to ask something; ``session`` is that call."""

    session: SessionId
    agent: AgentId
    target: str


@dataclass(frozen=True, slots=True)
class ConsultAnswered:
    session: SessionId


@dataclass(frozen=True, slots=True)
class ConsultEnded:
    session: SessionId


@dataclass(frozen=True, slots=True)
class OfferRang:
    offer: OfferId


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    offer: OfferId


@dataclass(frozen=True, slots=True)
class OfferFailed:
    offer: OfferId
    result: OfferResult
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Bridged:
    """Caller and agent hear each other."""

    call: CallId
    offer: OfferId


@dataclass(frozen=True, slots=True)
class AgentLeft:
    """The agent's leg of an answered offer is gone or going. ``lost``: as of ``CallerLeft``."""

    offer: OfferId
    lost: bool = False


@dataclass(frozen=True, slots=True)
class CodeDialled:
    """An agent's own phone dialled a feature code; ``session`` is that short call."""

    session: SessionId
    agent: AgentId
    code: str


@dataclass(frozen=True, slots=True)
class AgentAsked:
    """An agent asks for a state from a desk, or a supervisor (``by``) for them."""

    agent: AgentId
    action: AgentAction
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class PhoneReachable:
    """Whether the agent's phone is registered at this node."""

    agent: AgentId
    reachable: bool
    node: str = ""


@dataclass(frozen=True, slots=True)
class PhoneInUse:
    """The agent's phone carries a call that is not ours (a feature code, the survivable queue, a private call)."""

    agent: AgentId
    in_use: bool
    node: str = ""
