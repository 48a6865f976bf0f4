"""A citizen's own phone behind the trunk: SIPp that is called, and what it was told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.sip import Odd, OddPhone
from tests.live.floor import HOST

MESSAGE = re.compile(r"^-{20,} .*\nUDP message (received|sent) .*\n\n", re.MULTILINE)


@dataclass(frozen=True)
class Request:
    """One SIP request that came to the phone; ``caller`` and ``called`` are the users of From and To."""

    method: str
    caller: str
    called: str


class Called(OddPhone):
    """Treats each call of the line in one odd way. Read what it was told before it is stopped."""

    @classmethod
    def at(cls, port: int, sip_port: int, odd: Odd = Odd.ANSWERS, **how: Any) -> Called:
        """Behind the trunk of the Asterisk at ``port``, where it dials ``sip_port``."""
        return cls(odd, HOST, port, sip_port=sip_port, **how)

    def _command(self, scenario: Path, echo: bool = True) -> list[str]:
        return [*super()._command(scenario, echo), "-trace_msg", "-message_file", str(scenario.parent / "messages")]

    def told(self, method: str = "INVITE") -> list[Request]:
        """The requests of this kind so far, as they came."""
        file = self._folder / "messages" if self._folder else None
        parts = MESSAGE.split(file.read_text(errors="replace"))[1:] if file and file.exists() else []
        received = (text for way, text in zip(parts[::2], parts[1::2], strict=True) if way == "received")
        return [_request(text) for text in received if text.startswith(f"{method} ")]

    async def until(self, method: str = "INVITE", count: int = 1, s: float = 15) -> None:
        """That many such requests have come."""
        await until(lambda: len(self.told(method)) >= count, s)


async def until(holds: Callable[[], object], s: float = 15) -> None:
    async with asyncio.timeout(s):
        while not holds():
            await asyncio.sleep(0.02)


def _request(text: str) -> Request:
    caller, called = (re.search(rf"^{name}:.*?sip:([^@>;]*)", text, re.MULTILINE) for name in ("From", "To"))
    assert caller is not None and called is not None
    return Request(text.split(" ", 1)[0], caller[1], called[1])
