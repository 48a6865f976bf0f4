"""What was decided or counted, and why. The only stream that readers see: journal, board, reports, metrics, MQTT.

A fact carries no time of its own: it happened at the ``now`` of the step that told it. Durations end in ``_s``.
"""

from __future__ import annotations

from .agents import (
    AgentChanged,
    CodeRefused,
    Connected,
    Consulted,
    ConversationEnded,
    Excluded,
    HandedOver,
    Held,
    MediaLost,
    OfferEnded,
    OfferMade,
    PhoneChanged,
    SentOn,
    WrapUpDone,
)
from .callers import (
    AttributeSet,
    CallEnded,
    CallStarted,
    DigitsTaken,
    InputMissed,
    KeyTaken,
    LookupEnded,
    MessageLeft,
    NodeEntered,
    Surveyed,
    Survived,
    TransferEnded,
    TransferStarted,
)
from .line import (
    BannerChanged,
    ClockSet,
    CommandLost,
    Discrepancy,
    EditionTaken,
    Erased,
    LineOpened,
    LinkChanged,
    NodeLost,
    Ordered,
    QueueOpen,
    TrunkChanged,
    TurnedAway,
    Unexpected,
)
from .queues import (
    Announced,
    CallbackMissed,
    CallbackOffered,
    CallbackPromised,
    NobodyCan,
    Overflowed,
    PlaceChanged,
    PlaceResumed,
    Queued,
    QueueLeft,
)

Fact = (
    LineOpened
    | ClockSet
    | LinkChanged
    | NodeLost
    | CallStarted
    | TurnedAway
    | NodeEntered
    | KeyTaken
    | InputMissed
    | DigitsTaken
    | LookupEnded
    | Surveyed
    | MessageLeft
    | AttributeSet
    | Queued
    | PlaceChanged
    | Overflowed
    | CallbackOffered
    | CallbackPromised
    | CallbackMissed
    | NobodyCan
    | Ordered
    | QueueOpen
    | EditionTaken
    | BannerChanged
    | Erased
    | Announced
    | OfferMade
    | OfferEnded
    | Connected
    | Held
    | ConversationEnded
    | TrunkChanged
    | MediaLost
    | HandedOver
    | SentOn
    | Consulted
    | WrapUpDone
    | TransferStarted
    | TransferEnded
    | PlaceResumed
    | QueueLeft
    | CallEnded
    | Survived
    | AgentChanged
    | PhoneChanged
    | CodeRefused
    | Unexpected
    | Discrepancy
    | CommandLost
)

__all__ = [
    "AgentChanged",
    "Announced",
    "AttributeSet",
    "BannerChanged",
    "CallEnded",
    "CallStarted",
    "CallbackMissed",
    "CallbackOffered",
    "CallbackPromised",
    "ClockSet",
    "CodeRefused",
    "CommandLost",
    "Connected",
    "Consulted",
    "ConversationEnded",
    "DigitsTaken",
    "Discrepancy",
    "EditionTaken",
    "Erased",
    "Excluded",
    "Fact",
    "HandedOver",
    "Held",
    "InputMissed",
    "KeyTaken",
    "LineOpened",
    "LinkChanged",
    "LookupEnded",
    "MediaLost",
    "MessageLeft",
    "NobodyCan",
    "NodeEntered",
    "NodeLost",
    "OfferEnded",
    "OfferMade",
    "Ordered",
    "Overflowed",
    "PhoneChanged",
    "PlaceChanged",
    "PlaceResumed",
    "QueueLeft",
    "QueueOpen",
    "Queued",
    "SentOn",
    "Surveyed",
    "Survived",
    "TransferEnded",
    "TransferStarted",
    "TrunkChanged",
    "TurnedAway",
    "Unexpected",
    "WrapUpDone",
]
