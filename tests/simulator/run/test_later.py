"""What is planned happens by time, then kind, then the order of planning, whatever is planned in between."""

from __future__ import annotations

from math import inf
from random import Random

import pytest

from simulator.run.later import Later, Planned


def order(planned: Planned) -> tuple[float, int, int]:
    return planned.at, planned.kind, planned.sequence


@pytest.mark.parametrize("seed", range(20))
def test_everything_comes_in_its_turn(seed: int) -> None:
    """As sorting would have it, with a roster known before and plans made by what happens."""
    chance, later, expected, happened = Random(seed), Later(), list[Planned](), list[Planned]()
    number = 0

    def plan(now: float) -> Planned:
        nonlocal number
        number += 1
        made = Planned(
            now + chance.choice([0.0, 1.0, chance.expovariate(0.1)]), chance.randrange(4), number, None, None
        )
        expected.append(made)
        return made

    later.roster.extend(plan(0.0) for _ in range(30))
    later.begin()
    for _ in range(50):
        later.push(plan(0.0))
    while (at := later.next_at()) < inf:
        assert at == min(expected, key=order).at
        due = later.pop()
        assert due is min(expected, key=order)
        expected.remove(due)
        happened.append(due)
        for _ in range(chance.choice([0, 0, 1, 2]) if number < 1000 else 0):
            later.push(plan(at))
    assert not expected and len(happened) == number > 80


def test_nothing_is_planned() -> None:
    later = Later()
    assert later.next_at() == inf
    with pytest.raises(IndexError):
        later.pop()
