"""What one caller has been told, and what may still be told: never a longer wait than before."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final, final

from .wait_estimate import WaitEstimate

MOST_MINUTES: Final = 30
"""A longer wait is not worth saying."""
COARSE_FROM: Final = 10
COARSE: Final = 5
"""Above ten minutes in steps of five: more would pretend to know."""


@dataclass(frozen=True, slots=True)
class MinuteRange:
    """A range in whole minutes, rounded outwards; ``low`` 0 is "less than ``high``"."""

    low: int
    high: int


@final
class WaitAnnouncements:
    """One caller's announcements. ``last`` is what they were told last, None before the first."""

    last: MinuteRange | None = None

    def say(self, estimate: WaitEstimate | None) -> MinuteRange | None:
        """Choose what to tell them now; None: nothing.

        A range that reaches further than the last one is not told, wherever it comes from (agents left, urgent calls
        came ahead). What was told last is said again while its end still lies in the present range: it may yet
        be true. Else silence is better than a figure known to be wrong.
        """
        minutes = None if estimate is None else _rounded(estimate)
        if minutes is None or estimate is None:
            return None
        if self.last is not None:
            if minutes.high > self.last.high and estimate.low_s > self.last.high * 60:
                return None
            minutes = MinuteRange(min(minutes.low, self.last.low), min(minutes.high, self.last.high))
        self.last = minutes
        return minutes


def _rounded(estimate: WaitEstimate) -> MinuteRange | None:
    high = max(1, ceil(estimate.high_s / 60))
    if high > COARSE_FROM:
        high = -(-high // COARSE) * COARSE
    low = int(estimate.low_s // 60)
    if low > COARSE_FROM:
        low -= low % COARSE
    return MinuteRange(low, high) if high <= MOST_MINUTES else None
