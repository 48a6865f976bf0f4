"""Book of Asterisk's channels: a caller, an agent's leg of an offer, a citizen being dialled, a code, another call.

A colleague's leg of a consultation becomes an agent's leg when the caller is handed over; its offer id is then its own.

Knows channel ids and nothing of decisions. A channel is told by its unique id, which survives renaming.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from calls import AgentId, CallId, OfferId, SessionId

from .keys import Keys
from .names import Names, channel_of
from .steering import Steering

NEVER = float("-inf")


@dataclass(slots=True)
class CallerLeg:
    """A caller's channel. ``left`` once its end was told; ``transferring`` while an outside number is.

    ``let_go``: we have hung up. ``lease_at``: when its lease was renewed last; ``NEVER`` since it has come (back).
    """

    call: CallId
    channel: str
    steering: Steering
    left: bool = False
    transferring: bool = False
    let_go: bool = False
    lease_at: float = NEVER


@dataclass(slots=True)
class OfferLeg:
    """An agent's leg, by its channel. ``given_up``: we have hung up."""

    offer: OfferId
    agent: AgentId
    name: str = ""
    answered: bool = False
    rang: bool = False
    held: bool = False
    left: bool = False
    given_up: bool = False


@dataclass(slots=True)
class DialledLeg:
    """A citizen being called back, until they answer. ``seen``: Asterisk has made the channel; ``given_up``: by us."""

    call: CallId
    channel: str
    seen: bool = False
    given_up: bool = False


@dataclass(slots=True)
class CodeLeg:
    """An agent's own short call to dial a feature code."""

    session: SessionId
    agent: AgentId
    steering: Steering


@dataclass(slots=True)
class ConsultLeg:
    """An agent's own call to ask a colleague or an outside number (``target``)."""

    session: SessionId
    target: str
    answered: bool = False


@dataclass(slots=True)
class Legs:
    """All channels that concern us, by unique id."""

    names: Names = field(default_factory=Names)
    callers: dict[str, CallerLeg] = field(default_factory=dict)
    dialled: dict[str, DialledLeg] = field(default_factory=dict)
    offers: dict[str, OfferLeg] = field(default_factory=dict)
    codes: dict[str, CodeLeg] = field(default_factory=dict)
    consults: dict[str, ConsultLeg] = field(default_factory=dict)
    others: dict[str, AgentId] = field(default_factory=dict)
    """Channels of agents' phones that are none of our offers."""
    bridges: dict[str, set[str]] = field(default_factory=dict)
    early: dict[str, str] = field(default_factory=dict)
    """Keys that callers press while Asterisk still answers them, before their channel is ours."""
    keys: dict[str, Keys] = field(default_factory=dict)
    """Keys that callers have pressed, as far as they say what a next sign of a key means."""

    def clear(self) -> None:
        """Forget every channel."""
        for kept in fields(self):
            if kept.name != "names":
                getattr(self, kept.name).clear()

    def caller(self, call: CallId) -> CallerLeg | None:
        """The caller's channel; None where there is none (any more)."""
        return self.callers.get(channel_of(call))

    def existing(self) -> set[str]:
        """The channels that Asterisk has told us of; an offer or a callback just ordered has none yet."""
        rung = {offer for offer, leg in self.offers.items() if leg.name}
        dialled = {channel for channel, leg in self.dialled.items() if leg.seen}
        return {*self.callers, *rung, *dialled, *self.codes, *self.others}

    def in_use(self, agent: AgentId) -> bool:
        """Whether the agent's phone carries a call that is not the line's."""
        return agent in self.others.values()

    def enter_bridge(self, bridge: str, channel: str) -> set[str]:
        """Note a channel in its bridge; return all that are in it now."""
        members = self.bridges.setdefault(bridge, set())
        members.add(channel)
        return members

    def leave_bridge(self, bridge: str, channel: str) -> None:
        """Take the channel out of the bridge; an empty bridge is forgotten."""
        members = self.bridges.get(bridge, set())
        members.discard(channel)
        if not members:
            self.bridges.pop(bridge, None)


def agent_of(name: str, agents: frozenset[AgentId]) -> AgentId | None:
    """The agent whose phone a channel name like ``PJSIP/agent001-0000002a`` belongs to."""
    endpoint = name.removeprefix("PJSIP/").rsplit("-", 1)[0]
    agent = AgentId(endpoint)
    return agent if agent in agents else None
