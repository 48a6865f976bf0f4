"""Promises around the engine: callbacks, when a promised time is, their list.

Supervisors speak local time, the engine seconds of its own scale: wall time = anchor + now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from calls import mask
from engine import Line

from .refusals import OrderRefused, Refusal

FURTHEST = timedelta(days=14)
"""A promise further ahead would be forgotten by everybody."""


@dataclass(frozen=True, slots=True)
class SiteClock:
    """The site's local time on the engine's scale. ``anchor`` is epoch seconds at ``now`` 0."""

    zone: ZoneInfo
    anchor: float
    now: Callable[[], float]

    def local(self, at: float) -> datetime:
        """An instant of the engine as local time."""
        return datetime.fromtimestamp(self.anchor + at, self.zone)

    def engine(self, local: datetime) -> float:
        """An instant with its zone on the engine's scale."""
        return local.timestamp() - self.anchor


def due(said: str, wall: SiteClock) -> float | None:
    """``16:30`` (today) or ``2026-12-01T12:00`` on the engine's scale; None for nothing. Raises ``OrderRefused``."""
    if not said:
        return None
    now = wall.local(wall.now())
    wanted = _parsed(said, now)
    if wanted <= now:
        hint = f", or a day with it: {_tomorrow(wanted)}" if len(said) <= len("00:00:00") else ""
        why = f"{said} is past (it is {now:%H:%M}): expected a time to come{hint}"
        raise OrderRefused(Refusal.TIME_PAST, why, time=said, now=now.isoformat(timespec="seconds"))
    if wanted > now + FURTHEST:
        why = f"{said}: expected a time within {FURTHEST.days} days"
        raise OrderRefused(Refusal.TIME_TOO_FAR, why, time=said, days=FURTHEST.days)
    return wall.engine(wanted)


def _parsed(said: str, now: datetime) -> datetime:
    try:
        wanted = datetime.fromisoformat(said if "T" in said else f"{now:%Y-%m-%d}T{said}")
    except ValueError:
        why = f"{said}: expected HH:MM, or a day with it such as 2026-12-01T12:00"
        raise OrderRefused(Refusal.TIME_UNREADABLE, why, time=said) from None
    if wanted.tzinfo is not None:
        return wanted.astimezone(now.tzinfo)
    local = wanted.replace(tzinfo=now.tzinfo)
    if datetime.fromtimestamp(local.timestamp(), now.tzinfo).replace(tzinfo=None) != wanted:
        why = f"{said} is not on the clock that day: it is put forward then"
        raise OrderRefused(Refusal.TIME_SKIPPED, why, time=said)
    return local


def _tomorrow(wanted: datetime) -> str:
    return f"{wanted + timedelta(days=1):%Y-%m-%dT%H:%M}"


def listed(line: Line, wall: SiteClock) -> list[dict[str, Any]]:
    """All callbacks that are not over, JSON-ready, the oldest first; numbers are masked."""
    return [
        {
            "call": promise.call,
            "number": mask(promise.number),
            "queue": promise.queue,
            "state": promise.stage.value,
            "since": _told(promise.since, wall),
            "due": None if promise.due_at is None else _told(promise.due_at, wall),
            "attempts": promise.attempts,
        }
        for promise in line.view.calls.callback_requests()
    ]


def _told(at: float, wall: SiteClock) -> str:
    return wall.local(at).isoformat(timespec="seconds")
