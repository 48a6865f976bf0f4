"""Demand: rates of calls by half hour and topic, and one day's arrivals drawn from them.

A Poisson process whose rate is itself a little random (``busyness``): real half-hour counts vary far more than
Poisson's (Avramidis, Deslauriers, L'Ecuyer 2004, Management Science 50, 896-908). Arrivals come from a unit-rate
process by the inverse of the cumulative rate: twice the load is the same callers closer together, and a few more.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray

from simulator.scenario import DAY_S, Plan
from simulator.scenario.schema import HALF_HOUR_S, HALF_HOURS, WEEK, Clock, Demand, SpecialDay, TopicDemand, seconds_of

from .streams import Streams

SATURDAY = 5
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rates:
    """Calls per second: ``rate[i]`` between ``edges[i]`` and ``edges[i + 1]`` (run time, s)."""

    edges: Floats
    rate: Floats

    @property
    def expected(self) -> float:
        """Give the expected calls over the whole time."""
        return float(np.sum(np.diff(self.edges) * self.rate))


def rates(plan: Plan, topic: str, streams: Streams | None = None) -> Rates:
    """Give the topic's rates over the run; with ``streams``, with this replication's random busyness."""
    demand = plan.scenario.demand
    edges = _edges(plan, demand.topics[topic])
    middles = (edges[:-1] + edges[1:]) / 2
    rate = np.array([_rate(plan, demand.topics[topic], topic, at) for at in middles])
    return Rates(edges, rate * _busyness(plan, middles, streams) if streams else rate)


def arrivals(of: Rates, streams: Streams, topic: str) -> Floats:
    """Draw times of arrival, ascending (run time, s)."""
    reached = np.concatenate(([0.0], np.cumsum(np.diff(of.edges) * of.rate)))
    rng, total = streams.of("arrivals", topic), float(reached[-1])
    unit = np.cumsum(-np.log1p(-rng.random(int(total + 8 * np.sqrt(total) + 64))))
    while unit[-1] < total:
        more = np.cumsum(-np.log1p(-rng.random(1024)))
        unit = np.concatenate((unit, unit[-1] + more))
    return np.asarray(np.interp(unit[unit < total], reached, of.edges), dtype=np.float64)


def _edges(plan: Plan, topic: TopicDemand) -> Floats:
    """List every half hour, and every step of the topic's own rates, over the run (s)."""
    days = np.arange(0.0, plan.ends_at - plan.first_midnight + 2 * DAY_S, DAY_S)
    steps = [seconds_of(clock) for clock in topic.per_hour or {}] + [HALF_HOUR_S * n for n in range(HALF_HOURS)]
    inner = plan.wall.moments(np.concatenate([days + step for step in steps]))
    inside = inner[(inner > 0) & (inner < plan.ends_at)]
    return np.concatenate(([0.0], inside, [plan.ends_at]))


def _rate(plan: Plan, topic: TopicDemand, name: str, at: float) -> float:
    """Give the calls per second at a run time, special days and growth included."""
    demand, when = plan.scenario.demand, plan.at(at)
    of_day = when.hour * 3600.0 + when.minute * 60.0 + when.second
    special = next((day for day in demand.special_days if day.date == when.date()), None)
    if topic.per_hour is not None:
        base = step_at(topic.per_hour, of_day) / 3600.0
    else:
        weekday = WEEK.index(special.like) if special and special.like else when.weekday()
        base = (topic.share or 0.0) * _shared(demand, weekday, int(of_day // HALF_HOUR_S))
    return base * topic.factor * demand.growth * _special(special, name, of_day)


def step_at(steps: dict[Clock, float], of_day: float) -> float:
    """Give the value of a step curve at a second of the day; 1 before the first step."""
    begun = [(seconds_of(clock), value) for clock, value in steps.items() if seconds_of(clock) <= of_day]
    return max(begun)[1] if begun else 1.0


def _shared(demand: Demand, weekday: int, half_hour: int) -> float:
    """Give the calls per second of the whole line on an ordinary day.

    Weights are added by ``fsum``: from Python 3.12 on ``sum`` makes another last digit of floats, and a call that
    comes a hair later may find another agent.
    """
    weights = [demand.weekdays.get(day, 1.0) for day in WEEK]
    usual = demand.weekend if demand.weekend and weekday >= SATURDAY else demand.curve or [1.0] * HALF_HOURS
    curve = demand.curves.get(WEEK[weekday], usual)
    of_day = (demand.per_day or 0.0) * weights[weekday] * len(WEEK) / (fsum(weights) or 1.0)
    return of_day * curve[half_hour] / (fsum(curve) or 1.0) / HALF_HOUR_S


def _special(day: SpecialDay | None, topic: str, of_day: float) -> float:
    if day is None or (day.hours and not seconds_of(day.hours[0]) <= of_day < seconds_of(day.hours[1])):
        return 1.0
    return day.factor * day.topics.get(topic, 1.0)


def _busyness(plan: Plan, middles: Floats, streams: Streams) -> Floats:
    """Draw the busyness of each step: the factor of its day times that of its half hour."""
    busyness = plan.scenario.demand.busyness
    days = np.floor(plan.wall.shown(middles) / DAY_S).astype(int)
    halves = np.floor((middles - plan.first_midnight) / HALF_HOUR_S).astype(int)
    of_day = _factors(busyness.day_cv, streams, "busy day", int(days[-1]) + 1)
    of_half = _factors(busyness.half_hour_cv, streams, "busy half hour", int(halves[-1]) + 1)
    return np.asarray(of_day[days] * of_half[halves], dtype=np.float64)


def _factors(cv: float, streams: Streams, name: str, count: int) -> Floats:
    if cv == 0:
        return np.ones(count)
    shape = cv**-2
    return streams.of(name).gamma(shape, 1 / shape, count)
