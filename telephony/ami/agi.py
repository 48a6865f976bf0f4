"""AGI commands over AMI: their results, and who waits for which (Asterisk's res_agi.c, `agi:async`)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from .action import OUR_IDS, settle
from .errors import AgiEnded, AmiDisconnected, AmiTimeout
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
        key = chr(int(self.result)) if re.fullmatch(r"\d{2}", self.result) else ""
        return key if self.ok and key in "0123456789*#ABCD" else ""


class AgiWaits:
    """The AGI commands that have no result yet, by their CommandID."""

    def __init__(self, counters: AmiCounters) -> None:
        self._counters = counters
        self._waits: dict[str, tuple[str, asyncio.Future[AgiResult]]] = {}

    def __len__(self) -> int:
        return len(self._waits)

    def add(self, command_id: str, channel: str, timeout_s: float | None) -> asyncio.Future[AgiResult]:
        """`channel`: name or unique id, as in the command. `timeout_s`: seconds; None is until the channel ends."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[AgiResult] = loop.create_future()
        timer = None if timeout_s is None else loop.call_later(timeout_s, self._expire, future, timeout_s)
        self._waits[command_id] = (channel, future)
        future.add_done_callback(lambda _: self._forget(command_id, timer))
        return future

    def _expire(self, future: asyncio.Future[AgiResult], timeout_s: float) -> None:
        self._counters.timeouts += 1
        settle(future, AmiTimeout(f"no result of an AGI command within {timeout_s:g} s"))

    def _forget(self, command_id: str, timer: asyncio.TimerHandle | None) -> None:
        del self._waits[command_id]
        if timer is not None:
            timer.cancel()

    @staticmethod
    def refused(future: asyncio.Future[AgiResult], sent: asyncio.Future[AmiMessage]) -> None:
        """Asterisk has answered the action that carried the command: only a failure ends the wait."""
        error = sent.exception()
        if error is not None:
            settle(future, error)

    def see(self, event: AmiMessage) -> None:
        """A result is handed over; where a channel has left AsyncAGI, what it still owed fails with AgiEnded."""
        if event.name == "AsyncAGIExec":
            self._result(event.get("CommandID"), AgiResult.parse(event.get("Result")))
        elif event.name in ("AsyncAGIEnd", "Hangup"):
            self._end({event.get("Channel"), event.get("Uniqueid")})

    def _result(self, command_id: str, result: AgiResult) -> None:
        if command_id in self._waits:
            settle(self._waits[command_id][1], result)
        elif command_id.startswith(OUR_IDS):
            self._counters.late += 1  # the others belong to an engine that was here before us

    def _end(self, channel: set[str]) -> None:
        for owner, future in list(self._waits.values()):
            if owner in channel:
                settle(future, AgiEnded("the channel left AsyncAGI"))

    def fail(self, reason: str) -> None:
        """The connection is gone: whether the commands are carried out is unknown."""
        for _, future in list(self._waits.values()):
            settle(future, AmiDisconnected(reason))
