"""The estimate of the wait: silent until something is known, then position x mean / agents."""

from __future__ import annotations

import pytest

from queues import HandleTime


def after(*handle_s: float) -> HandleTime:
    known = HandleTime()
    for seconds in handle_s:
        known.add(seconds)
    return known


def test_a_plain_mean_at_first_then_a_running_one() -> None:
    assert after(100, 200, 300).mean_s == pytest.approx(200.0)
    assert after(*[100] * 10).mean_s == pytest.approx(100.0)
    assert after(*[100] * 20, 200).mean_s == pytest.approx(110.0)


@pytest.mark.parametrize(
    ("known", "position", "agents", "wait_s"),
    [
        (after(100, 100), 1, 1, None),
        (after(100, 100, 100), 1, 0, None),
        (after(100, 100, 100), 1, 1, 100.0),
        (after(100, 100, 100), 3, 4, 75.0),
    ],
)
def test_the_wait(known: HandleTime, position: int, agents: int, wait_s: float | None) -> None:
    assert known.wait_s(position, agents) == (None if wait_s is None else pytest.approx(wait_s))
