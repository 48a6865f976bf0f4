"""AMI events into events of the line. Asterisk's words stop here.

Keeps the book of channels (``Legs``) and decides nothing else: what is doubled or late the engine's tables will tell.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from calls import AgentId, OfferId, OfferResult, national
from calls import commands as c
from calls import events as e

from . import endings, transfers
from .ami import AmiMessage
from .keys import Keys
from .legs import NEVER, CallerLeg, CodeLeg, Legs, OfferLeg, agent_of
from .names import channel_of, is_callback
from .refused import RefusedCounts
from .switch import Switch

RINGING, UP = "5", "6"
"""Asterisk's ChannelState."""

KEYS = frozenset("0123456789*#")
SIP_CALL = re.compile(r"[0-9a-f]{32}")

MOST_EARLY_KEYS = 4
"""Keys before the first word; a caller who presses more has no menu in mind."""

TRUNK = "trunk"
"""The endpoint and AOR of the trunk in pjsip.conf."""

REACHABLE = frozenset({"Reachable", "NonQualified", "Created", "Updated"})


@dataclass(slots=True)
class Translator:
    """One node's translator. ``agents`` are the SIP users we know; ``clock`` is for an Asterisk that tells no times."""

    agents: frozenset[AgentId]
    legs: Legs
    switch: Switch
    refused: RefusedCounts = field(default_factory=RefusedCounts)
    heard: dict[AgentId, bool] = field(default_factory=dict)
    """Phones that Asterisk has told of since somebody emptied this, and whether they can be reached."""
    _contacts: dict[AgentId, set[str]] = field(default_factory=dict)
    """Address of each phone, as far as events have told."""
    clock: Callable[[], float] = time.monotonic
    trunk: bool | None = None
    """True where the trunk answers, as last told."""

    def translate(self, message: AmiMessage) -> list[e.Event]:
        """Translate a message into events of the line; mostly none."""
        known = _TABLE.get(message.name)
        return known(self, message) if known is not None else []

    def expect_offer(self, offer: OfferId, agent: AgentId) -> None:
        """Expect the leg of an agent who is about to be rung: the channel with this id."""
        self.legs.offers[channel_of(offer)] = OfferLeg(offer, agent)

    def other_call(self, channel: str, agent: AgentId) -> list[e.Event]:
        """An agent's phone carries a call that is none of our offers."""
        before = self.legs.in_use(agent)
        self.legs.others[channel] = agent
        return [] if before else [e.PhoneInUse(agent, True)]

    def arrive(self, channel: str, ani: str, dnis: str, sip_call: str) -> list[e.Event]:
        """A caller's channel that was not ours yet."""
        leg = self.adopt(channel)
        leg.steering.entered()
        early = self.legs.early.pop(channel, "")
        return [
            e.CallArrived(leg.call, digits(ani), entry_number(dnis), sip_call_of(sip_call)),
            *(e.KeyPressed(leg.call, key) for key in early),
        ]

    def adopt(self, channel: str) -> CallerLeg:
        """Take a caller's channel into the book."""
        call = self.legs.names.call(channel)
        leg = CallerLeg(call, channel, self.switch.steer(channel, call))
        self.legs.callers[channel] = leg
        return leg

    def contacts_after(self, seen: frozenset[AgentId]) -> frozenset[AgentId]:
        """The phones that can be reached: by a look, and by what was told while it was taken."""
        told = {agent for agent, there in self.heard.items() if there}
        for agent in self._contacts.keys() - seen - self.heard.keys():
            del self._contacts[agent]  # its end was missed
        return seen - self.heard.keys() | told

    def forget_contacts(self) -> None:
        """Nobody watched for a while: what was known of contacts is old."""
        self._contacts.clear()

    def trunk_seen(self, reachable: bool | None) -> list[e.Event]:
        """News only where it has changed. None: nothing is known."""
        if reachable is None or reachable == self.trunk:
            return []
        self.trunk = reachable
        return [e.TrunkSeen(reachable)]

    def gone(self, channel: str, result: OfferResult = OfferResult.FAILED, text: str = "gone unseen") -> list[e.Event]:
        """The channel is no more: by its Hangup, or because the audit does not find it."""
        return endings.gone(self.legs, channel, result, text)


def _new_channel(translator: Translator, message: AmiMessage) -> list[e.Event]:
    channel, name = message.get("Uniqueid"), message.get("Channel")
    leg = translator.legs.offers.get(channel)
    if leg is not None:
        leg.name = name
        if leg.given_up:
            translator.switch.hang_up(channel)
        return []
    if is_callback(channel):
        return _dialled(translator, channel)
    agent = agent_of(name, translator.agents)
    return translator.other_call(channel, agent) if agent is not None else []


def _dialled(translator: Translator, channel: str) -> list[e.Event]:
    """A citizen is being dialled. Nobody may want that any more: the order to hang up came before the channel."""
    leg = translator.legs.dialled.get(channel)
    if leg is not None:
        leg.seen = True
    if channel not in translator.legs.callers and (leg is None or leg.given_up):
        translator.switch.carry_out(c.HangUp(translator.legs.names.call(channel)))
    return []


def _new_state(translator: Translator, message: AmiMessage) -> list[e.Event]:
    leg = translator.legs.offers.get(message.get("Uniqueid"))
    if leg is None or leg.rang or message.get("ChannelState") != RINGING:
        return []
    leg.rang = True
    return [e.OfferRang(leg.offer)]


def _agi_start(translator: Translator, message: AmiMessage) -> list[e.Event]:
    channel = message.get("Uniqueid")
    if message.get("Context") == "line-code":
        return _code(translator, message)
    leg = translator.legs.callers.get(channel)
    if leg is None and is_callback(channel):
        return _reached(translator, channel)
    if leg is None:
        told = _environment(message)
        dnis, sip_call = told.get("agi_dnid", ""), told.get("agi_arg_1", "")
        return translator.arrive(channel, message.get("CallerIDNum"), dnis, sip_call)
    if not leg.steering.leaving:
        leg.transferring, leg.lease_at = False, NEVER
    return [] if leg.steering.entered() else [e.CallerBack(leg.call)]


def _reached(translator: Translator, channel: str) -> list[e.Event]:
    """Tell that the citizen has taken the phone, also where nobody expects them now: the engine lets them go."""
    translator.legs.dialled.pop(channel, None)
    leg = translator.adopt(channel)
    leg.steering.entered()
    return [e.CallbackAnswered(leg.call)]


def _code(translator: Translator, message: AmiMessage) -> list[e.Event]:
    channel, agent = message.get("Uniqueid"), agent_of(message.get("Channel"), translator.agents)
    if agent is None:
        return []
    session = translator.legs.names.session(channel)
    leg = translator.legs.codes[channel] = CodeLeg(session, agent, translator.switch.steer(channel, None))
    leg.steering.entered()
    return [e.CodeDialled(session, agent, _environment(message).get("agi_dnid", "")[:8])]


def _agi_end(translator: Translator, message: AmiMessage) -> list[e.Event]:
    leg = translator.legs.callers.get(message.get("Uniqueid"))
    if leg is not None:
        leg.steering.ended()
    return []


def _key(translator: Translator, message: AmiMessage) -> list[e.Event]:
    channel, key = message.get("Uniqueid"), message.get("Digit")
    leg = translator.legs.callers.get(channel)
    early = leg is None and message.get("Context") == "line-new"
    if message.get("Direction") != "Received" or key not in KEYS or not (leg or early):
        return []
    if not _is_press(translator, message, channel, key):
        return []
    if early:
        translator.legs.early[channel] = (translator.legs.early.get(channel, "") + key)[:MOST_EARLY_KEYS]
    if leg is None or leg.left:
        return []
    leg.steering.key(key)
    return [e.KeyPressed(leg.call, key)]


def _is_press(translator: Translator, message: AmiMessage, channel: str, key: str) -> bool:
    """Tell whether a key was pressed, or is told of once more (``keys.py``)."""
    keys = translator.legs.keys.setdefault(channel, Keys())
    at = float(message.get("Timestamp") or translator.clock())
    if message.name == "DTMFBegin":
        keys.begins(key, at)
        return False
    return keys.ends(key, int(message.get("DurationMs") or 0) / 1000, at)


def _bridge_enter(translator: Translator, message: AmiMessage) -> list[e.Event]:
    if message.get("BridgeTechnology") == "holding_bridge":
        return _agent_waits(translator, message)
    members = translator.legs.enter_bridge(message.get("BridgeUniqueid"), message.get("Uniqueid"))
    callers = [translator.legs.callers[m] for m in members if m in translator.legs.callers]
    for caller in callers:
        caller.steering.arrived()
    offers = [translator.legs.offers[m] for m in members if m in translator.legs.offers]
    if callers and offers:
        return [e.Bridged(callers[0].call, offers[0].offer)]
    colleagues = [member for member in members if member in translator.legs.others]
    if callers and callers[0].transferring and colleagues:
        return transfers.handed_over(translator.legs, callers[0], colleagues[0])
    if callers and callers[0].transferring and len(members) > 1:
        return [e.TransferAnswered(callers[0].call)]
    return transfers.consult_answered(translator.legs, members) if len(members) > 1 else []


def _agent_waits(translator: Translator, message: AmiMessage) -> list[e.Event]:
    """Tell that the agent has answered: they wait in the holding bridge, from where the caller can take them."""
    leg = translator.legs.offers.get(message.get("Uniqueid"))
    if leg is None or leg.answered:
        return []
    leg.answered, leg.name = True, message.get("Channel")
    return [e.OfferAnswered(leg.offer)]


def _bridge_leave(translator: Translator, message: AmiMessage) -> list[e.Event]:
    translator.legs.leave_bridge(message.get("BridgeUniqueid"), message.get("Uniqueid"))
    return []


def _hold(translator: Translator, message: AmiMessage) -> list[e.Event]:
    """Asterisk says ``Unhold`` for every agent who sends a caller on, on hold or not: only a change is news."""
    leg, on = translator.legs.offers.get(message.get("Uniqueid")), message.name == "Hold"
    if leg is None or leg.left or leg.held == on:
        return []
    leg.held = on
    return [e.HoldChanged(leg.offer, on)]


def _from_dialplan(translator: Translator, message: AmiMessage) -> list[e.Event]:
    """Take what our own dialplan tells, in the order in which the channel itself comes through it."""
    match message.get("UserEvent"):
        case "LineSent":
            return transfers.sent_on(translator.legs, message)
        case "LineConsult":
            return transfers.consult(translator.legs, message)
        case "LineRefused":
            return _not_let_in(translator, message)
        case "LineBack" | "LineTransfer" if leg := translator.legs.callers.get(message.get("Uniqueid")):
            leg.steering.arrived()
    return []


def _not_let_in(translator: Translator, message: AmiMessage) -> list[e.Event]:
    """The door was closed to a citizen. Floods are counted, and told together: see ``turned_away``."""
    why, ani = message.get("Why"), digits(message.get("Caller"))
    translator.refused.count(why, ani)
    if why != "full":
        return []
    return [
        e.CallRefused(translator.legs.names.call(message.get("Uniqueid")), ani, entry_number(message.get("Dialled")))
    ]


def _sign_in_refused(translator: Translator, message: AmiMessage) -> list[e.Event]:
    """A phone, or whoever plays one, does not know the password. ``RemoteAddress``: IPV4/UDP/192.0.2.7/5060."""
    parts = message.get("RemoteAddress").split("/")
    translator.refused.count("account" if message.name == "InvalidAccountID" else "password", "/".join(parts[2:3]))
    return []


def _contact(translator: Translator, message: AmiMessage) -> list[e.Event]:
    status = message.get("ContactStatus")
    if message.get("AOR") == TRUNK:
        return translator.trunk_seen({"Reachable": True, "Unreachable": False}.get(status))
    agent = AgentId(message.get("AOR"))
    if agent not in translator.agents:
        return []
    contacts, uri = translator._contacts.setdefault(agent, set()), message.get("URI")
    before = len(contacts)
    (contacts.add if message.get("ContactStatus") in REACHABLE else contacts.discard)(uri)
    if contacts and len(contacts) < before:
        return []  # with remove_existing the new contact is told first, the end of the old one last
    translator.heard[agent] = bool(contacts)
    return [e.PhoneReachable(agent, bool(contacts))]


def _rescued(translator: Translator, message: AmiMessage) -> list[e.Event]:
    channel = message.get("Uniqueid")
    dialled = translator.legs.dialled.pop(channel, None)
    if dialled is not None:  # the citizen answered while the engine stood still
        return [e.CallRescued(dialled.call)]
    leg = translator.legs.callers.pop(channel, None)
    return [e.CallRescued(leg.call)] if leg is not None and not leg.left else []


_TABLE: dict[str, Callable[[Translator, AmiMessage], list[e.Event]]] = {
    "Newchannel": _new_channel,
    "Newstate": _new_state,
    "AsyncAGIStart": _agi_start,
    "AsyncAGIEnd": _agi_end,
    "DTMFBegin": _key,
    "DTMFEnd": _key,
    "HangupRequest": lambda book, message: endings.hangup_request(book.legs, message),
    "SoftHangupRequest": lambda book, message: endings.soft_hangup(book.legs, message),
    "Hangup": lambda book, message: endings.hangup(book.legs, message),
    "OriginateResponse": lambda translator, message: endings.originate_response(
        translator.legs, translator.agents, message
    ),
    "BridgeEnter": _bridge_enter,
    "BridgeLeave": _bridge_leave,
    "Hold": _hold,
    "Unhold": _hold,
    "AttendedTransfer": lambda book, message: transfers.attended_transfer(book.legs, message),
    "UserEvent": _from_dialplan,
    "ContactStatus": _contact,
    "QueueCallerJoin": _rescued,
    "ChallengeResponseFailed": _sign_in_refused,
    "InvalidPassword": _sign_in_refused,
    "InvalidAccountID": _sign_in_refused,
}
"""What each AMI event is translated by; the others say nothing to the line."""


def digits(text: str) -> str:
    """Reduce what a caller claims as their number to a plus and at most 20 digits."""
    kept = "".join(letter for letter in text[:64] if letter in "0123456789")
    return ("+" if text.startswith("+") else "") + kept[:20]


def sip_call_of(text: str) -> str:
    """Take the checksum of a SIP Call-ID from the dialplan; empty where there is none."""
    return text if SIP_CALL.fullmatch(text) else ""


def entry_number(dialled: str) -> str:
    """The number as the menus know it, without the country's prefix."""
    return national(digits(dialled))


def _environment(message: AmiMessage) -> dict[str, str]:
    """The AGI environment of an AsyncAGIStart."""
    lines = unquote(message.get("Env")).splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
