"""Calls that ask for less the longer they wait; what is kept for an agent; what a supervisor changes meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agents import Availability
from calls import AgentAction, AgentId, CallId, CallStage, OfferResult, Outcome, parse
from calls import commands as c
from calls import events as e
from calls import facts as f
from line1555.live.checkpoint import freeze
from queues import Relax, RunningMean, WaitEstimator
from tests.line import GENERAL, PENSIONS, Hand, changed, one, only, rings, settings

C1, A1, A2 = CallId("c1"), AgentId("a1"), AgentId("a2")
EXPERTS = parse("topic.pensions>=9")
FIRST, SECOND = Relax(parse("topic.pensions>=7"), after_s=10.0), Relax(parse("topic.pensions>=5"), after_s=20.0)
STEPS: dict[str, Any] = {"requires": EXPERTS, "relax": (FIRST, SECOND)}
EN_STEPS = ("10 s waited: lang.el>=1 and topic.pensions>=7", "20 s waited: lang.el>=1 and topic.pensions>=5")


def place_changes(hand: Hand) -> list[tuple[float, str, str]]:
    found = [(now, fact) for now, _, out in hand.steps for fact in only(f.PlaceChanged, out)]
    return [(now, fact.requires, fact.why) for now, fact in found]


# -- steps ---


def test_each_step_at_its_time() -> None:
    hand = Hand.of(pensions=STEPS).ready("a1")
    hand.wait(5.0)
    assert one(f.Queued, hand.call("c1")).relaxes == EN_STEPS
    hand.wait(19.0)
    assert rings(hand.out) == []
    hand.wait(1.0)
    assert rings(hand.out) == [("c1", "a1")]
    assert place_changes(hand) == [
        (15.0, "lang.el>=1 and topic.pensions>=7", "10 s waited"),
        (25.0, "lang.el>=1 and topic.pensions>=5", "20 s waited"),
    ]


def test_a_step_may_leave_the_language_open() -> None:
    hand = Hand.of(general={"relax": (Relax(parse("topic.general"), after_s=8.0, language=False),)}).ready("a1")
    hand.call("c1", "1555")
    hand.do(e.KeyPressed(C1, "2"))
    hand.do(e.KeyPressed(C1, "0"))
    hand.wait(8.0)
    assert rings(hand.out) == [("c1", "a1")]
    assert place_changes(hand) == [(8.0, "topic.general>=1", "8 s waited")]


def test_steps_are_measured_from_queue_entry_whatever_happens() -> None:
    hand = Hand.of(pensions=STEPS).ready("a1")
    hand.call("c1")
    hand.do(e.CallMoved(C1, GENERAL), 4.0)
    offer = one(c.Ring, hand.out).offer
    hand.do(e.CallMoved(C1, PENSIONS), 1.0)
    hand.do(e.OfferFailed(offer, OfferResult.BUSY), 1.0)
    hand.ready("a2")
    hand.wait(30.0)
    assert rings(hand.out)[1:] == [("c1", "a2")]
    assert [now for now, _, why in place_changes(hand) if "waited" in why] == [10.0, 20.0]


def test_a_step_that_was_taken_on_the_way_holds_when_the_phone_was_not_answered() -> None:
    hand = Hand.of(pensions={**STEPS, "requires": parse("topic.pensions>=7 and lang.en"), "ring_s": 15.0}, agents=6)
    skilled = {
        AgentId("a3"): replace(
            settings(6).agents[AgentId("a3")], skills={"topic.pensions": 7, "lang.en": 1, "lang.el": 1}
        )
    }
    hand.publish(replace(hand.line._state.settings, agents={**settings(6).agents, **skilled}))
    hand.ready("a3", "a1").call("c1")
    hand.wait(15.0)
    assert rings(hand.out) == [("c1", "a3")]
    hand.wait(5.0)
    assert rings(hand.out) == [("c1", "a3"), ("c1", "a1")]


def test_a_step_by_calls_ahead() -> None:
    hand = Hand.of(pensions={"requires": EXPERTS, "relax": (Relax(parse("topic.pensions"), ahead=2),)}).ready("a1")
    hand.call("c1")
    hand.call("c2")
    assert rings(hand.out) == []
    hand.call("c3")
    assert rings(hand.out) == [("c3", "a1")]
    assert place_changes(hand) == [(0.0, "lang.el>=1 and topic.pensions>=1", "2 or more ahead")]


def test_a_step_by_calls_ahead_is_looked_at_when_the_position_is_told() -> None:
    hand = Hand.of(pensions={"requires": EXPERTS, "relax": (Relax(parse("topic.pensions"), ahead=1),)}).ready("a1")
    hand.call("c1")
    hand.do(e.CallArrived(CallId("c2"), "", "11320"), 1.0)
    assert rings(hand.out) == [("c2", "a1")]
    hand.do(e.PrioritySet(CallId("c2"), 60.0))
    assert len(place_changes(hand)) == 2, "now c1 has one ahead"
    hand.wait(9.0)
    assert [why for _, _, why in place_changes(hand)][-1] == "1 or more ahead"


def test_a_step_by_expected_wait() -> None:
    relax = (Relax(parse("topic.general"), wait_s=120.0),)
    hand = Hand.of(pensions={"requires": EXPERTS, "relax": relax}).ready("a1")
    expert = replace(settings().agents[A2], skills={"topic.pensions": 9, "lang.el": 9})
    hand.publish(replace(hand.line._state.settings, agents={**settings().agents, A2: expert}))
    hand.line._state.estimators[PENSIONS] = WaitEstimator(RunningMean(0.0, 100.0, 50))
    hand.ready("a2")
    hand.call("busy")
    hand.talk("busy")
    hand.call("c1")
    assert not place_changes(hand), "about 100 s"
    hand.call("c2")
    assert [why for _, _, why in place_changes(hand)] == ["120 s expected"]
    assert rings(hand.out)[-1] == ("c2", "a1")


# -- kept for the last agent ---


def kept(seconds: float = 20.0) -> Hand:
    """``c1`` spoke with ``a1``, who is talking again; the same caller comes back, and ``a2`` is ready."""
    hand = Hand.of(pensions={"last_agent_s": seconds}).ready("a1")
    hand.call("c1")
    hand.talk("c1")
    hand.do(e.CallerLeft(C1), 10.0)
    hand.do(e.AgentLeft(hand.all(f.Connected)[-1].offer))
    hand.wait(30.0)
    hand.call("c2", ani="6900000000")
    hand.talk("c2")
    hand.ready("a2")
    hand.call("c3")
    assert hand.all(f.Queued)[-1].kept_for == "a1" and rings(hand.out)[-1][0] == "c2"
    return hand


def free_a1(hand: Hand) -> None:
    offer = hand.all(f.Connected)[-1].offer
    hand.do(e.CallerLeft(CallId("c2")))
    hand.do(e.AgentLeft(offer))
    hand.ask("a1", AgentAction.END_WRAP_UP)


def test_a_caller_gets_his_last_agent() -> None:
    hand = kept()
    hand.wait(19.0)
    free_a1(hand)
    assert rings(hand.out)[-1] == ("c3", "a1") and hand.all(f.OfferMade)[-1].rule == "kept for this agent"
    hand.talk("c3", 0.5)
    assert not place_changes(hand), "the alarm is off"


def test_a_caller_is_kept_for_a_time_only() -> None:
    hand = kept()
    hand.wait(19.9)
    assert rings(hand.out)[-1][0] == "c2"
    hand.wait(0.1)
    assert rings(hand.out)[-1] == ("c3", "a2")
    assert place_changes(hand)[-1][1:] == ("lang.el>=1 and topic.pensions>=1", "no longer kept for a1")


@pytest.mark.parametrize("action", [AgentAction.LOG_OUT, AgentAction.NOT_READY])
def test_a_caller_is_not_kept_for_an_agent_who_goes(action: AgentAction) -> None:
    hand = kept(300.0)
    hand.ask("a2", AgentAction.NOT_READY)
    hand.ask("a1", action)
    free_a1(hand)
    hand.wait(30.0)
    hand.ask("a2", AgentAction.READY)
    assert rings(hand.out)[-1] == ("c3", "a2")


def test_a_caller_is_not_kept_for_an_agent_who_does_not_answer() -> None:
    hand = kept(300.0)
    free_a1(hand)
    hand.wait(15.0)
    assert rings(hand.out)[-2:] == [("c3", "a1"), ("c3", "a2")]


def test_a_caller_is_not_kept_for_an_agent_who_is_away() -> None:
    hand = Hand.of(pensions={"last_agent_s": 60.0}).ready("a1")
    hand.call("c1")
    hand.talk("c1")
    hand.do(e.CallerLeft(C1))
    hand.ask("a1", AgentAction.LOG_OUT)
    assert one(f.Queued, hand.call("c2")).kept_for is None


def test_a_caller_is_not_kept_for_an_agent_who_lost_the_skill() -> None:
    hand = kept(300.0)
    changed_a1 = replace(settings().agents[A1], skills={"lang.el": 1})
    out = hand.publish(replace(hand.line._state.settings, agents={**settings().agents, A1: changed_a1}))
    assert rings(out) == [("c3", "a2")]
    assert one(f.PlaceChanged, out).why == "new settings"


def test_who_is_sent_on_does_not_come_back_to_him_who_sent_him() -> None:
    hand = Hand.of(pensions={"last_agent_s": 60.0}).ready("a1", "a2")
    hand.call("c1")
    hand.talk("c1")
    out = hand.do(e.AgentTransferred(C1, "pensions"), 5.0)
    assert one(f.Queued, out).kept_for is None and rings(out) == [("c1", "a2")]


def test_a_caller_who_hides_his_number_has_no_last_agent() -> None:
    hand = Hand.of(pensions={"last_agent_s": 60.0}).ready("a1")
    hand.call("c1", ani="")
    hand.talk("c1")
    assert one(f.Queued, hand.call("c2", ani="")).kept_for is None


# -- supervisors ---


def at(stage: str) -> Hand:
    """``c1`` waits, or ``a1``'s phone rings for it, or they have just answered; ``c0`` waits before it."""
    hand = Hand.of(pensions={"priority": 0.0})
    hand.call("c0")
    hand.wait(1.0)
    hand.call("c1")
    if stage != "waiting":
        hand.ready("a1", "a2")
        hand.wait(1.0)
    if stage == "connecting":
        hand.do(e.OfferAnswered(offer_of(hand)))
    return hand


def offer_of(hand: Hand) -> Any:
    return hand.line._state.calls[C1].work.offer


def test_priority_while_waiting() -> None:
    hand = at("waiting")
    out = hand.do(e.PrioritySet(C1, 30.0))
    assert one(f.PlaceChanged, out) == f.PlaceChanged(
        C1, PENSIONS, "lang.el>=1 and topic.pensions>=1", 30.0, "priority set"
    )
    assert hand.line._state.room.position(C1, hand.now) == 1
    hand.ready("a1")
    assert rings(hand.out) == [("c1", "a1")]


def test_priority_is_set_and_not_added() -> None:
    hand = at("waiting")
    for points in (30.0, 40.0, -5.0):
        hand.do(e.PrioritySet(C1, points))
    assert hand.line._state.room.place(C1).points == -5.0
    hand.do(e.CallMoved(C1, GENERAL))
    assert hand.line._state.room.place(C1).points == -5.0, "it goes with the call"


def test_priority_while_ringing_holds_when_nobody_answers() -> None:
    hand = at("ringing")
    hand.do(e.PrioritySet(C1, 30.0))
    assert len(rings(hand.out)) == 2
    hand.wait(15.0)
    hand.ask("a2", AgentAction.READY)
    assert hand.line._state.room.position(C1, hand.now) == 1


def test_moved_while_waiting_keeps_the_time_waited() -> None:
    hand = at("waiting")
    out = hand.do(e.CallMoved(C1, GENERAL), 5.0)
    assert (one(f.PlaceChanged, out).queue, one(f.PlaceChanged, out).why) == (GENERAL, "moved")
    hand.ready("a1", "a2")
    assert one(f.OfferMade, [made for made in hand.all(f.OfferMade) if made.call == C1]).waited_s == 5.0
    hand.talk("c1", 1.0)
    assert one(f.Connected, hand.out).wait_s == 6.0


def test_moved_while_ringing() -> None:
    hand = at("ringing")
    assert not only(c.CancelRing, hand.do(e.CallMoved(C1, GENERAL)))
    hand.talk("c1", 1.0)
    assert one(f.Connected, hand.out).queue == GENERAL
    hand.do(e.CallerLeft(C1), 9.0)
    assert one(f.ConversationEnded, hand.out).queue == GENERAL


def test_moved_to_no_queue() -> None:
    hand = at("waiting")
    out = hand.do(e.CallMoved(C1, "nowhere"))  # type: ignore[arg-type]
    assert out == [f.Unexpected("CallMoved", C1, "no queue nowhere")]
    assert hand.line._state.room.place(C1).queue == PENSIONS


@pytest.mark.parametrize("stage", ["waiting", "ringing"])
def test_withdrawn(stage: str) -> None:
    hand = at(stage)
    out = hand.do(e.CallWithdrawn(C1), 2.0)
    assert one(f.QueueLeft, out).outcome is Outcome.REFUSED
    assert one(c.Play, out).prompts[0].id == "common.goodbye"
    assert hand.line._state.calls[C1].stage is CallStage.LEAVING
    if stage == "ringing":
        assert one(f.OfferEnded, out).result is OfferResult.WITHDRAWN and len(only(c.CancelRing, out)) == 1
        assert hand.line._state.roster[A2].availability is Availability.LEG_CLOSING
    assert one(c.HangUp, hand.heard("c1")).call == C1
    assert one(f.CallEnded, hand.do(e.CallerLeft(C1))).outcome is Outcome.REFUSED


@pytest.mark.parametrize("event", [e.PrioritySet(C1, 9.0), e.CallMoved(C1, GENERAL), e.CallWithdrawn(C1)])
def test_too_late_while_connecting(event: e.Event) -> None:
    hand = at("connecting")
    before = freeze(hand.line)
    assert hand.do(event) == [f.Unexpected(type(event).__name__, C1, "connecting")]
    assert freeze(hand.line) == before


# -- new settings while callers wait ---


def test_new_priority_and_requirement_and_cap_hold_at_once() -> None:
    hand = at("waiting")
    new = changed(hand.line._state.settings, pensions={"priority": 5.0, "requires": EXPERTS, "cap_s": 30.0})
    out = hand.publish(new)
    assert [(fact.call, fact.why) for fact in only(f.PlaceChanged, out)] == [
        ("c0", "new settings"),
        ("c1", "new settings"),
    ]
    place = hand.line._state.room.place(C1)
    assert (place.points, place.due_at, place.entered_at) == (5.0, 31.0, 1.0)
    hand.ready("a1")
    assert rings(hand.out) == []


def test_the_same_settings_again_tell_nothing() -> None:
    hand = Hand.of(pensions=STEPS)
    hand.call("c1")
    hand.wait(12.0)
    assert hand.publish(hand.line._state.settings) == []
    assert len(place_changes(hand)) == 1


def test_a_step_that_was_taken_stays_taken() -> None:
    """By calls ahead, or by expectation, it would not be taken again."""
    steps = {"requires": EXPERTS, "relax": (Relax(parse("topic.pensions>=7"), ahead=1),)}
    hand = Hand.of(pensions=steps)
    hand.call("c0")
    hand.call("c1")
    hand.do(e.CallerLeft(CallId("c0")))
    hand.publish(changed(hand.line._state.settings, pensions={"priority": 9.0}))
    assert hand.line._state.room.place(C1).requires == parse("topic.pensions>=7 and lang.el")
    hand.publish(changed(hand.line._state.settings, pensions={"relax": ()}))
    assert hand.line._state.room.place(C1).requires == parse("topic.pensions>=9 and lang.el"), "the step itself is gone"


def test_new_steps_hold_from_queue_entry() -> None:
    hand = Hand.of(pensions={"requires": EXPERTS}).ready("a1")
    hand.call("c1")
    hand.wait(12.0)
    hand.publish(changed(hand.line._state.settings, pensions=STEPS))
    assert hand.line._state.room.place(C1).requires == parse("topic.pensions>=7 and lang.el")
    hand.wait(8.0)
    assert rings(hand.out) == [("c1", "a1")]


def test_new_ageing_counts_positions_when_every_place_is_right() -> None:
    """``c0`` is urgent; when age counts as well the step by calls ahead must see one order, not half of each."""
    hand = Hand.of(pensions={"requires": EXPERTS})
    hand.call("c1")
    hand.wait(10.0)
    hand.call("c0")
    hand.do(e.PrioritySet(CallId("c0"), 5.0))
    steps = (Relax(parse("topic.pensions"), ahead=1),)
    hand.publish(changed(hand.line._state.settings, pensions={"ageing": 1.0, "relax": steps}))
    widened = [p.item for p in hand.line._state.room if p.requires == parse("topic.pensions and lang.el")]
    assert widened == ["c0"]
