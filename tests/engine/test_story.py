"""Whole calls through the engine, told as stories: the golden path and every way out of it."""

from __future__ import annotations

import pytest

from calls import AgentAction, AgentId, AgentState, Attribute, CallId, CallStage, OfferResult, Outcome, Party, SessionId
from calls import commands as c
from calls import events as e
from calls import facts as f
from line1555.live.checkpoint import freeze
from queues import RunningMean, WaitEstimator
from tests.line import PENSIONS, Hand, one, only, rings

C1, C2 = CallId("c1"), CallId("c2")
A1 = AgentId("a1")


@pytest.fixture
def hand() -> Hand:
    return Hand().open()


def test_a_call_passes_the_menus_waits_and_is_handled(hand: Hand) -> None:
    hand.call("c1", "1555")
    hand.do(e.KeyPressed(C1, "1"), 2.0)
    hand.do(e.KeyPressed(C1, "1"), 2.0)
    queued = one(f.Queued, hand.heard("c1"))
    assert (queued.queue, queued.requires, queued.agents_in) == ("pensions", "lang.el>=1 and topic.pensions>=1", 0)
    assert one(c.Music, hand.heard("c1")).call == C1

    hand.wait(5.0)
    hand.ready("a1")
    assert rings(hand.out) == [("c1", "a1")]
    hand.talk("c1", after_s=3.0)
    connected = one(f.Connected, hand.out)
    assert (connected.wait_s, connected.ring_s) == (8.0, 3.0)

    hand.do(e.CallerLeft(C1), 60.0)
    talked = one(f.ConversationEnded, hand.out)
    assert (talked.talk_s, talked.hold_s, talked.by, talked.exact) == (60.0, 0.0, Party.CALLER, True)
    ended = one(f.CallEnded, hand.out)
    assert (ended.outcome, ended.stage, ended.by) == (Outcome.HANDLED, CallStage.TALKING, Party.CALLER)
    assert hand.line._state.roster[A1].state is AgentState.WRAP_UP
    hand.do(e.AgentLeft(connected.offer))
    hand.wait(30.0)
    assert one(f.WrapUpDone, hand.out).wrap_up_s == 30.0
    assert hand.line._state.roster[A1].state is AgentState.READY
    assert not hand.line._state.calls and not hand.line._state.offers


def test_the_agent_hangs_up_and_the_caller_hears_goodbye(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    offer = hand.talk("c1")
    hand.do(e.AgentLeft(offer), 10.0)
    goodbye = one(c.Play, hand.do(e.CallerBack(C1)))
    assert goodbye.prompts[0].id == "common.goodbye"
    assert one(c.HangUp, hand.heard("c1")).call == C1
    hand.do(e.CallerLeft(C1))
    assert one(f.CallEnded, hand.out).by is Party.AGENT
    assert not only(f.Unexpected, hand.out)


def test_longest_idle_agent_gets_the_oldest_call(hand: Hand) -> None:
    hand.call("c1")
    hand.wait(1.0)
    hand.call("c2")
    hand.wait(1.0)
    hand.ready("a2", "a1")
    assert rings(hand.out) == [("c1", "a2"), ("c2", "a1")]


def test_priority_comes_before_age(hand: Hand) -> None:
    hand.call("c1", "1555")
    hand.do(e.KeyPressed(C1, "0"))  # the operator: queue general, priority 0
    hand.wait(20.0)
    hand.call("c2")  # pensions, priority 1
    hand.ready("a1")
    assert rings(hand.out) == [("c2", "a1")]


def test_skills_are_respected(hand: Hand) -> None:
    hand.ready("a1", "a2")
    hand.call("c1", "1555")
    hand.do(e.KeyPressed(C1, "2"))
    hand.do(e.KeyPressed(C1, "0"))
    assert rings(hand.out) == []
    hand.ready("a3")
    assert rings(hand.out) == [("c1", "a3")]
    made = one(f.OfferMade, hand.out)
    assert {(x.rule, x.count) for x in made.excluded} == {("skill", 2)}
    assert made.eligible == ("a3",)


def test_rona_puts_the_agent_aside_and_the_call_keeps_its_place(hand: Hand) -> None:
    hand.ready("a1")
    hand.call("c1")
    hand.call("c2")
    out = hand.wait(15.0)
    ended = one(f.OfferEnded, out)
    assert (ended.result, ended.ring_s) == (OfferResult.NO_ANSWER, 15.0)
    assert one(c.CancelRing, out).offer == ended.offer
    agent = hand.line._state.roster[A1]
    assert (agent.state, agent.reason) == (AgentState.NOT_READY, "rona")
    hand.ready("a2")
    assert rings(hand.out) == [("c1", "a1"), ("c1", "a2")]


NO_FAULT_OF_THE_PHONE = ("answered", "withdrawn", "failed", "no_channel")


@pytest.mark.parametrize("result", [r for r in OfferResult if r not in NO_FAULT_OF_THE_PHONE])
def test_a_phone_that_does_not_take_the_call(hand: Hand, result: OfferResult) -> None:
    hand.ready("a1", "a2").call("c1")
    offer = one(c.Ring, hand.out).offer
    hand.do(e.OfferFailed(offer, result))
    assert rings(hand.out) == [("c1", "a1"), ("c1", "a2")]
    reason = "rona" if result is OfferResult.NO_ANSWER else result.value
    assert hand.line._state.roster[A1].reason == reason


def test_the_caller_leaves_while_the_phone_rings(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    out = hand.do(e.CallerLeft(C1), 4.0)
    assert one(f.OfferEnded, out).result is OfferResult.WITHDRAWN
    assert one(f.QueueLeft, out).wait_s == 4.0
    assert one(f.CallEnded, out).outcome is Outcome.ABANDONED
    offer = one(c.CancelRing, out).offer
    hand.call("c2")
    assert rings(hand.out) == [("c1", "a1")], "the phone still rings for the first call"
    hand.do(e.AgentLeft(offer))
    assert rings(hand.out) == [("c1", "a1"), ("c2", "a1")]


def test_the_caller_leaves_at_the_very_moment_of_answer(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    offer = one(c.Ring, hand.out).offer
    hand.do(e.OfferAnswered(offer))
    out = hand.do(e.CallerLeft(C1))
    assert one(f.CallEnded, out).outcome is Outcome.ABANDONED
    assert hand.line._state.roster[A1].state is AgentState.READY
    hand.do(e.AgentLeft(offer))
    assert not hand.line._state.offers


def test_the_agent_answers_at_the_very_moment_we_give_up(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    offer = one(c.Ring, hand.out).offer
    hand.wait(15.0)
    assert one(c.CancelRing, hand.do(e.OfferAnswered(offer))).offer == offer
    hand.do(e.AgentLeft(offer))
    assert not hand.line._state.offers and not only(f.Unexpected, hand.out)


def test_two_who_cannot_be_joined(hand: Hand) -> None:
    hand.ready("a1", "a2").call("c1")
    for _ in range(2):
        offer = hand.line._state.calls[C1].work.offer
        assert offer is not None
        hand.do(e.OfferAnswered(offer))
        hand.wait(5.0)
        hand.do(e.AgentLeft(offer))
    offer = hand.line._state.calls[C1].work.offer
    assert offer is not None
    hand.do(e.OfferAnswered(offer))
    hand.wait(5.0)
    hand.do(e.CallerLeft(C1))
    assert one(f.CallEnded, hand.out).outcome is Outcome.LOST


def test_hold_is_not_talk(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    offer = hand.talk("c1")
    hand.do(e.HoldChanged(offer, True), 10.0)
    hand.do(e.HoldChanged(offer, False), 7.0)
    hand.do(e.CallerLeft(C1), 3.0)
    talked = one(f.ConversationEnded, hand.out)
    assert (talked.talk_s, talked.hold_s) == (13.0, 7.0)


def test_wishes_during_a_call_come_true_after_it(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    hand.talk("c1")
    said = one(c.Confirm, hand.do(e.CodeDialled(SessionId("s"), A1, "*14")))
    assert [p.id for p in said.prompts] == ["agent.not_ready", "agent.after_call"]
    hand.do(e.CallerLeft(C1))
    hand.wait(30.0)
    agent = hand.line._state.roster[A1]
    assert (agent.state, agent.reason) == (AgentState.NOT_READY, "break")


@pytest.mark.parametrize(("code", "said"), [("*15", "agent.refused"), ("*99", "agent.unknown_code")])
def test_codes_that_cannot_be(hand: Hand, code: str, said: str) -> None:
    out = hand.do(e.CodeDialled(SessionId("s"), A1, code))
    assert one(c.Confirm, out).prompts[0].id == said
    assert one(f.CodeRefused, out).code == code


def test_a_stranger_dials_a_code(hand: Hand) -> None:
    out = hand.do(e.CodeDialled(SessionId("s"), AgentId("nobody"), "*11"))
    assert one(f.CodeRefused, out).why == "no such agent"


def test_position_and_minutes_are_told(hand: Hand) -> None:
    hand.line._state.estimators[PENSIONS] = WaitEstimator(
        RunningMean(0.0, 130.0, 50), low_score=-1.0, high_score=1.0, coverage=0.8, coverage_now=0.8
    )
    hand.ready("a1")
    hand.call("x")
    hand.call("c1")
    hand.call("c2")
    told = only(f.Announced, hand.wait(10.0))
    assert [(t.call, t.position, t.ewt_s) for t in told][-1] == ("c2", 3, 480.0)
    assert [p.id for p in hand.all(c.Play)[-1].prompts] == ["waiting.position", "waiting.minutes"]


def test_a_key_cuts_what_is_said_to_a_waiting_caller(hand: Hand) -> None:
    hand.call("c1")
    assert one(c.Play, hand.out).keys
    assert one(c.Music, hand.do(e.KeyPressed(C1, "5"))).call == C1
    assert not hand.do(e.KeyPressed(C1, "5")), "music is not cut"


def test_silence_and_wrong_keys_end_with_an_agent_anyway(hand: Hand) -> None:
    hand.call("c1", "1555")
    hand.heard("c1")
    hand.wait(5.0)  # language: silence means Greek
    hand.do(e.KeyPressed(C1, "7"))
    hand.heard("c1")
    hand.wait(5.0)
    assert [m.tries for m in hand.all(f.InputMissed)] == [1, 1, 2]
    hand.do(e.KeyPressed(C1, "8"))
    assert one(f.Queued, hand.out).queue == "general"


def test_back_and_repeat(hand: Hand) -> None:
    hand.call("c1", "1555")
    hand.do(e.KeyPressed(C1, "2"))
    hand.do(e.KeyPressed(C1, "#"))
    hand.do(e.KeyPressed(C1, "*"))
    hand.do(e.KeyPressed(C1, "1"))
    assert [n.node for n in hand.all(f.NodeEntered)] == ["language", "topic", "language", "topic"]
    languages = [a.value for a in hand.all(f.AttributeSet) if a.attribute is Attribute.LANGUAGE]
    assert languages == ["el", "en", "el"]


def test_sos_is_transferred_at_once_and_leaves_no_number(hand: Hand) -> None:
    hand.call("c1", "1555")
    hand.do(e.KeyPressed(C1, "1"))
    out = hand.do(e.KeyPressed(C1, "9"))
    assert one(c.Transfer, out).target == "15900"
    assert one(f.TransferStarted, out) == f.TransferStarted(C1, "", True)
    hand.do(e.TransferAnswered(C1), 2.0)
    hand.do(e.CallerLeft(C1), 30.0)
    assert one(f.TransferEnded, hand.out).talk_s == 30.0
    assert one(f.CallEnded, hand.out).outcome is Outcome.TRANSFERRED


def test_a_transfer_nobody_answers_goes_on_to_a_queue(hand: Hand) -> None:
    hand.call("c1", "1555")
    hand.do(e.KeyPressed(C1, "1"))
    hand.do(e.KeyPressed(C1, "9"))
    assert one(f.Queued, hand.do(e.CallerBack(C1), 20.0)).queue == "general"


def test_information_heard_to_the_end(hand: Hand) -> None:
    hand.call("c1", "1555")
    hand.do(e.KeyPressed(C1, "1"))
    hand.do(e.KeyPressed(C1, "2"))
    assert one(c.HangUp, hand.heard("c1"))
    hand.do(e.CallerLeft(C1))
    assert one(f.CallEnded, hand.out).outcome is Outcome.INFORMED


def test_hanging_up_in_the_menu(hand: Hand) -> None:
    hand.call("c1", "1555")
    out = hand.do(e.CallerLeft(C1), 3.0)
    assert one(f.CallEnded, out).outcome is Outcome.LEFT_IN_MENU


def test_phones_that_are_gone_or_busy_get_no_call(hand: Hand) -> None:
    hand.ready("a1", "a2")
    hand.do(e.PhoneReachable(A1, False))
    hand.do(e.PhoneInUse(AgentId("a2"), True))
    hand.call("c1")
    assert rings(hand.out) == []
    hand.do(e.PhoneInUse(AgentId("a2"), False))
    assert rings(hand.out) == [("c1", "a2")]
    rules = {x.rule for x in one(f.OfferMade, hand.out).excluded}
    assert rules == {"phone_unreachable"}


def test_nothing_is_offered_while_the_switch_is_away(hand: Hand) -> None:
    hand.ready("a1")
    hand.do(e.LinkDown("connection lost"))
    hand.call("c1")
    assert rings(hand.out) == []
    seen = e.SeenCall(C1, CallStage.MENU)
    hand.do(e.LinkUp())
    out = hand.do(e.Snapshot((seen,), (), (A1,), (), final=True))
    assert rings(out) == [("c1", "a1")]


def test_what_is_late_or_doubled_changes_nothing(hand: Hand) -> None:
    hand.call("c1", "1555")
    before = freeze(hand.line)
    for event in (
        e.CallArrived(C1, "", "1555"),
        e.CallerLeft(CallId("nobody")),
        e.OfferAnswered((hand.line._state.offers and "x") or "o-nobody"),  # type: ignore[arg-type]
        e.TransferAnswered(C1),
    ):
        assert only(f.Unexpected, hand.do(event)) == hand.steps[-1][2]
    assert freeze(hand.line) == before


def test_ask_from_a_desk(hand: Hand) -> None:
    hand.ask("a1", AgentAction.READY)
    assert one(f.CodeRefused, hand.out).code == "ready"
