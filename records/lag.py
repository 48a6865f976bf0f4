"""The delay of the reports behind the journal."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from .steps import Reader


@dataclass(frozen=True, slots=True)
class TailerLag:
    """Delay of the reports behind the journal: ``steps`` not yet in them, told within ``seconds``."""

    steps: int
    seconds: float


def lag_of(journal: Path, reached: int) -> TailerLag:
    """Give the delay of who has entered all steps up to ``reached``. Zero where there is no journal (yet)."""
    try:
        with Reader(journal) as reader:
            seq, now = reader.last()
            waiting = reader.rows(reached, 1)
    except sqlite3.Error:
        return TailerLag(0, 0.0)
    return TailerLag(seq - reached, now - waiting[0][2]) if waiting else TailerLag(0, 0.0)
