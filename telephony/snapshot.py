"""Ask Asterisk what it really has, as one ``Snapshot``: after a (re)connect and for the periodic audit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from calls import AgentId, CallId, CallStage, OfferId
from calls import events as e

from .ami import AmiClient, AmiMessage
from .legs import agent_of
from .names import OFFER_ID, Names, is_callback
from .translate import TRUNK, UP

UNREACHABLE = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})
"""Device states of a phone without a working contact."""


DIALLED = ("line-transfer", "line-refer", "line-consult")
TALKS = ("line-connect", "line-consult")
"""Contexts in which a caller speaks with an agent; in the second one they have the place of an agent who asked."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One row of CoreShowChannels, as far as we read it."""

    id: str
    name: str
    state: str
    context: str
    application: str
    bridge: str
    ani: str
    seconds: str

    @classmethod
    def of(cls, row: AmiMessage) -> Channel:
        """Read one row of CoreShowChannels."""
        names = ("Uniqueid", "Channel", "ChannelState", "Context", "Application", "BridgeId", "CallerIDNum", "Duration")
        return cls(*(row.get(name) for name in names))


@dataclass(frozen=True, slots=True)
class SeenChannels:
    """The channels of one look, sorted into what they are."""

    callers: dict[str, Channel]
    offers: dict[OfferId, Channel]
    others: dict[str, AgentId]
    contacts: frozenset[AgentId]
    channels: frozenset[str]
    handed: dict[OfferId, AgentId] = field(default_factory=dict)
    """Colleagues to whom a caller was handed over: their legs are among ``offers``."""
    dialled: frozenset[str] = frozenset()
    """Channels of citizens who are being called back and have not answered: no callers yet."""
    outside: frozenset[str] = frozenset()
    """The bridges with an outside party that Asterisk dialled."""
    started: str = ""
    trunk: bool | None = None
    """True where the trunk answers, False where not; None where none is asked."""

    def snapshot(self, names: Names, *, final: bool) -> e.Snapshot:
        """The look as the engine takes it."""
        calls = tuple(self._seen_call(names.call(channel.id), channel) for channel in self.callers.values())
        offers = tuple(
            e.SeenOffer(offer, channel.state == UP, self.handed.get(offer)) for offer, channel in self.offers.items()
        )
        in_use = tuple(sorted(set(self.others.values())))
        return e.Snapshot(calls, offers, tuple(sorted(self.contacts)), in_use, final, self.started)

    def _seen_call(self, call: CallId, channel: Channel) -> e.SeenCall:
        offer = next((o for o, leg in self.offers.items() if leg.bridge and leg.bridge == channel.bridge), None)
        if offer is not None:
            return e.SeenCall(call, CallStage.TALKING, offer)
        return e.SeenCall(call, self.stage(channel))

    def stage(self, channel: Channel) -> CallStage | None:
        """Give the stage of a caller who speaks with none of our agents."""
        if channel.context.startswith("line-survive"):
            return None
        if channel.context.startswith(DIALLED) or channel.bridge in self.outside:
            return CallStage.TRANSFERRING
        return CallStage.MENU


async def look(client: AmiClient, names: Names, agents: frozenset[AgentId]) -> SeenChannels:
    """Ask Asterisk for all channels and phones. Raises ``AmiError``."""
    rows = await client.listing("CoreShowChannels", complete="CoreShowChannelsComplete")
    # Not PJSIPShowContacts: that wants the right `system`, with which a client may reload and restart Asterisk.
    devices = await client.listing("DeviceStateList", complete="DeviceStateListComplete")
    channels = [Channel.of(row) for row in rows]
    status = await client.action("CoreStatus", {})
    started = f"{status.get('CoreStartupDate')} {status.get('CoreStartupTime')}".strip()
    seen = sort(channels, names, agents, frozenset(_registered(devices, agents)))
    return replace(seen, started=started, trunk=_trunk(devices))


def _trunk(devices: list[AmiMessage]) -> bool | None:
    """By its device's state: INVALID is an endpoint without a contact, so nobody asks it."""
    states = [row.get("State") for row in devices if row.get("Device") == f"PJSIP/{TRUNK}"]
    return None if not states or states[0] in ("INVALID", "UNKNOWN") else states[0] != "UNAVAILABLE"


def sort(
    channels: list[Channel], names: Names, agents: frozenset[AgentId], contacts: frozenset[AgentId]
) -> SeenChannels:
    """Sort channels into kinds. Legs that Asterisk dialled itself (a transfer's outside leg) are of none."""
    ordered = [ch for ch in channels if OFFER_ID.fullmatch(ch.id) and ch.id.startswith(f"{names.node}-")]
    offers = {OfferId(channel.id): channel for channel in ordered}
    others, callers, outside, rung = {}, {}, set(), set()
    for channel in channels:
        agent = agent_of(channel.name, agents)
        if agent is not None and channel.id not in offers:
            others[channel.id] = agent
        elif is_callback(channel.id) and channel.state != UP:
            rung.add(channel.id)
        elif channel.name.startswith("PJSIP/trunk-") and channel.application != "AppDial":
            callers[channel.id] = channel
        elif channel.application == "AppDial":
            outside.add(channel.bridge)
    talks = {channel.bridge for channel in callers.values() if channel.context in TALKS} - {""}
    handed = {names.offer(ch.id): others.pop(ch.id) for ch in channels if ch.id in others and ch.bridge in talks}
    offers |= {names.offer(ch.id): ch for ch in channels if names.offer(ch.id) in handed}
    ids = frozenset(channel.id for channel in channels)
    return SeenChannels(callers, offers, others, contacts, ids, handed, frozenset(rung), frozenset(outside - {""}))


def _registered(devices: list[AmiMessage], agents: frozenset[AgentId]) -> list[AgentId]:
    rows = ((AgentId(row.get("Device").removeprefix("PJSIP/")), row.get("State")) for row in devices)
    return [agent for agent, state in rows if agent in agents and state not in UNREACHABLE]
