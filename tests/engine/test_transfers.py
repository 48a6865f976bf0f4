"""Agents who send callers on: each talk is booked to who talked, the call keeps its id, and nobody is left alone."""

from __future__ import annotations

import pytest

from agents import Availability
from calls import AgentAction, AgentId, AgentState, CallId, CallStage, OfferId, Outcome, SessionId
from calls import commands as c
from calls import events as e
from calls import facts as f
from tests.line import Hand, one, only, rings

C1, C2, A1, A2, A3 = CallId("c1"), CallId("c2"), AgentId("a1"), AgentId("a2"), AgentId("a3")
LEG, ASKED = OfferId("17.9"), SessionId("17.8")
S = CallStage


@pytest.fixture
def hand() -> Hand:
    """``a1`` has talked with ``c1`` for ten seconds."""
    hand = Hand().open().ready("a1")
    hand.call("c1")
    hand.talk("c1")
    hand.wait(10.0)
    return hand


def state(hand: Hand, agent: AgentId) -> AgentState:
    return hand.line._state.roster[agent].state


def test_to_a_queue_is_a_new_wait(hand: Hand) -> None:
    hand.ready("a2")
    out = hand.do(e.AgentTransferred(C1, "general"))
    assert one(f.ConversationEnded, out).talk_s == 10.0 and state(hand, A1) is AgentState.WRAP_UP
    assert one(f.SentOn, out) == f.SentOn(C1, A1, "general")
    assert one(f.Queued, out).queue == "general" and rings(out) == [("c1", "a2")]
    hand.do(e.CallerBack(C1))
    hand.talk("c1", 3.0)
    assert hand.all(f.Connected)[-1].wait_s == 3.0
    hand.do(e.CallerLeft(C1), 7.0)
    assert [(fact.agent, fact.talk_s) for fact in hand.all(f.ConversationEnded)] == [("a1", 10.0), ("a2", 7.0)]
    assert not hand.all(f.Unexpected)


def test_to_a_colleague_who_is_rung_first(hand: Hand) -> None:
    hand.ready("a3", "a2")
    assert rings(hand.do(e.AgentTransferred(C1, "a2"))) == [("c1", "a2")]


def test_whoever_spoke_with_an_agent_is_handled_although_he_gives_up_later(hand: Hand) -> None:
    hand.do(e.AgentTransferred(C1, "pensions"))
    out = hand.do(e.CallerLeft(C1), 4.0)
    assert one(f.QueueLeft, out).outcome is Outcome.ABANDONED
    assert one(f.CallEnded, out).outcome is Outcome.HANDLED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((), AgentState.LOGGED_OUT),
        ((AgentAction.LOG_IN,), AgentState.NOT_READY),
        ((AgentAction.LOG_IN, AgentAction.READY), AgentState.READY),
    ],
    ids=["logged_out", "not_ready", "ready"],
)
def test_a_colleague_is_where_he_was_when_his_part_is_over(
    hand: Hand, before: tuple[AgentAction, ...], after: AgentState
) -> None:
    for action in before:
        hand.ask("a2", action)
    hand.do(e.PhoneInUse(A2, True))
    out = hand.do(e.CallHandedOver(C1, LEG, A2))
    assert one(f.HandedOver, out) == f.HandedOver(C1, LEG, A2, hand.all(f.Queued)[0].queue, A1)
    hand.do(e.PhoneInUse(A2, False))
    assert state(hand, A2) is AgentState.TALKING and state(hand, A1) is AgentState.WRAP_UP
    hand.do(e.HoldChanged(LEG, True), 5.0)
    hand.do(e.CallerLeft(C1), 2.0)
    hand.do(e.AgentLeft(LEG))
    talk = hand.all(f.ConversationEnded)[-1]
    assert (talk.agent, talk.talk_s, talk.hold_s) == (A2, 5.0, 2.0)
    hand.wait(60.0)
    assert state(hand, A2) is after
    assert not hand.all(f.Unexpected)


def test_handed_over_in_the_wrap_up_of_another_call(hand: Hand) -> None:
    hand.ready("a2").call("c2")
    hand.talk("c2")
    hand.do(e.CallerLeft(C2))
    hand.do(e.AgentLeft(hand.all(f.Connected)[-1].offer))
    out = hand.do(e.CallHandedOver(C1, LEG, A2), 4.0)
    assert one(f.WrapUpDone, out).wrap_up_s == 4.0 and state(hand, A2) is AgentState.TALKING


def test_handed_over_before_the_first_agents_end_or_after_it(hand: Hand) -> None:
    hand.do(e.AgentLeft(hand.all(f.Connected)[0].offer))
    assert hand.line._state.calls[C1].stage is S.LEAVING
    hand.do(e.CallHandedOver(C1, LEG, A2))
    hand.wait(60.0)
    assert hand.line._state.calls[C1].stage is S.TALKING
    hand.do(e.AgentLeft(LEG))
    assert one(c.Play, hand.do(e.CallerBack(C1))).prompts[0].id == "common.goodbye"


def test_handed_over_while_the_phone_rings(hand: Hand) -> None:
    out = hand.do(e.AgentTransferred(C1, "a2", dialled=True))
    assert one(f.TransferStarted, out).target == "a2" and not only(f.Queued, out)
    out = hand.do(e.CallHandedOver(C1, LEG, A2), 3.0)
    assert not one(f.TransferEnded, out).answered and one(f.HandedOver, out).agent == A2
    assert hand.line._state.calls[C1].stage is S.TALKING


def test_a_colleague_who_has_a_call_of_his_own_is_an_outside_party(hand: Hand) -> None:
    """Cannot be by the dialplan, which calls nobody who is on the phone; and if it is, no talk is cut."""
    hand.ready("a2").call("c2")
    mine = hand.talk("c2")
    out = hand.do(e.CallHandedOver(C1, LEG, A2))
    assert one(f.TransferStarted, out).target == "a2" and not only(f.HandedOver, out)
    hand.do(e.AgentLeft(LEG), 6.0)
    assert hand.line._state.roster[A2].offer == mine
    assert one(f.TransferEnded, hand.do(e.CallerBack(C1))).talk_s == 6.0
    assert not hand.all(f.Unexpected)


def test_a_handing_over_that_nobody_saw(hand: Hand) -> None:
    """After a loss of the link: a colleague's leg is with the caller."""
    seen = e.SeenCall(C1, S.TALKING, LEG)
    hand.do(e.Snapshot((seen,), (e.SeenOffer(LEG, True, A2),), (A1, A2, A3), (), final=True))
    assert one(f.HandedOver, hand.out).agent == A2 and not only(c.CancelRing, hand.steps[-1][2])[1:]
    assert hand.line._state.roster[A2].availability is Availability.TALKING
    assert hand.do(e.Snapshot((seen,), (e.SeenOffer(LEG, True, A2),), (A1, A2, A3), (), final=True)) == []


# -- consultations ---


def test_a_consultation_is_counted(hand: Hand) -> None:
    hand.do(e.ConsultBegan(ASKED, A1, "a2"))
    hand.do(e.ConsultAnswered(ASKED), 3.0)
    out = hand.do(e.ConsultEnded(ASKED), 8.0)
    assert one(f.Consulted, out) == f.Consulted(A1, "a2", C1, True, 8.0)


def test_one_that_nobody_answered_outside_of_a_call(hand: Hand) -> None:
    hand.do(e.ConsultBegan(ASKED, A2, "15900"))
    assert one(f.Consulted, hand.do(e.ConsultEnded(ASKED), 8.0)) == f.Consulted(A2, "15900", None, False, 0.0)


def test_one_whose_end_nobody_saw(hand: Hand) -> None:
    hand.do(e.ConsultBegan(ASKED, A1, "a2"))
    offer = hand.all(f.Connected)[0].offer
    seen = (e.SeenCall(C1, S.TALKING, offer),), (e.SeenOffer(offer, True),), (A1, A2, A3)
    assert not only(f.Consulted, hand.do(e.Snapshot(*seen, (A1,), final=False)))
    assert one(f.Consulted, hand.do(e.Snapshot(*seen, (), final=False))).agent == A1


def test_what_is_late_or_doubled(hand: Hand) -> None:
    hand.do(e.ConsultBegan(ASKED, A1, "a2"))
    for event in (e.ConsultBegan(ASKED, A1, "a2"), e.ConsultAnswered(SessionId("x")), e.ConsultEnded(SessionId("x"))):
        assert one(f.Unexpected, hand.do(event)).event == type(event).__name__


# -- a switch that was started anew ---


@pytest.mark.parametrize(("started", "outcome"), [("Tue 10:00", Outcome.ABANDONED), ("Tue 10:05", Outcome.LOST)])
def test_calls_of_another_switch_are_lost(started: str, outcome: Outcome) -> None:
    hand = Hand().open().ready("a1")
    hand.do(e.Snapshot((), (), (A1,), (), final=True, started="Tue 10:00"))
    for call in ("c1", "c2"):
        hand.call(call)
    out = hand.do(e.Snapshot((), (), (), (), final=True, started=started))
    assert [fact.outcome for fact in only(f.CallEnded, out)] == [outcome] * 2
    assert [fact.outcome for fact in only(f.QueueLeft, out)] == [outcome] * 2
    assert not hand.line._state.room.places and state(hand, A1) is AgentState.READY
