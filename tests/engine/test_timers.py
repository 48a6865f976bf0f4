"""The alarm clock: order is law, setting again moves, what was cancelled is gone."""

from __future__ import annotations

from itertools import permutations

import pytest

from engine.timers import TimerKind, Timers

T = TimerKind


def drain(timers: Timers, now: float, *, also_at_now: bool = True) -> list[tuple[TimerKind, str]]:
    return list(iter(lambda: timers.pop_due(now, also_at_now=also_at_now), None))


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
        timers.set(T.ANNOUNCE, f"c{n % 7}", 1e6 - n)
    assert len(timers._heap) <= 64 + 4 * 7
    assert len(drain(timers, 1e6)) == 7
