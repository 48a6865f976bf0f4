"""The AMI client: keeps one logged-in connection alive, hands events over in order, and gives every action a deadline.

It knows nothing of calls: what a message means is the driver's business. What each part guards against, and why
panoramisk's Manager is not used: docs/decisions/0001-ami-client.md.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from traceback import extract_tb
from typing import Any

from .action import NO_FIELDS, Fields, Pending, new_id
from .agi import AgiResult, AgiWaits
from .answers import Refused
from .errors import AgiEnded, AmiBusy, AmiDisconnected, AmiError, AmiLoginFailed, AmiTimeout, AmiUnreachable
from .login import log_in
from .message import AmiMessage
from .protocol import Protocol
from .settings import AmiCounters, AmiSettings

log = logging.getLogger(__name__)


def _unheard(error: AmiError) -> None:
    """Nobody wants to know: it is counted."""


class AmiClient:
    """Callbacks run in the event loop; an exception of theirs is logged and counted, no more.

    `on_up()` after every login: take a snapshot, then trust events. `on_down(reason)` after every loss, and once more,
    with Asterisk's words, should it refuse the login when we come back; that is final. `on_event` only between the two,
    synchronously, in order of arrival. `jitter` is the only randomness. `mend`: for an Asterisk that is ours; called
    when it refuses the login, which is then tried again and never final.
    """

    def __init__(
        self,
        settings: AmiSettings,
        on_event: Callable[[AmiMessage], None],
        on_up: Callable[[], None],
        on_down: Callable[[str], None],
        *,
        jitter: random.Random | None = None,
        mend: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.settings = settings
        self.counters = AmiCounters()
        self._on_event = on_event
        self._on_up = on_up
        self._on_down = on_down
        self._jitter = jitter or random.SystemRandom()
        self._mend = mend
        self._agi = AgiWaits(self.counters)
        self._protocol: Protocol | None = None
        self._up = False
        self._task: asyncio.Task[None] | None = None

    @property
    def up(self) -> bool:
        """Logged in: actions are written and events are handed over."""
        return self._up

    @property
    def pending(self) -> int:
        """Actions that wait for an answer and AGI commands that wait for a result."""
        return len(self._agi) + (len(self._protocol.answers) if self._protocol else 0)

    # -- life: connect, watch, connect again

    async def start(self) -> None:
        """Connect and log in, or raise AmiUnreachable or AmiLoginFailed. From then on the connection is kept."""
        if self._task is not None:
            raise RuntimeError("an AmiClient starts once")
        within_s = self.settings.start_within_s
        protocol = await (self._until_connected(within_s) if within_s else self._connect())
        self._task = asyncio.create_task(self._keep(protocol), name="ami")

    async def close(self) -> None:
        """Log off. What is pending fails with AmiDisconnected; no callback is called any more."""
        self._up = False
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        if self._protocol is not None:
            await self._protocol.log_off()
        self._agi.fail("closed by us")

    async def wait_closed(self) -> None:
        """Until `close`; raises AmiLoginFailed when Asterisk refuses us on the way back."""
        if self._task is not None:
            await asyncio.wait({self._task})
            if not self._task.cancelled():
                self._task.result()

    def drop(self, reason: str) -> None:
        """Give this connection up and connect anew: what is still unread in it is too old to be trusted."""
        if self._protocol is not None and self._up:
            self._lost(reason)
            self._protocol.abort(reason)

    async def _keep(self, protocol: Protocol) -> None:
        while True:
            await self._watch(protocol)
            protocol = await self._reconnect()

    async def _connect(self) -> Protocol:
        where = f"{self.settings.host}:{self.settings.port}"
        try:
            protocol = await log_in(self.settings, self._dial)
        except AmiLoginFailed:
            raise
        except (OSError, AmiError) as error:
            raise AmiUnreachable(f"AMI at {where}: {str(error) or 'no answer in time'}") from error
        self._up = True
        self._call(self._on_up, about="on_up")
        return protocol

    def _dial(self) -> Protocol:
        self._protocol = Protocol(self.settings, self.counters, self._event, self._lost)
        return self._protocol

    async def _watch(self, protocol: Protocol) -> None:
        """Until the connection is lost. A peer that answers no Ping, and sends nothing else, is given up."""
        while not protocol.lost.done():
            before = protocol.reads
            await asyncio.wait({protocol.lost}, timeout=self.settings.ping_every_s)
            silence = await self._silence(protocol, before)
            if silence:
                protocol.abort(silence)

    async def _silence(self, protocol: Protocol, before: int) -> str:
        """Why the peer must be taken for dead, if so. Any byte is a sign of life: a backlog delays the answer."""
        sent = protocol.reads
        try:
            await protocol.send(Pending("Ping", NO_FIELDS, self.settings), self.settings.ping_timeout_s)
        except AmiTimeout as error:
            return str(error) if protocol.reads == sent else ""
        except AmiBusy as error:
            return str(error) if protocol.reads == before else ""
        except AmiError:
            return ""  # refused: it speaks; disconnected: the watch ends by itself
        return ""

    async def _reconnect(self) -> Protocol:
        try:
            protocol = await self._until_connected()
        except AmiLoginFailed as error:
            log.error("given up: %s", error)
            self._call(self._on_down, str(error), about="on_down")
            raise
        self.counters.reconnects += 1
        return protocol

    async def _until_connected(self, within_s: float = math.inf) -> Protocol:
        """Try again and again, with growing pauses; after `within_s` the last error is raised."""
        pause, longest = self.settings.backoff_s
        until = asyncio.get_running_loop().time() + within_s
        while True:
            await asyncio.sleep(self._jitter.uniform(pause / 2, pause))
            pause = min(2 * pause, longest)
            try:
                return await self._connect()
            except (AmiUnreachable, AmiLoginFailed) as error:
                await self._bear(error, last=asyncio.get_running_loop().time() > until)

    async def _bear(self, error: AmiError, *, last: bool) -> None:
        """Go on after a failure, or raise it where trying again would not help."""
        if last or (isinstance(error, AmiLoginFailed) and self._mend is None):
            raise error
        log.warning("no connection yet: %s", error)
        if isinstance(error, AmiLoginFailed) and self._mend is not None:
            await self._mend()

    # -- what comes in

    def _event(self, event: AmiMessage) -> None:
        if not self._up:
            self.counters.early += 1
            return
        self.counters.events += 1
        self._agi.see(event)
        self._call(self._on_event, event, about=event.name)

    def _lost(self, reason: str) -> None:
        self._agi.fail(reason)
        if self._up:
            self._up = False
            log.warning("connection lost: %s", reason)
            self._call(self._on_down, reason, about="on_down")

    def _call(self, callback: Callable[..., None], *args: Any, about: str) -> None:
        try:
            callback(*args)
        except Exception as error:
            self.counters.callback_errors += 1
            # Neither the error's text nor the event: both may hold a caller's number.
            frame = extract_tb(error.__traceback__)[-1]
            log.error("%s: %s at %s:%s", about, type(error).__name__, Path(frame.filename).name, frame.lineno)

    # -- what goes out

    def send(
        self, name: str, fields: Fields = NO_FIELDS, *, timeout_s: float | None = None
    ) -> asyncio.Future[AmiMessage]:
        """Write an action before returning, so the order of calls is the order at Asterisk; the answer comes later.

        Raises ValueError, with nothing written, for a value Asterisk must not see (line ends, too long, too many).
        Every other failure is in the future: AmiRefused, AmiTimeout, AmiBusy, AmiDisconnected.
        """
        return self._send(Pending(name, fields, self.settings), timeout_s)

    def tell(self, name: str, fields: Fields, refused: Refused = _unheard) -> None:
        """Write an action that nobody waits for; `refused` takes the error, if there is one. Raises as `send` does."""
        if self._protocol is None or not self._up:
            refused(AmiDisconnected("not connected"))
        else:
            self._protocol.tell(name, fields, refused)

    async def action(self, name: str, fields: Fields = NO_FIELDS, *, timeout_s: float | None = None) -> AmiMessage:
        """`send`, and wait for the answer. `timeout_s`: seconds; None is `action_timeout_s` of the settings."""
        return await self.send(name, fields, timeout_s=timeout_s)

    async def listing(
        self, name: str, fields: Fields = NO_FIELDS, *, complete: str, timeout_s: float | None = None
    ) -> list[AmiMessage]:
        """An action answered by a list: its events, which `on_event` does not get, up to and without `complete`."""
        pending = Pending(name, fields, self.settings, complete=complete, max_rows=self.settings.max_rows)
        rows: list[AmiMessage] = await self._send(pending, timeout_s)
        return rows

    def send_agi(self, channel: str, command: str, *, timeout_s: float | None) -> asyncio.Future[AgiResult]:
        """Queue an AGI command now. `timeout_s`: seconds to its result; None is while the channel is in AsyncAGI.

        Fails as `send` does, or with AgiEnded. Keep one command outstanding per channel: those still queued when the
        channel is redirected run when it comes back (docs/asterisk.md), with nobody waiting.
        """
        if len(self._agi) >= self.settings.max_pending:
            return self._agi.failed(AmiBusy(f"{self.settings.max_pending} AGI commands wait for a result"))
        command_id = new_id()
        result = self._agi.add(command_id, channel, timeout_s)
        fields = {"Channel": channel, "Command": command, "CommandID": command_id}
        try:
            self.tell("AGI", fields, partial(self._agi.settle, command_id))
        except ValueError:
            self._agi.settle(command_id, AgiEnded("never sent"))
            raise
        return result

    async def agi(self, channel: str, command: str, *, timeout_s: float | None) -> AgiResult:
        """`send_agi`, and wait for the result."""
        return await self.send_agi(channel, command, timeout_s=timeout_s)

    def _send(self, pending: Pending, timeout_s: float | None) -> asyncio.Future[Any]:
        if self._protocol is None or not self._up:
            pending.settle(AmiDisconnected("not connected"))
            return pending.future
        return self._protocol.send(pending, self.settings.action_timeout_s if timeout_s is None else timeout_s)
