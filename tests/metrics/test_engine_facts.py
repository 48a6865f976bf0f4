"""The fold reads what the real engine tells: after every step both see the same line."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest

from calls import AgentId, CallId, CallStage, OfferResult, Outcome, facts
from calls import events as e
from metrics import LineState, view
from queues import OverflowAction, OverflowRule, OverflowTrigger
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
    state, world = folded(hand), hand.line._state
    seen = view.snapshot(state, hand.now)
    stages = Counter(call.stage for call in world.calls.values())
    assert {stage: seen["calls"][stage] for stage in CallStage} == {stage: stages[stage] for stage in CallStage}
    for name, agent in state.agents.items():
        assert agent.state is world.roster[name].state
    whole = state.ledger.whole
    stays = [call.stay for call in state.calls.values() if call.stay]
    inside = sum(not stay.callback for stay in stays)
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
    seen = view.snapshot(same(hand), hand.now)
    assert (seen["today"]["handled"], seen["today"]["asa_s"], seen["today"]["talk_s"]) == (1, 3.0, 60.0)
    assert seen["today"]["wrap_up_s"] > 0 and seen["agents"]["a1"]["state"] == "ready"


def test_a_phone_that_is_gone(hand: Hand) -> None:
    """The agent's, and then the caller's: two conversations were cut off, one by the agent's phone."""
    hand.ready("a1").call("c1")
    offer = hand.talk("c1")
    hand.do(e.AgentLeft(offer, lost=True), 30.0)
    hand.do(e.CallerBack(C1), 0.5)
    hand.ready("a2")
    hand.talk("c1")
    hand.do(e.CallerLeft(C1, lost=True), 20.0)
    seen = view.snapshot(folded(hand), hand.now)
    assert (seen["today"]["lost_media"], seen["queues"][PENSIONS]["today"]["lost_media"]) == (2, 2)
    assert [seen["agents"][name]["today"]["lost_media_agent"] for name in ("a1", "a2")] == [1, 0]


def test_an_abandoned_call(hand: Hand) -> None:
    hand.call("c1")
    hand.do(e.CallerLeft(C1), 30.0)
    assert same(hand).ledger.whole.queue(PENSIONS).exits == {Outcome.ABANDONED: 1}


def test_rona_and_the_next_agent(hand: Hand) -> None:
    hand.ready("a1", "a2").call("c1")
    hand.wait(120.0)
    state = same(hand)
    assert state.ledger.whole.line.rona == 2 and state.agents[AgentId("a1")].reason == "rona"
    assert view.snapshot(state, hand.now)["queues"][PENSIONS]["longest_wait_s"] == 120.0


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


# -- callbacks ---

ASK = OverflowRule(OverflowTrigger.LENGTH, OverflowAction.CALLBACK, at=0)


def called(hand: Hand) -> CallId:
    """``c1`` accepts a callback and hangs up; the callback's id. ``a1`` is rung for it."""
    hand.call("c1")
    same(hand)
    hand.do(e.KeyPressed(C1, "1"), 4.0)
    assert view.snapshot(folded(hand), hand.now)["calls"]["promised"] == 1
    hand.do(e.CallerLeft(C1), 2.0)
    back = hand.all(facts.CallbackPromised)[-1].callback
    same(hand)
    hand.ready("a1")
    same(hand)
    hand.do(e.OfferAnswered(offer_of(hand).offer), 3.0)
    assert same(hand).calls[back].stage is CallStage.DIALLING
    return back


def counted(state: LineState) -> set[tuple[int, ...]]:
    """Offered, overflowed, handled; promised, called back, unreached: of line, queue and topic."""
    whole = state.ledger.whole
    rows = (whole.line, whole.queue(PENSIONS), whole.topic("pensions"))
    return {
        (t.offered, t.exits.get(Outcome.OVERFLOWED, 0), t.handled, t.callbacks, t.called_back, t.unreached)
        for t in rows
    }


def test_a_callback_counts_apart() -> None:
    hand = Hand.of(pensions={"overflow": (ASK,)})
    back = called(hand)
    hand.do(e.CallbackAnswered(back), 6.0)
    hand.do(e.Bridged(back, offer_of(hand).offer))
    same(hand)
    hand.do(e.CallerLeft(back), 60.0)
    hand.do(e.AgentLeft(offer_of(hand).offer))
    hand.wait(60.0)
    state = same(hand)
    assert counted(state) == {(1, 1, 0, 1, 1, 0)}
    today, agent = view.snapshot(state, hand.now)["today"], state.ledger.whole.agent(AgentId("a1"))
    assert (today["arrived"], today["asa_s"], today["service_level"]) == (1, None, 0.0)
    assert (today["talk_s"], today["aht_s"]) == (60.0, 90.0)
    assert (agent.handled, agent.talk_s, agent.wrap_up_s) == (1, 60.0, 30.0)


def test_a_callback_that_is_given_up() -> None:
    hand = Hand.of(pensions={"overflow": (ASK,)})
    back = called(hand)
    for attempt in range(1, 4):
        hand.do(e.CallbackFailed(back, OfferResult.BUSY), 5.0)
        state = same(hand)
        hand.do(e.AgentLeft(offer_of(hand).offer))
        if attempt < 3:
            assert view.snapshot(state, hand.now)["queues"][PENSIONS]["promised"] == 1
            hand.wait(900.0)
            same(hand)
            hand.do(e.OfferAnswered(offer_of(hand).offer), 1.0)
    assert counted(same(hand)) == {(1, 1, 0, 1, 0, 1)}
    assert not state.calls


@pytest.mark.parametrize("then", ["agent left", "asterisk took him", "withdrawn", "asterisk is new"])
def test_ways_of_a_callback(then: str) -> None:
    hand = Hand.of(pensions={"overflow": (ASK,)})
    back = called(hand)
    if then == "agent left":
        hand.do(e.AgentLeft(offer_of(hand).offer), 1.0)
    elif then == "asterisk took him":
        hand.do(e.CallRescued(back), 1.0)
    elif then == "withdrawn":
        hand.do(e.CallbackFailed(back, OfferResult.BUSY), 5.0)
        hand.do(e.CallWithdrawn(back))
    else:
        hand.do(e.Snapshot((), (), (AgentId("a1"),), (), final=True, started="new"))
    same(hand)
    hand.wait(2000.0)
    assert counted(same(hand)) == {(1, 1, 0, 1, 0, 0)}


def test_a_citizen_on_the_phone_whose_agent_went_away() -> None:
    hand = Hand.of(pensions={"overflow": (ASK,)})
    back = called(hand)
    hand.do(e.CallbackAnswered(back), 6.0)
    hand.do(e.AgentLeft(offer_of(hand).offer), 1.0)
    hand.wait(20.0)
    seen = view.snapshot(same(hand), hand.now)
    assert seen["calls"]["waiting"] == 1 and seen["longest_wait_s"] == 0.0, "he hears his position: he waits"
    hand.do(e.CallerLeft(back))
    assert counted(same(hand)) == {(1, 1, 0, 1, 0, 0)}


def test_a_promised_time_counts_when_it_comes() -> None:
    hand = Hand.of()
    hand.do(e.CallbackAsked("2101234567", GENERAL, "el", hand.now + 600.0))
    back = hand.all(facts.CallbackPromised)[-1].callback
    seen = view.snapshot(same(hand), hand.now)
    assert (seen["queues"][GENERAL]["promised"], seen["today"]["callbacks"], seen["calls"]["total"]) == (1, 0, 0)
    hand.do(e.CallMoved(back, PENSIONS))
    queues = view.snapshot(same(hand), hand.now)["queues"]
    assert (queues[GENERAL]["promised"], queues[PENSIONS]["promised"]) == (0, 1)
    hand.wait(600.0)
    whole = same(hand).ledger.whole
    assert (whole.queue(GENERAL).callbacks, whole.queue(PENSIONS).callbacks, whole.line.callbacks) == (0, 1, 1)
    assert (whole.line.offered, whole.line.arrived) == (0, 0)
    hand.do(e.CallMoved(back, GENERAL))
    whole = same(hand).ledger.whole
    assert (whole.queue(GENERAL).callbacks, whole.queue(PENSIONS).callbacks, whole.line.callbacks) == (1, 1, 1)


def test_a_citizen_who_is_sent_on_waits_as_any_caller() -> None:
    hand = Hand.of(pensions={"overflow": (ASK,)})
    back = called(hand)
    hand.do(e.CallbackAnswered(back), 6.0)
    hand.do(e.Bridged(back, offer_of(hand).offer))
    hand.do(e.AgentTransferred(back, "general"), 30.0)
    hand.do(e.CallerLeft(back), 10.0)
    general = same(hand).ledger.whole.queue(GENERAL)
    assert (general.offered, general.exits, general.callbacks) == (1, {Outcome.ABANDONED: 1}, 0)


@pytest.mark.parametrize("way", [OverflowAction.MESSAGE, OverflowAction.NUMBER, OverflowAction.QUEUE])
def test_a_call_sent_away_at_the_door_was_offered(way: OverflowAction) -> None:
    rule = OverflowRule(OverflowTrigger.LENGTH, way, GENERAL if way is OverflowAction.QUEUE else "210", 0)
    hand = Hand.of(pensions={"overflow": (rule,)})
    hand.call("c1")
    hand.do(e.CallerLeft(CallId("c1")), 5.0)
    whole = same(hand).ledger.whole
    assert (whole.queue(PENSIONS).offered, whole.queue(PENSIONS).exits) == (1, {Outcome.OVERFLOWED: 1})
    assert whole.line.offered == 1 and whole.queue(GENERAL).offered == (way is OverflowAction.QUEUE)
