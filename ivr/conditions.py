"""Conditions of a branch: plain data, and the check whether they hold now. Code from the site's admin never runs.

All conditions of one ``When`` must hold. Cases are tried in order, so a second case is an "or", an earlier one a "not".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from calls import Attribute, QueueId, fits, national

from .calendar import Hours, Validity
from .outside import Outside

Variables = Mapping[str, str]
QueueOf = Callable[[str | None], QueueId]


@dataclass(frozen=True, slots=True)
class QueueState:
    """Least values that a queue must have now. ``queue`` None: the queue of the caller's topic.

    An unknown expected wait is below every limit.
    """

    queue: QueueId | None = None
    waiting: int = 0
    agents_in: int = 0
    expected_wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class When:
    """The conditions of one case. An empty field, or None, asks nothing.

    ``callers``: patterns of the caller's number in national form, ``#`` for any digit; ``variables``: each has one of
    its values (a variable never set is ""); ``called_within_s``: the last call before was not longer ago;
    ``banner``: whether the emergency banner is on.
    """

    callers: tuple[str, ...] = ()
    anonymous: bool | None = None
    dialled: tuple[str, ...] = ()
    attributes: tuple[tuple[Attribute, tuple[str, ...]], ...] = ()
    variables: tuple[tuple[str, tuple[str, ...]], ...] = ()
    validity: Validity | None = None
    closed: str = ""
    queue: QueueState | None = None
    called_within_s: float | None = None
    banner: bool | None = None


@dataclass(frozen=True, slots=True)
class CallerContext:
    """What conditions may read."""

    attributes: Mapping[Attribute, str]
    variables: Variables
    hours: Mapping[str, Hours]
    queue_for: QueueOf
    outside: Outside


def holds(when: When, known: CallerContext) -> bool:
    """Tell whether all conditions hold now."""
    return all(check(when, known) for check in _CHECKS)


def _caller(when: When, known: CallerContext) -> bool:
    number = national(known.outside.ani)
    if when.anonymous is not None and when.anonymous != (not number):
        return False
    return not when.callers or any(fits(number, pattern) for pattern in when.callers)


def _dialled(when: When, known: CallerContext) -> bool:
    return not when.dialled or known.outside.dnis in when.dialled


def _attributes(when: When, known: CallerContext) -> bool:
    return all(_is_one(known.attributes.get(name, ""), values) for name, values in when.attributes)


def _variables(when: When, known: CallerContext) -> bool:
    return all(_is_one(known.variables.get(name, ""), values) for name, values in when.variables)


def _is_one(value: str, values: Collection[str]) -> bool:
    return value in values


def _time(when: When, known: CallerContext) -> bool:
    if when.validity is None and not when.closed:
        return True
    now = known.outside.local()
    if when.closed and known.hours[when.closed].open_at(now):
        return False
    return when.validity is None or when.validity.holds(now, known.hours)


def _queue(when: When, known: CallerContext) -> bool:
    asked = when.queue
    if asked is None:
        return True
    queue = asked.queue or known.queue_for(known.attributes.get(Attribute.TOPIC))
    language, outside = known.attributes[Attribute.LANGUAGE], known.outside
    if asked.waiting > 0 and outside.waiting(queue) < asked.waiting:
        return False
    if asked.agents_in > 0 and outside.agents_in(queue, language) < asked.agents_in:
        return False
    return asked.expected_wait_s <= 0 or (outside.expected_wait_s(queue, language) or 0.0) >= asked.expected_wait_s


def _history(when: When, known: CallerContext) -> bool:
    if when.called_within_s is None:
        return True
    before_s = known.outside.called_before_s()
    return before_s is not None and before_s <= when.called_within_s


def _banner(when: When, known: CallerContext) -> bool:
    return when.banner is None or when.banner == bool(known.outside.banner)


_CHECKS = (_caller, _dialled, _banner, _attributes, _variables, _time, _history, _queue)
"""The checks, the most expensive last."""
