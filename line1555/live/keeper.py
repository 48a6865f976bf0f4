"""Starts our Asterisk again when it dies: at once, then with growing pauses, and not for ever.

The calls died with it; the engine learns that by the look that follows each login (another start time, no channels).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from telephony.asterisk import Asterisk, AsteriskError, AsteriskSettings, AsteriskSettingsError

log = logging.getLogger(__name__)

WITHIN_S = 600.0
MOST_DEATHS = 6
"""Deaths within WITHIN_S that are no accident: another start would not help either."""
LONGEST_PAUSE_S = 30.0


def pause_s(deaths: Sequence[float], now: float) -> float | None:
    """Seconds to wait before it is started again, after deaths at these instants; None: no more."""
    recent = sum(at > now - WITHIN_S for at in deaths)
    if recent > MOST_DEATHS:
        return None
    return 0.0 if recent <= 1 else min(2.0 ** (recent - 2), LONGEST_PAUSE_S)


class Keeper:
    """Watches one Asterisk. ``restarts`` only grows; ``give_up`` is called when starting it does not help."""

    def __init__(self, run_dir: Path, now: Callable[[], float] = time.monotonic) -> None:
        self.restarts = 0
        self._run_dir, self._now = run_dir, now
        self._deaths: list[float] = []
        self._reviving: asyncio.Task[None] | None = None
        self._asterisk: Asterisk | None = None

    def watch(self, asterisk: Asterisk, settings: Callable[[], AsteriskSettings], give_up: Callable[[], None]) -> None:
        """From now on; one that dies before fails the start of the line."""
        self._asterisk, self._settings, self._give_up = asterisk, settings, give_up
        if asterisk.ended.is_set():
            self.gone(None)

    def gone(self, code: int | None) -> None:
        """It ended by itself."""
        log.error("ASTERISK ENDED BY ITSELF (%s), and its calls with it: see %s/log", code, self._run_dir)
        self._deaths = [*self._deaths[-MOST_DEATHS:], self._now()]
        if self._asterisk is not None and (self._reviving is None or self._reviving.done()):
            self._reviving = asyncio.get_running_loop().create_task(self._revive(self._asterisk))

    async def close(self) -> None:
        """No more starts."""
        if self._reviving is not None:
            self._reviving.cancel()
            await asyncio.gather(self._reviving, return_exceptions=True)

    async def _revive(self, asterisk: Asterisk) -> None:
        while (pause := pause_s(self._deaths, self._now())) is not None:
            await asyncio.sleep(pause)
            try:
                await asterisk.revive(self._settings())
            except (AsteriskError, AsteriskSettingsError, OSError) as error:
                log.error("Asterisk was not started again: %s", error)
                self._deaths.append(self._now())
                continue
            self.restarts += 1
            log.warning("Asterisk is up again (pid %d)", asterisk.pid)
            if not asterisk.ended.is_set():
                return
        log.error("Asterisk ended %d times within %.0f s: given up", len(self._deaths), WITHIN_S)
        self._give_up()
