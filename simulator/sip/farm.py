"""A farm of agents' phones: one headless baresip, one account an agent, each with a behaviour of its own.

It knows SIP addresses and passwords, and nothing of queues or of the engine: an agent here is somebody who picks up,
talks, and hangs up. 140 phones in one process are fine (37 % of a core when all of them talk).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from .baresip import Baresip
from .child import PhonesError
from .news import PhoneEvent, PhoneEventKind, PhoneNews, event_of
from .phone import Phone
from .seat import Behaviour, Seat

REGISTER_S = 20.0


@dataclass(slots=True)
class Farm:
    """Phones of `accounts` (name: password) that register with host:port. Use `start` and `stop`, or `async with`.

    `on_event(event)` is called for every event. `sound_s`: length of the sound that a talking phone sends (it is begun
    anew before it ends); baresip keeps 16 kB of it a second and call in memory.
    """

    accounts: Mapping[str, str]
    host: str
    port: int
    on_event: Callable[[PhoneEvent], None] | None = None
    sound_s: float = 60.0
    below: Path | None = None
    news: PhoneNews = field(default_factory=PhoneNews)
    """What happened so far, and whose phones are registered."""
    _seats: dict[str, Seat] = field(default_factory=dict)
    _baresip: Baresip | None = None
    _reading: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        phones = [Phone(user, f"{self.host}:{self.port}", self.news, self._running) for user in self.accounts]
        self._seats = {phone.user: Seat(phone, self.sound_s) for phone in phones}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def pid(self) -> int | None:
        return self._baresip.pid if self._baresip else None

    async def start(self, deadline_s: float = REGISTER_S) -> None:
        """Returns when every phone is registered; raises PhonesError naming those that are not, and why."""
        baresip = self._baresip = Baresip.below(self.below)
        try:
            await baresip.launch(self.accounts, self.host, self.port, self.sound_s)
            self._reading = asyncio.create_task(self._read(baresip))
            await self._missed(await baresip.order(("reginfo", "")))
            await self._until_registered(deadline_s, baresip)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Hangs up, unregisters, ends the process, removes its folder. May be repeated."""
        for seat in self._seats.values():
            seat.rest()
        if self._baresip:
            await self._baresip.end()
        if self._reading:
            await self._reading
        if self._baresip:
            await self._baresip.remove()

    def kill(self) -> None:
        """Kills all phones at once: no BYE, no unregister."""
        if self._baresip:
            self._baresip.kill()

    def behave(self, user: str, how: Behaviour | Callable[[], Behaviour] | None) -> None:
        """Sets how this phone treats calls from now on; a function is called for each call. None: it only rings."""
        self._seat(user).behaviour = how if how is None or callable(how) else lambda: how

    def phone(self, user: str) -> Phone:
        """Gives an agent's phone; raises PhonesError for one that is not here."""
        return self._seat(user).phone

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _seat(self, user: str) -> Seat:
        if user not in self._seats:
            raise PhonesError(f"{user!r} has no phone in this farm")
        return self._seats[user]

    def _running(self) -> Baresip:
        if self._baresip is None:
            raise PhonesError("the farm does not run")
        return self._baresip

    async def _missed(self, reginfo: str) -> None:
        """Takes the registrations from before there was a control connection."""
        for user, state in re.findall(r"sip:([^@\s]+)@\S+\s+(?:\x1b\[[\d;]*m)?(OK|ERR)", reginfo):
            kind, why = (
                (PhoneEventKind.REGISTERED, "") if state == "OK" else (PhoneEventKind.REGISTER_FAILED, "refused")
            )
            if user not in self.news.registered:
                await self._take(PhoneEvent(user, kind, "", "", why, time.monotonic()))

    async def _until_registered(self, deadline_s: float, baresip: Baresip) -> None:
        wanted, news = set(self.accounts), self.news
        with contextlib.suppress(TimeoutError):
            await news.until(lambda: wanted <= news.registered or bool(news.failures) or news.gone, deadline_s)
        if news.gone:
            raise PhonesError(f"baresip ended; its last words:\n{baresip.last_words()}")
        if missing := sorted(wanted - news.registered):
            why = "; ".join(news.failures) or f"no answer from {self.host}:{self.port} within {deadline_s:.0f} s"
            raise PhonesError(f"{len(missing)} of {len(wanted)} phones not registered ({missing[0]}, ...): {why}")

    async def _read(self, baresip: Baresip) -> None:
        async for message in baresip.events():
            if event := event_of(message):
                await self._take(event)
        for seat in self._seats.values():
            seat.rest()
        await self._take(PhoneEvent("", PhoneEventKind.GONE, "", "", "", time.monotonic()))

    async def _take(self, event: PhoneEvent) -> None:
        here = self._seats.values() if event.kind is PhoneEventKind.GONE else [self._seats.get(event.user)]
        for seat in here:
            if seat is not None:
                seat.phone.take(event)
                seat.take(event)
        await self.news.take(event, self.on_event)
