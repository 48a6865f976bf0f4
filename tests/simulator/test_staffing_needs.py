"""From a scenario to calls, handle times and patience per half hour; who calls again; who has the skills."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulator.staffing import StaffingTarget
from simulator.staffing.needs import offered_of, requirement_of
from simulator.staffing.skills import cover_of_seats

from .scenarios import PLAIN, SITE, plan_of

EIGHTY = StaffingTarget(0.8, 20.0)


def test_calls_are_those_of_the_counted_time(tmp_path: Path) -> None:
    """The warm-up and what the menus serve or lose is not offered to the queues."""
    plain = offered_of(plan_of(tmp_path))
    assert plain.topics == ("sales", "help") and plain.languages == ("el",)
    assert plain.calls[:, 0, 0].tolist() == pytest.approx([40] * 4 + [30] * 4)
    site = offered_of(plan_of(tmp_path, SITE))
    assert site.calls.sum() == pytest.approx(6000 * 10 / 24 * 0.93)
    assert site.calls[..., 1].sum() / site.calls.sum() == pytest.approx(0.05)


def test_a_half_hour_cut_short_counts_as_busy_as_it_is(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, PLAIN.replace("hours: 4", "hours: 3.25"))
    assert plan.half_hours == 7
    assert offered_of(plan).calls[:, 0, 0].tolist() == pytest.approx([40] * 4 + [30] * 3)


def test_handle_time_is_ring_talk_and_the_wrap_up_that_the_queue_grants(tmp_path: Path) -> None:
    assert offered_of(plan_of(tmp_path)).handle_s[0, :, 0].tolist() == pytest.approx([250, 310])
    site = offered_of(plan_of(tmp_path, SITE))
    cut_off = 25 * (1 - np.exp(-30 / 25))
    assert site.topics[0] == "insurance" and site.handle_s[0, 0, 0] == pytest.approx(3 + 240 + cut_off, rel=0.01)
    twice = SITE.replace("served_in_menus", "sent_on: 1\n      served_in_menus")
    assert offered_of(plan_of(tmp_path, twice)).handle_s[0, 0, 0] == pytest.approx(2 * site.handle_s[0, 0, 0])


def test_times_differ_by_time_of_day(tmp_path: Path) -> None:
    text = PLAIN.replace("{mean: 180}}", '{mean: 180}}, by_time: {"02:00": 2}').replace("hours: 4", "hours: 3")
    assert offered_of(plan_of(tmp_path, text)).patience_s[:, 0, 0].tolist() == pytest.approx([180] * 4 + [360] * 2)


def test_who_gives_up_calls_again(tmp_path: Path) -> None:
    plan, alone = plan_of(tmp_path), plan_of(tmp_path, PLAIN.replace("share: 0.5", "share: 0"))
    (again, requirement), (first, least) = requirement_of(plan, EIGHTY), requirement_of(alone, EIGHTY)
    abandon = np.array([performance.abandon for performance in requirement.performance])
    assert again.calls.sum(axis=(1, 2)) == pytest.approx(first.calls.sum(axis=(1, 2)) * (1 + abandon / 2), rel=0.03)
    assert (requirement.seats >= least.seats).all()
    assert [group.name for group in requirement.groups] == ["sales.el", "help.el"]


def test_who_is_at_work_and_can_take_the_calls(tmp_path: Path) -> None:
    """Of twelve people all know sales, and every other one help."""
    plan = plan_of(tmp_path)
    _, requirement = requirement_of(plan, EIGHTY)
    sales, helps = cover_of_seats(plan, requirement, np.array([0, 1, 2, 6, 12, 12, 12, 12]))
    assert sales.there.tolist() == [0, 1, 2, 6, 12, 12, 12, 12]
    assert helps.there[3] == 3 and helps.there[-1] == 6
    assert sales.worst == 0 and sales.missing[0] == sales.needed[0] > 0
