"""Conditions of a branch: plain data, and whether they hold now. No code of an admin's ever runs.

All conditions of one ``When`` must hold; cases are tried in order, so another case says "or", and an earlier one "not".
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
    """Least values that a queue must have now. ``queue`` None: that of the caller's topic.

    An expected wait that nobody knows yet is below every limit.
    """

    queue: QueueId | None = None
    waiting: int = 0
    agents_in: int = 0
    expected_wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class When:
    """What must hold. A field that is empty, or None, asks nothing.

    ``callers``: patterns of his number in national form, ``#`` for any digit; ``variables``: each has one of its values
    (a variable that was never set has the value ""); ``called_within_s``: he has called before, not longer ago;
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
    """What conditions may look at."""

    attributes: Mapping[Attribute, str]
    variables: Variables
    hours: Mapping[str, Hours]
    queue_for: QueueOf
    outside: Outside


def holds(when: When, known: CallerContext) -> bool:
    """Whether all conditions hold now."""
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
    look = known.outside.queue(queue, known.attributes[Attribute.LANGUAGE])
    enough = look.waiting >= asked.waiting and look.agents_in >= asked.agents_in
    return enough and (look.expected_wait_s or 0.0) >= asked.expected_wait_s


def _history(when: When, known: CallerContext) -> bool:
    if when.called_within_s is None:
        return True
    before_s = known.outside.called_before_s()
    return before_s is not None and before_s <= when.called_within_s


def _banner(when: When, known: CallerContext) -> bool:
    return when.banner is None or when.banner == bool(known.outside.banner)


_CHECKS = (_caller, _dialled, _banner, _attributes, _variables, _time, _history, _queue)
"""The dearest last."""
