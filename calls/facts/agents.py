"""Facts of offers, conversations and agents."""

from __future__ import annotations

from dataclasses import dataclass

from calls.ids import AgentId, CallId, OfferId, QueueId
from calls.words import AgentState, OfferResult, Party


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
class MediaLost:
    """A phone was gone without a word: the agent's, or the caller's (``agent`` empty). It did not hang up."""

    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class HandedOver:
    """After a consultation ``by`` gave their caller to ``agent``, who talks from now on: no new wait."""

    call: CallId
    offer: OfferId
    agent: AgentId
    queue: QueueId
    by: AgentId


@dataclass(frozen=True, slots=True)
class SentOn:
    """The agent sent their caller back into the line, to a queue or a colleague; what comes of it follows."""

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
class AgentChanged:
    """An agent moved from one state to another after ``lasted_s`` in the old one.

    ``by``, here and in the facts of queues: the supervisor whose order it was (it may have been put off until a call
    was over); empty where nobody ordered it, and in old journals.
    """

    agent: AgentId
    old: AgentState
    new: AgentState
    reason: str
    lasted_s: float
    by: str = ""


@dataclass(frozen=True, slots=True)
class PhoneChanged:
    """Whether the line can ring the agent's phone, and whether it carries a call that is none of the line's.

    ``nodes``: where it can be rung, if the line has several Asterisks.
    """

    agent: AgentId
    reachable: bool
    in_use: bool
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """An agent dialled a code (or ``by`` asked for them) that is unknown, or not possible in their state."""

    agent: AgentId
    code: str
    why: str
    by: str = ""
