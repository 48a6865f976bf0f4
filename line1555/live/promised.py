"""What held before a start that knows nothing, read from the journals: promised callbacks, the emergency banner."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from calls import events as e

from . import journalled


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
