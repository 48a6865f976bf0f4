"""Is the line too quiet? In hours that always have traffic, a line that nobody reaches is a broken line.

Only local time and the instant of the last call count; who would have called nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass

from .intervals import DAY_S, Calendar

WEEK = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class QuietRule:
    """The hours that have traffic: seconds after local midnight, half-open; ``days`` count from Monday 0.

    ``quiet_s``: so long without a call is too long; 0: never.
    """

    quiet_s: float = 0.0
    from_s: float = 0.0
    until_s: float = DAY_S
    days: frozenset[int] = WEEK


def too_quiet(traffic: QuietRule, calendar: Calendar, called_at: float, at: float) -> bool:
    """Whether ``quiet_s`` of these hours have passed at ``at`` without a call since ``called_at`` (epoch seconds).

    What was quiet before the hours began does not count: the night before is no fault.
    """
    midnight = calendar.day_start(at)
    local = at + calendar.offset(at)
    opens = midnight + traffic.from_s + calendar.offset(midnight) - calendar.offset(at)
    within = traffic.from_s <= local % DAY_S < traffic.until_s and (local // DAY_S + 3) % 7 in traffic.days
    return bool(traffic.quiet_s) and within and at - max(called_at, opens) >= traffic.quiet_s
