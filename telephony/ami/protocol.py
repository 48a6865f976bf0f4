"""The fence: panoramisk's protocol with every path replaced that could lose, repeat, wait for ever or grow for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from panoramisk.ami_protocol import AMIProtocol

from .action import Pending, settle
from .errors import AmiBusy, AmiDisconnected, AmiError, AmiTimeout
from .framer import Framer, NotAmi
from .message import AmiMessage
from .settings import AmiCounters, AmiSettings


class Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk is untyped
    """One connection, used once. The callbacks must not raise."""

    def __init__(
        self,
        settings: AmiSettings,
        counters: AmiCounters,
        on_event: Callable[[AmiMessage], None],
        on_lost: Callable[[str], None],
    ) -> None:
        loop = asyncio.get_running_loop()
        self._settings = settings
        self._counters = counters
        self._on_event = on_event
        self._on_lost = on_lost
        self._framer = Framer(settings.max_message)
        self._reason = ""
        self.closed = True  # until it is made
        self.reads = 0
        """Times that anything was received: how a slow peer is told from a silent one."""
        self.greeted: asyncio.Future[None] = loop.create_future()
        """Done when the peer has said that it speaks AMI; fails with AmiDisconnected."""
        self.booted: asyncio.Future[None] = loop.create_future()
        """Done when Asterisk has told that it is fully booted."""
        self.lost: asyncio.Future[str] = loop.create_future()
        """Done, with the reason, once the connection is closed and every pending action has failed."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.responses: dict[str, Pending] = {}
        self.transport: asyncio.Transport = self.transport

    def data_received(self, data: bytes) -> None:
        self.reads += 1
        try:
            texts = self._framer.feed(data)
        except NotAmi:
            return self.abort("it does not speak AMI")
        self._counters.dropped += self._framer.dropped
        self._framer.dropped = 0
        if self._framer.version:
            settle(self.greeted, None)
        for text in texts:
            self._take(text)
        return None

    def _take(self, text: str) -> None:
        message = AmiMessage.parse(text)
        if message is None:
            self._counters.garbled += 1
        else:
            self.handle_message(message)

    def handle_message(self, message: AmiMessage) -> None:
        """Give a response to the action that waits for it, an event to whom it concerns."""
        pending = self.responses.get(message.get("ActionID"))
        if message.is_response:
            if pending is None:
                self._counters.late += 1
            else:
                self._advance(pending, pending.response(message))
        elif pending is not None and pending.complete:
            self._advance(pending, pending.row(message))
        else:
            if message.name == "FullyBooted":
                settle(self.booted, None)
            self._on_event(message)

    def _advance(self, pending: Pending, outcome: object | None) -> None:
        if outcome is not None:
            self._counters.refused += isinstance(outcome, AmiError)
            self._settle(pending, outcome)

    def _settle(self, pending: Pending, outcome: object) -> None:
        self.responses.pop(pending.id, None)
        pending.settle(outcome)

    def send(self, pending: Pending, timeout_s: float) -> asyncio.Future[Any]:
        """Write now, or raise ValueError. The future fails with AmiTimeout, AmiRefused, AmiBusy, AmiDisconnected."""
        wire = pending.wire(self._settings)
        if self.closed:
            pending.settle(AmiDisconnected(self._reason))
        elif len(self.responses) >= self._settings.max_pending:
            pending.settle(AmiBusy(f"{self._settings.max_pending} actions wait for an answer"))
        elif self.transport.get_write_buffer_size() + len(wire) > self._settings.max_unsent:
            pending.settle(AmiBusy(f"{self._settings.max_unsent} bytes wait to be read by Asterisk"))
        else:
            self._write(pending, wire, timeout_s)
        return pending.future

    def _write(self, pending: Pending, wire: bytes, timeout_s: float) -> None:
        self._counters.actions += 1
        self.responses[pending.id] = pending
        pending.deadline = asyncio.get_running_loop().call_later(timeout_s, self._expire, pending, timeout_s)
        pending.future.add_done_callback(lambda _: self._forget(pending))
        self.transport.write(wire)

    def _expire(self, pending: Pending, timeout_s: float) -> None:
        self._counters.timeouts += 1
        self._settle(pending, AmiTimeout(f"no answer to {pending['action']} within {timeout_s:g} s"))

    def _forget(self, pending: Pending) -> None:
        """Drop an action whose owner cancelled: the answer will count as late."""
        self.responses.pop(pending.id, None)
        if pending.deadline is not None:
            pending.deadline.cancel()

    def abort(self, reason: str) -> None:
        """Drop the connection at once, unsent bytes and all."""
        self._reason = self._reason or reason
        self.transport.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.closed = True
        self._reason = self._reason or str(exc or "") or "closed by Asterisk"
        for pending in list(self.responses.values()):
            self._settle(pending, AmiDisconnected(self._reason))
        settle(self.greeted, AmiDisconnected(self._reason))
        settle(self.lost, self._reason)
        self._on_lost(self._reason)

    def close(self) -> None:
        """panoramisk's would also put unanswered actions aside, to send them again."""
        self.transport.close()

    async def log_off(self) -> None:
        """Say goodbye and close; a peer that does not read its last bytes within a second is dropped."""
        if not self.closed:
            self.transport.write(b"Action: Logoff\r\n\r\n")
            self.close()
            await asyncio.wait({self.lost}, timeout=1)
            self.abort("closed by us")
            await self.lost
