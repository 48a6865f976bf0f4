"""State and steps from which a starting engine continues, as the journal's file gives them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from calls.events import Event
from calls.facts import Fact

from .damage import checkpoints
from .steps import Meta, decode_row, intact, pages

Steps = Iterator[tuple[float, Event | None, tuple[Fact, ...]]]


@dataclass(frozen=True, slots=True)
class Restored:
    """State from which a starting engine continues, and the steps after it.

    ``complete`` is false where steps are missing (a gap, or a checkpoint that had to be passed over): the state
    must then be trusted less than the switch. ``steps`` gives (now, event or None, facts), raises ``ContractError``
    at a row this version does not understand, and is read once. A new run must not begin before ``last_now``.
    """

    checkpoint: bytes | None
    checkpoint_version: str
    checkpoint_now: float
    steps: Steps
    last_now: float
    anchor: float
    node: str
    complete: bool


def restored(db: sqlite3.Connection, path: Path, last: int, meta: Meta, skip: int) -> Restored:
    """The newest checkpoint that is whole (or one before it) and the steps up to ``last``. Raises ``sqlite3.Error``."""
    seq, now, version, state = next(islice(checkpoints(db), skip, None), (0, 0.0, "", None))
    found = db.execute("SELECT count(*) FROM step WHERE seq > ? AND seq <= ?", (seq, last)).fetchone()[0]
    gaps = db.execute("SELECT gap FROM step WHERE seq > ? AND seq <= ? AND gap IS NOT NULL", (seq, last))
    lost = sum(int(json.loads(text)["rows"]) for (text,) in gaps)
    newest = db.execute("SELECT now FROM step WHERE seq = ?", (last,)).fetchone()
    return Restored(
        state,
        version,
        now,
        _steps(path, seq, last),
        max(now, newest[0] if newest else 0.0),
        meta.anchor,
        meta.node,
        found == last - seq and not lost,
    )


def _steps(path: Path, after: int, last: int) -> Steps:
    for step in map(decode_row, filter(intact, pages(path, after, last))):
        if step.gap is None:
            yield step.now, step.event, step.facts
