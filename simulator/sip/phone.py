"""One agent's phone in a farm: the calls it has, and what can be done with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .baresip import Baresip
from .child import PhonesError
from .news import PhoneEvent, PhoneEventKind, PhoneNews


@dataclass(slots=True)
class PhoneCall:
    """A call that a phone has now."""

    id: str
    peer: str
    incoming: bool
    established_at: float | None = None


@dataclass(slots=True, eq=False)
class Phone:
    """``user``'s phone at the line ``host:port``. ``baresip`` gives the program that holds it; raises PhonesError."""

    user: str
    line: str
    news: PhoneNews
    baresip: Callable[[], Baresip]
    _calls: dict[str, PhoneCall] = field(default_factory=dict)

    def take(self, event: PhoneEvent) -> None:
        """Takes what happened at this phone, or to all."""
        if event.kind is PhoneEventKind.RINGING:
            self._calls[event.call] = PhoneCall(event.call, event.peer, True)
        elif event.kind is PhoneEventKind.ESTABLISHED:
            call = self._calls.setdefault(event.call, PhoneCall(event.call, event.peer, False))
            call.established_at = event.at
        elif event.kind in (PhoneEventKind.CLOSED, PhoneEventKind.TRANSFER_FAILED):
            self._calls.pop(event.call, None)
        elif event.kind is PhoneEventKind.GONE:
            self._calls.clear()

    def calls(self) -> tuple[PhoneCall, ...]:
        """Gives the calls that this phone has now, oldest first."""
        return tuple(self._calls.values())

    async def dial(self, number: str) -> None:
        """Starts a call; it ends by the far side's hang-up, or by `hangup`."""
        await self._order(("dial", f"sip:{number}@{self.line}"))

    async def code(self, code: str, limit_s: float = 15.0) -> bool:
        """Dials a feature code and waits for its end; True if somebody answered. Raises TimeoutError."""
        since = time.monotonic()
        await self.dial(code)
        closed = await self.see(PhoneEventKind.CLOSED, since, limit_s, f"sip:{code}@")
        told = (event for event in self.news.events if event.call == closed.call)
        return any(event.kind is PhoneEventKind.ESTABLISHED for event in told)

    async def answer(self) -> None:
        """Answers the call that rings; a call in progress there is put on hold."""
        await self._order(("accept", ""))

    async def hangup(self, call: str = "") -> None:
        """Ends a call, or refuses it (486) while it rings. Without an id: the only, or the newest one."""
        await self._order(self._pick(call), ("hangup", ""))

    async def hold(self, call: str = "") -> None:
        """Put a call on hold; ``call`` empty: the newest. Raises PhonesError if there is none."""
        await self._order(self._pick(call), ("hold", ""))

    async def resume(self, call: str = "") -> None:
        """Take a call off hold; ``call`` empty: the newest. Raises PhonesError if there is none."""
        await self._order(self._pick(call), ("resume", ""))

    async def transfer(self, to: str, call: str = "") -> None:
        """Asks the line to send the other side on (SIP REFER): to a number or name, or a whole address in <>.

        A phone that is refused hangs up: to see a conversation go on after that take ``Odd.SENDS_ON``.
        """
        address = to if to.startswith("<") else f"sip:{to}@{self.line}"
        await self._order(self._pick(call), ("transfer", address))

    async def press(self, keys: str) -> None:
        """Sends keys (RFC 4733) in the current call."""
        for key in keys:
            await self._order(("sndcode", key))
            await self._order(("sndcode", "\x04"))

    async def speak(self, call: str) -> None:
        """Begins the sound that the other side hears, anew."""
        await self._order(self._pick(call), ("ausrc", f"aufile,{self.baresip().sound}"))

    async def see(self, kind: PhoneEventKind, since: float = 0.0, limit_s: float = 15.0, peer: str = "") -> PhoneEvent:
        """Waits for the first such event since then (monotonic seconds); raises TimeoutError."""
        return await self.news.see(self.user, kind, since, limit_s, peer)

    def _pick(self, call: str) -> tuple[str, str]:
        if not self._calls or (call and call not in self._calls):
            raise PhonesError(f"{self.user} has no such call")
        return ("callfind", call or list(self._calls)[-1])

    async def _order(self, *commands: tuple[str, str]) -> None:
        await self.baresip().order(("uafind", f"sip:{self.user}@{self.line}"), *commands)
