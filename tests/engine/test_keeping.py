"""Agents rung before their wrap-up ends, agents kept for something better, phones that answer by themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agents import Availability
from calls import AgentAction, AgentId, AgentState, CallId, OfferResult
from calls import commands as c
from calls import events as e
from calls import facts as f
from tests.line import Hand, one, only, rings, settings

C2, A1 = CallId("c2"), AgentId("a1")
S = AgentState


def wrapping_up(**pensions: Any) -> Hand:
    """``a1`` is in wrap-up for 30 s from now; 10 s before its end they may be rung."""
    hand = Hand.of(pensions={"ring_ahead_s": 10.0, **pensions}).ready("a1")
    hand.call("c1")
    offer = hand.talk("c1")
    hand.do(e.CallerLeft(CallId("c1")), 60.0)
    hand.do(e.AgentLeft(offer))
    return hand


def a1(hand: Hand) -> tuple[AgentState, Availability]:
    agent = hand.line._state.roster[A1]
    return agent.state, agent.availability


def test_he_is_rung_before_his_wrap_up_ends() -> None:
    hand = wrapping_up()
    hand.call("c2")
    hand.wait(19.9)
    assert len(rings(hand.out)) == 1
    out = hand.wait(0.1)
    assert rings(out) == [("c2", "a1")]
    assert one(f.WrapUpDone, out).wrap_up_s == 20.0
    assert one(f.AgentChanged, out).new is S.RINGING
    hand.talk("c2", 4.0)
    hand.wait(60.0)
    assert a1(hand)[0] is S.TALKING, "the old wrap-up's alarm is off"


def test_who_is_idle_goes_before_who_is_rung_ahead() -> None:
    hand = wrapping_up()
    hand.wait(25.0)
    hand.ready("a2")
    hand.call("c2")
    hand.call("c3")
    assert rings(hand.out)[1:] == [("c2", "a2"), ("c3", "a1")]


def test_the_caller_leaves_while_he_is_rung_ahead() -> None:
    hand = wrapping_up()
    hand.wait(20.0)
    hand.call("c2")
    hand.do(e.CallerLeft(C2), 3.0)
    assert a1(hand) == (S.READY, Availability.LEG_CLOSING)
    hand.do(e.AgentLeft(hand.all(c.Ring)[-1].offer))
    hand.wait(60.0)
    assert a1(hand) == (S.READY, Availability.AVAILABLE) and len(hand.all(f.WrapUpDone)) == 1


def test_he_does_not_answer() -> None:
    hand = wrapping_up()
    hand.wait(20.0)
    hand.call("c2")
    hand.wait(15.0)
    assert hand.all(f.OfferEnded)[-1].result is OfferResult.NO_ANSWER
    assert (a1(hand)[0], hand.line._state.roster[A1].reason) == (S.NOT_READY, "rona")
    hand.wait(60.0)
    assert a1(hand)[0] is S.NOT_READY


@pytest.mark.parametrize(
    ("action", "state"),
    [
        (AgentAction.END_WRAP_UP, S.READY),
        (AgentAction.READY, S.READY),
        (AgentAction.NOT_READY, S.NOT_READY),
        (AgentAction.LOG_OUT, S.LOGGED_OUT),
    ],
)
@pytest.mark.parametrize("after_s", [5.0, 25.0])
def test_his_wrap_up_ends_by_code(action: AgentAction, state: AgentState, after_s: float) -> None:
    hand = wrapping_up()
    hand.wait(after_s)
    hand.ask("a1", action)
    hand.wait(60.0)
    agent = hand.line._state.roster[A1]
    assert (agent.state, agent.free_at) == (state, None)
    hand.call("c2")
    assert rings(hand.out)[1:] == ([("c2", "a1")] if state is S.READY else [])


def test_who_asked_for_a_break_is_not_rung_ahead() -> None:
    hand = Hand.of(pensions={"ring_ahead_s": 10.0}).ready("a1")
    hand.call("c1")
    offer = hand.talk("c1")
    hand.ask("a1", AgentAction.NOT_READY, "break")
    hand.do(e.CallerLeft(CallId("c1")), 60.0)
    hand.do(e.AgentLeft(offer))
    hand.call("c2")
    hand.wait(60.0)
    assert len(rings(hand.out)) == 1 and a1(hand)[0] is S.NOT_READY


def test_a_leg_that_closes_late_is_waited_for() -> None:
    hand = Hand.of(pensions={"ring_ahead_s": 29.0}).ready("a1")
    hand.call("c1")
    offer = hand.talk("c1")
    hand.do(e.CallerLeft(CallId("c1")), 60.0)
    hand.call("c2")
    hand.wait(2.0)
    assert len(rings(hand.out)) == 1 and a1(hand) == (S.WRAP_UP, Availability.LEG_CLOSING)
    hand.do(e.AgentLeft(offer))
    assert rings(hand.out)[-1] == ("c2", "a1")


def test_a_phone_that_is_gone_is_not_rung_ahead() -> None:
    hand = wrapping_up()
    hand.do(e.PhoneReachable(A1, False))
    hand.call("c2")
    hand.wait(25.0)
    assert a1(hand) == (S.WRAP_UP, Availability.PHONE_GONE)
    hand.do(e.PhoneReachable(A1, True))
    assert rings(hand.out)[-1] == ("c2", "a1")


# -- phones that answer by themselves ---


@pytest.mark.parametrize("auto", [True, False])
def test_a_phone_is_asked_to_answer_by_itself(auto: bool) -> None:
    hand = Hand.of()
    agents = hand.line._state.settings.agents
    person = replace(agents[A1], auto_answer=auto)
    hand.publish(replace(hand.line._state.settings, agents={**agents, A1: person}))
    hand.ready("a1").call("c1")
    assert one(c.Ring, hand.out).auto_answer is auto


# -- agents kept for something better ---


def keeping(**numbers: float) -> Hand:
    weighted = {"policy": "weighted_index", "ageing": 1.0, "priority": 0.0, "policy_settings": numbers}
    return Hand.of(pensions=weighted).ready("a1")


def test_an_agent_is_kept_until_the_alarm() -> None:
    """All calls so far are of their kind, so they are kept for all of ``keep_s``: 4 idle, then twice 8 s."""
    hand = keeping(keep_s=20.0)
    hand.wait(4.0)
    hand.call("c1")
    assert rings(hand.out) == [] and hand.line.next_deadline() == 12.0
    hand.wait(8.0)
    assert rings(hand.out) == [("c1", "a1")] and one(f.OfferMade, hand.out).rule == "weighted_index"


def test_nobody_is_kept_from_who_is_due() -> None:
    hand = keeping(keep_s=900.0)
    hand.call("c1")
    hand.wait(119.9)
    assert rings(hand.out) == []
    hand.wait(0.1)
    assert rings(hand.out) == [("c1", "a1")]


def test_another_queue_may_have_the_agent_at_once() -> None:
    hand = keeping(keep_s=900.0)
    hand.call("c1")
    hand.call("c2", "1555")
    hand.do(e.KeyPressed(C2, "1"))
    hand.do(e.KeyPressed(C2, "0"))
    assert rings(hand.out) == [("c2", "a1")]


def test_a_caller_who_leaves_takes_nobody_with_him() -> None:
    hand = keeping(keep_s=20.0)
    hand.call("c1")
    hand.do(e.CallerLeft(CallId("c1")), 1.0)
    hand.wait(60.0)
    assert rings(hand.out) == [] and hand.line.next_deadline() is None


def test_a_policy_may_change_while_agents_are_kept() -> None:
    hand = keeping(keep_s=900.0)
    hand.call("c1")
    plain = settings().queues
    assert rings(hand.publish(replace(hand.line._state.settings, queues=plain))) == [("c1", "a1")]
    assert not only(f.Unexpected, hand.out)
