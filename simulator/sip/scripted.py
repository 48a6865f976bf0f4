"""Up to 20 scripted agents by pyVoIP, in a process of their own.

They register, log in by dialling *11 and *13, answer after a random ring, talk for a random time, sometimes hang up
themselves, write notes and end them with *15. pyVoIP 1.6.8 has limits that shape them: it cannot send DTMF, rings for
1 s at least, keeps what it hears in memory (27 kB a second and call). What it does wrong is put right in softphone.py.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from .child import PhonesError, end, last_words, leashed, private_folder

LIMIT = 20
LOG_IN = ("*11", "*13")
END_WRAP_UP = "*15"
CODE_S = 8.0  # a feature code's call is over by then
START_S = 45.0
RTP_FIRST, RTP_EACH = 31000, 80  # below the ports the kernel gives away, apart from our other phones'


@dataclass(frozen=True, slots=True)
class Manners:
    """How scripted agents treat calls; seconds, drawn evenly between the two."""

    ring_s: tuple[float, float] = (1.5, 5.0)
    talk_s: tuple[float, float] = (20.0, 60.0)
    hangs_up: float = 0.4  # the share of calls that the agent ends; the others wait for the citizen
    patience_s: float = 180.0  # even then the agent hangs up at last
    wrap_up_s: tuple[float, float] = (4.0, 15.0)  # notes after the call, ended by a code


@dataclass(frozen=True, slots=True)
class Orders:
    """What the child is told on its stdin."""

    host: str
    port: int
    seed: int
    accounts: dict[str, str]
    manners: Manners = Manners()

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Orders:
        """Read what ``to_json`` wrote; the lists among the manners become tuples again."""
        told: dict[str, Any] = json.loads(text)
        pairs: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in told["manners"].items()
        }
        return cls(**{**told, "manners": Manners(**pairs)})


@dataclass(slots=True)
class Scripted:
    """The child process, from outside. `start` returns when all agents are registered and have logged in."""

    accounts: Mapping[str, str]
    host: str
    port: int
    seed: int = 1555
    manners: Manners = field(default_factory=Manners)
    _process: asyncio.subprocess.Process | None = None
    _folder: Path | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Raises PhonesError when an agent cannot register or log in."""
        if len(self.accounts) > LIMIT:
            raise PhonesError(f"{len(self.accounts)} scripted agents: {LIMIT} are the limit, use a Farm for more")
        if find_spec("pyVoIP") is None:
            raise PhonesError("pyVoIP is not installed: pip install 'line1555[demo]'")
        self._folder = private_folder("scripted")
        orders = Orders(self.host, self.port, self.seed, dict(self.accounts), self.manners)
        log = self._folder / "log"
        try:
            await self._spawn(log)
            await self._tell(orders, log)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Hangs up, unregisters, ends the process. May be repeated."""
        if self._process:
            await end(self._process, 10)
        if self._folder:
            await asyncio.to_thread(shutil.rmtree, self._folder, True)

    async def _spawn(self, log: Path) -> None:
        pipe = asyncio.subprocess.PIPE
        argv = leashed([sys.executable, "-m", "simulator.sip.pyvoip"])
        with log.open("ab") as words:
            self._process = await asyncio.create_subprocess_exec(*argv, stdin=pipe, stdout=pipe, stderr=words)

    async def _tell(self, orders: Orders, log: Path) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise PhonesError("scripted agents have no pipes to be told by")
        process.stdin.write(orders.to_json().encode() + b"\n")
        try:
            said = await asyncio.wait_for(process.stdout.readline(), START_S)
        except TimeoutError:
            raise PhonesError(f"scripted agents do not start within {START_S:g} s:\n{last_words(log)}") from None
        if said.strip() != b"ready":
            raise PhonesError(f"scripted agents do not start:\n{last_words(log)}")
