"""The correction loop, against callables whose truth is known: Erlang A with other figures, noise, a backlog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from simulator.model.erlang import Load, erlang_a, least_agents
from simulator.staffing import Requirement, Simulate, StaffingTarget, Trust, corrected, required
from simulator.staffing.requirements import Floats, Ints

from .staffing_week import week

EIGHTY = StaffingTarget(0.8, 20.0)
REQUIREMENT = required(week(), EIGHTY)
DAY = replace(
    REQUIREMENT,
    loads=REQUIREMENT.loads[:48],
    seats=REQUIREMENT.seats[:48],
    performance=REQUIREMENT.performance[:48],
    alone=REQUIREMENT.alone[:48],
)


def level(seats: int, load: Load) -> float:
    return erlang_a(seats, load, 20.0).service_level if load.rate_per_s else np.nan


def truth(handle: float = 1.0, patience: float = 1.0) -> Callable[[Load], Load]:
    """What the callers of the fake are really like, beside what the requirement supposed."""
    return lambda load: Load(load.rate_per_s, load.handle_s * handle, load.patience_s * patience)


def fake(real: Callable[[Load], Load], noise: float = 0.0, carried: float = 0.0, seed: int = 1) -> Simulate:
    """Erlang A of the real load plus noise that depends on half hour and seats; ``carried``: backlog passed on."""

    def simulate(seats: Ints) -> tuple[Floats, Floats]:
        means, before = [], 1.0
        for half_hour, (n, load) in enumerate(zip(seats.tolist(), DAY.loads, strict=True)):
            pure = level(n, real(load))
            mean = pure - carried * max(0.0, 0.8 - before)
            means.append(mean + noise * float(np.random.default_rng((seed, half_hour, n)).standard_normal()))
            before = pure if pure == pure else before
        return np.array(means), np.full(len(means), 1.959964 * noise)

    return simulate


def least(real: Callable[[Load], Load]) -> list[int]:
    return [least_agents(real(load), EIGHTY.holds, 20.0) for load in DAY.loads]


@pytest.mark.parametrize(
    "real", [truth(), truth(handle=1.15), truth(handle=0.9), truth(patience=0.2), truth(patience=9.0)]
)
def test_without_noise_it_finds_the_least_seats(real: Callable[[Load], Load]) -> None:
    found = corrected(DAY, fake(real))
    assert found.seats.tolist() == least(real)
    assert found.holds.all() and (found.confidence == 1).all() and found.everywhere == 1
    assert found.rounds <= 8


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_noise_it_holds_with_the_stated_confidence(seed: int) -> None:
    real = truth(handle=1.1)
    found = corrected(DAY, fake(real, noise=0.01, seed=seed), rounds=15)
    assert found.holds.all() and (found.confidence >= 0.95).all()
    assert (np.abs(found.seats - least(real)) <= 2).all()
    really = np.array([level(n, real(load)) for n, load in zip(found.seats.tolist(), DAY.loads, strict=True)])
    assert (really >= 0.8 - 0.01).all()


def test_more_confidence_costs_seats() -> None:
    simulate = fake(truth(), noise=0.02)
    usual, sure = corrected(DAY, simulate, rounds=15), corrected(DAY, simulate, Trust(0.9999), rounds=15)
    assert sure.seats.sum() > usual.seats.sum() and sure.everywhere > usual.everywhere


def test_half_hours_that_touch_each_other() -> None:
    """A half hour below its target spoils the next: the plan that is returned was simulated as a whole."""
    simulate = fake(truth(handle=1.1), carried=2.0)
    found = corrected(DAY, simulate, rounds=15)
    assert found.holds.all()
    again, _ = simulate(found.seats)
    assert (again >= 0.8).all() and again == pytest.approx(found.level)


def test_when_the_rounds_are_used_up_it_says_what_does_not_hold() -> None:
    found = corrected(DAY, fake(truth(handle=2.0)), rounds=2)
    assert found.rounds == 2 and not found.holds.all()
    assert (found.confidence[~found.holds] < 0.95).all()


def test_no_more_seats_than_there_are() -> None:
    found = corrected(DAY, fake(truth()), most=100)
    assert found.seats.max() == 100
    assert found.holds.tolist() == [n <= 100 for n in least(truth())]


def test_no_fewer_seats_than_asked() -> None:
    assert corrected(DAY, fake(truth()), least=5).seats.tolist() == [max(5, n) for n in least(truth())]


def test_other_limits_keep_their_seats() -> None:
    """The service level alone would let seats go that the mean wait needs."""
    strict = required(week(), StaffingTarget(0.8, 20.0, mean_wait_s=3.0))
    day = replace(DAY, target=strict.target, seats=strict.seats[:48])
    assert corrected(day, fake(truth())).seats.tolist() == day.seats.tolist()


def test_half_hours_without_calls_are_left_alone() -> None:
    empty = replace(DAY, loads=(Load(0.0, 285.0), *DAY.loads[1:]), seats=np.array([0, *DAY.seats[1:]]))

    def simulate(seats: Ints) -> tuple[Floats, Floats]:
        means, half_width = fake(truth())(seats)
        return np.array([np.nan, *means[1:]]), half_width

    found = corrected(empty, simulate)
    assert found.seats[0] == 0 and found.holds.all()


def test_confidence_is_read_off_the_interval() -> None:
    levels, half_width = np.array([0.82, 0.80, 0.78, np.nan, 0.8]), np.array([0.02, 0.02, 0.02, np.nan, 0.0])
    normal = Trust().that_holds(levels, half_width, 0.8)
    assert normal == pytest.approx([NormalDist().cdf(1.959964), 0.5, NormalDist().cdf(-1.959964), 1.0, 1.0], abs=1e-6)
    ten = Trust(runs=10)
    assert ten.that_holds(levels, half_width, 0.8)[0] == pytest.approx(0.975)
    assert ten.surely(levels, half_width)[0] == pytest.approx(0.82 - 0.02 * 1.833113 / 2.262157, abs=1e-6)


@pytest.mark.parametrize("wrong", [(0.4, 0.95, 10), (1.0, 0.95, 10), (0.95, 1.0, 10), (0.95, 0.95, 1)])
def test_impossible_confidence_is_refused(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="expected confidence"):
        Trust(*wrong)


def test_no_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="rounds: found 0"):
        corrected(DAY, fake(truth()), rounds=0)


def test_the_requirement_is_untouched() -> None:
    before = DAY.seats.copy()

    def greedy(seats: Ints) -> tuple[Floats, Floats]:
        means = fake(truth(handle=1.2))(seats)
        seats[:] = 0
        return means

    corrected(DAY, greedy, rounds=3)
    assert (DAY.seats == before).all() and isinstance(DAY, Requirement)


def test_levels_without_an_interval_are_refused() -> None:
    with pytest.raises(ValueError, match="each with a half width"):
        corrected(DAY, lambda seats: (np.full(48, 0.9), np.full(48, np.nan)))
    with pytest.raises(ValueError, match=r"found \(47,\) levels, expected \(48,\)"):
        corrected(DAY, lambda seats: (np.full(47, 0.9), np.zeros(47)))
