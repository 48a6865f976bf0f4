"""Promises around the engine: callbacks, when a promised time is, their list, and what held before a start that knows
nothing: promised callbacks, the emergency banner.

Supervisors speak local time, the engine seconds of its own scale: wall time = anchor + now.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from calls import events as e
from calls import mask
from engine import Line, LineSettings

from . import journalled
from .site import Site

FURTHEST = timedelta(days=14)
"""A promise further ahead would be forgotten by everybody."""


class BadTime(ValueError):
    """A time that cannot be promised; the text says why."""


@dataclass(frozen=True, slots=True)
class Wall:
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


def callable_line(site: Site) -> LineSettings:
    """The site's line as it can be live: where no trunk is named nobody can be dialled, so no call is promised."""
    if site.settings.trunk.contact:
        return site.line
    return replace(site.line, callbacks=replace(site.line.callbacks, numbers=()))


def due(said: str, wall: Wall) -> float | None:
    """``16:30`` (today) or ``2026-12-01T12:00`` on the engine's scale; None for nothing. Raises ``BadTime``."""
    if not said:
        return None
    now = wall.local(wall.now())
    wanted = _parsed(said, now)
    if wanted <= now:
        hint = f", or a day with it: {_tomorrow(wanted)}" if len(said) <= len("00:00:00") else ""
        raise BadTime(f"{said} is past (it is {now:%H:%M}): expected a time to come{hint}")
    if wanted > now + FURTHEST:
        raise BadTime(f"{said}: expected a time within {FURTHEST.days} days")
    return wall.engine(wanted)


def _parsed(said: str, now: datetime) -> datetime:
    try:
        wanted = datetime.fromisoformat(said if "T" in said else f"{now:%Y-%m-%d}T{said}")
    except ValueError:
        raise BadTime(f"{said}: expected HH:MM, or a day with it such as 2026-12-01T12:00") from None
    if wanted.tzinfo is not None:
        return wanted.astimezone(now.tzinfo)
    local = wanted.replace(tzinfo=now.tzinfo)
    if datetime.fromtimestamp(local.timestamp(), now.tzinfo).replace(tzinfo=None) != wanted:
        raise BadTime(f"{said} is not on the clock that day: it is put forward then")
    return local


def _tomorrow(wanted: datetime) -> str:
    return f"{wanted + timedelta(days=1):%Y-%m-%dT%H:%M}"


def listed(line: Line, wall: Wall) -> list[dict[str, Any]]:
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
        for promise in line.promises()
    ]


def outstanding(journals: Sequence[Path]) -> list[e.CallbackAsked]:
    """Read what was promised by the journals' facts and not kept, the oldest first: for a start that knows no more.

    The places are lost, and what the citizens had chosen in the menus. Raises ``sqlite3.Error`` without a journal.
    """
    kept: dict[str, e.CallbackAsked] = {}
    for now, fact in _facts_about(journals, "CallbackPromised", "-cb", '"ClockSet"'):
        match fact:
            case {"type": "CallbackPromised", "callback": name, "number": number, "queue": queue, "language": language}:
                due_s = fact.get("due_s")
                kept[name] = e.CallbackAsked(number, queue, language, None if due_s is None else now + due_s)
            case {"type": "PlaceChanged", "call": name, "queue": queue} if name in kept:
                kept[name] = replace(kept[name], queue=queue)
            case {"type": "Connected" | "CallEnded", "call": name}:
                kept.pop(name, None)
            case {"type": "ClockSet", "by_s": by_s}:
                kept = {name: _kept_time(asked, by_s) for name, asked in kept.items()}
    return list(kept.values())


def _kept_time(asked: e.CallbackAsked, by_s: float) -> e.CallbackAsked:
    """The same wall time after the clock was set forward by ``by_s``."""
    return asked if asked.at is None else replace(asked, at=asked.at - by_s)


def banner_left(journals: Sequence[Path]) -> list[e.BannerSwitched]:
    """The emergency banner that was on by the journals' facts. Raises ``sqlite3.Error`` without a journal."""
    facts = _facts_about(journals, '"BannerChanged"')
    told = [fact["prompt"] for _, fact in facts if fact["type"] == "BannerChanged"]
    return [e.BannerSwitched(told[-1])] if told and told[-1] else []


def _facts_about(journals: Sequence[Path], *texts: str) -> Iterator[tuple[float, dict[str, Any]]]:
    """Read what can be read of damaged journals that were set aside, and of the last one, which goes on from them."""
    *aside, journal = journals
    for path in aside:
        with suppress(sqlite3.Error):
            yield from journalled.facts_about(path, *texts)
    yield from journalled.facts_about(journal, *texts)


def _told(at: float, wall: Wall) -> str:
    return wall.local(at).isoformat(timespec="seconds")
