"""A caller hangs up and is called back at their place; a time is promised; the citizen is not reached."""

from __future__ import annotations

import pytest

from calls import AgentAction, AgentState, CallId, CallStage, OfferResult, Outcome
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import CallbackRules
from engine.asking import ASK_S
from queues import OverflowAction, OverflowRule, OverflowTrigger
from tests.line import GENERAL, PENSIONS, Hand, one, only, rings

from .called_back import A1, ANI, ASK, C1, dialling, hand_of, promised, stage, state

# -- the question ---


def test_the_caller_is_asked_at_his_place() -> None:
    hand = hand_of()
    out = hand.call("c1")
    assert one(f.CallbackOffered, out) == f.CallbackOffered(C1, PENSIONS, "length", 1)
    assert one(f.Queued, out).position == 2
    assert [prompt.id for prompt in one(c.Play, out).prompts] == ["callback.offer"]


def test_accepting_keeps_the_place_and_ends_the_call() -> None:
    hand = hand_of()
    hand.call("c1")
    place = hand.line._state.room.place(C1)
    out = hand.do(e.KeyPressed(C1, "1"), 3.0)
    told = one(f.CallbackPromised, out)
    assert told == f.CallbackPromised(told.callback, C1, PENSIONS, ANI, "el", 3.0, None)
    assert one(f.Overflowed, out).way == "callback" and one(f.QueueLeft, out).outcome is Outcome.OVERFLOWED
    kept = hand.line._state.room.place(told.callback)
    assert (kept.entered_at, kept.number, kept.due_at) == (place.entered_at, place.number, place.due_at)
    assert [prompt.id for prompt in one(c.Play, out).prompts] == ["callback.promised", "common.goodbye"]
    assert one(f.CallEnded, hand.do(e.CallerLeft(C1))).outcome is Outcome.OVERFLOWED
    assert stage(hand, told.callback) is CallStage.PROMISED


def test_silence_declines_and_the_next_rule_counts() -> None:
    hand = hand_of(ASK, OverflowRule(OverflowTrigger.LENGTH, OverflowAction.MESSAGE, "sorry", 1))
    hand.call("c1")
    hand.heard("c1")
    assert not hand.all(f.Overflowed)
    out = hand.wait(ASK_S)
    assert one(f.Overflowed, out).target == "sorry"
    assert one(f.QueueLeft, out).outcome is Outcome.OVERFLOWED


def test_the_caller_himself_does_not_count_when_he_declines() -> None:
    hand = hand_of(
        OverflowRule(OverflowTrigger.LENGTH, OverflowAction.CALLBACK, at=1),
        OverflowRule(OverflowTrigger.LENGTH, OverflowAction.MESSAGE, "sorry", 2),
    )
    hand.call("c1")
    hand.do(e.KeyPressed(C1, "5"))
    hand.wait(10.0)
    assert stage(hand, C1) is CallStage.WAITING and not hand.all(f.Overflowed)


def test_another_key_declines_and_he_is_not_asked_again() -> None:
    hand = hand_of(OverflowRule(OverflowTrigger.WAITED, OverflowAction.CALLBACK, at=20.0))
    hand.call("c1")
    hand.wait(20.0)
    assert len(hand.all(f.CallbackOffered)) == 1
    hand.do(e.KeyPressed(C1, "2"))
    hand.wait(300.0)
    assert len(hand.all(f.CallbackOffered)) == 1 and stage(hand, C1) is CallStage.WAITING


def test_an_agent_who_comes_free_meanwhile_is_better() -> None:
    hand = hand_of()
    hand.call("c1")
    hand.do(e.CallerLeft(CallId("w1")))
    hand.ready("a1")
    assert rings(hand.out) == [("c1", "a1")]
    hand.do(e.KeyPressed(C1, "1"))
    assert not hand.all(f.CallbackPromised), "his phone rings already"
    hand.talk("c1")
    assert stage(hand, C1) is CallStage.TALKING
    hand.wait(60.0)


def test_a_yes_holds_where_the_phone_that_rang_is_not_answered() -> None:
    hand = hand_of()
    hand.call("c1")
    hand.do(e.CallerLeft(CallId("w1")))
    hand.ready("a1")
    hand.do(e.KeyPressed(C1, "1"))
    hand.heard("c1")
    out = hand.wait(15.0)
    assert one(f.OfferEnded, out).result is OfferResult.NO_ANSWER
    assert one(f.CallbackPromised, out).call == C1 and stage(hand, C1) is CallStage.LEAVING


def test_a_joining_that_fails_is_no_answer_to_the_question() -> None:
    hand = hand_of()
    hand.call("c1")
    hand.do(e.CallerLeft(CallId("w1")))
    hand.ready("a1")
    offer = hand.line._state.calls[C1].work.offer
    assert offer is not None
    hand.do(e.OfferAnswered(offer), 2.0)
    hand.wait(6.0)
    assert stage(hand, C1) is CallStage.WAITING and hand.line._state.calls[C1].asked is None
    hand.do(e.KeyPressed(C1, "1"))
    assert not hand.all(f.CallbackPromised)


def test_two_callers_with_one_number() -> None:
    hand = hand_of()
    for call in ("c1", "c2"):
        hand.call(call, ani=ANI)
    assert len(hand.all(f.CallbackOffered)) == 2
    for call in ("c1", "c2"):
        hand.do(e.KeyPressed(CallId(call), "1"))
    assert one(f.CallbackPromised, hand.out).call == C1
    assert stage(hand, CallId("c2")) is CallStage.WAITING, "he goes on waiting"


def test_a_callback_is_no_new_demand() -> None:
    hand = hand_of()
    hand.call("c1")
    seen = hand.line._state.distributor.eligibility.demand.seen
    hand.do(e.KeyPressed(C1, "1"))
    assert hand.line._state.distributor.eligibility.demand.seen == seen
    hand.do(e.CallbackAsked("2101234567", GENERAL, "el"))
    assert hand.line._state.distributor.eligibility.demand.seen == seen + 1


def test_asked_again_from_the_beginning_after_a_moment_away() -> None:
    hand = hand_of()
    hand.call("c1")
    hand.heard("c1")
    out = hand.do(e.CallerBack(C1))
    assert [prompt.id for prompt in one(c.Play, out).prompts] == ["callback.offer"]
    hand.wait(ASK_S + 1)
    assert hand.line._state.calls[C1].asked is not None, "he has not heard it"


def test_hanging_up_at_the_question_is_abandoning() -> None:
    hand = hand_of()
    hand.call("c1")
    assert one(f.CallEnded, hand.do(e.CallerLeft(C1))).outcome is Outcome.ABANDONED
    hand.wait(60.0)


@pytest.mark.parametrize("ani", ["", "100", "0039061234567", "9011234567", "+30901", "69412345678", "２941234567"])
def test_only_numbers_that_the_line_may_dial(ani: str) -> None:
    hand = hand_of()
    hand.call("c1", ani=ani)
    assert not hand.all(f.CallbackOffered)


@pytest.mark.parametrize("ani", ["6941234567", "+306941234567", "00306941234567"])
def test_numbers_in_national_form(ani: str) -> None:
    assert CallbackRules().dialled(ani) == ANI


def test_one_callback_for_a_number() -> None:
    hand = hand_of()
    promised(hand)
    hand.call("c2", ani=f"+30{ANI}")
    assert len(hand.all(f.CallbackOffered)) == 1


# -- the call ---


def test_the_agent_is_rung_first_then_the_citizen() -> None:
    hand = hand_of()
    back = dialling(hand)
    ring = only(c.Ring, hand.out)[-1]
    assert (ring.call, ring.caller) == (back, ANI) and ring.hold_s > CallbackRules().ring_s
    dialled = one(c.CallBack, hand.out)
    assert dialled == c.CallBack(back, ANI, 30.0, PENSIONS, "el", "11320")
    out = hand.do(e.CallbackAnswered(back), 8.0)
    assert one(c.Connect, out).call == back
    offer = hand.line._state.calls[back].work.offer
    assert offer is not None
    hand.do(e.Bridged(back, offer))
    hand.do(e.CallerLeft(back), 60.0)
    ended = only(f.CallEnded, hand.out)[-1]
    assert (ended.call, ended.outcome) == (back, Outcome.HANDLED)
    assert not hand.line._state.promised


def test_not_reached_is_tried_again_then_given_up() -> None:
    hand = hand_of()
    back = dialling(hand)
    out = hand.do(e.CallbackFailed(back, OfferResult.BUSY, "17"))
    missed = one(f.CallbackMissed, out)
    assert (missed.attempts, missed.again_s, missed.result) == (1, 900.0, OfferResult.BUSY)
    assert state(hand) is AgentState.READY and one(c.CancelRing, out)
    for _ in range(2):
        hand.do(e.AgentLeft(hand.all(c.Ring)[-1].offer))
        assert not hand.wait(890.0) or not rings(hand.out[-5:])
        hand.wait(20.0)
        offer = hand.line._state.calls[back].work.offer
        assert offer is not None
        hand.do(e.OfferAnswered(offer))
        out = hand.do(e.CallbackFailed(back, OfferResult.NO_ANSWER))
    assert one(f.CallbackMissed, out).again_s is None
    assert one(f.QueueLeft, out).outcome is Outcome.UNREACHED
    assert one(f.CallEnded, out).outcome is Outcome.UNREACHED
    assert not hand.line._state.promised and not hand.line._state.room.places


def test_until_the_next_attempt_nobody_stands_behind_him() -> None:
    hand = hand_of(ASK, OverflowRule(OverflowTrigger.LONGEST_WAIT, OverflowAction.MESSAGE, "sorry", 60.0))
    back = dialling(hand)
    place = hand.line._state.room.place(back)
    hand.do(e.CallbackFailed(back, OfferResult.BUSY), 100.0)
    hand.ask("a1", AgentAction.LOG_OUT)
    assert one(f.Queued, hand.call("c2", ani="")).position == 1
    assert not only(f.Overflowed, hand.steps[-1][2]), "he is not the one who has waited longest"
    hand.wait(900.0)
    again = hand.line._state.room.place(back)
    assert (again.entered_at, again.number) == (place.entered_at, place.number)
    assert hand.line._state.room.position(back, hand.now) == 1


def test_orders_between_two_attempts() -> None:
    hand = hand_of()
    back = dialling(hand)
    hand.do(e.CallbackFailed(back, OfferResult.BUSY))
    told = one(f.PlaceChanged, hand.do(e.CallMoved(back, GENERAL)))
    assert (told.call, told.queue, told.why) == (back, GENERAL, "moved")
    hand.do(e.PrioritySet(back, 10.0))
    hand.do(e.AgentLeft(hand.all(c.Ring)[-1].offer))
    hand.ask("a1", AgentAction.LOG_OUT)
    hand.wait(901.0)
    place = hand.line._state.room.place(back)
    assert (place.queue, place.points) == (GENERAL, 10.0)


def test_withdrawn_between_two_attempts() -> None:
    hand = hand_of()
    back = dialling(hand)
    hand.do(e.CallbackFailed(back, OfferResult.BUSY))
    out = hand.do(e.CallWithdrawn(back))
    assert one(f.QueueLeft, out).outcome is Outcome.REFUSED and one(f.CallEnded, out).call == back
    hand.wait(2000.0)
    assert not hand.line._state.promised


def test_a_phone_that_rings_for_ever() -> None:
    hand = hand_of()
    back = dialling(hand)
    out = hand.wait(36.0)
    assert one(f.CallbackMissed, out).result is OfferResult.NO_ANSWER
    assert c.HangUp(back) in out and state(hand) is AgentState.READY
    assert c.HangUp(back) in hand.do(e.CallbackAnswered(back)), "too late: not kept in silence"


def test_an_answer_to_a_call_that_is_over_is_hung_up() -> None:
    hand = hand_of()
    out = hand.do(e.CallbackAnswered(CallId("n1-cb0-99")))
    assert c.HangUp(CallId("n1-cb0-99")) in out and one(f.Unexpected, out)


def test_the_agent_hangs_up_while_the_citizen_is_rung() -> None:
    hand = hand_of()
    back = dialling(hand)
    hand.ready("a2")
    offer = hand.line._state.calls[back].work.offer
    assert offer is not None
    out = hand.do(e.AgentLeft(offer))
    assert c.HangUp(back) in out and rings(out) == [(back, "a2")]
    assert not only(c.Music, out)


def test_the_agent_does_not_answer() -> None:
    hand = hand_of()
    back = promised(hand)
    hand.do(e.CallerLeft(CallId("w1")))
    hand.ready("a1")
    out = hand.wait(15.0)
    assert one(f.OfferEnded, out).result is OfferResult.NO_ANSWER
    assert stage(hand, back) is CallStage.PROMISED and hand.line._state.room.is_free(back)


def test_the_citizen_hangs_up_at_the_moment_of_joining() -> None:
    hand = hand_of()
    back = dialling(hand)
    hand.do(e.CallbackAnswered(back))
    out = hand.do(e.CallerLeft(back))
    assert one(f.CallEnded, out).outcome is Outcome.ABANDONED
    assert state(hand) is AgentState.READY and not hand.line._state.promised


def test_a_joining_that_fails_leaves_him_waiting_on_the_phone() -> None:
    hand = hand_of()
    back = dialling(hand)
    hand.do(e.CallbackAnswered(back))
    out = hand.wait(6.0)
    assert stage(hand, back) is CallStage.WAITING and one(c.Music, out).call == back
    hand.do(e.AgentLeft(hand.all(c.Ring)[-1].offer))
    offer = hand.line._state.calls[back].work.offer
    assert offer is not None
    assert one(c.Connect, hand.do(e.OfferAnswered(offer))), "he is there: not dialled again"


def test_whom_the_line_called_is_not_sent_away_for_having_waited() -> None:
    hand = hand_of(ASK, OverflowRule(OverflowTrigger.WAITED, OverflowAction.MESSAGE, "sorry", 20.0))
    back = dialling(hand)
    hand.wait(20.0)
    hand.do(e.CallbackAnswered(back))
    hand.wait(40.0)
    assert stage(hand, back) is CallStage.WAITING
    assert [play.call for play in hand.all(c.Play) if play.prompts[0].id == "waiting.position"] == [back]


def test_a_dialling_that_cannot_be_ordered() -> None:
    hand = hand_of()
    back = dialling(hand)
    out = hand.do(e.CommandFailed("CallBack", back, None, "no trunk"))
    assert one(f.CommandLost, out).done == "counted as not reached"
    assert one(f.CallbackMissed, out).detail == "no trunk"


# -- crashes ---


def test_a_promise_outlives_a_new_asterisk() -> None:
    hand = hand_of()
    back = promised(hand)
    hand.do(e.LinkDown("gone"))
    hand.do(e.Snapshot((), (), (A1,), (), True, "another"))
    assert stage(hand, back) is CallStage.PROMISED


def test_the_citizen_answered_while_nobody_watched() -> None:
    hand = hand_of()
    back = dialling(hand)
    offer = hand.line._state.calls[back].work.offer
    assert offer is not None
    seen = e.Snapshot((e.SeenCall(back, CallStage.MENU),), (e.SeenOffer(offer, True),), (A1,), (), True)
    assert one(c.Connect, hand.do(seen)).call == back


def test_the_two_were_joined_while_nobody_watched() -> None:
    hand = hand_of()
    back = dialling(hand)
    offer = hand.line._state.calls[back].work.offer
    assert offer is not None
    seen = e.Snapshot((e.SeenCall(back, CallStage.TALKING, offer),), (e.SeenOffer(offer, True),), (A1,), (), True)
    assert one(f.Connected, hand.do(seen)).call == back
    hand.wait(120.0)
    assert stage(hand, back) is CallStage.TALKING, "no timer of the dialling is left"


def test_the_citizen_fell_to_the_survivable_menu() -> None:
    hand = hand_of()
    back = dialling(hand)
    out = hand.do(e.CallRescued(back))
    assert one(f.CallEnded, out).outcome is Outcome.SURVIVED and state(hand) is AgentState.READY


@pytest.mark.parametrize("due_s", [None, 60.0])
def test_a_promise_that_the_survivable_menu_has_met(due_s: float | None) -> None:
    """The citizen answered when we had given up, and Asterisk's own menu took them."""
    hand = hand_of()
    hand.do(e.CallbackAsked(ANI, GENERAL, "el", None if due_s is None else hand.now + due_s))
    back = one(f.CallbackPromised, hand.out).callback
    hand.ready("a3")
    out = hand.do(e.Snapshot((e.SeenCall(back, None),), (), (A1,), (), True))
    assert [ended.outcome for ended in only(f.CallEnded, out) if ended.call == back] == [Outcome.SURVIVED]
    assert not hand.line._state.promised and back not in hand.line._state.room.places


def test_the_state_survives_freezing() -> None:
    hand = hand_of()
    back = promised(hand)
    again = Hand(hand.again())
    again.now = hand.now
    again.do(e.CallerLeft(CallId("w1")))
    again.ready("a1")
    assert (back, "a1") in rings(again.out)
