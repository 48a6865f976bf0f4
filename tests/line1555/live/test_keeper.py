"""How often, and how soon, an Asterisk that dies is started again."""

from __future__ import annotations

import pytest

from line1555.live.keeper import LONGEST_PAUSE_S, MOST_DEATHS, WITHIN_S, pause_s


@pytest.mark.parametrize(("deaths", "pause"), [(1, 0.0), (2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0), (6, 16.0), (7, None)])
def test_pauses_grow_and_then_there_is_no_more(deaths: int, pause: float | None) -> None:
    assert pause_s([100.0] * deaths, 100.0) == pause


def test_deaths_of_long_ago_count_for_nothing() -> None:
    assert pause_s([0.0] * 50 + [WITHIN_S + 1], WITHIN_S + 1) == 0.0


def test_no_pause_is_longer_than_the_longest() -> None:
    assert all((pause_s([1.0] * n, 1.0) or 0) <= LONGEST_PAUSE_S for n in range(MOST_DEATHS + 1))
