"""Levels per half hour from replications, and seats that are corrected and then meet other callers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from simulator.run.figures import ReplicationFigures
from simulator.run.replication import replicate
from simulator.run.runs import RunRequest, workers
from simulator.staffing import StaffingTarget, Trust
from simulator.staffing.export import seats_csv, seats_plain
from simulator.staffing.seats import HalfHourVerdict, Seats, SeatsRequest, find_seats
from simulator.staffing.trial import Where, fewest_calls, level_of, others, timed

from .scenarios import SITE, plan_of

SMALL = """
    about: {en: one short queue}
    hours: 2
    warm_up_min: 30
    line:
      queues: {help: {label: Help, requires: {k.help: 1}}}
      agents: [{count: 4, skills: {k.help: 5}}]
    demand: {topics: {help: {per_hour: {"00:00": 60, "01:00": 2}}}}
    callers:
      talk_s: {all: {exponential: {mean: 120}}}
      patience_s: {all: {exponential: {mean: 180}}}
"""


def figures(in_time: list[int], counted: list[int]) -> ReplicationFigures:
    """One queue; nobody gives up early."""
    ones, none = np.array(in_time)[:, None], np.zeros((len(in_time), 1), np.int64)
    offered, sums = np.array(counted)[:, None], np.zeros((len(in_time), 1))
    return ReplicationFigures(20.0, ("q",), offered, offered, none, none, ones, none, sums, sums, none, none, sums, {})


def test_level_is_of_all_calls_together() -> None:
    """A replication with more calls counts for more: a ratio of means, with the interval of one."""
    level = level_of([figures([18, 3], [20, 3]), figures([30, 4], [40, 4])], 0.8, 0.95)
    assert level.calls.tolist() == [60, 7]
    assert level.mean[0] == pytest.approx(48 / 60)
    spread = np.std([18 - 0.8 * 20, 30 - 0.8 * 40], ddof=1) / np.sqrt(2) / 30
    assert level.half_width[0] == pytest.approx(stats.t.ppf(0.975, 1) * spread)
    assert np.isnan(level.mean[1]) and np.isnan(level.half_width[1])


@pytest.mark.parametrize(("share", "calls"), [(0.8, 14), (0.9, 29), (0.95, 59)])
def test_with_fewer_calls_nothing_can_be_shown(share: float, calls: int) -> None:
    assert fewest_calls(share, 0.95) == calls
    assert share**calls < 0.05 < share ** (calls - 1)


def test_no_wait_is_no_more_than_the_ring(tmp_path: Path) -> None:
    """With agents to spare everybody is answered by the first ring; what they wait is the ring."""
    text = SITE.replace("hours: 10", "hours: 1").replace("per_day: 6000", "per_day: 600")
    text = text.replace("misses: 0.01", "misses: 0").split("  shifts:")[0]
    plan = timed(plan_of(tmp_path, text), StaffingTarget(0.95, 0.0))
    assert plan.scenario.target.within_s == pytest.approx(3.001)
    assert replicate(plan, 1, 0).service_level() == 1.0


def test_other_callers_for_each_check() -> None:
    order = RunRequest(5, 7)
    assert {others(order, number).seed for number in (0, 1)} == {8, 9}
    assert others(order).runs == 10


def found(tmp_path: Path, rounds: int = 3, most: int | None = None) -> Seats:
    wanted = SeatsRequest(StaffingTarget(0.8, 20.0), Trust(runs=4), rounds, 1, most)
    with workers(1) as pool:
        return find_seats(plan_of(tmp_path, SMALL), wanted, RunRequest(4, 1), Where(pool))


def test_seats_are_corrected_and_checked(tmp_path: Path) -> None:
    seats = found(tmp_path)
    assert seats.simulated is not None and 1 <= seats.rounds <= 3
    assert seats.simulated.verdicts[2:] == [HalfHourVerdict.FEW] * 2  # one call in a half hour
    assert seats.seats[2:].tolist() == seats.requirement.seats[2:].tolist()
    assert seats.simulated.level.calls[0] == pytest.approx(8 * 30, rel=0.3)
    assert found(tmp_path).seats.tolist() == seats.seats.tolist()
    rows = seats_csv(seats).splitlines()
    assert rows[0].endswith("verdict,utc_offset,alone help.el") and rows[1].startswith("2026-11-23T00:00,30.0,")
    plain = seats_plain(seats)
    assert plain["half_hours"][0]["seats"] == seats.seats[0] and plain["half_hours"][3]["level"] is None
    assert sum(plain["checked"]["half_hours"].values()) == 4


def test_no_more_seats_than_allowed(tmp_path: Path) -> None:
    """And then it says that they are too few."""
    seats = found(tmp_path, rounds=1, most=1)
    assert seats.seats.tolist() == [1] * 4 and seats.simulated is not None
    assert seats.simulated.verdicts[:2] == [HalfHourVerdict.FAILS] * 2


def test_without_rounds_nothing_is_simulated(tmp_path: Path) -> None:
    seats = found(tmp_path, rounds=0)
    assert seats.simulated is None and seats.seats.tolist() == seats.requirement.seats.tolist()
    assert seats.hours == seats.seats.sum() / 2
