"""Ask Asterisk's own account of calls, at the right times, for what the engine does not know; tell nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from calls import events as e

from .account import TRUNK
from .ami import AmiMessage

SETTLED_S = 10.0
"""Seconds ago at which a call must have ended: before that the events of a call that is ours may be on their way."""
READ_S = SETTLED_S + 2.0
"""Seconds after a hang-up until the account is read; calls that end meanwhile are read with it, or the next time."""


class Source(Protocol):
    """Asterisk's own account of calls. Does not raise."""

    async def missing(self, living: frozenset[str] | None) -> Sequence[e.Event]:
        """The calls that are over and of which the engine knows nothing, or not the end.

        ``living``: the channels that Asterisk has now; None: not known.
        """


class NoAccount:
    """Knows of no call; for an Asterisk whose files are not ours to read."""

    async def missing(self, living: frozenset[str] | None) -> Sequence[e.Event]:
        """Nothing is missing."""
        return ()


class Accounting:
    """Reads when stock is taken, with each audit, and after a citizen's call has ended that was not the engine's."""

    def __init__(
        self,
        source: Source | None,
        step: Callable[[e.Event], None],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._source, self._step, self._spawn = source or NoAccount(), step, spawn
        self._one = asyncio.Lock()
        self._later: asyncio.TimerHandle | None = None

    def ended(self, message: AmiMessage, ours: bool) -> None:
        """A channel's ``Hangup``."""
        if not ours and message.get("Channel").startswith(TRUNK):
            self._read_soon()

    def took_stock(self, living: frozenset[str]) -> None:
        """The engine is back: calls may have ended a moment ago."""
        self.read(living)
        self._read_soon()

    def read(self, living: frozenset[str] | None) -> None:
        """Read the account in the background. ``living``: the channels that Asterisk has now; None: not known."""
        self._spawn(self._read(living))

    def close(self) -> None:
        """Plan no further reading."""
        if self._later is not None:
            self._later.cancel()

    def _read_soon(self) -> None:
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(READ_S, self._read_later)

    def _read_later(self) -> None:
        self._later = None
        self.read(None)

    async def _read(self, living: frozenset[str] | None) -> None:
        """One reading at a time: what it has told is known to the next."""
        async with self._one:
            for event in await self._source.missing(living):
                self._step(event)
