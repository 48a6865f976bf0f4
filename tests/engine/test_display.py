"""What agents see, hear and get back: the words on the phone, a missed call told, a transfer that nobody took."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls import AgentAction, AgentId, Attribute, CallId, OfferResult, SessionId
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import Line
from tests.line import Hand, one, only, rings, settings

A1, A2, C1 = AgentId("a1"), AgentId("a2"), CallId("c1")
SHOWN = {"pensions": "ΣΥΝΤ", "insured": "ασφ.", "returned": "ΠΙΣΩ"}


def line(**changed: object) -> Hand:
    hand = Hand(Line(replace(settings(), shown=SHOWN, **changed))).open()  # type: ignore[arg-type]
    hand.wait(61.0)
    return hand


def shown(hand: Hand) -> str:
    return only(c.Ring, hand.out)[-1].label


def test_language_topic_and_time_waited() -> None:
    hand = line()
    hand.call("c1")
    hand.wait(130.0)
    hand.ready("a1")
    assert shown(hand) == "EL ΣΥΝΤ 2:10"


def test_an_english_caller_and_a_role() -> None:
    hand = line().ready("a3")
    hand.do(e.CallArrived(C1, "6941234567", "1555"))
    hand.do(e.KeyPressed(C1, "2"))
    hand.line._state.calls[C1].work.known.attributes[Attribute.ROLE] = "insured"
    hand.do(e.KeyPressed(C1, "1"))
    hand.heard("c1")
    assert shown(hand) == "EN ΣΥΝΤ ασφ. 0:00"


def test_without_words_the_labels_and_never_too_long() -> None:
    long = settings()
    queues = {
        name: replace(queue, label="Επιθεώρηση Εργασίας και Κοινωνικής Ασφάλισης")
        for name, queue in long.queues.items()
    }
    hand = Hand(Line(replace(long, queues=queues))).open()
    hand.call("c1", ani='"><sip:evil>')
    hand.wait(3700.0)
    hand.ready("a1")
    assert len(shown(hand)) <= 40 and shown(hand).endswith(" 1:01:40") and shown(hand).startswith("EL Επιθεώρηση")
    assert "evil" not in shown(hand)


def dial(hand: Hand, code: str) -> list[str]:
    out = hand.do(e.CodeDialled(SessionId("s1"), A1, code))
    return [prompt.id for prompt in one(c.Confirm, out).prompts]


@pytest.mark.parametrize("code", ["*13", "*99"])
def test_a_missed_call_is_told_at_the_next_code_and_once(code: str) -> None:
    hand = line().ready("a1")
    hand.call("c1")
    hand.wait(20.0)
    assert one(f.OfferEnded, hand.out).result is OfferResult.NO_ANSWER
    assert dial(hand, code)[0] == "agent.missed" and dial(hand, "*99") == ["agent.unknown_code"]


def test_ready_without_a_phone_says_so() -> None:
    hand = line()
    hand.ask("a1", AgentAction.LOG_IN)
    hand.do(e.PhoneReachable(A1, False))
    hand.wait(10.0)
    assert dial(hand, "*13") == ["agent.ready", "agent.no_phone"]


def test_a_site_without_these_prompts_says_the_rest() -> None:
    hand = line(agent_extras=frozenset()).ready("a1")
    hand.call("c1")
    hand.wait(20.0)
    assert dial(hand, "*14") == ["agent.not_ready"]


@pytest.fixture
def sent() -> Hand:
    """``a1`` talks with ``c1``; ``a3`` is idle."""
    hand = line().ready("a1")
    hand.call("c1")
    hand.talk("c1")
    return hand.ready("a3")


def leg_gone(hand: Hand) -> list[object]:
    offer = hand.line._state.roster[A1].offer
    return list(hand.do(e.AgentLeft(offer))) if offer else []


@pytest.mark.parametrize("left_first", [False, True])
def test_a_transfer_to_a_colleague_who_is_not_ready_comes_back(sent: Hand, left_first: bool) -> None:
    if left_first:
        leg_gone(sent)
    out = sent.do(e.AgentTransferred(C1, "a2"))
    out = out if left_first else [*out, *leg_gone(sent)]  # type: ignore[list-item]
    assert rings(out) == [("c1", "a1")] and shown(sent) == "ΠΙΣΩ a2 EL ΣΥΝΤ 0:00"
    assert one(f.PlaceChanged, out).why == "back to a1: a2 is logged_out"
    sent.do(e.CallerBack(C1))
    sent.talk("c1")
    assert [fact.agent for fact in sent.all(f.Connected)] == ["a1", "a1"] and not sent.all(f.Unexpected)


def test_a_colleague_who_does_not_answer(sent: Hand) -> None:
    sent.ready("a2")
    assert rings(sent.do(e.AgentTransferred(C1, "a2"))) == [("c1", "a2")]
    leg_gone(sent)
    sent.wait(16.0)
    assert rings(sent.out)[-1] == ("c1", "a1") and shown(sent).startswith("ΠΙΣΩ a2 ")


@pytest.mark.parametrize("phone", [True, False], ids=["does not answer", "is gone"])
def test_a_sender_who_is_no_longer_there(sent: Hand, phone: bool) -> None:
    sent.do(e.AgentTransferred(C1, "a2"))
    sent.do(e.PhoneReachable(A1, phone))
    leg_gone(sent)
    sent.wait(16.0)
    assert rings(sent.out)[-1] == ("c1", "a3") and shown(sent).startswith("EL ")
