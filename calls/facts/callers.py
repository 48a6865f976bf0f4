"""Facts of a caller's way in, through the menus and out again."""

from __future__ import annotations

from dataclasses import dataclass

from calls.ids import AgentId, CallId, QueueId
from calls.words import Attribute, CallStage, Outcome, Party


@dataclass(frozen=True, slots=True)
class CallStarted:
    call: CallId
    ani: str
    dnis: str


@dataclass(frozen=True, slots=True)
class NodeEntered:
    """The caller came to a node of the menus. ``confidential`` nodes leave no path in reports."""

    call: CallId
    node: str


@dataclass(frozen=True, slots=True)
class KeyTaken:
    """A key was accepted by a menu; ``meaning`` is the choice, or ``repeat``, ``back``, ``operator``."""

    call: CallId
    node: str
    key: str
    meaning: str


@dataclass(frozen=True, slots=True)
class InputMissed:
    """A menu got an invalid key (``key``) or none in time (``key`` empty); ``tries`` counts them at this node.

    A number that was typed wrong is such a miss as well; its keys are told to nobody.
    """

    call: CallId
    node: str
    key: str
    tries: int


@dataclass(frozen=True, slots=True)
class DigitsTaken:
    """The caller typed a number of this ``kind`` that is right. Which one nobody is told: it may name a person."""

    call: CallId
    node: str
    kind: str
    tries: int


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The caller gave a mark, 1 (worst) to 5, at a node of the menus."""

    call: CallId
    node: str
    score: int


@dataclass(frozen=True, slots=True)
class MessageLeft:
    """The caller has spoken for ``length_s`` on the tape; ``file`` is below the folder of messages."""

    call: CallId
    node: str
    file: str
    length_s: float


@dataclass(frozen=True, slots=True)
class LookupEnded:
    """A service was asked at a node of the menus; ``error`` is empty where it answered. What it answered is no fact."""

    call: CallId
    node: str
    lookup: str
    error: str
    took_s: float


@dataclass(frozen=True, slots=True)
class AttributeSet:
    call: CallId
    attribute: Attribute
    value: str


@dataclass(frozen=True, slots=True)
class TransferStarted:
    """``target`` is empty where the node is confidential."""

    call: CallId
    target: str
    confidential: bool


@dataclass(frozen=True, slots=True)
class TransferEnded:
    call: CallId
    answered: bool
    talk_s: float


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The call is over. ``stage`` is where it stood, ``by`` who ended it, ``total_s`` since arrival."""

    call: CallId
    outcome: Outcome
    stage: CallStage
    by: Party
    total_s: float


@dataclass(frozen=True, slots=True)
class Survived:
    """A call that Asterisk served alone is accounted for, by its own account: see ``CallSurvived``.

    It ended ``ago_s`` before. ``booked``: it was counted before, when the engine lost it.
    """

    call: CallId
    ani: str
    dnis: str
    queue: QueueId | None
    agent: AgentId | None
    wait_s: float
    talk_s: float
    total_s: float
    ago_s: float
    by: Party
    booked: bool
