"""Tell systemd by the notify socket (sd_notify(3)) that the line is up, what it does, and that it lives.

Without systemd there is no socket, and nothing happens.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass

STARTING_S = 10.0
"""Seconds between two signs of a start that takes its time; systemd then waits three times as long again."""
STATUS_S = 10.0


@dataclass(frozen=True, slots=True)
class Notify:
    """The socket (a path, or @name; empty: nobody listens) and how often systemd wants a sign of life, seconds."""

    address: str = ""
    watchdog_s: float = 0.0

    @classmethod
    def take(cls, environ: MutableMapping[str, str]) -> Notify:
        """Out of the environment, so that no child has it: Asterisk 22 would say READY=1 of its own, too early."""
        environ.pop("WATCHDOG_PID", None)
        wanted = environ.pop("WATCHDOG_USEC", "")
        return cls(environ.pop("NOTIFY_SOCKET", ""), int(wanted) / 1e6 if wanted.isdigit() else 0.0)

    def tell(self, **fields: str | int) -> None:
        """Send ``READY=1`` and the like. A socket that is gone, or full (nobody reads), stops and delays nothing."""
        if not self.address:
            return
        text = "\n".join(f"{name}={value}" for name, value in fields.items())
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
            door.setblocking(False)
            door.sendto(text.encode(), address)

    async def starting(self) -> None:
        """Until cancelled: ask for more time, as long as our loop runs."""
        while True:
            self.tell(STATUS="starting", EXTEND_TIMEOUT_USEC=round(3 * STARTING_S * 1e6))
            await asyncio.sleep(STARTING_S)

    async def living(self, status: Callable[[], str]) -> None:
        """Until cancelled: the line is up; signs of life, twice as often as systemd wants them, and what it does."""
        self.tell(READY=1, STATUS=status())
        while True:
            await asyncio.sleep(min(STATUS_S, self.watchdog_s / 2 or STATUS_S))
            self.tell(WATCHDOG=1, STATUS=status())
