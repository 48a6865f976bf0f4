"""Turns a scenario into Erlang A's input: offered calls by half hour, topic and language, handle time, patience.

Every figure is a mean that the scenario states; nothing is drawn. What a mean hides (busy days, agents of different
pace, rings nobody answers, callers sent on who wait again) is left to the correction by simulation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from math import fsum

import numpy as np

from calls import QueueId
from queues import OverflowAction, OverflowTrigger
from simulator.model.demand import rates, step_at
from simulator.model.distributions import Distribution
from simulator.scenario import Plan
from simulator.scenario.schema import Redial, Timed

from .requirements import HALF_HOUR_S, Floats, Offered, Requirement, each_topic_and_language, required
from .targets import StaffingTarget

LIKELY = (np.arange(2_000) + 0.5) / 2_000
"""Equally likely values, for the mean of a time that is cut off."""

MINUTES = 30
REDIAL_ROUNDS = 4
"""Rounds for redials, which change abandons, and these the redials: two or three settle the second decimal."""


def offered_of(plan: Plan) -> Offered:
    """Give the calls that come to the queues: without those served or lost in the menus, before redials."""
    topics, callers = plan.scenario.topics, plan.scenario.callers
    languages = tuple(dict.fromkeys(name for topic in topics for name in _languages(plan, topic)))
    queueing = 1 - callers.served_in_menus - callers.lost_in_menus
    calls = np.array([np.outer(_calls(plan, topic), _mix(plan, topic, languages)) for topic in topics])
    handle_s = np.array([_handle_s(plan, topic) for topic in topics])
    patience_s = np.array([_patience_s(plan, topic) for topic in topics])
    return Offered(
        topics, languages, queueing * calls.transpose(1, 0, 2), handle_s.T[:, :, None], patience_s.T[:, :, None]
    )


def requirement_of(plan: Plan, target: StaffingTarget, least: int = 0) -> tuple[Offered, Requirement]:
    """Compute seats by Erlang A, pooled and by topic and language, redials included."""
    first = offered_of(plan)
    offered, redial = first, plan.scenario.callers.redial
    for _ in range(REDIAL_ROUNDS if redial else 0):
        offered = _with_redials(first, required(offered, target, least=least), redial)
    return offered, required(offered, target, each_topic_and_language(offered), least)


def _with_redials(first: Offered, found: Requirement, redial: Redial | None) -> Offered:
    """Add redials, and redials of these, to the first calls, in the same half hour."""
    share = redial.share if redial else 0.0
    again = np.array([performance.abandon for performance in found.performance]) * share
    factor = sum((again**n for n in range(1, (redial.most if redial else 0) + 1)), np.ones_like(again))
    return replace(first, calls=first.calls * factor[:, None, None])


def _opened(plan: Plan, topic: str) -> Floats:
    """Give the share of each half hour in which no closed queue sends the topic's calls away."""
    queue = plan.settings.menus.queue_for(topic)
    if not plan.settings.queue_hours:
        return np.ones(plan.half_hours)
    begins = plan.warm_s + HALF_HOUR_S * np.arange(plan.half_hours)
    minutes = [[_kept(plan, queue, plan.at(at + 60 * n)) for n in range(MINUTES)] for at in begins.tolist()]
    return np.asarray(np.mean(minutes, axis=1), dtype=np.float64)


def _kept(plan: Plan, queue: QueueId, at: datetime, tried: frozenset[QueueId] = frozenset()) -> bool:
    """Tell whether a call that comes to the queue then waits for an agent, there or where the queue sends it."""
    hours = plan.settings.queue_hours.get(queue)
    if hours is None or hours.open_at(at):
        return True
    rules = plan.settings.queues[queue].overflow
    rule = next((rule for rule in rules if rule.trigger is OverflowTrigger.CLOSED), None)
    if rule is None:
        return True
    other = QueueId(rule.target)
    return rule.action is OverflowAction.QUEUE and other not in tried and _kept(plan, other, at, tried | {queue})


def _calls(plan: Plan, topic: str) -> Floats:
    """Give the kept calls per half hour, shape (H,); one cut short counts as whole, at the rate of its part."""
    of = rates(plan, topic)
    reached = np.concatenate(([0.0], np.cumsum(np.diff(of.edges) * of.rate)))
    bounds = np.minimum(plan.warm_s + HALF_HOUR_S * np.arange(plan.half_hours + 1), plan.ends_at)
    calls: Floats = np.diff(np.interp(bounds, of.edges, reached)) * HALF_HOUR_S / np.diff(bounds)
    return calls * _opened(plan, topic)


def _languages(plan: Plan, topic: str) -> Mapping[str, float]:
    demand = plan.scenario.demand
    return demand.topics[topic].languages or demand.languages or {plan.settings.menus.default_language: 1.0}


def _mix(plan: Plan, topic: str, languages: tuple[str, ...]) -> Floats:
    weights = _languages(plan, topic)
    shares = np.array([weights.get(name, 0.0) for name in languages]) / fsum(weights.values())
    return np.asarray(shares, dtype=np.float64)


def _handle_s(plan: Plan, topic: str) -> Floats:
    """Give ring, talk and wrap-up (s; at most the queue's) per half hour; a caller who is sent on is served twice."""
    callers, people = plan.scenario.callers, plan.scenario.people
    queue = plan.settings.queues[plan.settings.menus.queue_for(topic)]
    talk_s = callers.talk_s.topics.get(topic, callers.talk_s.all).mean_s * _by_time(plan, callers.talk_s, topic)
    drawn = callers.wrap_up_s.topics.get(topic, callers.wrap_up_s.all).inverse(LIKELY)
    factors = plan.stretch.aht * _by_time(plan, callers.wrap_up_s, topic)
    wrap_up_s = np.minimum(np.outer(factors, drawn), queue.wrap_up_s).mean(axis=1)
    ring_s = people.pick_up_s.mean_s if people else 0.0
    return np.asarray((ring_s + plan.stretch.aht * talk_s + wrap_up_s) * (1 + callers.sent_on), dtype=np.float64)


def _patience_s(plan: Plan, topic: str) -> Floats:
    patience = plan.scenario.callers.patience_s
    mean: Distribution = patience.topics.get(topic, patience.all)
    days = {day.date: day.patience for day in plan.scenario.demand.special_days}
    of_day = np.array([days.get(plan.at(at).date(), 1.0) for at in _middles(plan)])
    patience_s = _by_time(plan, patience, topic) * of_day * (mean.mean_s * plan.stretch.patience)
    return np.asarray(patience_s, dtype=np.float64)


def _by_time(plan: Plan, times: Timed, topic: str) -> Floats:
    """Give the factor of each half hour."""
    steps = times.topics_by_time.get(topic, times.by_time)
    of_day = plan.wall.of_day(_middles(plan))
    return np.array([step_at(dict(steps), second) if steps else 1.0 for second in of_day.tolist()])


def _middles(plan: Plan) -> Floats:
    return np.asarray(plan.warm_s + HALF_HOUR_S * (np.arange(plan.half_hours) + 0.5), dtype=np.float64)
