"""Ordered overflow rules: which of a queue's limits is broken, and where the call goes then."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from .settings import OverflowRule
from .words import OverflowTrigger

ROUNDING: Final = 1e-6
"""Seconds: a timer set for ``entered_at + at`` must find the limit reached, however the sum was rounded."""

TriggerValue = Callable[[OverflowTrigger], float | None]
"""What a limit is compared with now; None where it is not known. NOBODY and CLOSED: 1 for yes, 0 for no."""


@dataclass(frozen=True, slots=True)
class TriggeredRule:
    """A rule that applies: the limit was passed by what was found."""

    rule: OverflowRule
    found: float


def first_triggered(
    rules: Iterable[OverflowRule], measure: TriggerValue, barred: Collection[str] = ()
) -> TriggeredRule | None:
    """The first rule, in the order of the settings, whose limit is reached and which is not ``barred``."""
    for rule in rules:
        found = measure(rule.trigger)
        if found is not None and _reached(rule, found) and rule.tried not in barred:
            return TriggeredRule(rule, found)
    return None


def _reached(rule: OverflowRule, found: float) -> bool:
    return (
        found >= 1 if rule.trigger in (OverflowTrigger.NOBODY, OverflowTrigger.CLOSED) else found >= rule.at - ROUNDING
    )
