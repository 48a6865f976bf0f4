"""The engine's time on a live line: one scale that goes on over restarts, driven by the monotonic clock."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Clock:
    """``now`` is seconds since ``anchor`` (wall time, epoch seconds, of the journal's first start).

    A restart takes up behind the last ``now`` that was written, wherever the wall clock says we are; within a run only
    the monotonic clock counts, so that a wall clock that is set has no effect.
    """

    anchor: float
    last_now: float = 0.0
    _base: float = field(init=False)
    _started: float = field(init=False)

    def __post_init__(self) -> None:
        self._started = time.monotonic()
        self._base = max(self.last_now, time.time() - self.anchor)

    def now(self) -> float:
        return self._base + time.monotonic() - self._started
