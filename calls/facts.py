"""What was decided or counted, and why. The only stream that readers see: journal, board, reports, metrics, MQTT.

A fact carries no time of its own: it happened at the ``now`` of the step that told it. Durations end in ``_s``.
"""

from __future__ import annotations

from dataclasses import dataclass

from .ids import AgentId, CallId, OfferId, QueueId
from .words import AgentState, Attribute, CallStage, OfferResult, Outcome, Party


@dataclass(frozen=True, slots=True)
class LineOpened:
    node: str
    anchor: float
    version: str


@dataclass(frozen=True, slots=True)
class ClockSet:
    """The wall clock was set, forward by ``by_s`` (negative: back). ``anchor``: epoch seconds at ``now`` 0 since."""

    anchor: float
    by_s: float


@dataclass(frozen=True, slots=True)
class LinkChanged:
    up: bool
    reason: str


@dataclass(frozen=True, slots=True)
class CallStarted:
    call: CallId
    ani: str
    dnis: str


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Calls that were not let in: ``full`` (no room), ``caller`` (one number's), ``rate`` (too many a second)."""

    why: str
    calls: int


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
class Queued:
    """The call stands in a waiting line: offered, in the field's words. ``requires`` is the skill expression.

    Where nobody reads explanations (most simulations) everything but call and queue is left out.
    """

    call: CallId
    queue: QueueId
    requires: str = ""
    priority: float = 0.0
    position: int = 0
    agents_in: int = 0
    relaxes: tuple[str, ...] = ()
    kept_for: AgentId | None = None


@dataclass(frozen=True, slots=True)
class PlaceChanged:
    """A waiting call asks for something else now: ``why`` names the step or the order. ``requires`` is the whole.

    Like ``Queued`` without its explanation where nobody reads that.
    """

    call: CallId
    queue: QueueId
    requires: str = ""
    priority: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Overflowed:
    """A limit of the queue sent the call another way (``way``, ``target``): ``limit`` was broken by ``found``."""

    call: CallId
    queue: QueueId
    limit: str
    found: float
    way: str
    target: str


@dataclass(frozen=True, slots=True)
class CallbackOffered:
    """The waiting caller was asked whether he would rather be called back, and keeps his place meanwhile."""

    call: CallId
    queue: QueueId
    limit: str
    found: float


@dataclass(frozen=True, slots=True)
class CallbackPromised:
    """The line will call back: from now on ``callback`` stands in the queue, in the place of ``call``.

    ``call`` is None where a supervisor promised it. ``waited_s`` is what the place has waited already, ``due_s`` the
    seconds until a time that was promised (None: when its turn comes).
    """

    callback: CallId
    call: CallId | None
    queue: QueueId
    number: str
    language: str
    waited_s: float
    due_s: float | None


@dataclass(frozen=True, slots=True)
class CallbackMissed:
    """The citizen was dialled for the ``attempts``-th time and not reached.

    ``again_s``: seconds until the line tries again; None: it gives up.
    """

    callback: CallId
    agent: AgentId
    result: OfferResult
    detail: str
    attempts: int
    again_s: float | None


@dataclass(frozen=True, slots=True)
class NobodyCan:
    """No agent who is logged in could ever take this call, however it relaxes; ``rule``: what the settings say."""

    call: CallId
    queue: QueueId
    rule: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """Somebody (``by``: the user of the machine) ordered this; what came of it are the facts that follow.

    ``subject`` is a call, a queue, an agent or empty; ``detail`` what is wanted of it, no telephone number.
    """

    order: str
    subject: str
    detail: str
    by: str


@dataclass(frozen=True, slots=True)
class QueueOpen:
    """A queue was opened or closed."""

    queue: QueueId
    open: bool


@dataclass(frozen=True, slots=True)
class EditionTaken:
    """The settings published under this number hold from now on; callers in the menus keep those they began with.

    ``by``: who put them live.
    """

    edition: int
    by: str = ""


@dataclass(frozen=True, slots=True)
class BannerChanged:
    """The emergency banner says this prompt from now on; empty: it is off."""

    prompt: str


@dataclass(frozen=True, slots=True)
class Erased:
    """A citizen's data were erased, by order of ``by``; ``token`` stands where their number stood."""

    token: str
    by: str


@dataclass(frozen=True, slots=True)
class Announced:
    """The caller was told his position and, where it is good enough, the end of the range of his wait in seconds.

    ``low_s`` to ``ewt_s`` held for the share ``coverage`` of late; both None where no estimate was told.
    """

    call: CallId
    queue: QueueId
    position: int
    ewt_s: float | None
    low_s: float | None = None
    coverage: float | None = None


@dataclass(frozen=True, slots=True)
class Excluded:
    """Agents left out of a choice by one rule: how many, and the first few by name."""

    rule: str
    count: int
    agents: tuple[AgentId, ...]


@dataclass(frozen=True, slots=True)
class OfferMade:
    """One call is offered to one agent, and this is why.

    ``key`` is the call's ordering key (lower is served first); ``eligible`` names agents in order of choice (the first
    few; ``eligible_count`` counts all); ``excluded`` says who was left out by which rule; ``rule`` is the policy.
    """

    offer: OfferId
    call: CallId
    agent: AgentId
    queue: QueueId
    waited_s: float
    rule: str
    key: tuple[float, ...]
    eligible_count: int
    eligible: tuple[AgentId, ...]
    excluded: tuple[Excluded, ...]


@dataclass(frozen=True, slots=True)
class OfferEnded:
    offer: OfferId
    call: CallId
    agent: AgentId
    queue: QueueId
    result: OfferResult
    ring_s: float
    detail: str


@dataclass(frozen=True, slots=True)
class Connected:
    """Caller and agent speak. ``wait_s`` from queue entry to the agent's answer, ``ring_s`` within it."""

    call: CallId
    offer: OfferId
    agent: AgentId
    queue: QueueId
    wait_s: float
    ring_s: float


@dataclass(frozen=True, slots=True)
class Held:
    call: CallId
    agent: AgentId
    on: bool


@dataclass(frozen=True, slots=True)
class ConversationEnded:
    """``talk_s`` is without ``hold_s``; both are sure only where ``exact`` (the end was seen, not found later)."""

    call: CallId
    offer: OfferId
    agent: AgentId
    queue: QueueId
    talk_s: float
    hold_s: float
    by: Party
    exact: bool


@dataclass(frozen=True, slots=True)
class TrunkChanged:
    """The trunk answers, or no more: calls to the outside and callbacks would fail, and callers may not get in."""

    reachable: bool


@dataclass(frozen=True, slots=True)
class MediaLost:
    """A phone was gone without a word: the agent's, or the caller's (``agent`` empty). It did not hang up."""

    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class HandedOver:
    """After a consultation ``by`` gave his caller to ``agent``, who talks from now on: no new wait."""

    call: CallId
    offer: OfferId
    agent: AgentId
    queue: QueueId
    by: AgentId


@dataclass(frozen=True, slots=True)
class SentOn:
    """The agent sent his caller back into the line, to a queue or a colleague; what comes of it follows."""

    call: CallId
    agent: AgentId
    target: str


@dataclass(frozen=True, slots=True)
class Consulted:
    """An agent asked a colleague or an outside number; ``call`` is the conversation it was for, None outside of one."""

    agent: AgentId
    target: str
    call: CallId | None
    answered: bool
    talk_s: float


@dataclass(frozen=True, slots=True)
class WrapUpDone:
    """The agent finished the work after a call."""

    call: CallId
    agent: AgentId
    queue: QueueId
    wrap_up_s: float


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
class QueueLeft:
    """The call stands in no line any more without having been connected; ``wait_s`` since queue entry."""

    call: CallId
    queue: QueueId
    outcome: Outcome
    wait_s: float


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


@dataclass(frozen=True, slots=True)
class AgentChanged:
    """An agent moved from one state to another after ``lasted_s`` in the old one."""

    agent: AgentId
    old: AgentState
    new: AgentState
    reason: str
    lasted_s: float


@dataclass(frozen=True, slots=True)
class PhoneChanged:
    agent: AgentId
    reachable: bool
    in_use: bool


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """An agent dialled a code that is unknown, or not possible in his state."""

    agent: AgentId
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Unexpected:
    """Something Asterisk told that cannot be right now: late, doubled or unknown. Nothing changed."""

    event: str
    subject: str
    state: str


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Engine and switch disagreed about ``subject``; ``done`` is what was done about it."""

    subject: str
    engine: str
    switch: str
    done: str


@dataclass(frozen=True, slots=True)
class CommandLost:
    """A command could not be carried out; ``done`` is what the engine did instead."""

    command: str
    subject: str
    error: str
    done: str


Fact = (
    LineOpened
    | ClockSet
    | LinkChanged
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
