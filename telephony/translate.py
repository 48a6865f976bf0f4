"""AMI events into events of the line. Asterisk's words stop here.

Keeps the book of channels (``Legs``) and decides nothing else: what is doubled or late the engine's tables will tell.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from calls import AgentId, OfferId, OfferResult, SessionId, national
from calls import commands as c
from calls import events as e

from .ami import AmiMessage
from .keys import Keys
from .legs import NEVER, CallerLeg, CodeLeg, ConsultLeg, DialledLeg, Legs, OfferLeg, agent_of, call_id, is_callback
from .refused import RefusedCounts
from .switch import Switch

RINGING, UP = "5", "6"
"""Asterisk's ChannelState."""

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

KEYS = frozenset("0123456789*#")

MOST_EARLY_KEYS = 4
"""Keys before the first word; a caller who presses more has no menu in mind."""

TRUNK = "trunk"
"""The endpoint and AOR of the trunk in pjsip.conf."""

REACHABLE = frozenset({"Reachable", "NonQualified", "Created", "Updated"})


@dataclass(slots=True)
class Translator:
    """One node's translator. ``agents`` are the SIP users we know; ``clock`` is for an Asterisk that tells no times."""

    node: str
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
    _table: dict[str, Callable[[AmiMessage], list[e.Event]]] = field(init=False)

    def __post_init__(self) -> None:
        self._table = {
            "Newchannel": self._new_channel,
            "Newstate": self._new_state,
            "AsyncAGIStart": self._agi_start,
            "AsyncAGIEnd": self._agi_end,
            "DTMFBegin": self._key,
            "DTMFEnd": self._key,
            "HangupRequest": self._hangup_request,
            "SoftHangupRequest": self._soft_hangup,
            "Hangup": self._hangup,
            "OriginateResponse": self._originate_response,
            "BridgeEnter": self._bridge_enter,
            "BridgeLeave": self._bridge_leave,
            "Hold": self._hold,
            "Unhold": self._hold,
            "AttendedTransfer": self._attended_transfer,
            "UserEvent": self._from_dialplan,
            "ContactStatus": self._contact,
            "QueueCallerJoin": self._rescued,
            "ChallengeResponseFailed": self._sign_in_refused,
            "InvalidPassword": self._sign_in_refused,
            "InvalidAccountID": self._sign_in_refused,
        }

    def translate(self, message: AmiMessage) -> list[e.Event]:
        """Translate a message into events of the line; mostly none."""
        known = self._table.get(message.name)
        return known(message) if known is not None else []

    # -- channels come ---

    def expect_offer(self, offer: OfferId, agent: AgentId) -> None:
        """Expect the leg of an agent who is about to be rung: the channel with this id."""
        self.legs.offers[offer] = OfferLeg(offer, agent)

    def _new_channel(self, message: AmiMessage) -> list[e.Event]:
        channel, name = message.get("Uniqueid"), message.get("Channel")
        leg = self.legs.offers.get(channel)
        if leg is not None:
            leg.name = name
            return []
        if is_callback(channel):
            return self._dialled(channel)
        agent = agent_of(name, self.agents)
        return self.other_call(channel, agent) if agent is not None else []

    def _dialled(self, channel: str) -> list[e.Event]:
        """A citizen is being dialled. Nobody may want that any more: the order to hang up came before the channel."""
        leg = self.legs.dialled.get(channel)
        if leg is not None:
            leg.seen = True
        if channel not in self.legs.callers and (leg is None or leg.given_up):
            self.switch.carry_out(c.HangUp(call_id(self.node, channel)))
        return []

    def other_call(self, channel: str, agent: AgentId) -> list[e.Event]:
        """An agent's phone carries a call that is none of our offers."""
        before = self.legs.in_use(agent)
        self.legs.others[channel] = agent
        return [] if before else [e.PhoneInUse(agent, True)]

    def _new_state(self, message: AmiMessage) -> list[e.Event]:
        leg = self.legs.offers.get(message.get("Uniqueid"))
        if leg is None or leg.rang or message.get("ChannelState") != RINGING:
            return []
        leg.rang = True
        return [e.OfferRang(leg.offer)]

    def _agi_start(self, message: AmiMessage) -> list[e.Event]:
        channel = message.get("Uniqueid")
        if message.get("Context") == "line-code":
            return self._code(message)
        leg = self.legs.callers.get(channel)
        if leg is None and is_callback(channel):
            return self._reached(channel)
        if leg is None:
            environment = _environment(message)
            return self.arrive(channel, message.get("CallerIDNum"), environment.get("agi_dnid", ""))
        if not leg.steering.leaving:
            leg.transferring, leg.lease_at = False, NEVER
        return [] if leg.steering.entered() else [e.CallerBack(leg.call)]

    def arrive(self, channel: str, ani: str, dnis: str) -> list[e.Event]:
        """A caller's channel that was not ours yet."""
        leg = self.adopt(channel)
        leg.steering.entered()
        early = self.legs.early.pop(channel, "")
        return [
            e.CallArrived(leg.call, digits(ani), entry_number(dnis)),
            *(e.KeyPressed(leg.call, key) for key in early),
        ]

    def _reached(self, channel: str) -> list[e.Event]:
        """Tell that the citizen has taken the phone, also where nobody expects them now: the engine lets them go."""
        self.legs.dialled.pop(channel, None)
        leg = self.adopt(channel)
        leg.steering.entered()
        return [e.CallbackAnswered(leg.call)]

    def adopt(self, channel: str) -> CallerLeg:
        """Take a caller's channel into the book."""
        call = call_id(self.node, channel)
        leg = CallerLeg(call, channel, self.switch.steer(channel, call))
        self.legs.callers[channel] = leg
        return leg

    def _code(self, message: AmiMessage) -> list[e.Event]:
        channel, agent = message.get("Uniqueid"), agent_of(message.get("Channel"), self.agents)
        if agent is None:
            return []
        session = SessionId(channel)
        leg = self.legs.codes[channel] = CodeLeg(session, agent, self.switch.steer(channel, None))
        leg.steering.entered()
        return [e.CodeDialled(session, agent, _environment(message).get("agi_dnid", "")[:8])]

    # -- channels do something ---

    def _agi_end(self, message: AmiMessage) -> list[e.Event]:
        leg = self.legs.callers.get(message.get("Uniqueid"))
        if leg is not None:
            leg.steering.ended()
        return []

    def _key(self, message: AmiMessage) -> list[e.Event]:
        channel, key = message.get("Uniqueid"), message.get("Digit")
        leg = self.legs.callers.get(channel)
        early = leg is None and message.get("Context") == "line-new"
        if message.get("Direction") != "Received" or key not in KEYS or not (leg or early):
            return []
        if not self._is_press(message, channel, key):
            return []
        if early:
            self.legs.early[channel] = (self.legs.early.get(channel, "") + key)[:MOST_EARLY_KEYS]
        if leg is None or leg.left:
            return []
        leg.steering.key(key)
        return [e.KeyPressed(leg.call, key)]

    def _is_press(self, message: AmiMessage, channel: str, key: str) -> bool:
        """Tell whether a key was pressed, or is told of once more (``keys.py``)."""
        keys = self.legs.keys.setdefault(channel, Keys())
        at = float(message.get("Timestamp") or self.clock())
        if message.name == "DTMFBegin":
            keys.begins(key, at)
            return False
        return keys.ends(key, int(message.get("DurationMs") or 0) / 1000, at)

    def _bridge_enter(self, message: AmiMessage) -> list[e.Event]:
        if message.get("BridgeTechnology") == "holding_bridge":
            return self._agent_waits(message)
        members = self.legs.enter_bridge(message.get("BridgeUniqueid"), message.get("Uniqueid"))
        callers = [self.legs.callers[m] for m in members if m in self.legs.callers]
        for caller in callers:
            caller.steering.arrived()
        offers = [self.legs.offers[m] for m in members if m in self.legs.offers]
        if callers and offers:
            return [e.Bridged(callers[0].call, offers[0].offer)]
        colleagues = [member for member in members if member in self.legs.others]
        if callers and callers[0].transferring and colleagues:
            return self._handed_over(callers[0], colleagues[0])
        if callers and callers[0].transferring and len(members) > 1:
            return [e.TransferAnswered(callers[0].call)]
        return self._consult_answered(members) if len(members) > 1 else []

    def _agent_waits(self, message: AmiMessage) -> list[e.Event]:
        """Tell that the agent has answered: they wait in the holding bridge, from where the caller can take them."""
        leg = self.legs.offers.get(message.get("Uniqueid"))
        if leg is None or leg.answered:
            return []
        leg.answered, leg.name = True, message.get("Channel")
        return [e.OfferAnswered(leg.offer)]

    def _bridge_leave(self, message: AmiMessage) -> list[e.Event]:
        self.legs.leave_bridge(message.get("BridgeUniqueid"), message.get("Uniqueid"))
        return []

    def _hold(self, message: AmiMessage) -> list[e.Event]:
        """Asterisk says ``Unhold`` for every agent who sends a caller on, on hold or not: only a change is news."""
        leg, on = self.legs.offers.get(message.get("Uniqueid")), message.name == "Hold"
        if leg is None or leg.left or leg.held == on:
            return []
        leg.held = on
        return [e.HoldChanged(leg.offer, on)]

    # -- agents send callers on ---

    def _from_dialplan(self, message: AmiMessage) -> list[e.Event]:
        """Take what our own dialplan tells, in the order in which the channel itself comes through it."""
        match message.get("UserEvent"):
            case "LineSent":
                return self._sent_on(message)
            case "LineConsult":
                return self._consult(message)
            case "LineRefused":
                return self._not_let_in(message)
            case "LineBack" | "LineTransfer" if leg := self.legs.callers.get(message.get("Uniqueid")):
                leg.steering.arrived()
        return []

    def _not_let_in(self, message: AmiMessage) -> list[e.Event]:
        """The door was closed to a citizen. Floods are counted, and told together: see ``turned_away``."""
        why, ani = message.get("Why"), digits(message.get("Caller"))
        self.refused.count(why, ani)
        if why != "full":
            return []
        return [e.CallRefused(call_id(self.node, message.get("Uniqueid")), ani, entry_number(message.get("Dialled")))]

    def _sign_in_refused(self, message: AmiMessage) -> list[e.Event]:
        """A phone, or whoever plays one, does not know the password. ``RemoteAddress``: IPV4/UDP/192.0.2.7/5060."""
        parts = message.get("RemoteAddress").split("/")
        self.refused.count("account" if message.name == "InvalidAccountID" else "password", "/".join(parts[2:3]))
        return []

    def _sent_on(self, message: AmiMessage) -> list[e.Event]:
        """A blind transfer. Not by ``BlindTransfer``: another thread tells it, perhaps after the caller is back."""
        leg = self.legs.callers.get(message.get("Uniqueid"))
        if leg is None or leg.left:
            return []
        leg.transferring = message.get("Outside") == "yes"
        return [e.AgentTransferred(leg.call, message.get("To"), dialled=leg.transferring)]

    def _consult(self, message: AmiMessage) -> list[e.Event]:
        channel = message.get("Uniqueid")
        agent = self.legs.others.get(channel)
        if agent is None:
            return []
        leg = self.legs.consults[channel] = ConsultLeg(SessionId(channel), message.get("With"))
        return [e.ConsultBegan(leg.session, agent, leg.target)]

    def _consult_answered(self, members: set[str]) -> list[e.Event]:
        asked = [self.legs.consults[member] for member in members if member in self.legs.consults]
        new = [leg for leg in asked if not leg.answered]
        for leg in new:
            leg.answered = True
        return [e.ConsultAnswered(leg.session) for leg in new]

    def _attended_transfer(self, message: AmiMessage) -> list[e.Event]:
        """Caller and consulted party are in one bridge now; which of them was moved depends on the agent's phone."""
        ends = [message.get("TransfereeUniqueid"), message.get("TransferTargetUniqueid")]
        caller = next((self.legs.callers[end] for end in ends if end in self.legs.callers), None)
        if caller is None or caller.left or message.get("Result") != "Success":
            return []
        other = ends[1] if ends[0] == caller.channel else ends[0]
        if other in self.legs.others:
            return self._handed_over(caller, other)
        caller.transferring = True
        mine = (message.get("SecondTransfererUniqueid"), message.get("OrigTransfererUniqueid"))
        target = next((self.legs.consults[leg].target for leg in mine if leg in self.legs.consults), "")
        sent = e.AgentTransferred(caller.call, target, dialled=True)
        # The agent did not wait for the answer: the caller has taken their place in Dial.
        return [sent] if message.get("DestType") == "App" else [sent, e.TransferAnswered(caller.call)]

    def _handed_over(self, caller: CallerLeg, channel: str) -> list[e.Event]:
        """The colleague's phone, in use until now, carries a call of the line."""
        agent, offer = self.legs.others.pop(channel), OfferId(channel)
        caller.transferring = False
        self.legs.offers[offer] = OfferLeg(offer, agent, channel, answered=True, rang=True)
        freed = [] if self.legs.in_use(agent) else [e.PhoneInUse(agent, False)]
        return [e.CallHandedOver(caller.call, offer, agent), *freed]

    def _contact(self, message: AmiMessage) -> list[e.Event]:
        status = message.get("ContactStatus")
        if message.get("AOR") == TRUNK:
            return self.trunk_seen({"Reachable": True, "Unreachable": False}.get(status))
        agent = AgentId(message.get("AOR"))
        if agent not in self.agents:
            return []
        contacts, uri = self._contacts.setdefault(agent, set()), message.get("URI")
        before = len(contacts)
        (contacts.add if message.get("ContactStatus") in REACHABLE else contacts.discard)(uri)
        if contacts and len(contacts) < before:
            return []  # with remove_existing the new contact is told first, the end of the old one last
        self.heard[agent] = bool(contacts)
        return [e.PhoneReachable(agent, bool(contacts))]

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

    def _rescued(self, message: AmiMessage) -> list[e.Event]:
        channel = message.get("Uniqueid")
        dialled = self.legs.dialled.pop(channel, None)
        if dialled is not None:  # the citizen answered while the engine stood still
            return [e.CallRescued(dialled.call)]
        leg = self.legs.callers.pop(channel, None)
        return [e.CallRescued(leg.call)] if leg is not None and not leg.left else []

    # -- channels go ---

    def _hangup_request(self, message: AmiMessage) -> list[e.Event]:
        """Tell who hung up: who asked first. A phone that rings still has to tell why: that comes with Hangup."""
        channel = message.get("Uniqueid")
        leg = self.legs.offers.get(channel)
        if leg is not None and not leg.answered:
            return []
        return self._leaves(channel, lost=message.get("Cause") in GONE)

    def _soft_hangup(self, message: AmiMessage) -> list[e.Event]:
        """Asterisk ends a channel by itself: no sound for longer than rtp_timeout. Our own hang-ups differ."""
        lost = message.get("Cause") == SILENT
        return self._leaves(message.get("Uniqueid"), lost=True) if lost else []

    def _hangup(self, message: AmiMessage) -> list[e.Event]:
        cause, text = message.get("Cause"), message.get("Cause-txt")
        leg = self.legs.offers.get(message.get("Uniqueid"))
        result = _judged(cause, message.get("TechCause"), rang=leg is not None and leg.rang)
        return self.gone(message.get("Uniqueid"), result, f"{cause} {text}".strip())

    def gone(self, channel: str, result: OfferResult = OfferResult.FAILED, text: str = "gone unseen") -> list[e.Event]:
        """The channel is no more: by its Hangup, or because the audit does not find it."""
        leg, dialled = self.legs.offers.get(channel), self.legs.dialled.get(channel)
        if leg is not None and not leg.answered:
            return self._refused(leg, result, text)
        if dialled is not None:
            return self._not_reached(dialled, result, text)
        return self._leaves(channel) + self._forget(channel)

    def _leaves(self, channel: str, *, lost: bool = False) -> list[e.Event]:
        leg = self.legs.callers.get(channel) or self.legs.offers.get(channel)
        if leg is None or leg.left:
            return []
        leg.left = True
        return [e.CallerLeft(leg.call, lost) if isinstance(leg, CallerLeg) else e.AgentLeft(leg.offer, lost)]

    def _forget(self, channel: str) -> list[e.Event]:
        self.legs.callers.pop(channel, None)
        self.legs.early.pop(channel, None)
        self.legs.keys.pop(channel, None)
        self.legs.offers.pop(channel, None)
        self.legs.codes.pop(channel, None)
        consult, agent = self.legs.consults.pop(channel, None), self.legs.others.pop(channel, None)
        asked: list[e.Event] = [e.ConsultEnded(consult.session)] if consult is not None else []
        free = agent is not None and not self.legs.in_use(agent)
        return [*asked, e.PhoneInUse(agent, False)] if agent is not None and free else asked

    def _originate_response(self, message: AmiMessage) -> list[e.Event]:
        """An Originate that made no channel at all (no contact) tells it here only."""
        if message.get("Response") != "Failure":
            return []
        dialled = self.legs.dialled.get(message.get("Uniqueid"))
        if dialled is not None:
            return [] if dialled.seen else self._not_reached(dialled, OfferResult.FAILED, "no channel")
        agent = agent_of(message.get("Channel") + "-", self.agents)
        legs = [leg for leg in self.legs.offers.values() if leg.agent == agent and not leg.answered and not leg.name]
        return [event for leg in legs for event in self._refused(leg, OfferResult.NO_CHANNEL, "no channel")]

    def _not_reached(self, leg: DialledLeg, result: OfferResult, text: str) -> list[e.Event]:
        del self.legs.dialled[leg.channel]
        return [] if leg.given_up else [e.CallbackFailed(leg.call, result, text)]

    def _refused(self, leg: OfferLeg, result: OfferResult, text: str) -> list[e.Event]:
        del self.legs.offers[leg.offer]
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


def digits(text: str) -> str:
    """Reduce what a caller claims as their number to a plus and at most 20 digits."""
    kept = "".join(letter for letter in text[:64] if letter in "0123456789")
    return ("+" if text.startswith("+") else "") + kept[:20]


def entry_number(dialled: str) -> str:
    """The number as the menus know it, without the country's prefix."""
    return national(digits(dialled))


def _environment(message: AmiMessage) -> dict[str, str]:
    """The AGI environment of an AsyncAGIStart."""
    lines = unquote(message.get("Env")).splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
