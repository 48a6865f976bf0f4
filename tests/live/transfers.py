"""How agents' phones ask, hand over and send on, as softphones do; and what a citizen's phone may try."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from calls import facts as f
from engine.state import Consult
from simulator.sip import PhoneCall, PhoneEventKind
from tests.live.floor import HOST, Floor
from tests.live.wire import Wire


@dataclass
class Desk:
    """One agent's phone in a conversation. ``wire`` tells what only the phone itself and Asterisk know: the tags."""

    line: Floor
    wire: Wire
    seat: str

    @property
    def caller(self) -> PhoneCall:
        """The conversation with the citizen: the oldest call of the phone."""
        return self.line.farm.phone(self.seat).calls()[0]

    async def hold(self, on: bool = True) -> None:
        since, phone, call = self.line.since, self.line.farm.phone(self.seat), self.caller.id
        await (phone.hold(call) if on else phone.resume(call))
        await self.line.up.see(f.Held, lambda fact: fact.on is on, since)

    async def ask(self, target: str) -> str:
        """The caller on hold, a consultation with ``target`` on a second line: the name of that leg's channel."""
        await self.hold()
        at = self.wire.events[-1][0] if self.wire.events else 0.0
        await self.line.farm.phone(self.seat).dial(target)
        _, event = await self.wire.see(lambda event: event.get("UserEvent") == "LineConsult", at)
        return event["Channel"]

    async def asked_long_enough(self) -> None:
        """The other side has picked up, and the two have spoken for a moment."""
        await self.line.until(lambda: any(c.answered_at is not None for c in self._consults()))
        await self.line.until(lambda: len(self.line.farm.phone(self.seat).calls()) == 2)
        await asyncio.sleep(0.5)

    def _consults(self) -> list[Consult]:
        world = self.line.up.line.runner.line._state
        return [consult for consult in world.consults.values() if consult.agent == self.seat]

    async def hand_over(self, target: str, channel: str) -> None:
        """REFER with Replaces: the phone's own call to ``target`` takes its place."""
        names = ("call-id", "local_tag", "remote_tag")
        call, to, from_ = [await self.wire.get(channel, f"CHANNEL(pjsip,{name})") for name in names]
        replaces = f"{call}%3Bto-tag%3D{to}%3Bfrom-tag%3D{from_}"
        address = f"<sip:{target}@{HOST}:{self.line.up.ports.sip}?Replaces={replaces}>"
        await self.line.farm.phone(self.seat).transfer(address, self.caller.id)

    async def send_on(self, target: str) -> None:
        await self.line.farm.phone(self.seat).transfer(target, self.caller.id)


async def talking(line: Floor, wire: Wire, seat: str, since: int) -> Desk:
    """The next conversation is this seat's."""
    connected = await line.up.see(f.Connected, since=since)
    assert connected.agent == seat
    await line.farm.phone(seat).see(PhoneEventKind.ESTABLISHED)
    await line.until(lambda: line.farm.phone(seat).calls() and line.farm.phone(seat).calls()[0].established_at)
    await asyncio.sleep(0.3)
    return Desk(line, wire, seat)
