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
from .errors import AmiBusy, AmiDisconnected, AmiError, AmiGone, AmiTimeout, refusal
from .framer import Framer, NotAmi
from .message import AmiMessage
from .settings import AmiCounters, AmiSettings

Refused = Callable[[AmiError], object]
"""Takes the refusal of an action that nobody waits for."""

SUCCESS = "Response: Success\r\nActionID: "


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
        self._told: dict[str, Refused] = {}
        self._unsent: list[bytes] = []
        self._unsent_bytes = 0
        self._reading = False
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
        if text.startswith(SUCCESS):
            number = text[len(SUCCESS) :].partition("\r\n")[0]
            if self._told.pop(number, None) is not None:
                return
        message = AmiMessage.parse(text)
        if message is None:
            self._counters.garbled += 1
        else:
            self.handle_message(message)

    def handle_message(self, message: AmiMessage) -> None:
        """Give a response to the action that it answers, an event to whom it concerns."""
        number = message.action_id
        pending = self.responses.get(number) if number else None
        if message.is_response:
            if pending is not None:
                self._advance(pending, pending.response(message))
            elif (refused := self._told.pop(number, None)) is not None:
                self._answered(refused, message)
            else:
                self._counters.late += 1
        elif pending is not None and pending.complete:
            self._advance(pending, pending.row(message))
        else:
            if message.name == "FullyBooted":
                settle(self.booted, None)
            self._on_event(message)

    def _answered(self, refused: Refused, message: AmiMessage) -> None:
        if message.get("Response") == "Error":
            error = refusal(message.get("Message"))
            self._count(error)
            refused(error)

    def _count(self, error: AmiError) -> None:
        if isinstance(error, AmiGone):
            self._counters.gone += 1
        else:
            self._counters.refused += 1

    def _advance(self, pending: Pending, outcome: object | None) -> None:
        if outcome is None:
            return
        if isinstance(outcome, AmiError):
            self._count(outcome)
        self._settle(pending, outcome)

    def _settle(self, pending: Pending, outcome: object) -> None:
        self.responses.pop(pending.id, None)
        pending.settle(outcome)

    def send(self, pending: Pending, timeout_s: float) -> asyncio.Future[Any]:
        """Write it. The future fails with AmiTimeout, AmiRefused, AmiBusy, AmiDisconnected."""
        error = self._obstacle(len(pending.wire))
        if error is not None:
            pending.settle(error)
            return pending.future
        self.responses[pending.id] = pending
        pending.deadline = asyncio.get_running_loop().call_later(timeout_s, self._expire, pending, timeout_s)
        pending.future.add_done_callback(lambda _: self._forget(pending))
        self._write(pending.wire)
        return pending.future

    def tell(self, name: str, fields: Fields, refused: Refused) -> str:
        """Write an action that nobody waits for, or raise ValueError; its id.

        It has no deadline of its own: Asterisk answers in order, so a peer that lets it wait lets the Ping wait too.
        """
        number = new_id()
        data = wire(name, number, fields, self._settings)
        error = self._obstacle(len(data))
        if error is not None:
            refused(error)
        else:
            self._told[number] = refused
            self._write(data)
        return number

    def _obstacle(self, size: int) -> AmiError | None:
        """Why so many bytes more cannot be written, if so."""
        settings = self._settings
        if self.closed:
            return AmiDisconnected(self._reason)
        if self.unanswered >= settings.max_pending:
            return AmiBusy(f"{settings.max_pending} actions wait for an answer")
        if self._unsent_bytes + self.transport.get_write_buffer_size() + size > settings.max_unsent:
            return AmiBusy(f"{settings.max_unsent} bytes wait to be read by Asterisk")
        return None

    @property
    def unanswered(self) -> int:
        """How many actions wait for an answer."""
        return len(self.responses) + len(self._told)

    def _write(self, data: bytes) -> None:
        self._counters.actions += 1
        if not self._unsent and not self._reading:
            asyncio.get_running_loop().call_soon(self._flush)
        self._unsent.append(data)
        self._unsent_bytes += len(data)

    def _flush(self) -> None:
        if self._unsent and not self.closed:
            data = b"".join(self._unsent)
            self._unsent.clear()
            self._unsent_bytes = 0
            self.transport.write(data)

    def _expire(self, pending: Pending, timeout_s: float) -> None:
        self._counters.timeouts += 1
        self._settle(pending, AmiTimeout(f"no answer to {pending.name} within {timeout_s:g} s"))

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
        self._told.clear()
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
