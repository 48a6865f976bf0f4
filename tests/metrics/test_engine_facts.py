"""The fold reads what the real engine tells: after every step both see the same line."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest

from calls import AgentId, CallId, CallStage, OfferResult, Outcome, facts
from calls import events as e
from metrics import LineState
from queues import Limit, Overflow, Way
from tests.line import GENERAL, PENSIONS, Hand

C1 = CallId("c1")


@pytest.fixture
def hand() -> Hand:
    return Hand().open()


def folded(hand: Hand) -> LineState:
    state = LineState()
    for now, _, outputs in hand.steps:
        for output in outputs:
            if isinstance(output, get_args(facts.Fact)):
                state.apply(now, output)
    return state


def same(hand: Hand) -> LineState:
    """The fold's state, after comparing it with the engine's own."""
    state, world = folded(hand), hand.line.world
    seen = state.snapshot(hand.now)
    stages = Counter(call.stage for call in world.calls.values())
    assert {stage: seen["calls"][stage] for stage in CallStage} == {stage: stages[stage] for stage in CallStage}
    for name, agent in state.agents.items():
        assert agent.state is world.roster[name].state
    whole = state.ledger.whole
    inside = sum(call.stay is not None and not call.stay.left for call in state.calls.values())
    for tally in (whole.line, whole.queue(PENSIONS)):
        assert tally.offered == tally.handled + sum(tally.exits.values()) + inside
    return state


def offer_of(hand: Hand) -> facts.OfferMade:
    return hand.all(facts.OfferMade)[-1]


def test_a_handled_call(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    same(hand)
    offer = hand.talk("c1", after_s=3.0)
    same(hand)
    hand.do(e.CallerLeft(C1), 60.0)
    hand.do(e.AgentLeft(offer))
    hand.wait(60.0)
    seen = same(hand).snapshot(hand.now)
    assert (seen["today"]["handled"], seen["today"]["asa_s"], seen["today"]["talk_s"]) == (1, 3.0, 60.0)
    assert seen["today"]["wrap_up_s"] > 0 and seen["agents"]["a1"]["state"] == "ready"


def test_an_abandoned_call(hand: Hand) -> None:
    hand.call("c1")
    hand.do(e.CallerLeft(C1), 30.0)
    assert same(hand).ledger.whole.queue(PENSIONS).exits == {Outcome.ABANDONED: 1}


def test_rona_and_the_next_agent(hand: Hand) -> None:
    hand.ready("a1", "a2").call("c1")
    hand.wait(120.0)
    state = same(hand)
    assert state.ledger.whole.line.rona == 2 and state.agents[AgentId("a1")].reason == "rona"
    assert state.snapshot(hand.now)["queues"][PENSIONS]["longest_wait_s"] == 120.0


@pytest.mark.parametrize("then", ["agent left", "caller left", "nothing"])
def test_answered_and_not_joined(hand: Hand, then: str) -> None:
    """The engine tells no fact of its own for the way back to the queue."""
    hand.ready("a1").call("c1")
    offer = offer_of(hand).offer
    hand.do(e.OfferAnswered(offer), 2.0)
    same(hand)
    if then == "agent left":
        hand.do(e.AgentLeft(offer), 1.0)
    elif then == "caller left":
        hand.do(e.CallerLeft(C1), 1.0)
    else:
        hand.wait(6.0)
    same(hand)


def test_a_refused_offer(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    hand.do(e.OfferFailed(offer_of(hand).offer, OfferResult.BUSY, "486"), 1.0)
    state = same(hand)
    assert state.notice_counts == {"offer_failed": 1} and state.ledger.whole.line.rona == 0


def test_a_call_that_asterisk_rescued(hand: Hand) -> None:
    hand.call("c1")
    hand.do(e.CallRescued(C1), 10.0)
    assert same(hand).ledger.whole.line.exits == {Outcome.SURVIVED: 1}


def test_a_call_that_is_moved_counts_in_both_queues(hand: Hand) -> None:
    hand.call("c1")
    hand.do(e.CallMoved(CallId("c1"), GENERAL), 10.0)
    hand.do(e.CallerLeft(CallId("c1")), 20.0)
    whole = same(hand).ledger.whole
    assert whole.queue(PENSIONS).exits == {Outcome.OVERFLOWED: 1}
    assert whole.queue(GENERAL).exits == {Outcome.ABANDONED: 1}
    assert (whole.line.offered, whole.line.exits) == (1, {Outcome.ABANDONED: 1})


@pytest.mark.parametrize("way", [Way.MESSAGE, Way.NUMBER, Way.QUEUE])
def test_a_call_sent_away_at_the_door_was_offered(way: Way) -> None:
    rule = Overflow(Limit.LENGTH, way, GENERAL if way is Way.QUEUE else "210", 0)
    hand = Hand.of(pensions={"overflow": (rule,)})
    hand.call("c1")
    hand.do(e.CallerLeft(CallId("c1")), 5.0)
    whole = same(hand).ledger.whole
    assert (whole.queue(PENSIONS).offered, whole.queue(PENSIONS).exits) == (1, {Outcome.OVERFLOWED: 1})
    assert whole.line.offered == 1 and whole.queue(GENERAL).offered == (way is Way.QUEUE)
