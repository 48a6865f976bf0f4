"""Limits of a queue: each limit, each way out, and that no way leads in a circle."""

from __future__ import annotations

from typing import Any

import pytest

from agents import Availability
from calls import AgentAction, AgentId, CallId, CallStage, Outcome, parse
from calls import commands as c
from calls import events as e
from calls import facts as f
from queues import OverflowAction, OverflowRule, OverflowTrigger, Relax, RunningMean, WaitEstimator
from tests.line import GENERAL, PENSIONS, Hand, changed, one, only, rings

C1, A1 = CallId("c1"), AgentId("a1")
NUMBER = "2101234567"


def rule(
    limit: OverflowTrigger, at: float = 0.0, way: OverflowAction = OverflowAction.QUEUE, target: str = GENERAL
) -> OverflowRule:
    return OverflowRule(limit, way, target, at)


def hand_of(*rules: OverflowRule, general: tuple[OverflowRule, ...] = (), **pensions: Any) -> Hand:
    """``pensions`` has these rules. Nobody is ready, but ``a1`` and ``a2`` are logged in."""
    hand = Hand.of(pensions={"overflow": rules, **pensions}, general={"overflow": general})
    for agent in ("a1", "a2"):
        hand.ask(agent, AgentAction.LOG_IN)
    return hand


def overflows(hand: Hand) -> list[tuple[str, str, str, str]]:
    return [(fact.call, fact.limit, fact.way, fact.target) for fact in hand.all(f.Overflowed)]


# -- each limit ---


def test_length() -> None:
    hand = hand_of(rule(OverflowTrigger.LENGTH, 2))
    for call in ("w1", "w2", "c1"):
        hand.call(call)
    assert [fact.queue for fact in hand.all(f.Queued)] == [PENSIONS, PENSIONS, GENERAL]
    assert hand.all(f.Overflowed) == [f.Overflowed(C1, PENSIONS, "length", 2, "queue", GENERAL)]


def test_longest_wait() -> None:
    hand = hand_of(rule(OverflowTrigger.LONGEST_WAIT, 30.0))
    hand.call("w1")
    hand.wait(29.0)
    hand.call("w2")
    hand.wait(1.0)
    hand.call("c1")
    assert overflows(hand) == [("c1", "longest_wait", "queue", GENERAL)]


def test_expected_wait() -> None:
    hand = hand_of(rule(OverflowTrigger.EXPECTED_WAIT, 120.0))
    hand.call("w1")
    assert not overflows(hand), "nothing is known yet"
    hand.line._state.estimators[PENSIONS] = WaitEstimator(RunningMean(0.0, 100.0, 50))
    hand.call("w2")
    assert not overflows(hand), "one before him, two agents: about 100 s"
    hand.call("c1")
    assert overflows(hand) == [("c1", "expected_wait", "queue", GENERAL)]


def test_no_wait_is_expected_where_somebody_is_free() -> None:
    hand = hand_of(rule(OverflowTrigger.EXPECTED_WAIT, 1.0)).ready("a3")
    hand.line._state.estimators[PENSIONS] = WaitEstimator(RunningMean(0.0, 100.0, 50))
    hand.call("c1")
    assert not overflows(hand) and rings(hand.out) == [("c1", "a3")]


@pytest.mark.parametrize("entered_at", [0.0, 0.1, 7.3])
def test_waited(entered_at: float) -> None:
    hand = hand_of(rule(OverflowTrigger.WAITED, 20.1))
    hand.wait(entered_at)
    hand.call("c1")
    hand.wait(20.0)
    assert not overflows(hand)
    hand.wait(0.2)
    assert overflows(hand) == [("c1", "waited", "queue", GENERAL)]
    place = hand.line._state.room.place(C1)
    assert (place.queue, place.entered_at) == (GENERAL, entered_at)
    assert one(f.PlaceChanged, hand.out).why == "overflow: waited"


def test_waited_while_a_phone_rang() -> None:
    hand = hand_of(rule(OverflowTrigger.WAITED, 20.0)).ready("a3")
    hand.wait(1.0)
    hand.call("c1")
    hand.wait(14.0)
    assert rings(hand.out) == [("c1", "a3")]
    hand.wait(1.0)
    hand.ask("a3", AgentAction.READY)
    hand.do(e.AgentLeft(hand.all(c.Ring)[0].offer))
    assert len(rings(hand.out)) == 2
    hand.wait(14.9)
    assert not overflows(hand), "his phone rings"
    hand.wait(0.1)
    assert overflows(hand) == [("c1", "waited", "queue", GENERAL)]


def test_waited_is_the_whole_wait() -> None:
    hand = hand_of(
        rule(OverflowTrigger.WAITED, 20.0),
        general=(rule(OverflowTrigger.WAITED, 15.0, OverflowAction.MESSAGE, "sorry"),),
    )
    hand.call("c1")
    hand.wait(20.0)
    assert overflows(hand) == [("c1", "waited", "queue", GENERAL), ("c1", "waited", "message", "sorry")]


def test_nobody() -> None:
    hand = Hand.of(pensions={"overflow": (rule(OverflowTrigger.NOBODY, way=OverflowAction.MESSAGE, target="sorry"),)})
    out = hand.call("c1")
    assert one(f.NobodyCan, out) == f.NobodyCan(C1, PENSIONS, "message sorry")
    assert overflows(hand) == [("c1", "nobody", "message", "sorry")]


def test_nobody_looks_at_how_far_the_call_would_relax() -> None:
    rules = (rule(OverflowTrigger.NOBODY, way=OverflowAction.MESSAGE, target="sorry"),)
    relax = (Relax(parse("topic.pensions"), after_s=600.0),)
    hand = hand_of(*rules, requires=parse("topic.pensions>=9"), relax=relax)
    hand.call("c1")
    assert not overflows(hand) and not hand.all(f.NobodyCan)


def test_nobody_without_a_rule_is_told_and_waits() -> None:
    hand = Hand().open()
    assert one(f.NobodyCan, hand.call("c1")).rule == "waits: no rule"
    hand.ready("a1")
    assert rings(hand.out) == [("c1", "a1")]


def test_the_last_who_could_logs_out() -> None:
    hand = hand_of(rule(OverflowTrigger.NOBODY))
    hand.call("c1")
    for agent in ("a1", "a2"):
        hand.ask(agent, AgentAction.LOG_OUT)
    hand.wait(10.0)
    assert overflows(hand) == [("c1", "nobody", "queue", GENERAL)], "when his position is told"


def test_closed_at_the_door() -> None:
    hand = hand_of(rule(OverflowTrigger.CLOSED))
    assert one(f.QueueOpen, hand.do(e.QueueSwitched(PENSIONS, False))) == f.QueueOpen(PENSIONS, False)
    assert one(f.Queued, hand.call("c1")).queue == GENERAL
    hand.do(e.QueueSwitched(PENSIONS, True))
    assert one(f.Queued, hand.call("c2")).queue == PENSIONS


def test_closed_with_callers_waiting() -> None:
    hand = hand_of(rule(OverflowTrigger.CLOSED, way=OverflowAction.MESSAGE, target="closed"))
    hand.call("w1")
    hand.wait(5.0)
    hand.ready("a3")
    hand.call("c1")
    assert rings(hand.out) == [("w1", "a3")]
    hand.do(e.QueueSwitched(PENSIONS, False))
    assert overflows(hand) == [("c1", "closed", "message", "closed")]
    hand.wait(15.0)
    assert overflows(hand)[1:] == [("w1", "closed", "message", "closed")], "nobody answered: now he goes as well"


def test_closed_without_a_rule_they_wait_on() -> None:
    hand = hand_of()
    hand.call("c1")
    hand.do(e.QueueSwitched(PENSIONS, False))
    hand.call("c2")
    assert hand.line._state.room.waiting_in(PENSIONS) == 2 and not overflows(hand)


@pytest.mark.parametrize(("queue", "open_"), [("nowhere", False), ("pensions", True)])
def test_a_switch_that_cannot_be(queue: str, open_: bool) -> None:
    out = hand_of().do(e.QueueSwitched(queue, open_))  # type: ignore[arg-type]
    assert only(f.Unexpected, out) == out and len(out) == 1


def test_a_new_rule_holds_for_who_waits_already() -> None:
    hand = hand_of()
    hand.call("c1")
    hand.wait(30.0)
    hand.publish(changed(hand.line._state.settings, pensions={"overflow": (rule(OverflowTrigger.WAITED, 20.0),)}))
    hand.wait(0.0)
    assert overflows(hand) == [("c1", "waited", "queue", GENERAL)]


# -- each way ---


def test_a_message_then_goodbye() -> None:
    hand = hand_of(rule(OverflowTrigger.LENGTH, 0, OverflowAction.MESSAGE, "sorry"))
    out = hand.call("c1")
    assert [prompt.id for prompt in one(c.Play, out).prompts] == ["sorry", "common.goodbye"]
    assert not only(f.Queued, out)
    assert one(f.QueueLeft, out) == f.QueueLeft(C1, PENSIONS, Outcome.OVERFLOWED, 0.0), "offered, and not served"
    hand.wait(30.0)
    assert hand.line._state.calls[C1].stage is CallStage.LEAVING, "a long message is not cut"
    assert one(c.HangUp, hand.heard("c1")).call == C1
    ended = one(f.CallEnded, hand.do(e.CallerLeft(C1)))
    assert (ended.outcome, ended.stage) == (Outcome.OVERFLOWED, CallStage.WAITING)


def test_a_message_while_waiting() -> None:
    hand = hand_of(rule(OverflowTrigger.WAITED, 20.0, OverflowAction.MESSAGE, "sorry"))
    hand.call("c1")
    out = hand.wait(20.0)
    assert one(f.QueueLeft, out) == f.QueueLeft(C1, PENSIONS, Outcome.OVERFLOWED, 20.0)
    hand.ready("a3")
    assert rings(hand.out) == []
    assert one(f.CallEnded, hand.do(e.CallerLeft(C1))).outcome is Outcome.OVERFLOWED
    assert hand.line.next_deadline() is None


def sent_out() -> Hand:
    hand = hand_of(rule(OverflowTrigger.WAITED, 20.0, OverflowAction.NUMBER, NUMBER))
    hand.call("c1")
    out = hand.wait(20.0)
    assert one(c.Transfer, out) == c.Transfer(C1, NUMBER)
    assert one(f.QueueLeft, out).outcome is Outcome.OVERFLOWED
    return hand


@pytest.mark.parametrize("by", [e.CallerLeft, e.CallerBack])
def test_a_number_that_is_answered(by: Any) -> None:
    hand = sent_out()
    hand.do(e.TransferAnswered(C1), 5.0)
    hand.do(by(C1), 60.0)
    if by is e.CallerBack:
        assert one(c.Play, hand.steps[-1][2]).prompts[0].id == "common.goodbye"
        hand.do(e.CallerLeft(C1))
    assert one(f.TransferEnded, hand.out).talk_s == 60.0
    assert one(f.CallEnded, hand.out).outcome is Outcome.OVERFLOWED


def test_a_number_nobody_answers_is_tried_once() -> None:
    hand = sent_out()
    out = hand.do(e.CallerBack(C1), 30.0)
    assert one(f.Queued, out).queue == PENSIONS and one(c.Music, out).call == C1
    hand.wait(300.0)
    assert len(overflows(hand)) == 1
    hand.ready("a3")
    hand.talk("c1", 1.0)
    hand.do(e.CallerLeft(C1))
    assert one(f.CallEnded, hand.out).outcome is Outcome.HANDLED


def test_a_caller_who_leaves_before_the_number_answers() -> None:
    hand = sent_out()
    assert one(f.CallEnded, hand.do(e.CallerLeft(C1), 5.0)).outcome is Outcome.OVERFLOWED


def test_a_caller_who_gives_up_after_the_number_has_abandoned() -> None:
    hand = sent_out()
    hand.do(e.CallerBack(C1), 30.0)
    assert one(f.CallEnded, hand.do(e.CallerLeft(C1), 5.0)).outcome is Outcome.ABANDONED


def test_another_agent_opens_the_ways_again() -> None:
    """A caller whom an agent sent on begins anew."""
    hand = hand_of(rule(OverflowTrigger.WAITED, 20.0, OverflowAction.NUMBER, NUMBER)).ready("a3")
    hand.call("c1")
    hand.talk("c1")
    hand.do(e.AgentTransferred(C1, "pensions"))
    hand.wait(20.0)
    assert len(hand.all(c.Transfer)) == 1
    hand.do(e.CallerLeft(C1))
    assert one(f.CallEnded, hand.out).outcome is Outcome.HANDLED


def test_a_colleague_cannot_be_rung_for_a_call_that_overflowed() -> None:
    hand = hand_of(rule(OverflowTrigger.LENGTH, 0, OverflowAction.MESSAGE, "sorry"), general=())
    hand.call("c1", "1555")
    hand.do(e.KeyPressed(C1, "1"))
    hand.do(e.KeyPressed(C1, "0"))
    hand.ready("a3")
    hand.talk("c1")
    hand.do(e.CallMoved(C1, PENSIONS))
    hand.publish(
        changed(
            hand.line._state.settings,
            general={"overflow": (rule(OverflowTrigger.LENGTH, 0, OverflowAction.MESSAGE, "sorry"),)},
        )
    )
    hand.ready("a1")
    out = hand.do(e.AgentTransferred(C1, "a1"))
    assert rings(out) == [] and one(c.Play, out).prompts[0].id == "sorry"
    assert hand.line._state.roster[A1].availability is Availability.AVAILABLE


# -- no circles ---

ROUND: tuple[tuple[OverflowRule, ...], tuple[OverflowRule, ...]] = (
    (rule(OverflowTrigger.CLOSED, target=GENERAL),),
    (rule(OverflowTrigger.CLOSED, target=PENSIONS),),
)


def close_both(hand: Hand) -> None:
    for queue in (PENSIONS, GENERAL):
        hand.do(e.QueueSwitched(queue, False))


def test_no_circle_at_the_door() -> None:
    hand = hand_of(*ROUND[0], general=ROUND[1])
    close_both(hand)
    assert one(f.Queued, hand.call("c1")).queue == GENERAL
    assert len(overflows(hand)) == 1


def test_no_circle_while_waiting() -> None:
    hand = hand_of(*ROUND[0], general=ROUND[1])
    hand.call("c1")
    close_both(hand)
    hand.wait(300.0)
    assert len(overflows(hand)) == 1 and hand.line._state.room.place(C1).queue == GENERAL


def test_no_circle_of_one() -> None:
    hand = hand_of(rule(OverflowTrigger.WAITED, 5.0, target=PENSIONS), rule(OverflowTrigger.LENGTH, 0, target=PENSIONS))
    hand.call("c1")
    hand.wait(300.0)
    assert hand.line._state.room.waiting_in(PENSIONS) == 1 and len(overflows(hand)) <= 2


def test_the_next_rule_where_the_first_leads_back() -> None:
    back = (
        rule(OverflowTrigger.CLOSED, target=PENSIONS),
        rule(OverflowTrigger.CLOSED, way=OverflowAction.MESSAGE, target="closed"),
    )
    hand = hand_of(*ROUND[0], general=back)
    close_both(hand)
    hand.call("c1")
    assert overflows(hand)[1:] == [("c1", "closed", "message", "closed")]
