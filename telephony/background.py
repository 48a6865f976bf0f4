"""Work in the background of the loop: tasks that are ended together, and the one alarm of the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from .clock import Clock


class Background:
    """Tasks that end with ``close``."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start work that nobody waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def every(self, seconds: float, action: Callable[[], None]) -> None:
        """Do it again and again, first after ``seconds``."""
        self.spawn(_repeat(seconds, action))

    async def close(self) -> None:
        """Cancel what is left, and wait for its end."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _repeat(seconds: float, action: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(seconds)
        action()


class Alarm:
    """Wakes once, at the deadline set last. ``due(late_s)`` is never called before the clock shows the deadline."""

    def __init__(self, clock: Clock, due: Callable[[float], None]) -> None:
        self._clock, self._due = clock, due
        self._timer: asyncio.TimerHandle | None = None
        self._deadline: float | None = None

    def set(self, deadline: float | None) -> None:
        """Set the deadline in place of the last one; None: nothing is planned."""
        if self._timer is not None and deadline == self._deadline:
            return
        self.cancel()
        self._deadline = deadline
        if deadline is not None:
            delay = max(0.0, deadline - self._clock.now())
            self._timer = asyncio.get_running_loop().call_later(delay, self._ring, deadline)

    def cancel(self) -> None:
        """Plan nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self, deadline: float) -> None:
        self._timer = None
        late_s = self._clock.now() - deadline
        if late_s < 0:  # a loop may wake a hair early
            self.set(deadline)
        else:
            self._due(late_s)
