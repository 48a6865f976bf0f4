"""Beginnings and ends that are told by a duration."""

from __future__ import annotations

from datetime import datetime, timedelta

YEAR_S = 366 * 86_400.0
"""Nothing on the line lasts longer; a greater figure is a mistake, and no date can be made of it."""
LIFETIME_S = 100 * YEAR_S
"""No clock is wrong by more."""


def between(start: datetime, end: datetime) -> float:
    """Seconds from one to the other."""
    return (end - start).total_seconds()


def before(at: datetime, seconds: float) -> datetime:
    """Give the instant so many ``seconds`` before."""
    return at - timedelta(seconds=_possible(seconds))


def after(at: datetime, seconds: float) -> datetime:
    """Give the instant so many ``seconds`` after."""
    return at + timedelta(seconds=_possible(seconds))


def moved(at: datetime, by_s: float) -> datetime:
    """The same moment by a clock that was set forward by ``by_s`` (negative: back)."""
    return at + timedelta(seconds=min(max(by_s, -LIFETIME_S), LIFETIME_S))


def _possible(seconds: float) -> float:
    return min(max(seconds, 0.0), YEAR_S)
