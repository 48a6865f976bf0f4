"""The person at a phone: picks up, talks, holds and hangs up, each call as its behaviour says."""

from __future__ import annotations

import asyncio
import contextlib
import enum
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from .child import PhonesError
from .news import PhoneEvent, PhoneEventKind
from .phone import Phone

RENEW = 0.8  # of the sound's length: baresip hangs up when its sound ends, so it is begun anew in time


class RingReaction(enum.Enum):
    """An agent's reaction when the phone rings."""

    ANSWER = "answer"
    IGNORE = "ignore"  # rings until the line gives up: RONA
    REJECT = "reject"  # refuses after `answer_after_s` (486)
    BUSY = "busy"  # refuses at once (486)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How an agent treats one call. Times in seconds; `talk_s` None: until the other side hangs up."""

    ring: RingReaction = RingReaction.ANSWER
    answer_after_s: float = 0.5
    talk_s: float | None = None
    hold_after_s: float | None = None
    hold_s: float = 5.0


@dataclass(slots=True, eq=False)
class Seat:
    """One agent at a phone. ``behaviour`` is asked for each call; None: the phone only rings.

    ``sound_s``: length of the sound that the phone sends.
    """

    phone: Phone
    sound_s: float
    behaviour: Callable[[], Behaviour] | None = None
    _acting: dict[str, set[asyncio.Task[None]]] = field(default_factory=dict)

    def take(self, event: PhoneEvent) -> None:
        """Takes what happened at the phone; it has it already."""
        if event.kind is PhoneEventKind.RINGING and self.behaviour:
            self._begin(event.call, self._treat(event.call, self.behaviour()))
        elif event.kind is PhoneEventKind.ESTABLISHED:
            self._begin(event.call, self._keep_talking(event.call))
        elif event.kind in (PhoneEventKind.CLOSED, PhoneEventKind.TRANSFER_FAILED):
            for task in self._acting.pop(event.call, ()):
                task.cancel()

    def rest(self) -> None:
        """Does nothing more with any call."""
        for tasks in self._acting.values():
            for task in tasks:
                task.cancel()
        self._acting.clear()

    def _begin(self, call: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_unless_gone(work))
        task.add_done_callback(lambda _: work.close())  # a call that ends at once never lets it begin
        self._acting.setdefault(call, set()).add(task)

    async def _treat(self, call: str, how: Behaviour) -> None:
        if how.ring is RingReaction.IGNORE:
            return
        await asyncio.sleep(0 if how.ring is RingReaction.BUSY else how.answer_after_s)
        if how.ring is not RingReaction.ANSWER:
            await self.phone.hangup(call)
            return
        await self.phone.answer()
        if how.hold_after_s is not None:
            self._begin(call, self._pause_talk(call, how.hold_after_s, how.hold_s))
        if how.talk_s is not None:
            await asyncio.sleep(how.talk_s)
            await self.phone.hangup(call)

    async def _pause_talk(self, call: str, after_s: float, hold_s: float) -> None:
        await asyncio.sleep(after_s)
        await self.phone.hold(call)
        await asyncio.sleep(hold_s)
        await self.phone.resume(call)

    async def _keep_talking(self, call: str) -> None:
        while True:
            await asyncio.sleep(self.sound_s * RENEW)
            await self.phone.speak(call)


async def _unless_gone(work: Coroutine[Any, Any, None]) -> None:
    """Ignores a call that ended between the decision and the command."""
    with contextlib.suppress(PhonesError):
        await work
