"""AGI commands over AMI: their results, and who waits for which (Asterisk's res_agi.c, `agi:async`)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from .action import OUR_IDS, settle
from .errors import AgiEnded, AmiDisconnected, AmiError, AmiTimeout
from .message import AmiMessage
from .settings import AmiCounters

_LINE = re.compile(
    r"(?P<code>\d{3})[ -](?:result=(?P<result>\S*)(?: \((?P<data>.*?)\))?(?: endpos=(?P<endpos>\d+))?\s*$)?", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class AgiResult:
    """Asterisk's answer to one command."""

    code: int
    """200: carried out; 510: no such command; 511: the channel is dead; 520: wrong use; 0: not an AGI answer."""
    result: str
    """Value of `result=`: a number, or the digits of GET DATA."""
    data: str
    """Text in brackets: a variable's value, `timeout`, `hangup`."""
    endpos: int | None
    """Samples played (8,000 a second) when a stream ended."""
    raw: str

    @classmethod
    def parse(cls, raw: str) -> AgiResult:
        """`raw` is the URL-decoded `Result` of an AsyncAGIExec event."""
        found = _LINE.match(raw)
        if found is None:
            return cls(0, "", "", None, raw)
        endpos = found["endpos"]
        return cls(int(found["code"]), found["result"] or "", found["data"] or "", int(endpos) if endpos else None, raw)

    @property
    def ok(self) -> bool:
        """Carried out on a channel that is still there."""
        return self.code == 200 and not self.result.startswith("-")

    @property
    def digit(self) -> str:
        """The key that ended STREAM FILE, WAIT FOR DIGIT and the like; empty where none was pressed."""
        key = chr(int(self.result)) if len(self.result) == 2 and self.result.isdecimal() else ""
        return key if self.ok and key in "0123456789*#ABCD" else ""


class _Wait:
    """One command: whose it is, who waits for its result, and until when."""

    __slots__ = ("channel", "future", "timer")

    def __init__(self, channel: str, future: asyncio.Future[AgiResult], timer: asyncio.TimerHandle | None) -> None:
        self.channel, self.future, self.timer = channel, future, timer


class AgiWaits:
    """The AGI commands that have no result yet, by their CommandID."""

    def __init__(self, counters: AmiCounters) -> None:
        self._counters = counters
        self._waits: dict[str, _Wait] = {}
        self._by_channel: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self._waits)

    def add(self, command_id: str, channel: str, timeout_s: float | None) -> asyncio.Future[AgiResult]:
        """`channel`: name or unique id, as in the command. `timeout_s`: seconds; None is until the channel ends."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[AgiResult] = loop.create_future()
        timer = None if timeout_s is None else loop.call_later(timeout_s, self._expire, command_id, timeout_s)
        self._waits[command_id] = _Wait(channel, future, timer)
        self._by_channel.setdefault(channel, []).append(command_id)
        return future

    @staticmethod
    def failed(error: AmiError) -> asyncio.Future[AgiResult]:
        """The result of a command that was not sent."""
        future: asyncio.Future[AgiResult] = asyncio.get_running_loop().create_future()
        settle(future, error)
        return future

    def _expire(self, command_id: str, timeout_s: float) -> None:
        self._counters.timeouts += 1
        self.settle(command_id, AmiTimeout(f"no result of an AGI command within {timeout_s:g} s"))

    def settle(self, command_id: str, outcome: object) -> bool:
        """Give the command's result, or its error, to whoever waits. False where nobody does."""
        wait = self._waits.pop(command_id, None)
        if wait is None:
            return False
        if wait.timer is not None:
            wait.timer.cancel()
        queued = self._by_channel[wait.channel]
        queued.remove(command_id)
        if not queued:
            del self._by_channel[wait.channel]
        settle(wait.future, outcome)
        return True

    def see(self, event: AmiMessage) -> None:
        """A result is handed over; where a channel has left AsyncAGI, what it still owed fails with AgiEnded."""
        if event.name == "AsyncAGIExec":
            command_id = event.get("CommandId")
            if not self.settle(command_id, AgiResult.parse(event.get("Result"))) and command_id.startswith(OUR_IDS):
                self._counters.late += 1  # the others belong to an engine that was here before us
        elif event.name in ("AsyncAGIEnd", "Hangup"):
            self._end(event.get("Channel"))
            self._end(event.get("Uniqueid"))

    def _end(self, channel: str) -> None:
        for command_id in tuple(self._by_channel.get(channel, ())):
            self.settle(command_id, AgiEnded("the channel left AsyncAGI"))

    def fail(self, reason: str) -> None:
        """The connection is gone: whether the commands are carried out is unknown."""
        for command_id in list(self._waits):
            self.settle(command_id, AmiDisconnected(reason))
