"""All callers of one replication, drawn before it begins, so that no decision of the line changes a draw."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.scenario import Plan
from simulator.scenario.schema import Clock, Timed, TopicDemand

from .demand import Floats, arrivals, rates, step_at
from .distributions import Distribution
from .draws import ROW, CallDraw
from .streams import Streams

Names = NDArray[np.object_]
"""Each name is one string for all callers."""


@dataclass(frozen=True, slots=True)
class CallerTable:
    """The arrival table: a row for each caller, in order of arrival. Times in seconds; shares are uniform numbers.

    ``fate``: a caller below the share that is served or lost in the menus never comes to a queue.
    """

    at: list[float]
    topic: list[str]
    number: list[str]
    language: list[str]
    role: list[str]
    patience_s: Sequence[float]
    talk_s: Sequence[float]
    wrap_up_s: Sequence[float]
    key_s: Sequence[float]
    fate: Sequence[float]
    hangs_up: Sequence[float]
    redials: Sequence[float]
    redial_s: Sequence[float]
    sent_on: Sequence[float]
    ticket: Sequence[float]


COLUMNS: Final = tuple(column.name for column in fields(CallerTable))


def turn_again(plan: Plan, streams: Streams, topic: str, place: int, *turn: object, at: float) -> CallDraw:
    """Draw a later call (``turn``) of the topic's caller ``place``, at a run time.

    From a stream of the caller's own, so that a redial, or a transfer, changes no draw of other callers: in two
    scenarios the same turn is equal, except for the time of day.
    """
    rng = streams.of("again", topic, place, *turn)
    found = _times(plan, topic, np.array([at]), lambda _: rng.random(1))
    return CallDraw(*(float(found[name][0]) for name in ROW))


def draw(plan: Plan, streams: Streams) -> CallerTable:
    """Draw all callers of the run: each topic from its own streams, then in order of arrival."""
    parts = [_of_topic(plan, streams, name) for name in plan.scenario.topics]
    order = np.argsort(np.concatenate([part["at"] for part in parts]), kind="stable")
    # One column after the other: never are all of them there twice.
    columns = ((name, np.concatenate([part.pop(name) for part in parts])[order]) for name in COLUMNS)
    return CallerTable(**{name: _column(name, values) for name, values in columns})


def _column(name: str, values: NDArray[np.generic]) -> Any:
    """Give a column of the table; numbers that are looked at once for each caller take the least room."""
    return values.tolist() if name == "at" or values.dtype == object else array("d", values.tobytes())


def _of_topic(plan: Plan, streams: Streams, name: str) -> dict[str, NDArray[np.generic]]:
    demand, topic = plan.scenario.demand, plan.scenario.demand.topics[name]
    at = arrivals(rates(plan, name, streams), streams, name)
    count = len(at)

    def uniform(purpose: str) -> Floats:
        return streams.of(purpose, name).random(count)

    return {
        "at": at,
        "topic": np.array([name], dtype=object).repeat(count),  # one string, which `full` would copy
        "number": _chosen(topic.numbers or demand.numbers or _first_number(plan, name), uniform("number")),
        "language": _chosen(topic.languages or demand.languages or _first_language(plan), uniform("language")),
        "role": _chosen(_roles(plan, topic), uniform("role")),
        "fate": uniform("fate"),
        **_times(plan, name, at, uniform),
    }


def _times(plan: Plan, name: str, at: Floats, uniform: Callable[[str], Floats]) -> dict[str, Floats]:
    """Draw the times of a topic's callers for calls that begin then."""
    callers, of_day = plan.scenario.callers, plan.wall.of_day(at)

    def timed(purpose: str, times: Timed) -> Floats:
        return _dist(times, name).inverse(uniform(purpose)) * _by_time(times, name, of_day)

    redial = callers.redial.after_s if callers.redial else Distribution(constant=0.0)
    return {
        "patience_s": timed("patience", callers.patience_s) * _patience_by_day(plan, at) * plan.stretch.patience,
        "talk_s": timed("talk", callers.talk_s) * plan.stretch.aht,
        "wrap_up_s": timed("wrap-up", callers.wrap_up_s) * plan.stretch.aht,
        "key_s": callers.key_s.inverse(uniform("key")),
        "hangs_up": uniform("hangs up"),
        "redials": uniform("redials"),
        "redial_s": redial.inverse(uniform("redial after")),
        "sent_on": uniform("sent on"),
        "ticket": uniform("ticket"),
    }


def _dist(times: Timed, topic: str) -> Distribution:
    return times.topics.get(topic, times.all)


def _by_time(times: Timed, topic: str, of_day: Floats) -> Floats | float:
    steps: Mapping[Clock, float] = times.topics_by_time.get(topic, times.by_time)
    if not steps:
        return 1.0
    return np.array([step_at(dict(steps), second) for second in of_day])


def _patience_by_day(plan: Plan, at: Floats) -> Floats | float:
    """Give the factor on patience, which may differ on a special day."""
    factors = {day.date: day.patience for day in plan.scenario.demand.special_days if day.patience != 1.0}
    if not factors:
        return 1.0
    return np.array([factors.get(plan.at(seconds).date(), 1.0) for seconds in at])


def _chosen(weights: Mapping[str, float], uniform: Floats) -> Names:
    """Choose a name for each number, by weight."""
    names, heights = list(weights), np.array(list(weights.values()), dtype=np.float64)
    bounds = np.cumsum(heights / heights.sum())
    return np.array(names, dtype=object)[np.minimum(np.searchsorted(bounds, uniform, side="right"), len(names) - 1)]


def _roles(plan: Plan, topic: TopicDemand) -> Mapping[str, float]:
    return topic.roles or plan.scenario.demand.roles or {"": 1.0}


def _first_number(plan: Plan, topic: str) -> Mapping[str, float]:
    """Give the topic's entry number on a line without menus, else the line's first number."""
    entries = plan.settings.menus.entries
    own = next((number for number, entry in entries.items() if entry.start == topic), None)
    return {own or next(iter(entries)): 1.0}


def _first_language(plan: Plan) -> Mapping[str, float]:
    return {plan.settings.menus.default_language: 1.0}
