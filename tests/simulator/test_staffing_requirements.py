"""Seats per half hour by Erlang A: least ones, pooled and per skill group, and what is refused."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from simulator.model.erlang import Load, erlang_a
from simulator.staffing import Offered, SkillGroup, StaffingTarget, each_topic_and_language, required

from .staffing_week import LANGUAGES, TOPICS, week

EIGHTY = StaffingTarget(0.8, 20.0)


def offered(*calls: float) -> Offered:
    """One topic, one language; calls per half hour."""
    return Offered.of(["pensions"], ["el"], np.array(calls).reshape(-1, 1, 1), 285.0, 600.0)


def test_seats_are_the_least_that_hold_the_target() -> None:
    found = required(offered(700.0, 50.0, 3.0), EIGHTY)
    for seats, load, performance in zip(found.seats.tolist(), found.loads, found.performance, strict=True):
        assert performance == erlang_a(seats, load, 20.0)
        assert EIGHTY.holds(performance) and not EIGHTY.holds(erlang_a(seats - 1, load, 20.0))
    assert found.seat_hours == found.seats.sum() / 2


def test_known_seats() -> None:
    """140 agents hold 1,981 calls an hour at 80/20 without abandonment: 990 a half hour, not 991."""
    calls = np.array([990.0, 991.0]).reshape(2, 1, 1)
    assert required(Offered.of(["a"], ["el"], calls, 240.0), EIGHTY).seats.tolist() == [140, 141]


def test_no_calls_need_no_seats_and_few_the_stated_least() -> None:
    assert required(offered(0.0, 700.0), EIGHTY).seats[0] == 0
    floor = required(offered(0.0, 1.0, 700.0), EIGHTY, least=3)
    assert floor.seats.tolist() == [0, 3, required(offered(700.0), EIGHTY).seats[0]], "nobody where nobody can call"


def test_all_limits_of_the_target_count() -> None:
    plain = required(offered(700.0), StaffingTarget(0.8, 20.0)).seats[0]
    assert required(offered(700.0), StaffingTarget(0.8, 20.0, mean_wait_s=2.0)).seats[0] > plain
    assert required(offered(700.0), StaffingTarget(0.8, 20.0, abandoned=0.001)).seats[0] > plain


def test_the_week_in_figures() -> None:
    """Around 63,000 calls at 285 s are 4,988 hours of talk and wrap-up; the rest is waiting for calls."""
    found = required(week(), EIGHTY)
    assert sum(load.erlang for load in found.loads) / 2 == pytest.approx(63_000 * 285 / 3600)
    assert found.seats.shape == (336,) and 115 <= found.seats.max() <= 130
    assert 5_400 <= found.seat_hours <= 5_600


def test_groups_bound_from_below_and_apart_from_above() -> None:
    some = week()
    groups = each_topic_and_language(some)
    found = required(some, EIGHTY, groups)
    assert [group.name for group in groups][:3] == ["pensions.el", "pensions.en", "employment.el"]
    assert found.alone.shape == (336, len(TOPICS) * len(LANGUAGES))
    assert (found.alone.max(axis=1) <= found.seats).all()
    assert (found.apart >= found.seats).all() and found.apart.sum() > 1.2 * found.seats.sum()


def test_a_group_may_cross_topics_or_languages() -> None:
    calls = np.array([[[100.0, 20.0], [60.0, 10.0]]])
    some = Offered.of(["pensions", "benefits"], ["el", "en"], calls, 285.0, 600.0)
    english = some.loads(SkillGroup("english", languages=frozenset({"en"})))[0]
    benefits = some.loads(SkillGroup("benefits", topics=frozenset({"benefits"})))[0]
    assert english.rate_per_s == pytest.approx(30 / 1800) and benefits.rate_per_s == pytest.approx(70 / 1800)
    with pytest.raises(ValueError, match="skill group turkish: found 'tr', expected one of el, en"):
        some.loads(SkillGroup("turkish", languages=frozenset({"tr"})))


def test_handle_times_are_averaged_over_calls_and_patience_as_a_rate() -> None:
    calls, handle_s, patience_s = (
        np.array([[[300.0], [100.0]]]),
        np.array([[200.0], [400.0]]),
        np.array([[600.0], [inf]]),
    )
    load = Offered.of(["a", "b"], ["el"], calls, handle_s, patience_s).loads()[0]
    assert load == Load(400 / 1800, 250.0, load.patience_s) and load.patience_s == pytest.approx(800.0)


@pytest.mark.parametrize(
    ("calls", "handle_s", "patience_s", "found"),
    [
        (np.ones((3, 1)), 285.0, 600.0, "calls: found shape"),
        (np.ones((3, 2, 1)), 285.0, 600.0, "calls: found shape"),
        (-np.ones((3, 1, 1)), 285.0, 600.0, "calls: found negative"),
        (np.full((3, 1, 1), np.nan), 285.0, 600.0, "calls: found negative or missing"),
        (np.ones((3, 1, 1)), 0.0, 600.0, "handle_s: found figures"),
        (np.ones((3, 1, 1)), np.ones(4), 600.0, "handle_s: found shape"),
        (np.ones((3, 1, 1)), 285.0, -1.0, "patience_s: found figures"),
    ],
)
def test_impossible_figures_are_refused(
    calls: np.ndarray, handle_s: np.ndarray | float, patience_s: float, found: str
) -> None:
    with pytest.raises(ValueError, match=found):
        Offered.of(["pensions"], ["el"], calls, handle_s, patience_s)
