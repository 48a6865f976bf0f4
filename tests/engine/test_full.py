"""As many citizens as fit are let in; who comes beyond that is refused at once, and counted."""

from __future__ import annotations

from dataclasses import replace

from calls import CallId, CallStage, Outcome, Party
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import Line
from tests.line import Hand, one, settings


def hand_for(most: int | None) -> Hand:
    return Hand(Line(replace(settings(), most_calls=most))).open()


def test_beyond_the_room_a_citizen_is_refused_at_once() -> None:
    hand = hand_for(2)
    hand.call("c1")
    hand.call("c2")
    out = hand.call("c3")
    assert one(f.TurnedAway, out) == f.TurnedAway("full", 1)
    ended = one(f.CallEnded, out)
    assert (ended.outcome, ended.by, ended.total_s) == (Outcome.REFUSED, Party.LINE, 0.0)
    assert one(c.HangUp, out).call == CallId("c3") and CallId("c3") not in hand.line._state.calls


def test_who_leaves_makes_room() -> None:
    hand = hand_for(1)
    hand.call("c1")
    hand.do(e.CallerLeft(CallId("c1")))
    assert not [fact for fact in hand.call("c2") if isinstance(fact, f.TurnedAway)]


def test_a_citizen_with_an_outside_number_has_two_legs() -> None:
    hand = hand_for(2)
    hand.call("c1", "1555")
    hand.do(e.KeyPressed(CallId("c1"), "1"))
    hand.do(e.KeyPressed(CallId("c1"), "9"))
    assert hand.line._state.calls[CallId("c1")].stage is CallStage.TRANSFERRING
    assert one(f.TurnedAway, hand.call("c2"))


def test_a_promise_takes_no_room() -> None:
    hand = hand_for(1)
    hand.do(e.CallbackAsked("6941234567", hand.line._state.settings.menus.operator_queue, "el"))
    hand.call("c1")
    assert CallId("c1") in hand.line._state.calls


def test_without_a_number_everybody_is_let_in() -> None:
    hand = hand_for(None)
    for n in range(50):
        hand.call(f"c{n}")
    assert len(hand.line._state.calls) == 50


def test_what_the_switch_refused_is_told() -> None:
    hand = hand_for(1)
    out = hand.do(e.CallRefused(CallId("c9"), "6941234567", "1555"))
    assert out == [
        f.CallStarted(CallId("c9"), "6941234567", "1555"),
        f.TurnedAway("full", 1),
        f.CallEnded(CallId("c9"), Outcome.REFUSED, CallStage.MENU, Party.LINE, 0.0),
    ]
    assert hand.do(e.CallsTurnedAway("caller", 195)) == [f.TurnedAway("caller", 195)]
