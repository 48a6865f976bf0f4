"""What supervisors promise citizens, and what they still may change of a promise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls import CallId, CallStage, OfferResult, Outcome
from calls import events as e
from calls import facts as f
from engine import CallbackRequest, CallbackRules
from tests.line import GENERAL, PENSIONS, one, rings

from .called_back import ANI, dialling, hand_of, promised


def test_a_promised_time_comes_before_everything_that_is_not_due() -> None:
    hand = hand_of()
    hand.do(e.CallbackAsked("2101234567", GENERAL, "en", at=hand.now + 3600.0))
    back = one(f.CallbackPromised, hand.out).callback
    assert hand.all(f.CallbackPromised)[0].due_s == 3600.0
    hand.do(e.CallerLeft(CallId("w1")))
    hand.ready("a3")
    hand.wait(3599.0)
    assert not rings(hand.out)
    hand.wait(1.0)
    assert rings(hand.out) == [(back, "a3")]
    assert hand.line._state.room.place(back).is_due(hand.now)


def test_a_reload_keeps_the_promised_time() -> None:
    hand = hand_of()
    hand.do(e.CallbackAsked("2101234567", GENERAL, "el", at=hand.now + 60.0))
    back = one(f.CallbackPromised, hand.out).callback
    hand.wait(61.0)
    due_at = hand.line._state.room.place(back).due_at
    hand.publish(hand.line._state.settings)
    assert hand.line._state.room.place(back).due_at == due_at


def test_promises_as_supervisors_see_them() -> None:
    hand = hand_of()
    hand.wait(5.0)
    back = dialling(hand)
    hand.do(e.CallbackAsked("2101234567", GENERAL, "en", at=hand.now + 600.0))
    later = hand.all(f.CallbackPromised)[-1].callback
    first, second = hand.line.view.calls.callback_requests()
    assert first == CallbackRequest(back, ANI, PENSIONS, CallStage.DIALLING, 5.0, None, 0)
    assert second == CallbackRequest(later, "2101234567", GENERAL, CallStage.PROMISED, hand.now, hand.now + 600.0, 0)
    hand.do(e.CallbackFailed(back, OfferResult.BUSY))
    first, _ = hand.line.view.calls.callback_requests()
    assert (first.stage, first.due_at, first.attempts) == (CallStage.PROMISED, hand.now + 900.0, 1)


def test_orders_for_a_promise() -> None:
    hand = hand_of()
    back = promised(hand)
    hand.do(e.CallMoved(back, GENERAL))
    assert hand.line._state.room.place(back).queue == GENERAL
    hand.do(e.PrioritySet(back, 30.0))
    assert hand.line._state.room.place(back).points == 30.0
    out = hand.do(e.CallWithdrawn(back))
    assert one(f.CallEnded, out).outcome is Outcome.REFUSED and not hand.line._state.promised


def test_orders_before_the_promised_time() -> None:
    hand = hand_of()
    hand.do(e.CallbackAsked("2101234567", GENERAL, "el", at=hand.now + 60.0))
    back = one(f.CallbackPromised, hand.out).callback
    assert one(f.PlaceChanged, hand.do(e.CallMoved(back, PENSIONS))).queue == PENSIONS
    assert one(f.PlaceChanged, hand.do(e.PrioritySet(back, 10.0))).priority == 11.0
    hand.wait(61.0)
    place = hand.line._state.room.place(back)
    assert (place.queue, place.points) == (PENSIONS, 11.0)
    hand.do(e.CallbackAsked("2107654321", GENERAL, "el", at=hand.now + 60.0))
    out = hand.do(e.CallWithdrawn(hand.all(f.CallbackPromised)[-1].callback))
    assert one(f.CallEnded, out).outcome is Outcome.REFUSED
    hand.wait(120.0)


def test_a_number_that_may_no_longer_be_dialled() -> None:
    hand = hand_of()
    back = promised(hand)
    hand.do(e.CallbackAsked("2101234567", GENERAL, "el", at=hand.now + 60.0))
    later = hand.all(f.CallbackPromised)[-1].callback
    narrower = replace(hand.line._state.settings, callbacks=CallbackRules(numbers=("2#########",)))
    ended = one(f.CallEnded, hand.publish(narrower))
    assert (ended.call, ended.outcome) == (back, Outcome.REFUSED)
    assert list(hand.line._state.promised.values()) == [later]


@pytest.mark.parametrize("number", ["100", "2101234567"])
def test_an_order_that_cannot_be(number: str) -> None:
    hand = hand_of()
    hand.do(e.CallbackAsked("2101234567", GENERAL, "el"))
    assert one(f.Unexpected, hand.do(e.CallbackAsked(number, GENERAL, "el")))
