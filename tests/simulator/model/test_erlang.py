"""Erlang B, C and A: exact values, the same figures by another way, limits, and what must always hold."""

from __future__ import annotations

from math import exp, inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.model.erlang import Load, Performance, erlang_a, erlang_b, erlang_c, greatest_load, least_agents

few = settings(max_examples=60, deadline=None)
agents = st.integers(1, 3_000)
crowd = st.floats(0.05, 3)
handle = st.floats(5, 3_600)
patience = st.floats(0.01, 1e7)
within = st.floats(0, 600)


def eighty(performance: Performance) -> bool:
    return performance.service_level >= 0.8


# Exact values


@pytest.mark.parametrize(
    ("n", "erlang", "blocked", "wait"),
    [
        (140, 120, 0.0071707957761927, 0.048125003022913),
        (140, 130, 0.028168140132982, 0.28865323851973),
        (140, 135, 0.044828710717894, 0.56786915910476),
        (14, 10, 0.056819143386521, 0.17413193359505),
    ],
)
def test_known_blocking_and_waiting(n: int, erlang: float, blocked: float, wait: float) -> None:
    assert erlang_b(n, erlang) == pytest.approx(blocked, rel=1e-13)
    assert erlang_c(n, erlang) == pytest.approx(wait, rel=1e-13)
    assert erlang_a(n, Load(erlang / 285, 285.0)).wait == pytest.approx(wait, rel=1e-12)


@pytest.mark.parametrize(
    ("erlang", "asa_s", "within_20_s"), [(130, 6.92767772447, 0.874551819660), (135, 27.2577196370, 0.625637577680)]
)
def test_known_waits_without_abandonment(erlang: float, asa_s: float, within_20_s: float) -> None:
    found = erlang_a(140, Load(erlang / 240, 240.0), 20.0)
    assert found.wait_s == found.handled_wait_s == pytest.approx(asa_s, rel=1e-11)
    assert found.service_level == found.handled_within == pytest.approx(within_20_s, rel=1e-11)
    assert found.abandon == found.abandoned_within == 0


def test_known_waits_with_abandonment() -> None:
    found = erlang_a(140, Load(35 / 60, 240.0, 600.0), 20.0)
    assert found.wait == pytest.approx(0.621198842215, rel=1e-11)
    assert found.abandon == pytest.approx(0.0261157568594, rel=1e-11)
    assert found.wait_s == pytest.approx(15.6694541156, rel=1e-11)
    assert found.handled_within == pytest.approx(0.660412652, rel=1e-9)
    assert found.occupancy == pytest.approx(0.973884243141, rel=1e-11)


def test_known_limit_of_140_agents() -> None:
    limit = greatest_load(140, 240.0, eighty)
    assert limit == pytest.approx(132.06, abs=5e-3)
    assert round(limit / 240 * 3600) == 1981
    assert least_agents(Load(limit / 240, 240.0), eighty) == 140
    assert least_agents(Load((limit + 1e-6) / 240, 240.0), eighty) == 141


# The same by another way


def by_states(n: int, load: Load) -> tuple[float, float, float]:
    """Share who wait, share who give up and mean wait, from the birth-death chain: all terms positive."""
    idle = sum_down(n, load)
    weight = load.rate_per_s * load.handle_s / n
    waiting, queue, ahead = 0.0, 0.0, 0
    while weight > 1e-25 * (waiting + 1e-300) or ahead * load.handle_s / load.patience_s + n < load.erlang:
        waiting, queue, ahead = waiting + weight, queue + ahead * weight, ahead + 1
        weight *= load.rate_per_s / (n / load.handle_s + ahead / load.patience_s)
    total = idle + waiting
    wait_s = queue / total / load.rate_per_s
    return waiting / total, wait_s / load.patience_s, wait_s


def sum_down(n: int, load: Load) -> float:
    """Weights of the states with an idle agent, relative to the last of them."""
    weight, idle = 1.0, 0.0
    for busy in range(n - 1, -1, -1):
        idle += weight
        weight *= busy / load.erlang
    return idle


@pytest.mark.parametrize("patience_s", [0.01, 1.0, 60.0, 600.0, 1e5])
@pytest.mark.parametrize(("n", "erlang"), [(1, 3.0), (5, 2.0), (33, 33.0), (140, 90.0), (140, 150.0), (2_000, 1_990.0)])
def test_the_integral_gives_the_same_as_the_states(n: int, erlang: float, patience_s: float) -> None:
    load = Load(erlang / 285, 285.0, patience_s)
    found = erlang_a(n, load)
    assert (found.wait, found.abandon, found.wait_s) == pytest.approx(by_states(n, load), rel=1e-11)


def test_without_abandonment_the_wait_is_exponential() -> None:
    found = erlang_a(14, Load(10 / 285, 285.0), 45.0)
    assert found.handled_within == pytest.approx(1 - erlang_c(14, 10) * exp(-4 * 45 / 285), rel=1e-12)


def test_no_patience_is_erlang_b_and_endless_patience_is_erlang_c() -> None:
    assert erlang_a(14, Load(10 / 285, 285.0, 1e-7)).abandon == pytest.approx(erlang_b(14, 10), rel=1e-6)
    assert erlang_a(14, Load(10 / 285, 285.0, 1e9)).wait == pytest.approx(erlang_c(14, 10), rel=1e-6)


# Limits


def test_no_calls_nobody_waits() -> None:
    found = erlang_a(3, Load(0.0, 285.0, 600.0))
    assert found.service_level == 1 and found.wait == found.abandon == found.occupancy == 0
    assert least_agents(Load(0.0, 285.0), eighty) == 0


def test_no_agents_nobody_is_handled() -> None:
    found = erlang_a(0, Load(0.1, 285.0, 600.0), 20.0)
    assert (found.wait, found.abandon, found.wait_s, found.handled_wait_s) == (1, 1, 600, inf)
    assert found.service_level == 0 and found.abandoned_within == pytest.approx(1 - exp(-20 / 600))


def test_without_a_steady_state_the_wait_is_endless() -> None:
    found = erlang_a(140, Load(0.5, 285.0))
    assert (found.wait, found.abandon, found.wait_s, found.service_level, found.occupancy) == (1, 0, inf, 0, 1)


def test_so_many_agents_that_a_wait_is_beyond_floating_point() -> None:
    found = erlang_a(5_000, Load(0.01, 285.0, 600.0))
    assert found.wait == 0 and found.service_level == 1 and found.occupancy == pytest.approx(2.85 / 5_000)


def test_a_flood_does_not_overflow() -> None:
    found = erlang_a(140, Load(50.0, 285.0, 600.0))
    assert found.abandon == pytest.approx(1 - 140 / 14_250, rel=1e-9)
    assert found.service_level == pytest.approx(0, abs=1e-12) and found.occupancy == pytest.approx(1)


@pytest.mark.parametrize("wrong", [(-0.1, 285.0, 600.0), (inf, 285.0, 600.0), (1.0, 0.0, 600.0), (1.0, 285.0, 0.0)])
def test_an_impossible_load_is_refused(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Load(*wrong)


def test_impossible_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="expected"):
        erlang_a(-1, Load(0.1, 285.0))
    with pytest.raises(ValueError, match="expected"):
        erlang_b(3, -1.0)
    with pytest.raises(ValueError, match="not even 50 agents"):
        least_agents(Load(1.0, 285.0, 600.0), eighty, most=50)
    with pytest.raises(ValueError, match="any load"):
        greatest_load(3, 285.0, lambda performance: True)


# What must always hold


@few
@given(agents, crowd, handle, patience, within)
def test_shares_add_up(n: int, load_per_agent: float, handle_s: float, patience_s: float, within_s: float) -> None:
    load = Load(n * load_per_agent / handle_s, handle_s, patience_s)
    found = erlang_a(n, load, within_s)
    handled = 1 - found.abandon
    assert found.occupancy * n == pytest.approx(load.erlang * handled, rel=1e-9)
    assert 0 <= found.handled_within <= handled + 1e-12 and 0 <= found.abandoned_within <= found.abandon + 1e-12
    assert 0 <= found.abandon <= found.wait <= 1 + 1e-12
    assert 0 <= found.service_level <= 1 + 1e-12
    assert found.handled_within >= 1 - found.wait - 1e-12
    assert found.wait_s <= patience_s * (1 + 1e-12)


@few
@given(agents, crowd, handle, patience, within)
def test_more_agents_are_better(n: int, load_per_agent: float, handle_s: float, patience_s: float, t: float) -> None:
    load = Load(n * load_per_agent / handle_s, handle_s, patience_s)
    less, more = erlang_a(n, load, t), erlang_a(n + 1, load, t)
    assert more.service_level >= less.service_level - 1e-12
    assert more.wait <= less.wait + 1e-12 and more.abandon <= less.abandon + 1e-12
    assert more.handled_wait_s <= less.handled_wait_s * (1 + 1e-9)


@few
@given(agents, crowd, patience)
def test_all_within_an_endless_time(n: int, load_per_agent: float, patience_s: float) -> None:
    found = erlang_a(n, Load(n * load_per_agent / 285, 285.0, patience_s), inf)
    assert found.handled_within + found.abandoned_within == pytest.approx(1, abs=1e-12)
    at_once = erlang_a(n, Load(n * load_per_agent / 285, 285.0, patience_s), 0.0)
    assert at_once.service_level == pytest.approx(1 - found.wait, abs=1e-12) and at_once.abandoned_within == 0
