"""What happens outside: the only input of the engine. Frozen, clockless, and enough to replay a day from.

``handle(event, now)`` takes any of these. The live driver translates Asterisk into them, the simulator makes them.
"""

from __future__ import annotations

from .agents import (
    AgentAsked,
    AgentLeft,
    AgentTransferred,
    Bridged,
    CallHandedOver,
    CodeDialled,
    ConsultAnswered,
    ConsultBegan,
    ConsultEnded,
    HoldChanged,
    OfferAnswered,
    OfferFailed,
    OfferRang,
    PhoneInUse,
    PhoneReachable,
)
from .callers import (
    CallArrived,
    CallerBack,
    CallerLeft,
    CallRefused,
    CallRescued,
    CallSurvived,
    KeyPressed,
    LookedUp,
    LookupFailed,
    PromptEnded,
    TransferAnswered,
)
from .line import (
    BannerSwitched,
    CallsTurnedAway,
    ClockMoved,
    CommandFailed,
    LineStarted,
    LinkDown,
    LinkUp,
    PersonErased,
    QueueSwitched,
    SeenCall,
    SeenOffer,
    SettingsPublished,
    Snapshot,
    TrunkSeen,
)
from .places import CallbackAnswered, CallbackAsked, CallbackFailed, CallMoved, CallWithdrawn, PrioritySet

Event = (
    LineStarted
    | ClockMoved
    | LinkUp
    | LinkDown
    | TrunkSeen
    | SettingsPublished
    | CallArrived
    | CallRefused
    | CallsTurnedAway
    | KeyPressed
    | PromptEnded
    | CallerLeft
    | CallerBack
    | CallRescued
    | CallSurvived
    | CallMoved
    | PrioritySet
    | CallWithdrawn
    | CallbackAsked
    | CallbackAnswered
    | CallbackFailed
    | QueueSwitched
    | BannerSwitched
    | PersonErased
    | LookedUp
    | LookupFailed
    | HoldChanged
    | TransferAnswered
    | AgentTransferred
    | CallHandedOver
    | ConsultBegan
    | ConsultAnswered
    | ConsultEnded
    | OfferRang
    | OfferAnswered
    | OfferFailed
    | Bridged
    | AgentLeft
    | CodeDialled
    | AgentAsked
    | PhoneReachable
    | PhoneInUse
    | CommandFailed
    | Snapshot
)

__all__ = [
    "AgentAsked",
    "AgentLeft",
    "AgentTransferred",
    "BannerSwitched",
    "Bridged",
    "CallArrived",
    "CallHandedOver",
    "CallMoved",
    "CallRefused",
    "CallRescued",
    "CallSurvived",
    "CallWithdrawn",
    "CallbackAnswered",
    "CallbackAsked",
    "CallbackFailed",
    "CallerBack",
    "CallerLeft",
    "CallsTurnedAway",
    "ClockMoved",
    "CodeDialled",
    "CommandFailed",
    "ConsultAnswered",
    "ConsultBegan",
    "ConsultEnded",
    "Event",
    "HoldChanged",
    "KeyPressed",
    "LineStarted",
    "LinkDown",
    "LinkUp",
    "LookedUp",
    "LookupFailed",
    "OfferAnswered",
    "OfferFailed",
    "OfferRang",
    "PersonErased",
    "PhoneInUse",
    "PhoneReachable",
    "PrioritySet",
    "PromptEnded",
    "QueueSwitched",
    "SeenCall",
    "SeenOffer",
    "SettingsPublished",
    "Snapshot",
    "TransferAnswered",
    "TrunkSeen",
]
