"""The alarm clock: order is law, setting again moves, what was cancelled is gone."""

from __future__ import annotations

from itertools import permutations

import pytest

from calls import CallId
from calls import events as e
from calls import facts as f
from engine import Line
from engine.line import MOST_ANNOUNCED
from engine.timers import TimerKind, Timers
from tests.line import Hand, only, settings

T = TimerKind


def drain(timers: Timers, now: float, *, also_at_now: bool = True) -> list[tuple[TimerKind, str]]:
    due = iter(lambda: timers.pop_due(now, also_at_now=also_at_now), None)
    return [(timer.kind, timer.subject) for timer in due]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_by_deadline_then_kind_then_setting(order: tuple[int, ...]) -> None:
    wanted = [(T.WRAP_UP, "a", 1.0), (T.SILENCE, "b", 2.0), (T.RING, "c", 2.0), (T.RING, "d", 2.0)]
    timers = Timers()
    for index in order:
        timers.set(*wanted[index])
    rings = [wanted[index][:2] for index in order if wanted[index][0] is T.RING]
    assert drain(timers, 2.0) == [(T.WRAP_UP, "a"), (T.SILENCE, "b"), *rings]


def test_setting_again_moves() -> None:
    timers = Timers()
    timers.set(T.RING, "a", 1.0)
    timers.set(T.RING, "a", 5.0)
    assert timers.next_at() == 5.0 and drain(timers, 4.0) == []
    timers.set(T.RING, "a", 3.0)
    assert timers.next_at() == 3.0
    assert drain(timers, 9.0) == [(T.RING, "a")]


def test_cancelled_is_gone_and_cancelling_nothing_is_no_harm() -> None:
    timers = Timers()
    timers.set(T.RING, "a", 1.0)
    timers.set(T.CLOSE, "a", 2.0)
    timers.cancel(T.RING, "a")
    timers.cancel(T.RING, "nobody")
    assert timers.next_at() == 2.0
    assert drain(timers, 2.0) == [(T.CLOSE, "a")]
    assert timers.next_at() is None


def test_at_now_only_where_asked() -> None:
    timers = Timers()
    timers.set(T.RING, "a", 1.0)
    assert drain(timers, 1.0, also_at_now=False) == []
    assert drain(timers, 1.0) == [(T.RING, "a")]


def test_cancelled_timers_do_not_pile_up() -> None:
    timers = Timers()
    for n in range(10_000):
        timers.set(T.RELAX, f"c{n % 7}", 1e6 - n)
    assert len(timers._prompt) <= 64 + 4 * 7
    assert len(drain(timers, 1e6)) == 7


def test_announcements_wait_for_whatever_else_there_is_to_do() -> None:
    timers = Timers()
    for n, subject in enumerate("cab"):
        timers.set(T.ANNOUNCE, subject, 1.0 + n / 10)
    timers.set(T.RING, "x", 2.0)
    assert drain(timers, 2.0) == [(T.RING, "x")] and timers.next_at() == 1.0
    timers.cancel(T.ANNOUNCE, "c")
    timers.set(T.ANNOUNCE, "a", 9.0)
    assert (timers.pop_announcement(2.0), timers.pop_announcement(2.0)) == ("b", None)
    assert timers.next_at() == 9.0


def test_a_crowd_is_told_a_few_at_a_time_and_nobody_waits_for_it() -> None:
    """All announcements are due at one instant; a call that comes meanwhile is taken between two ticks."""
    hand = Hand(Line(settings(0))).open()
    for n in range(125):
        hand.call(f"c{n}", ani="")
    first = hand.line.next_deadline()
    assert first is not None
    told = only(f.Announced, hand.line.tick(first))
    assert len(told) == MOST_ANNOUNCED and hand.line.next_deadline() == first
    late = hand.line.handle(e.CallArrived(CallId("late"), "", "11320"), first)
    assert only(f.Queued, late) and not only(f.Announced, late), "an event never serves announcements"
    thawed = hand.again()
    rest = [only(f.Announced, line.tick(first)) for line in (hand.line, hand.line, hand.line)]
    assert [fact.call for part in (told, *rest) for fact in part] == [f"c{n}" for n in range(125)]
    assert [only(f.Announced, thawed.tick(first)) for _ in range(3)] == rest
    following = hand.line.next_deadline()
    assert following is not None and following > first


def test_whoever_leaves_before_their_turn_is_told_nothing() -> None:
    hand = Hand(Line(settings(0))).open()
    for n in range(MOST_ANNOUNCED + 2):
        hand.call(f"c{n}", ani="")
    first = hand.line.next_deadline()
    assert first is not None
    hand.line.tick(first)
    hand.line.handle(e.CallerLeft(CallId(f"c{MOST_ANNOUNCED}")), first)
    (told,) = only(f.Announced, hand.line.tick(first))
    assert told.call == f"c{MOST_ANNOUNCED + 1}"
