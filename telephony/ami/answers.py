"""The actions that Asterisk has not answered yet: who waits for each, and until when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from .action import Pending
from .errors import AmiDisconnected, AmiError, AmiGone, AmiTimeout, refusal
from .message import AmiMessage
from .settings import AmiCounters

Refused = Callable[[AmiError], object]
"""Takes the refusal of an action that nobody waits for."""

SUCCESS: Final = "Response: Success\r\nActionID: "


class Answers:
    """Actions by their id: those that somebody waits for, and those of which only a refusal is heard.

    The latter have no deadline of their own: Asterisk answers in order, so a peer that lets them wait lets the Ping
    wait too.
    """

    def __init__(self, counters: AmiCounters) -> None:
        self._counters = counters
        self._awaited: dict[str, Pending] = {}
        self._told: dict[str, Refused] = {}

    def __len__(self) -> int:
        return len(self._awaited) + len(self._told)

    def wait(self, pending: Pending, timeout_s: float) -> None:
        """Give the action its answer when it comes. ``timeout_s``: seconds."""
        self._awaited[pending.id] = pending
        pending.deadline = asyncio.get_running_loop().call_later(timeout_s, self._expire, pending, timeout_s)
        pending.future.add_done_callback(lambda _: self._forget(pending))

    def tell(self, number: str, refused: Refused) -> None:
        """Let ``refused`` know if the action of that id is refused."""
        self._told[number] = refused

    def is_done(self, text: str) -> bool:
        """Take a message that only says that an action nobody waits for was carried out: most are that."""
        if not text.startswith(SUCCESS):
            return False
        return self._told.pop(text[len(SUCCESS) :].partition("\r\n")[0], None) is not None

    def response(self, message: AmiMessage) -> None:
        """Give a response to the action that it answers."""
        pending = self._awaited.get(message.action_id)
        if pending is not None:
            self._advance(pending, pending.response(message))
        elif (refused := self._told.pop(message.action_id, None)) is None:
            self._counters.late += 1
        elif message.get("Response") == "Error":
            error = refusal(message.get("Message"))
            self._count(error)
            refused(error)

    def is_row(self, event: AmiMessage) -> bool:
        """Take an event that belongs to the answer of a listing."""
        pending = self._awaited.get(event.action_id) if event.action_id else None
        if pending is None or not pending.complete:
            return False
        self._advance(pending, pending.row(event))
        return True

    def fail(self, reason: str) -> None:
        """The connection is gone: whether they are carried out is unknown."""
        for pending in list(self._awaited.values()):
            self._settle(pending, AmiDisconnected(reason))
        self._told.clear()

    def _advance(self, pending: Pending, outcome: object | None) -> None:
        if outcome is None:
            return
        if isinstance(outcome, AmiError):
            self._count(outcome)
        self._settle(pending, outcome)

    def _count(self, error: AmiError) -> None:
        if isinstance(error, AmiGone):
            self._counters.gone += 1
        else:
            self._counters.refused += 1

    def _settle(self, pending: Pending, outcome: object) -> None:
        self._awaited.pop(pending.id, None)
        pending.settle(outcome)

    def _expire(self, pending: Pending, timeout_s: float) -> None:
        self._counters.timeouts += 1
        self._settle(pending, AmiTimeout(f"no answer to {pending.name} within {timeout_s:g} s"))

    def _forget(self, pending: Pending) -> None:
        """Drop an action whose owner cancelled: the answer will count as late."""
        self._awaited.pop(pending.id, None)
        if pending.deadline is not None:
            pending.deadline.cancel()
