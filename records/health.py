"""Health of the journal: steps reach the disk or not, and how long to leave a disk alone that does not take them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from .damage import code

RETRY_S = 1.0
RETRY_PASSING_S = 0.01


@dataclass(frozen=True, slots=True)
class Health:
    """``ok``: steps reach the disk. ``since`` is the engine's ``now`` of the first failure, None while all is well.

    ``buffered`` steps wait in memory, ``dropped`` were lost since this journal was opened. ``damaged`` names the file
    that had to be set aside since then, ``spoiled`` counts these.
    """

    ok: bool
    since: float | None
    reason: str
    buffered: int
    dropped: int
    damaged: str = ""
    spoiled: int = 0


def is_passing(error: Exception) -> bool:
    """Tell whether somebody holds a lock, which passes."""
    return code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def pause_s(error: Exception) -> float:
    """Give the seconds to leave the disk alone: a lock passes, and that a step is no message is not its fault."""
    if not isinstance(error, (sqlite3.Error, OSError)):
        return 0.0
    return RETRY_PASSING_S if is_passing(error) else RETRY_S
