"""Rates add up to what was asked for, arrivals follow them, and a change of one topic leaves the others alone."""

from __future__ import annotations

from math import fsum
from pathlib import Path

import numpy as np
import pytest

from simulator.ask import vary
from simulator.model import citizens, demand
from simulator.model.streams import Streams
from tests.simulator.scenarios import PLAIN, SITE, plan_of


def test_steps_of_a_plain_line(tmp_path: Path) -> None:
    """Half an hour of warm-up at the evening's rate, then 80 an hour for two hours and 60 for two."""
    of = demand.rates(plan_of(tmp_path), "sales")
    assert of.expected == pytest.approx(0.5 * 60 + 2 * 80 + 2 * 60)


WEEK = SITE.replace("hours: 10", "days: 7")


def test_a_week_has_the_calls_of_seven_average_days(tmp_path: Path) -> None:
    text = WEEK.replace("per_day: 6000", "per_day: 6000\n      weekdays: {sat: 0.2, sun: 0.1}")
    plan = plan_of(tmp_path, text)
    expected = sum(demand.rates(plan, topic).expected for topic in plan.scenario.topics)
    assert expected == pytest.approx(7 * 6000)
    saturday = demand.rates(plan, "insurance")
    hours = saturday.edges[:-1] / 86_400
    weekday, rest = saturday.rate[hours < 1].sum(), saturday.rate[(hours >= 5) & (hours < 6)].sum()
    assert rest / weekday == pytest.approx(0.2)


def test_a_day_with_a_curve_of_its_own(tmp_path: Path) -> None:
    """Only in its first half hour, and as many calls as on any other day."""
    own = f"per_day: 6000\n      curves: {{wed: [1{', 0' * 47}]}}"
    of = demand.rates(plan_of(tmp_path, WEEK.replace("per_day: 6000", own)), "insurance")
    per_day = of.rate.reshape(7, 48).sum(axis=1)
    assert np.allclose(per_day, per_day[0])
    assert of.rate.reshape(7, 48)[2, 1:].sum() == 0 < of.rate.reshape(7, 48)[1, 1:].sum()


def test_weights_are_added_the_same_on_every_python(tmp_path: Path) -> None:
    """From 3.12 on ``sum`` makes 4.800000000000001 of these, before that 4.799999999999999."""
    curve = f"per_day: 6000\n      curve: [{', '.join(['0.1'] * 48)}]"
    of = demand.rates(plan_of(tmp_path, WEEK.replace("per_day: 6000", curve)), "insurance")
    assert of.rate[0] == 0.4 * (6000 * 0.1 / fsum([0.1] * 48) / 1800)


def test_a_special_day(tmp_path: Path) -> None:
    special = """
      special_days:
        - {date: "2026-11-25", name: deadline, factor: 1.5, topics: {dypa: 2}, hours: ["09:00", "12:00"]}"""
    plan = plan_of(tmp_path, WEEK.replace("      numbers:", special.lstrip("\n") + "\n      numbers:", 1))
    plain = plan_of(tmp_path, WEEK)
    for topic, factor in (("dypa", 3.0), ("insurance", 1.5)):
        of, usual = demand.rates(plan, topic), demand.rates(plain, topic)
        inside = (of.edges[:-1] >= 2 * 86_400 + 9 * 3600) & (of.edges[:-1] < 2 * 86_400 + 12 * 3600)
        assert np.allclose(of.rate[inside], factor * usual.rate[inside])
        assert np.allclose(of.rate[~inside], usual.rate[~inside])


def test_arrivals_follow_the_rate(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, PLAIN.replace("hours: 4", "hours: 400"))
    of = demand.rates(plan, "help")
    at = demand.arrivals(of, Streams(7, 0), "help")
    assert len(at) == pytest.approx(of.expected, rel=0.03)
    assert (np.diff(at) >= 0).all() and at[-1] < plan.ends_at
    gaps = np.diff(at)
    assert gaps.std() / gaps.mean() == pytest.approx(1.0, abs=0.03)


def test_busy_days_vary_more_than_poisson(tmp_path: Path) -> None:
    busy = PLAIN.replace("    demand:\n", "    demand:\n      busyness: {day_cv: 0.2, half_hour_cv: 0.1}\n")
    plan = plan_of(tmp_path, busy)
    counts = [len(citizens.draw(plan, Streams(3, run)).at) for run in range(60)]
    mean = float(np.mean(counts))
    assert np.std(counts) > 2 * mean**0.5
    assert mean == pytest.approx(sum(demand.rates(plan, topic).expected for topic in ("sales", "help")), rel=0.1)


def test_the_same_callers_whatever_another_topic_does(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    more = vary.changed(plan, {"topic.sales": 1.5})
    one, two = (citizens.draw(p, Streams(1, 0)) for p in (plan, more))
    of = [
        [row for row in zip(d.topic, d.at, d.patience_s, d.talk_s, strict=True) if row[0] == "help"] for d in (one, two)
    ]
    assert of[0] == of[1]
    assert len(two.at) > len(one.at)


def test_more_load_is_the_same_callers_closer_together(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    more = vary.changed(plan, {"load": 1.25})
    one, two = (citizens.draw(p, Streams(1, 0)) for p in (plan, more))
    first, second = ([t for k, t in zip(d.topic, d.talk_s, strict=True) if k == "help"] for d in (one, two))
    assert second[: len(first)] == first
