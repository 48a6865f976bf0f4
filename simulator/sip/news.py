"""What happens at the phones of a farm, as events, and how somebody waits for one."""

from __future__ import annotations

import asyncio
import enum
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field


class PhoneEventKind(enum.Enum):
    """What happened at a phone."""

    REGISTERED = "registered"
    REGISTER_FAILED = "register failed"
    RINGING = "ringing"  # a call came in
    ESTABLISHED = "established"
    CLOSED = "closed"
    TRANSFER_FAILED = "transfer failed"  # refused; baresip 1.0.0 then hangs up, without a CLOSED
    GONE = "gone"  # the process that holds all phones has ended


_KINDS = {
    "REGISTER_OK": PhoneEventKind.REGISTERED,
    "REGISTER_FAIL": PhoneEventKind.REGISTER_FAILED,
    "CALL_INCOMING": PhoneEventKind.RINGING,
    "CALL_ESTABLISHED": PhoneEventKind.ESTABLISHED,
    "CALL_CLOSED": PhoneEventKind.CLOSED,
    "TRANSFER_FAILED": PhoneEventKind.TRANSFER_FAILED,
}


@dataclass(frozen=True, slots=True)
class PhoneEvent:
    """`at`: monotonic second of reading; `call`: baresip's id of the call; `detail`: baresip's words."""

    user: str
    kind: PhoneEventKind
    call: str
    peer: str
    detail: str
    at: float


def event_of(message: Mapping[str, object]) -> PhoneEvent | None:
    """Reads one message of baresip, None for one of no interest.

    The user is the part of the account's address before the @.
    """
    kind = _KINDS.get(str(message.get("type")))
    if kind is None:
        return None
    user = re.match(r"sip:([^@;]*)@", str(message.get("accountaor", "")))
    call, peer, detail = (str(message.get(name, "")) for name in ("id", "peeruri", "param"))
    return PhoneEvent(user[1] if user else "", kind, call, peer, detail, time.monotonic())


@dataclass(slots=True)
class PhoneNews:
    """All events of a farm, in order, and the phones that are registered."""

    events: list[PhoneEvent] = field(default_factory=list)
    registered: set[str] = field(default_factory=set)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, event: PhoneEvent, also: Callable[[PhoneEvent], None] | None) -> None:
        """Takes an event, tells it to ``also``, and wakes who waits."""
        if event.kind is PhoneEventKind.REGISTERED:
            self.registered.add(event.user)
        self.events.append(event)
        if also:
            also(event)
        async with self._changed:
            self._changed.notify_all()

    async def until(self, reached: Callable[[], bool], limit_s: float) -> None:
        """Waits until this is so; raises TimeoutError."""
        async with asyncio.timeout(limit_s), self._changed:
            await self._changed.wait_for(reached)

    async def see(
        self, user: str, kind: PhoneEventKind, since: float = 0.0, limit_s: float = 15.0, peer: str = ""
    ) -> PhoneEvent:
        """Waits for the first such event since then (monotonic seconds); raises TimeoutError."""

        def wanted() -> Iterator[PhoneEvent]:
            return (e for e in self.events if e.user == user and e.kind is kind and e.at >= since and peer in e.peer)

        await self.until(lambda: any(wanted()), limit_s)
        return next(wanted())

    @property
    def failures(self) -> list[str]:
        """Says of each phone that was refused, and is not registered since, why."""
        failed = [event for event in self.events if event.kind is PhoneEventKind.REGISTER_FAILED]
        return [f"{event.user}: {event.detail}" for event in failed if event.user not in self.registered]

    @property
    def gone(self) -> bool:
        """Tells whether the process that holds all phones has ended."""
        return any(event.kind is PhoneEventKind.GONE for event in self.events)
