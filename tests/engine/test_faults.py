"""What the line itself cannot do (no port, no descriptor, no link) puts no agent out, loses no place, spins nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agents import Availability
from calls import AgentAction, AgentId, AgentState, CallId, CallStage, OfferId, OfferResult, SessionId
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import faults
from tests.line import Hand, one, only, rings

A1, C1 = AgentId("a1"), CallId("c1")


@pytest.fixture
def hand() -> Hand:
    return Hand().open()


def a1(hand: Hand) -> Any:
    return hand.line._state.roster[A1]


def live(hand: Hand) -> Any:
    return hand.all(c.Ring)[-1].offer


FAILURES: dict[str, Callable[[OfferId], e.Event]] = {
    "no port for sound": lambda offer: e.OfferFailed(offer, OfferResult.FAILED, "0 Unknown"),
    "no channel": lambda offer: e.OfferFailed(offer, OfferResult.NO_CHANNEL, "no channel"),
    "Originate refused": lambda offer: e.CommandFailed("Ring", C1, offer, "Originate failed"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_the_agent_stays_ready_and_the_call_keeps_its_place(hand: Hand, failure: str) -> None:
    hand.ready("a1").call("c1")
    entered_at = hand.line._state.room.place(C1).entered_at
    out = hand.do(FAILURES[failure](live(hand)), 2.0)
    assert one(f.OfferEnded, out).result is OfferResult.FAILED
    assert (a1(hand).state, a1(hand).availability) == (AgentState.READY, Availability.RESTING)
    assert hand.line._state.calls[C1].stage is CallStage.WAITING and not rings(out), "no second try at once"
    assert hand.line._state.room.place(C1).entered_at == entered_at
    assert rings(hand.wait(faults.REST_S)) == [("c1", "a1")]


def test_another_agent_gets_the_call_at_once(hand: Hand) -> None:
    hand.ready("a1", "a2").call("c1")
    out = hand.do(FAILURES["no port for sound"](live(hand)))
    assert rings(out) == [("c1", "a2")]


def test_a_phone_that_is_known_to_be_away_is_the_cause_itself(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    hand.do(e.PhoneReachable(A1, False))
    out = hand.do(FAILURES["no channel"](live(hand)))
    assert one(f.OfferEnded, out).result is OfferResult.UNREACHABLE
    assert (a1(hand).state, a1(hand).reason) == (AgentState.NOT_READY, "unreachable")


def test_a_switch_that_has_nothing_left_is_asked_less_and_less(hand: Hand) -> None:
    """No busy loop: within ten minutes of failures an agent is rung two dozen times, not thousands."""
    hand.ready("a1").call("c1")
    end = hand.now + 600.0
    while (deadline := hand.line.next_deadline()) is not None and deadline < end:
        hand.wait(deadline - hand.now)
        if only(c.Ring, hand.steps[-1][2]):
            hand.do(e.OfferFailed(live(hand), OfferResult.FAILED, "0 Unknown"))
        elif a1(hand).offer is not None:
            hand.do(e.OfferFailed(a1(hand).offer, OfferResult.FAILED, "0 Unknown"))
    assert a1(hand).state is AgentState.READY
    assert 15 < len(hand.all(c.Ring)) < 30


def test_a_ring_that_works_makes_the_next_rest_short_again(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    for _ in range(3):
        hand.do(e.OfferFailed(live(hand), OfferResult.FAILED))
        hand.wait(4.0)
    hand.do(e.OfferRang(live(hand)))
    hand.do(e.OfferFailed(live(hand), OfferResult.FAILED))
    assert rings(hand.wait(faults.REST_S)) == [("c1", "a1")]


def test_an_order_that_was_put_off_holds(hand: Hand) -> None:
    """An agent who asked for a pause while their phone rang gets it, whatever became of the ring."""
    hand.ready("a1").call("c1")
    hand.do(e.CodeDialled(SessionId("s"), A1, "*14"))
    hand.do(e.OfferFailed(live(hand), OfferResult.FAILED))
    assert (a1(hand).state, a1(hand).reason) == (AgentState.NOT_READY, "break")


def test_a_ring_that_ends_while_the_link_is_down_is_no_rona(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    hand.do(e.LinkDown("gone"), 3.0)
    out = hand.wait(60.0)
    assert one(f.OfferEnded, out).result is OfferResult.FAILED and a1(hand).state is AgentState.READY


def test_legs_that_died_with_the_switch_put_nobody_out(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    hand.do(e.LinkDown("gone"), 3.0)
    hand.do(e.LinkUp())
    hand.do(e.Snapshot((e.SeenCall(C1, CallStage.MENU),), (), (A1,), (), final=True), 1.0)
    assert a1(hand).state is AgentState.READY
    assert rings(hand.wait(faults.REST_S)) == [("c1", "a1")]


def test_an_agent_who_leaves_the_settings_while_he_rests(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    hand.do(e.OfferFailed(live(hand), OfferResult.FAILED))
    hand.ask("a1", AgentAction.LOG_OUT)
    known = hand.line._state.settings
    others = {name: agent for name, agent in known.agents.items() if name != A1}
    hand.publish(replace(known, agents=others))
    hand.wait(60.0)
    assert A1 not in hand.line._state.roster


# -- a callback ---


def promised(hand: Hand) -> CallId:
    hand.ready("a1")
    hand.do(e.CallbackAsked("6941234567", hand.line._state.settings.menus.operator_queue, "el"))
    hand.do(e.OfferAnswered(live(hand)))
    return one(c.CallBack, hand.out).call


def test_what_the_line_cannot_dial_is_no_attempt_to_reach_the_citizen(hand: Hand) -> None:
    back = promised(hand)
    missed = one(f.CallbackMissed, hand.do(e.CallbackFailed(back, OfferResult.FAILED, "0 Unknown")))
    assert (missed.attempts, missed.again_s) == (0, faults.LONGEST_REST_S)
    assert a1(hand).state is AgentState.READY


def test_a_line_that_can_never_dial_gives_up_in_the_end(hand: Hand) -> None:
    back = promised(hand)
    rules = hand.line._state.settings.callbacks
    for _ in range(faults.SPARED + rules.attempts):
        hand.do(e.CallbackFailed(back, OfferResult.FAILED, "0 Unknown"))
        hand.do(e.AgentLeft(live(hand)))
        if (again_s := hand.all(f.CallbackMissed)[-1].again_s) is not None:
            hand.wait(again_s)
            hand.do(e.OfferAnswered(live(hand)))
    assert back not in hand.line._state.calls
    assert hand.all(f.CallbackMissed)[-1].attempts == rules.attempts
