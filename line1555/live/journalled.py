"""Calls in a journal: which there are, and the facts of one. Reads while the line may be writing."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from math import inf
from pathlib import Path
from typing import Any

from calls import facts as f
from records import Reader, WallClock
from records.steps import Row, decode_row, intact, pages

LAST = "last"
PAGE = 2000


class NoSuchCall(LookupError):
    """No call, or several, by that name; the message says how to go on."""


def find(path: Path, wanted: str) -> str:
    """The full id of a call: by id, by the end of its id, or ``last`` for the one that queued last.

    Raises ``NoSuchCall``; ``sqlite3.Error`` where there is no journal.
    """
    if wanted == LAST:
        return _last_queued(path)
    known = _calls(path, "CallStarted", "CallbackPromised", "Queued")
    fitting = [call for call in dict.fromkeys(known) if call.endswith(wanted)]
    if wanted in fitting:
        return wanted
    if not fitting or not wanted:
        raise NoSuchCall(f"no call {wanted} in the journal; `line1555 explain last` shows the one that queued last")
    if len(fitting) > 1:
        raise NoSuchCall(f"{len(fitting)} calls end with {wanted}: {', '.join(fitting[-5:])}; give more of the id")
    return fitting[0]


def facts_of(path: Path, call: str) -> Iterator[tuple[float, tuple[f.Fact, ...]]]:
    """The steps that told something of the call. Raises ``ContractError`` for a row of another version."""
    named = json.dumps(call)
    for row in _rows(path, named):
        step = decode_row(row)
        yield step.now, step.facts


def steps(path: Path, since: float = -inf) -> Iterator[tuple[float, tuple[f.Fact, ...]]]:
    """Every step that told anything; of those before ``since`` only what agents did, for who was at work by then.

    Raises ``ContractError`` for a row of another version.
    """
    for row in _rows(path, '"type"'):
        if row[2] < since and '"AgentChanged"' not in row[4]:
            continue
        step = decode_row(row)
        yield step.now, step.facts


def facts_about(path: Path, *texts: str) -> Iterator[tuple[float, dict[str, Any]]]:
    """Facts of the rows in which one of the texts stands, as plain JSON: also what other versions wrote."""
    for row in _rows(path, *texts):
        yield from ((row[2], fact) for fact in json.loads(row[4]))


def clock(path: Path) -> WallClock:
    """Give the wall clock at each step."""
    with Reader(path) as reader:
        return reader.clock()


def _last_queued(path: Path) -> str:
    """Looked for from the end: it is most often among the newest steps."""
    with Reader(path) as reader:
        end, _ = reader.last()
        while end > 0:
            start = max(0, end - PAGE)
            rows = [row for row in reader.rows(start, PAGE) if row[0] <= end]
            if queued := list(_named(rows, "Queued")):
                return queued[-1]
            end = start
    raise NoSuchCall("no call in this journal has waited for an agent yet")


def _calls(path: Path, *kinds: str) -> Iterator[str]:
    return _named(_rows(path, *(f'"type":"{kind}"' for kind in kinds)), *kinds)


def _named(rows: Iterable[Row], *kinds: str) -> Iterator[str]:
    """The calls that facts of these kinds name."""
    for row in rows:
        if any(kind in row[4] for kind in kinds):
            told = (fact for fact in json.loads(row[4]) if fact["type"] in kinds)
            yield from (str(fact.get("callback") or fact["call"]) for fact in told)


def _rows(path: Path, *texts: str) -> Iterator[Row]:
    """Rows whose facts hold one of the texts. Only these are worth decoding: a day has a million. Damaged ones are left
    out; behind a place that cannot be read at all nothing more comes."""
    with contextlib.closing(pages(path, 0, sys.maxsize, PAGE)) as rows:
        yield from (row for row in _until_damage(rows) if any(text in str(row[4]) for text in texts) and intact(row))


def _until_damage(rows: Iterator[Row]) -> Iterator[Row]:
    row = next(rows, None)  # where nothing can be read, the caller is told
    with contextlib.suppress(sqlite3.DatabaseError):
        while row is not None:
            yield row
            row = next(rows, None)
