"""Somebody sets the wall clock: opening hours and promised times follow it, waits and rings do not notice."""

from __future__ import annotations

import pytest

from calls import CallStage
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import Line
from tests.line import GENERAL, Hand, only

HOUR = 3_600.0
ANCHOR = 1_700_000_000.0
NUMBER = "6941234567"
STEPS = [5.0, HOUR, 72 * HOUR, -5.0, -HOUR, -72 * HOUR]


def promising(after_s: float) -> Hand:
    """A citizen is promised a call in so many seconds."""
    hand = Hand().open()
    hand.do(e.CallbackAsked(NUMBER, GENERAL, "el", hand.now + after_s))
    assert hand.line._state.promised
    return hand


def moved(hand: Hand, by_s: float) -> list[object]:
    return list(hand.do(e.ClockMoved(hand.line._state.anchor + by_s)))


@pytest.mark.parametrize("by_s", STEPS)
def test_the_local_time_follows_and_a_wait_does_not(by_s: float) -> None:
    hand = Hand().open()
    hand.call("c1")
    before, deadline = hand.line._state.local(), hand.line.next_deadline()
    assert only(f.ClockSet, moved(hand, by_s)) == [f.ClockSet(ANCHOR + by_s, by_s)]
    assert (hand.line._state.local() - before).total_seconds() == by_s
    assert hand.line.next_deadline() == deadline
    hand.wait(30.0)
    hand.ready("a1")
    hand.talk("c1")
    assert hand.all(f.Connected)[0].wait_s == 32.0


@pytest.mark.parametrize("by_s", STEPS)
def test_a_promise_keeps_its_wall_time(by_s: float) -> None:
    hand = promising(2 * HOUR)
    wall_at = hand.line._state.anchor + 2 * HOUR
    moved(hand, by_s)
    (promise,) = hand.line.view.calls.callback_requests()
    assert promise.due_at is not None
    left_s = wall_at - (hand.line._state.anchor + hand.now)
    hand.wait(max(0.0, left_s - 1.0))
    assert not hand.line._state.room.places or left_s <= 0
    hand.wait(2.0)
    assert [place.queue for place in hand.line._state.room.places.values()] == [GENERAL]


def test_a_promise_that_came_due_by_a_wrong_clock_waits_for_its_time() -> None:
    hand = promising(2 * HOUR)
    moved(hand, 72 * HOUR)
    hand.wait(1.0)
    assert hand.line._state.room.places
    moved(hand, -72 * HOUR)
    assert not hand.line._state.room.places
    hand.ready("a1")
    assert not hand.all(c.Ring)
    hand.wait(2 * HOUR)
    assert len(hand.all(c.Ring)) == 1
    (call,) = hand.line._state.calls.values()
    assert call.stage is CallStage.PROMISED


def test_a_replay_tells_the_same() -> None:
    hand = promising(2 * HOUR)
    moved(hand, 72 * HOUR)
    moved(hand, -72 * HOUR)
    hand.wait(3 * HOUR)
    again = Line(hand.line._state.settings)
    for now, event, out in hand.steps:
        assert (again.handle(event, now) if event else again.tick(now)) == out
