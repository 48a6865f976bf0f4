"""Keeping and changing a line: a frozen line goes on as if nothing had happened; new settings take hold at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls import AgentAction, AgentId, CallId, ContractError
from calls import events as e
from calls import facts as f
from line1555.live.checkpoint import freeze
from tests.line import GENERAL, PENSIONS, Hand, one, only, rings, settings

A1 = AgentId("a1")


@pytest.fixture
def hand() -> Hand:
    return Hand().open()


def test_a_thawed_line_goes_on(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    hand.talk("c1")
    hand.call("c2", "1555")
    other = Hand(hand.again())
    other.now = hand.now
    for twin in (hand, other):
        twin.do(e.KeyPressed(CallId("c2"), "0"), 3.0)
        twin.do(e.CallerLeft(CallId("c1")), 5.0)
        twin.wait(40.0)
    steps = len(other.steps)
    assert [out for _, _, out in hand.steps[-steps:]] == [out for _, _, out in other.steps]
    assert freeze(hand.line) == freeze(hand.line)


def test_time_that_goes_back_changes_nothing(hand: Hand) -> None:
    hand.wait(5.0)
    hand.do(e.LinkUp())
    before = freeze(hand.line)
    with pytest.raises(ContractError, match="time went back"):
        hand.line.handle(e.CallArrived(CallId("c1"), "", "1555"), 4.0)
    with pytest.raises(ContractError, match="time went back"):
        hand.line.tick(4.0)
    assert freeze(hand.line) == before


def test_new_skills_serve_who_waits_already(hand: Hand) -> None:
    hand.ready("a1")
    hand.call("c1", "1555")
    hand.do(e.KeyPressed(CallId("c1"), "2"))
    hand.do(e.KeyPressed(CallId("c1"), "0"))
    assert rings(hand.out) == []
    polyglot = replace(settings().agents[A1], skills={"topic.general": 1, "lang.en": 1})
    out = hand.publish(replace(settings(), agents={A1: polyglot}))
    assert rings(out) == [("c1", "a1")]


def test_an_agent_who_is_gone_from_the_settings_finishes_his_work(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    offer = hand.talk("c1")
    hand.publish(replace(settings(), agents={}))
    hand.do(e.CallerLeft(CallId("c1")))
    hand.ask("a1", AgentAction.LOG_OUT)
    assert "no longer" in one(f.CodeRefused, hand.ask("a1", AgentAction.LOG_IN)).why
    hand.publish(replace(settings(), agents={}))
    hand.do(e.AgentLeft(offer))
    assert A1 in hand.line._state.roster, "his leg was still there at the last reload"
    hand.publish(replace(settings(), agents={}))
    assert A1 not in hand.line._state.roster


def test_an_agent_who_comes_back_into_the_settings_may_log_in(hand: Hand) -> None:
    hand.ready("a1")
    hand.publish(replace(settings(), agents={}))
    hand.publish(settings())
    hand.ask("a1", AgentAction.LOG_OUT)
    hand.ask("a1", AgentAction.LOG_IN)
    assert not only(f.CodeRefused, hand.out)


def test_a_queue_that_is_gone_keeps_its_callers(hand: Hand) -> None:
    hand.call("c1")
    queues = {GENERAL: settings().queues[GENERAL]}
    hand.publish(replace(settings(), queues=queues))
    assert one(f.Announced, hand.wait(10.0)).queue == PENSIONS
    hand.ready("a1")
    assert rings(hand.out) == [("c1", "a1")]
