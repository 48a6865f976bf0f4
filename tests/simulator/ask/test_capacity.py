"""How many seats, and how much load: the search finds the edge, asks little, and says why where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.ask import answer, capacity
from simulator.ask.answer import SearchFailure
from simulator.run import runs
from simulator.scenario import Plan
from tests.simulator.made_up import MadeUp
from tests.simulator.scenarios import SHORT, one_group, plan_of

NEVER = 1e6
ORDER = runs.RunRequest(4, 1)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return plan_of(tmp_path, one_group(100))


def needs(wanted: float) -> MadeUp:
    """A line that holds 80 % with so many seats for each unit of load."""
    return MadeUp(lambda seats, growth: 0.8 + 0.5 * (seats / growth - wanted) / wanted)


@pytest.mark.parametrize("wanted", [101, 104, 108, 113, 129, 152, 187, 199])
def test_the_fewest_seats_that_hold_for_sure(plan: Plan, wanted: int) -> None:
    pool = needs(wanted - 0.9)
    found = capacity.seats_needed(plan, ORDER, pool)
    assert found.why is None and found.found is not None
    assert answer.verdict(found.tried[found.found]) is answer.Verdict.ENOUGH
    assert answer.verdict(found.tried[found.found - 1]) is not answer.Verdict.ENOUGH
    assert wanted <= found.found <= wanted + 3, "an interval's half width above the mean"
    assert len(pool.asked) == len(set(pool.asked)) <= 12


def test_enough_already_needs_no_search(plan: Plan) -> None:
    pool = needs(50)
    assert capacity.seats_needed(plan, ORDER, pool).found == 100
    assert pool.asked == [(100, 1.0)]


def test_a_result_that_is_known_is_not_simulated_again(plan: Plan) -> None:
    pool = needs(110)
    present = runs.run(plan, ORDER, pool, 1)
    found = capacity.seats_needed(plan, ORDER, pool, 1, present)
    assert pool.asked.count((100, 1.0)) == 1 and found.tried[100] is present


def test_not_even_twice_the_seats(plan: Plan) -> None:
    found = capacity.seats_needed(plan, ORDER, needs(NEVER))
    assert (found.found, found.why, found.farthest) == (None, SearchFailure.FARTHEST_NOT_ENOUGH, 200)
    assert "even 200 seats, twice as many, would not be" in answer.sentence(found.tried[100], "en", found)


def test_twice_the_seats_and_still_not_sure(plan: Plan) -> None:
    found = capacity.seats_needed(plan, ORDER, MadeUp(lambda seats, growth: 0.8 if seats > 150 else 0.7))
    assert found.why is SearchFailure.FARTHEST_UNSURE
    assert "ούτε με 200 θέσεις" in answer.sentence(found.tried[100], "el", found)


def test_one_replication_is_never_sure(plan: Plan) -> None:
    pool = needs(110)
    for search in (capacity.seats_needed, capacity.load_limit):
        assert search(plan, runs.RunRequest(1, 1), pool).why is SearchFailure.ONE_RUN
    assert set(pool.asked) == {(100, 1.0)}


def test_several_groups_have_no_number_of_seats(tmp_path: Path) -> None:
    found = capacity.seats_needed(plan_of(tmp_path), ORDER, needs(NEVER))
    assert found.why is SearchFailure.CANNOT_VARY


def test_every_value_and_its_replications_are_told(plan: Plan) -> None:
    told: list[tuple[float, float]] = []
    found = capacity.seats_needed(plan, ORDER, needs(103), say=lambda value, done: told.append((value, done)))
    assert {value for value, _ in told} == set(found.tried) - {100}
    assert [done for _, done in told] == [1, 2, 3, 4] * (len(found.tried) - 1)


@pytest.mark.parametrize("wanted", [53, 60, 75, 90, 97])
def test_the_load_that_the_seats_still_carry(plan: Plan, wanted: int) -> None:
    found = capacity.load_limit(plan, ORDER, needs(wanted))
    assert found.found is not None and found.found * wanted <= 100
    assert found.found == pytest.approx(100 / wanted, abs=0.04)
    assert "surely holds up to" in answer.sentence(found.tried[1.0], "en", None, found)


@pytest.mark.parametrize("wanted", [102, 120, 180, 300])
def test_the_load_that_too_few_seats_would_carry(plan: Plan, wanted: int) -> None:
    found = capacity.load_limit(plan, ORDER, needs(wanted))
    assert found.found is not None and found.found < 1
    assert found.found == pytest.approx(100 / wanted, abs=0.03)
    assert "would surely hold up to" in answer.sentence(found.tried[1.0], "en", None, found)


def test_a_load_without_a_limit(plan: Plan) -> None:
    ample, hopeless = (capacity.load_limit(plan, ORDER, needs(wanted)) for wanted in (10, NEVER))
    assert (ample.found, ample.why, ample.farthest) == (None, SearchFailure.FARTHEST_ENOUGH, 2.0)
    assert (hopeless.found, hopeless.why, hopeless.farthest) == (None, SearchFailure.FARTHEST_NOT_ENOUGH, 0.3)


def test_a_real_line_on_the_same_callers(tmp_path: Path) -> None:
    """The number found is what one simulation more or less confirms."""
    with runs.workers(1) as pool:
        found = capacity.seats_needed(plan_of(tmp_path, one_group(7, SHORT)), runs.RunRequest(3, 1), pool)
    assert len(found.tried) > 2 and found.found != 7
    levels = [found.tried[seats]["service_level"].mean for seats in sorted(found.tried)]
    assert levels == sorted(levels), "more seats, more answered in time"
