"""AMI messages into events of the line: each kind, and what is late or foreign."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from calls import AgentId, CallId, CallStage, OfferId, OfferResult, QueueId, SessionId
from calls import commands as c
from calls import events as e
from telephony.ami import AmiMessage
from telephony.endings import CAUSES, OWN_CAUSES
from telephony.legs import Legs
from telephony.names import Names
from telephony.snapshot import Channel, sort
from telephony.switch import Switch
from telephony.translate import Translator, digits, entry_number

A1, A2 = AgentId("agent001"), AgentId("agent002")
AGENTS = frozenset({A1, A2})
CALLER, CALL = "17.1", CallId("n1-17.1")
OFFER = OfferId("n1-o5-1")
DIALLED, BACK = "cb5-7", CallId("n1-cb5-7")


class DeafClient:
    """An AMI client that takes everything and answers nothing."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []

    def send(self, name: str, fields: Any) -> asyncio.Future[Any]:
        self.sent.append((name, fields))
        return asyncio.get_running_loop().create_future()

    def tell(self, name: str, fields: Any) -> None:
        self.sent.append((name, fields))

    def send_agi(self, channel: str, command: str, *, timeout_s: float | None) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().create_future()


@pytest.fixture
async def book() -> Translator:
    legs = Legs()
    client: Any = DeafClient()
    switch = Switch(client, legs, lambda prompt, language, edition: prompt.id, lambda event: None, "10.0.0.1")
    return Translator(AGENTS, legs, switch)


def told(book: Translator, name: str, **headers: str) -> list[e.Event]:
    plain = {key.replace("_", "-"): value for key, value in headers.items()}
    return book.translate(AmiMessage({"Event": name, **plain}))


def arrive(book: Translator, number: str = "1555", ani: str = "6941234567") -> list[e.Event]:
    env = quote(f"agi_dnid: {number}\nagi_callerid: {ani}\n\n")
    return told(
        book, "AsyncAGIStart", Uniqueid=CALLER, Channel="PJSIP/trunk-1", Context="line-agi", CallerIDNum=ani, Env=env
    )


def ring(book: Translator) -> None:
    book.expect_offer(OFFER, A1)
    told(book, "Newchannel", Uniqueid=OFFER, Channel="PJSIP/agent001-0a")


def answer(book: Translator) -> list[e.Event]:
    return told(book, "BridgeEnter", Uniqueid=OFFER, Channel="PJSIP/agent001-0a", BridgeTechnology="holding_bridge")


async def test_a_phone_that_is_given_up_before_asterisk_has_dialled_it_does_not_go_on_ringing(book: Translator) -> None:
    book.expect_offer(OFFER, A1)
    book.switch.carry_out(c.CancelRing(OFFER))
    assert told(book, "Newchannel", Uniqueid=OFFER, Channel="PJSIP/agent001-0a") == []
    assert len(sent(book, "Hangup")) == 2, "the first one came before there was anything to hang up"


async def test_a_caller_comes_back_and_goes(book: Translator) -> None:
    assert arrive(book) == [e.CallArrived(CALL, "6941234567", "1555")]
    assert told(book, "DTMFEnd", Uniqueid=CALLER, Digit="1", Direction="Received") == [e.KeyPressed(CALL, "1")]
    assert told(book, "DTMFEnd", Uniqueid=CALLER, Digit="1", Direction="Sent") == []
    assert arrive(book) == [e.CallerBack(CALL)]
    assert told(book, "HangupRequest", Uniqueid=CALLER) == [e.CallerLeft(CALL)]
    assert told(book, "Hangup", Uniqueid=CALLER) == [], "told once"
    assert not book.legs.callers


@pytest.mark.parametrize(
    ("name", "cause", "lost"),
    [
        ("HangupRequest", "", False),
        ("HangupRequest", "16", False),
        ("HangupRequest", "18", True),
        ("HangupRequest", "127", True),
        ("SoftHangupRequest", "1", True),
    ],
)
async def test_a_phone_that_is_gone_did_not_hang_up(book: Translator, name: str, cause: str, lost: bool) -> None:
    """A session refresh without answer (408, 481), or no sound for too long; each as Asterisk 22.10 tells it."""
    arrive(book)
    ring(book)
    answer(book)
    assert told(book, name, Uniqueid=CALLER, Cause=cause) == [e.CallerLeft(CALL, lost)]
    assert told(book, name, Uniqueid=OFFER, Cause=cause) == [e.AgentLeft(OFFER, lost)]


async def test_what_we_end_ourselves_is_no_lost_phone(book: Translator) -> None:
    arrive(book)
    assert told(book, "SoftHangupRequest", Uniqueid=CALLER, Cause="16") == []


def early(book: Translator, key: str, **where: str) -> list[e.Event]:
    context = {"Context": "line-new", **where}
    return told(book, "DTMFEnd", Uniqueid=CALLER, Digit=key, Direction="Received", **context)


async def test_what_is_pressed_while_asterisk_still_answers_is_not_lost(book: Translator) -> None:
    for key in "123456":
        assert early(book, key) == []
    early(book, "9", Context="line-agents")
    assert arrive(book) == [e.CallArrived(CALL, "6941234567", "1555"), *(e.KeyPressed(CALL, key) for key in "1234")]
    assert not book.legs.early


async def test_who_leaves_before_he_is_answered_leaves_nothing_behind(book: Translator) -> None:
    early(book, "1")
    assert told(book, "Hangup", Uniqueid=CALLER) == [] and not book.legs.early


async def test_hostile_numbers_are_reduced(book: Translator) -> None:
    (event,) = arrive(book, number="0030" + "1555", ani="+30'; DROP\r\nAction: Hangup 210")
    assert event == e.CallArrived(CALL, "+30210", "1555")


@pytest.mark.parametrize(("cause", "result"), [*CAUSES.items(), ("58", OfferResult.REJECTED)])
async def test_a_phone_that_does_not_take_the_offer(book: Translator, cause: str, result: OfferResult) -> None:
    ring(book)
    assert told(book, "HangupRequest", Uniqueid=OFFER) == [], "the reason comes with Hangup"
    gone = told(book, "Hangup", Uniqueid=OFFER, Cause=cause, Cause_txt="why", TechCause="SIP 4xx")
    assert gone == [e.OfferFailed(OFFER, result, f"{cause} why")]
    assert told(book, "OriginateResponse", Response="Failure", Channel="PJSIP/agent001") == []


async def test_a_redirecting_phone(book: Translator) -> None:
    ring(book)
    (gone,) = told(book, "Hangup", Uniqueid=OFFER, Cause="0", TechCause="302")
    assert isinstance(gone, e.OfferFailed) and gone.result is OfferResult.REDIRECTED


async def test_a_phone_without_contact_has_no_channel(book: Translator) -> None:
    book.expect_offer(OFFER, A1)
    (gone,) = told(book, "OriginateResponse", Response="Failure", Channel="PJSIP/agent001", Reason="0")
    assert gone == e.OfferFailed(OFFER, OfferResult.NO_CHANNEL, "no channel")


async def test_of_a_phone_that_rang_the_answer_may_be_lost(book: Translator) -> None:
    ring(book)
    told(book, "Newstate", Uniqueid=OFFER, ChannelState="5")
    (gone,) = told(book, "Hangup", Uniqueid=OFFER, Cause="0", Cause_txt="Unknown")
    assert gone == e.OfferFailed(OFFER, OfferResult.REJECTED, "0 Unknown")


@pytest.mark.parametrize("cause", ["0", "16", *sorted(OWN_CAUSES)])
async def test_what_no_phone_answered_is_the_lines_own_failure(book: Translator, cause: str) -> None:
    """No port for sound: cause 0, "Unknown", and no SIP answer (Asterisk 22.10)."""
    ring(book)
    (gone,) = told(book, "Hangup", Uniqueid=OFFER, Cause=cause, Cause_txt="Unknown")
    assert gone == e.OfferFailed(OFFER, OfferResult.FAILED, f"{cause} Unknown")


async def test_an_offer_from_ring_to_end(book: Translator) -> None:
    arrive(book)
    ring(book)
    assert told(book, "Newstate", Uniqueid=OFFER, ChannelState="5") == [e.OfferRang(OFFER)]
    assert told(book, "Newstate", Uniqueid=OFFER, ChannelState="5") == []
    assert answer(book) == [e.OfferAnswered(OFFER)]
    assert answer(book) == []
    assert told(book, "BridgeEnter", Uniqueid=CALLER, BridgeUniqueid="b") == []
    assert told(book, "BridgeEnter", Uniqueid=OFFER, BridgeUniqueid="b") == [e.Bridged(CALL, OFFER)]
    assert told(book, "Unhold", Uniqueid=OFFER) == [], "Asterisk says it at every transfer"
    assert told(book, "Hold", Uniqueid=OFFER) == [e.HoldChanged(OFFER, True)]
    assert told(book, "Unhold", Uniqueid=OFFER) == [e.HoldChanged(OFFER, False)]
    assert told(book, "HangupRequest", Uniqueid=OFFER) == [e.AgentLeft(OFFER)]
    assert told(book, "Hangup", Uniqueid=OFFER) == []


def back_from_the_dialplan(book: Translator) -> None:
    told(book, "UserEvent", UserEvent="LineBack", Uniqueid=CALLER, Result="NONEXISTENT")


def bridged(book: Translator) -> None:
    told(book, "BridgeEnter", Uniqueid=CALLER, BridgeUniqueid="b")


@pytest.mark.parametrize("there", [bridged, back_from_the_dialplan])
async def test_an_interruption_that_is_told_late_takes_nobody_out_of_a_conversation(
    book: Translator, there: Callable[[Translator], None]
) -> None:
    """At a restart each caller is interrupted; whose agent has answered meanwhile is connected in the same moment."""
    arrive(book)
    ring(book)
    answer(book)
    book.legs.callers[CALLER].steering.interrupted = True
    book.switch.carry_out(c.Connect(CALL, OFFER))
    assert arrive(book) == [] and not book.legs.callers[CALLER].steering.controlled, "and so has no lease"
    there(book)
    assert arrive(book) == [e.CallerBack(CALL)] and book.legs.callers[CALLER].steering.controlled


async def test_a_code_and_the_phone_in_use_meanwhile(book: Translator) -> None:
    used = told(book, "Newchannel", Uniqueid="17.9", Channel="PJSIP/agent002-0b")
    assert used == [e.PhoneInUse(A2, True)]
    env = quote("agi_dnid: *11\n\n")
    code = told(book, "AsyncAGIStart", Uniqueid="17.9", Channel="PJSIP/agent002-0b", Context="line-code", Env=env)
    assert code == [e.CodeDialled(SessionId("n1-17.9"), A2, "*11")]
    assert told(book, "Hangup", Uniqueid="17.9") == [e.PhoneInUse(A2, False)]


async def test_a_transfer_is_answered_when_two_are_in_the_bridge(book: Translator) -> None:
    arrive(book)
    book.legs.callers[CALLER].transferring = True
    assert told(book, "BridgeEnter", Uniqueid=CALLER, BridgeUniqueid="b") == []
    assert told(book, "BridgeEnter", Uniqueid="17.5", BridgeUniqueid="b") == [e.TransferAnswered(CALL)]


async def test_an_agent_sends_the_caller_on(book: Translator) -> None:
    arrive(book)
    sent = told(book, "UserEvent", UserEvent="LineSent", Uniqueid=CALLER, To="15900", Outside="yes")
    assert sent == [e.AgentTransferred(CALL, "15900", dialled=True)] and book.legs.callers[CALLER].transferring
    assert told(book, "UserEvent", UserEvent="LineSent", Uniqueid="17.9", To="15900") == [], "no caller"
    assert told(book, "UserEvent", UserEvent="LineRedirected", Uniqueid=CALLER) == []


async def test_an_agent_sends_the_caller_back_into_the_line(book: Translator) -> None:
    arrive(book)
    sent = told(book, "UserEvent", UserEvent="LineSent", Uniqueid=CALLER, To="pensions")
    assert sent == [e.AgentTransferred(CALL, "pensions")] and not book.legs.callers[CALLER].transferring


MINE, ASKED = "17.7", "17.8"


def consult(book: Translator, target: str) -> None:
    """The agent of ``OFFER`` speaks with the caller, and on a second line with somebody whom they ask."""
    arrive(book)
    ring(book)
    answer(book)
    told(book, "Newchannel", Uniqueid=MINE, Channel="PJSIP/agent001-0c")
    began = told(book, "UserEvent", UserEvent="LineConsult", Uniqueid=MINE, With=target)
    assert began == [e.ConsultBegan(SessionId(f"n1-{MINE}"), A1, target)]
    name = f"PJSIP/{target if target.startswith('agent') else 'trunk'}-0d"
    told(book, "Newchannel", Uniqueid=ASKED, Channel=name)
    assert told(book, "BridgeEnter", Uniqueid=ASKED, BridgeUniqueid="y") == []
    told_answered = told(book, "BridgeEnter", Uniqueid=MINE, BridgeUniqueid="y")
    assert told_answered == [e.ConsultAnswered(SessionId(f"n1-{MINE}"))]
    assert told(book, "BridgeEnter", Uniqueid=MINE, BridgeUniqueid="y") == []


def attended(book: Translator, *, turned: bool = False, result: str = "Success") -> list[e.Event]:
    ends, mine = (CALLER, ASKED), (str(OFFER), MINE)
    if turned:
        ends, mine = ends[::-1], mine[::-1]
    return told(
        book, "AttendedTransfer", Result=result, TransfereeUniqueid=ends[0], TransferTargetUniqueid=ends[1],
        OrigTransfererUniqueid=mine[0], SecondTransfererUniqueid=mine[1],
    )  # fmt: skip


@pytest.mark.parametrize("turned", [False, True])
async def test_an_agent_hands_the_caller_over_to_a_colleague(book: Translator, turned: bool) -> None:
    consult(book, "agent002")
    leg = OfferId(f"n1-{ASKED}")
    assert attended(book, turned=turned) == [e.CallHandedOver(CALL, leg, A2), e.PhoneInUse(A2, False)]
    assert told(book, "Hangup", Uniqueid=MINE) == [e.ConsultEnded(SessionId(f"n1-{MINE}")), e.PhoneInUse(A1, False)]
    assert told(book, "Hold", Uniqueid=ASKED) == [e.HoldChanged(leg, True)]
    assert told(book, "HangupRequest", Uniqueid=ASKED) == [e.AgentLeft(leg)]
    assert told(book, "Hangup", Uniqueid=ASKED) == [] and ASKED not in book.legs.offers


async def test_an_agent_hands_the_caller_over_to_an_outside_number(book: Translator) -> None:
    consult(book, "15900")
    assert attended(book, result="Fail") == []
    sent = e.AgentTransferred(CALL, "15900", dialled=True)
    assert attended(book) == [sent, e.TransferAnswered(CALL)]


async def test_an_agent_hands_over_while_the_other_phone_rings(book: Translator) -> None:
    consult(book, "agent002")
    headers = {"TransfereeUniqueid": CALLER, "SecondTransfererUniqueid": MINE, "Result": "Success"}
    sent = told(book, "AttendedTransfer", DestType="App", **headers)
    assert sent == [e.AgentTransferred(CALL, "agent002", dialled=True)]
    assert told(book, "BridgeEnter", Uniqueid=ASKED, BridgeUniqueid="z") == []
    met = told(book, "BridgeEnter", Uniqueid=CALLER, BridgeUniqueid="z")
    assert met == [e.CallHandedOver(CALL, OfferId(f"n1-{ASKED}"), A2), e.PhoneInUse(A2, False)]


async def test_a_transfer_that_is_not_of_a_caller(book: Translator) -> None:
    consult(book, "agent002")
    told(book, "Hangup", Uniqueid=CALLER)
    assert attended(book) == []
    assert told(book, "UserEvent", UserEvent="LineConsult", Uniqueid="17.99", With="15900") == []


# -- citizens who are called back ---


def dial(book: Translator, *, there: bool = True) -> None:
    book.switch.carry_out(c.CallBack(BACK, "6941234567", 30.0, QueueId("pensions"), "el", "1555"))
    if there:
        assert told(book, "Newchannel", Uniqueid=DIALLED, Channel="PJSIP/trunk-0e") == []
        assert told(book, "Newstate", Uniqueid=DIALLED, ChannelState="5") == []


def take(book: Translator) -> list[e.Event]:
    """The citizen takes the phone (or is back under our control)."""
    return told(book, "AsyncAGIStart", Uniqueid=DIALLED, Channel="PJSIP/trunk-0e", Context="line-agi", Env="")


def sent(book: Translator, action: str) -> list[Any]:
    client: Any = book.switch.client
    return [fields for name, fields in client.sent if name == action]


async def test_a_citizen_who_is_called_back_answers_and_is_a_caller_like_any_other(book: Translator) -> None:
    dial(book)
    assert book.legs.existing() == {DIALLED} and not book.legs.callers
    assert take(book) == [e.CallbackAnswered(BACK)]
    assert told(book, "OriginateResponse", Response="Success", Uniqueid=DIALLED, Reason="4") == []
    assert book.legs.callers[DIALLED].steering.controlled and not book.legs.dialled
    assert told(book, "DTMFEnd", Uniqueid=DIALLED, Digit="1", Direction="Received") == [e.KeyPressed(BACK, "1")]
    assert take(book) == [e.CallerBack(BACK)]
    assert told(book, "HangupRequest", Uniqueid=DIALLED) == [e.CallerLeft(BACK)]
    assert told(book, "Hangup", Uniqueid=DIALLED, Cause="16") == [] and not book.legs.callers


@pytest.mark.parametrize("response_first", [False, True])
@pytest.mark.parametrize(("cause", "result"), [*CAUSES.items(), ("58", OfferResult.REJECTED)])
async def test_a_citizen_who_is_not_reached(
    book: Translator, cause: str, result: OfferResult, response_first: bool
) -> None:
    dial(book)
    assert told(book, "HangupRequest", Uniqueid=DIALLED, Cause=cause) == []
    responded = {"Response": "Failure", "Uniqueid": DIALLED, "Channel": "PJSIP/trunk/sip:6941234567@10.0.0.1"}
    if response_first:
        assert told(book, "OriginateResponse", **responded) == []
    gone = told(book, "Hangup", Uniqueid=DIALLED, Cause=cause, Cause_txt="why", TechCause="SIP 4xx")
    assert gone == [e.CallbackFailed(BACK, result, f"{cause} why")]
    assert told(book, "OriginateResponse", **responded) == [] and not book.legs.existing()


async def test_a_citizen_whose_channel_never_was(book: Translator) -> None:
    dial(book, there=False)
    assert not book.legs.existing()
    gone = told(book, "OriginateResponse", Response="Failure", Uniqueid=DIALLED, Reason="0")
    assert gone == [e.CallbackFailed(BACK, OfferResult.FAILED, "no channel")] and not book.legs.dialled


async def test_a_citizen_who_is_given_up_is_no_news(book: Translator) -> None:
    dial(book)
    book.switch.carry_out(c.HangUp(BACK))
    assert told(book, "Hangup", Uniqueid=DIALLED, Cause="16") == [] and not book.legs.dialled
    assert len(sent(book, "Hangup")) == 1


async def test_a_citizen_who_was_given_up_before_he_had_a_channel_is_hung_up_when_he_has(book: Translator) -> None:
    dial(book, there=False)
    book.switch.carry_out(c.HangUp(BACK))
    assert told(book, "Newchannel", Uniqueid=DIALLED, Channel="PJSIP/trunk-0e") == []
    assert [fields["Channel"] for fields in sent(book, "Hangup")] == [DIALLED, DIALLED]
    assert told(book, "Hangup", Uniqueid=DIALLED, Cause="16") == [] and not book.legs.dialled


async def test_an_answer_that_nobody_expects_is_told_all_the_same(book: Translator) -> None:
    told(book, "Newchannel", Uniqueid=DIALLED, Channel="PJSIP/trunk-0e")
    assert [fields["Channel"] for fields in sent(book, "Hangup")] == [DIALLED]
    assert take(book) == [e.CallbackAnswered(BACK)]
    assert told(book, "Newchannel", Uniqueid=DIALLED, Channel="PJSIP/trunk-0e") == [] and len(sent(book, "Hangup")) == 1


async def test_a_citizen_who_answers_while_the_engine_stands_still_is_rescued(book: Translator) -> None:
    dial(book)
    assert told(book, "QueueCallerJoin", Uniqueid=DIALLED) == [e.CallRescued(BACK)]
    assert told(book, "Hangup", Uniqueid=DIALLED, Cause="16") == [] and not book.legs.existing()


async def test_contacts_and_rescue(book: Translator) -> None:
    assert told(book, "ContactStatus", AOR="agent001", ContactStatus="Removed") == [e.PhoneReachable(A1, False)]
    assert told(book, "ContactStatus", AOR="stranger", ContactStatus="Reachable") == []
    arrive(book)
    assert told(book, "QueueCallerJoin", Uniqueid=CALLER) == [e.CallRescued(CALL)]


def contact(book: Translator, status: str, port: int) -> list[e.Event]:
    return told(book, "ContactStatus", AOR="agent001", ContactStatus=status, URI=f"sip:agent001@127.0.0.1:{port}")


async def test_a_phone_that_registers_anew_from_another_port_was_never_away(book: Translator) -> None:
    """In the order of Asterisk 22 with remove_existing: the end of the old contact is its last word."""
    here, gone = [e.PhoneReachable(A1, True)], [e.PhoneReachable(A1, False)]
    assert [*contact(book, "Created", 1), *contact(book, "Reachable", 1)] == here * 2
    assert [*contact(book, "Created", 2), *contact(book, "Reachable", 2), *contact(book, "Removed", 1)] == here * 2
    assert contact(book, "Removed", 2) == gone


async def test_an_old_contact_that_answers_no_more_says_nothing_of_the_new_one(book: Translator) -> None:
    for port in (1, 2):
        contact(book, "Created", port)
    assert contact(book, "Unreachable", 1) == [] and contact(book, "Removed", 1) == [e.PhoneReachable(A1, True)]
    assert contact(book, "Unreachable", 2) == [e.PhoneReachable(A1, False)]


async def test_contacts_of_before_the_link_was_lost_are_forgotten(book: Translator) -> None:
    contact(book, "Created", 1)
    book.forget_contacts()
    contact(book, "Created", 2)
    assert contact(book, "Removed", 2) == [e.PhoneReachable(A1, False)]


async def test_a_contact_whose_end_was_missed_is_found_by_the_audit(book: Translator) -> None:
    contact(book, "Created", 1)
    book.heard.clear()
    assert book.contacts_after(frozenset()) == frozenset()
    contact(book, "Created", 2)
    assert contact(book, "Removed", 2) == [e.PhoneReachable(A1, False)]


@pytest.mark.parametrize(("text", "number"), [("+30 210", "+30210"), ("sip:x", ""), ("1" * 99, "1" * 20)])
def test_digits(text: str, number: str) -> None:
    assert digits(text) == number


@pytest.mark.parametrize("dialled", ["1555", "+301555", "00301555"])
def test_entry_number(dialled: str) -> None:
    assert entry_number(dialled) == "1555"


def row(channel: str, name: str, context: str, bridge: str = "", state: str = "6", app: str = "AGI") -> Channel:
    return Channel(channel, name, state, context, app, bridge, "210", "00:00:01")


def test_a_look_at_the_switch() -> None:
    rows = [
        row("17.1", "PJSIP/trunk-1", "line-agi"),
        row("17.2", "PJSIP/trunk-2", "line-connect", "b"),
        row("n1-o5-2", "PJSIP/agent001-3", "line-agent", "b"),
        row("n1-o5-3", "PJSIP/agent002-4", "line-agent", state="5"),
        row("17.3", "PJSIP/trunk-5", "line-survive-queue", app="Queue"),
        row("17.4", "PJSIP/trunk-6", "line-transfer", "c", app="Dial"),
        row("17.5", "PJSIP/trunk-7", "line-in", "c", app="AppDial"),
        row("17.6", "PJSIP/agent002-8", "line-code"),
        row("17.10", "PJSIP/trunk-9", "line-connect", "d"),
        row("17.11", "PJSIP/agent004-10", "line-agents", "d", app="AppDial"),
        row("17.12", "PJSIP/trunk-11", "line-connect", "f"),
        row("17.13", "PJSIP/trunk-12", "line-in", "f", app="AppDial"),
        row("cb5-1", "PJSIP/trunk-13", "line-in", state="0", app="AppDial2"),
        row("cb5-2", "PJSIP/trunk-14", "line-in", state="5", app="AppDial2"),
        row("cb5-3", "PJSIP/trunk-15", "line-agi"),
    ]
    a4 = AgentId("agent004")
    look = sort(rows, Names(), AGENTS | {a4}, frozenset({A1}))
    assert look.dialled == {"cb5-1", "cb5-2"}
    seen = look.snapshot(Names(), final=True)
    assert seen.calls == (
        e.SeenCall(CallId("n1-17.1"), CallStage.MENU),
        e.SeenCall(CallId("n1-17.2"), CallStage.TALKING, OfferId("n1-o5-2")),
        e.SeenCall(CallId("n1-17.3"), None),
        e.SeenCall(CallId("n1-17.4"), CallStage.TRANSFERRING),
        e.SeenCall(CallId("n1-17.10"), CallStage.TALKING, OfferId("n1-17.11")),
        e.SeenCall(CallId("n1-17.12"), CallStage.TRANSFERRING),
        e.SeenCall(CallId("n1-cb5-3"), CallStage.MENU),
    )
    rung = (e.SeenOffer(OfferId("n1-o5-2"), True), e.SeenOffer(OfferId("n1-o5-3"), False))
    assert seen.offers == (*rung, e.SeenOffer(OfferId("n1-17.11"), True, a4))
    assert (seen.reachable, seen.in_use) == ((A1,), (A2,))


# -- who is not let in ---


async def test_who_finds_no_room_is_told_one_by_one(book: Translator) -> None:
    full = {"UserEvent": "LineRefused", "Why": "full", "Uniqueid": CALLER, "Caller": "6941234567", "Dialled": "1555"}
    assert told(book, "UserEvent", **full) == [e.CallRefused(CALL, "6941234567", "1555")]
    assert book.refused.turned_away() == [], "the event is the count"


async def test_floods_are_counted(book: Translator) -> None:
    flood = {"UserEvent": "LineRefused", "Why": "caller", "Caller": "6955555555", "Uniqueid": CALLER}
    for _ in range(195):
        assert told(book, "UserEvent", **flood) == []
    assert book.refused.turned_away() == [e.CallsTurnedAway("caller", 195)]


@pytest.mark.parametrize("name", ["ChallengeResponseFailed", "InvalidPassword", "InvalidAccountID"])
async def test_sign_ins_that_fail_are_counted_by_address(book: Translator, name: str) -> None:
    assert told(book, name, AccountID="agent001", RemoteAddress="IPV4/UDP/192.0.2.7/5060") == []
    assert book.refused.signins == 1 and "from 192.0.2.7 (1)" in next(book.refused.words(0.0))


async def test_a_key_that_is_told_twice_counts_once(book: Translator) -> None:
    arrive(book)
    key = {"Uniqueid": CALLER, "Digit": "1", "Direction": "Received"}
    assert told(book, "DTMFBegin", Timestamp="100.0", **key) == []
    assert told(book, "DTMFEnd", Timestamp="100.1", DurationMs="100", **key) == [e.KeyPressed(CALL, "1")]
    assert told(book, "DTMFEnd", Timestamp="100.2", DurationMs="160", **key) == [], "the same by SIP INFO"
    assert told(book, "DTMFBegin", Timestamp="100.3", **key) == []
    assert told(book, "DTMFEnd", Timestamp="100.4", DurationMs="100", **key) == [e.KeyPressed(CALL, "1")]
    told(book, "Hangup", Uniqueid=CALLER)
    assert not book.legs.keys
