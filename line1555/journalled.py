"""Calls in a journal: which there are, and the facts of one. Reads while the line may be writing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from calls import facts as f
from records import Reader
from records.steps import Row, decode_row

LAST = "last"
PAGE = 2000


class NoSuchCall(LookupError):
    """No call, or several, by that name; the message says how to go on."""


def find(path: Path, wanted: str) -> str:
    """The full id of a call: by id, by the end of its id, or ``last`` for the one that queued last.

    Raises ``NoSuchCall``; ``sqlite3.Error`` where there is no journal.
    """
    if wanted == LAST:
        queued = list(_calls(path, "Queued"))
        if not queued:
            raise NoSuchCall("no call in this journal has waited for an agent yet")
        return queued[-1]
    fitting = [call for call in dict.fromkeys(_calls(path, "CallStarted", "Queued")) if call.endswith(wanted)]
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


def anchor(path: Path) -> float:
    """Epoch seconds at ``now`` 0."""
    with Reader(path) as reader:
        return reader.meta.anchor


def _calls(path: Path, *kinds: str) -> Iterator[str]:
    for row in _rows(path, *(f'"type":"{kind}"' for kind in kinds)):
        yield from (str(fact["call"]) for fact in json.loads(row[4]) if fact["type"] in kinds)


def _rows(path: Path, *texts: str) -> Iterator[Row]:
    """Rows whose facts hold one of the texts. Only these are worth decoding: a day has a million."""
    seq = 0
    with Reader(path) as reader:
        while rows := reader.rows(seq, PAGE):
            seq = rows[-1][0]
            yield from (row for row in rows if any(text in row[4] for text in texts))
