"""The engine's time on a live line: one scale that goes on over restarts, driven by the monotonic clock.

Wall time is ``anchor`` + ``now``. Somebody may set the wall clock at any moment, also between two starts; then ``off``
tells it, the runner moves the anchor, and the engine hears of it (``ClockMoved``). Slewing (NTP) is no such move: it
changes the pace of the monotonic clock as well (adjtimex(2)).
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(slots=True)
class Clock:
    """``now`` is seconds since ``anchor`` (wall time, epoch seconds), and begins at ``begins_at``, never before it."""

    anchor: float
    begins_at: float = 0.0
    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    _zero: float = field(init=False)

    def __post_init__(self) -> None:
        self._zero = self.monotonic() - self.begins_at

    def now(self) -> float:
        """Seconds on the engine's scale."""
        return self.monotonic() - self._zero

    def off(self) -> float:
        """By how many seconds the wall clock is ahead of what the anchor says."""
        return self.wall() - (self.anchor + self.now())

    @property
    def zero(self) -> float:
        """The machine's monotonic time at ``now`` 0."""
        return self._zero


@dataclass(frozen=True, slots=True)
class _Kept:
    """``zero`` of the line whose journal began at ``journal``, as long as the machine has not been booted anew."""

    journal: float
    boot: str
    zero: float


def go_on(
    kept: Path,
    journal: float,
    anchor: float,
    last_now: float,
    wall: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
) -> Clock:
    """The clock of a start that takes up behind ``last_now``; ``kept`` remembers for the next one.

    Since the last start of the same boot the monotonic clock has gone on, so the time between is known whatever the
    wall clock was set to. After another boot only the wall clock can tell, and it is not believed to have gone back.
    """
    boot, known = _boot(), _read(kept)
    if known is not None and (known.journal, known.boot) == (journal, boot):
        now = monotonic() - known.zero
    else:
        now = wall() - anchor
    clock = Clock(anchor, max(last_now, now), wall, monotonic)
    _write(kept, _Kept(journal, boot, clock.zero))
    return clock


def _boot() -> str:
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""


def _read(kept: Path) -> _Kept | None:
    try:
        told = json.loads(kept.read_text("utf-8"))
        return _Kept(float(told["journal"]), str(told["boot"]), float(told["zero"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(kept: Path, values: _Kept) -> None:
    """A disk that takes nothing costs the next start its exactness, and no call."""
    text = json.dumps({"journal": values.journal, "boot": values.boot, "zero": values.zero})
    try:
        new = kept.with_suffix(".new")
        new.write_text(text + "\n", "utf-8")
        new.replace(kept)
    except OSError as error:
        log.warning("%s cannot be written: %s", kept, error)
