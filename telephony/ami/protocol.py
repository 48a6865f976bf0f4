"""The fence: panoramisk's protocol with every path replaced that could lose, repeat, wait for ever or grow for ever.

What is written in one turn of the loop goes out as one: Asterisk answers it as one too, and each answer that comes
alone costs a turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from panoramisk.ami_protocol import AMIProtocol

from .action import Fields, Pending, new_id, settle, wire
from .answers import Answers, Refused
from .errors import AmiBusy, AmiDisconnected, AmiError
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
        self._unsent = bytearray()
        self._reading = False
        self.answers = Answers(counters)
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
        self._reading = True
        for text in texts:
            self._take(text)
        self._reading = False
        self._flush()
        return None

    def _take(self, text: str) -> None:
        if self.answers.is_done(text):
            return
        message = AmiMessage.parse(text)
        if message is None:
            self._counters.garbled += 1
        else:
            self.handle_message(message)

    def handle_message(self, message: AmiMessage) -> None:
        """Give a response to the action that it answers, an event to whom it concerns."""
        if message.is_response:
            self.answers.response(message)
        elif not self.answers.is_row(message):
            if message.name == "FullyBooted":
                settle(self.booted, None)
            self._on_event(message)

    def send(self, pending: Pending, timeout_s: float) -> asyncio.Future[Any]:
        """Write it. The future fails with AmiTimeout, AmiRefused, AmiBusy, AmiDisconnected."""
        error = self._obstacle(len(pending.wire))
        if error is not None:
            pending.settle(error)
        else:
            self.answers.wait(pending, timeout_s)
            self._write(pending.wire)
        return pending.future

    def tell(self, name: str, fields: Fields, refused: Refused) -> None:
        """Write an action that nobody waits for, or raise ValueError. ``refused`` takes the error, if there is one."""
        number = new_id()
        data = wire(name, number, fields, self._settings)
        error = self._obstacle(len(data))
        if error is not None:
            refused(error)
        else:
            self.answers.tell(number, refused)
            self._write(data)

    def _obstacle(self, size: int) -> AmiError | None:
        """Why so many bytes more cannot be written, if so."""
        settings = self._settings
        if self.closed:
            return AmiDisconnected(self._reason)
        if len(self.answers) >= settings.max_pending:
            return AmiBusy(f"{settings.max_pending} actions wait for an answer")
        if len(self._unsent) + self.transport.get_write_buffer_size() + size > settings.max_unsent:
            return AmiBusy(f"{settings.max_unsent} bytes wait to be read by Asterisk")
        return None

    def _write(self, data: bytes) -> None:
        self._counters.actions += 1
        if not self._unsent and not self._reading:
            asyncio.get_running_loop().call_soon(self._flush)
        self._unsent += data

    def _flush(self) -> None:
        if self._unsent and not self.closed:
            data = bytes(self._unsent)
            self._unsent.clear()
            self.transport.write(data)

    def abort(self, reason: str) -> None:
        """Drop the connection at once, unsent bytes and all."""
        self._reason = self._reason or reason
        self.transport.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.closed = True
        self._reason = self._reason or str(exc or "") or "closed by Asterisk"
        self.answers.fail(self._reason)
        settle(self.greeted, AmiDisconnected(self._reason))
        settle(self.lost, self._reason)
        self._on_lost(self._reason)

    def close(self) -> None:
        """panoramisk's would also put unanswered actions aside, to send them again."""
        self.transport.close()

    async def log_off(self) -> None:
        """Say goodbye and close; a peer that does not read its last bytes within a second is dropped."""
        if not self.closed:
            self._flush()
            self.transport.write(b"Action: Logoff\r\n\r\n")
            self.close()
            await asyncio.wait({self.lost}, timeout=1)
            self.abort("closed by us")
            await self.lost
