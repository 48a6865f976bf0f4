"""Up to 20 scripted agents by pyVoIP, in a process of their own (`python -m simulator.sip.scripted`, told on stdin).

They register, log in by dialling *11 and *13, answer after a random ring, talk for a random time, sometimes hang up
themselves. pyVoIP 1.6.8 has limits that shape them: it cannot send DTMF, does not act on CANCEL (a call that is taken
back is noticed here by time and forgotten), starts a call's callback 1 s late, and keeps what it hears in memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import random
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from .child import LOCAL, PhonesError, end, free_port, last_words, leashed, private_folder
from .sound import tone
from .streams import stream

LIMIT = 20
LOG_IN = ("*11", "*13")
LOG_OUT = "*12"
CODE_S = 8.0  # a feature code's call is over by then
START_S = 30.0
TICK_S = 0.1


@dataclass(frozen=True, slots=True)
class Manners:
    """How scripted agents treat calls; seconds, drawn evenly between the two."""

    ring_s: tuple[float, float] = (1.5, 5.0)
    talk_s: tuple[float, float] = (20.0, 60.0)
    hangs_up: float = 0.4  # the share of calls that the agent ends; the others wait for the citizen
    patience_s: float = 180.0  # even then the agent hangs up at last


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
        """Raises PhonesError when an agent cannot register."""
        if len(self.accounts) > LIMIT:
            raise PhonesError(f"{len(self.accounts)} scripted agents: {LIMIT} are the limit, use a Farm for more")
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
            for file in self._folder.iterdir() if self._folder.exists() else ():
                file.unlink()
            self._folder.rmdir() if self._folder.exists() else None

    async def _spawn(self, log: Path) -> None:
        pipe = asyncio.subprocess.PIPE
        argv = leashed([sys.executable, "-m", "simulator.sip.scripted"])
        with log.open("ab") as words:
            self._process = await asyncio.create_subprocess_exec(*argv, stdin=pipe, stdout=pipe, stderr=words)

    async def _tell(self, orders: Orders, log: Path) -> None:
        process = self._process
        assert process and process.stdin and process.stdout  # noqa: S101
        process.stdin.write(orders.to_json().encode() + b"\n")
        try:
            said = await asyncio.wait_for(process.stdout.readline(), START_S + 2 * CODE_S)
        except TimeoutError:
            said = b""
        if said.strip() != b"ready":
            raise PhonesError(f"scripted agents do not start:\n{last_words(log)}")


# ---- the child -----------------------------------------------------------------------------------------------------


class Agent:
    """One pyVoIP phone and the person at it. One thread a call; `leaving` ends them all.

    pyVoIP makes its Via branches from a counter that begins at 1 in each phone: two phones that dial at the same time
    would send the same branch, and Asterisk takes the second call for a repetition of the first. So each counter
    begins elsewhere.
    """

    def __init__(self, orders: Orders, user: str, leaving: threading.Event) -> None:
        from pyVoIP.VoIP import VoIPPhone  # before pyVoIP.SIP: they import each other

        sip = importlib.import_module("pyVoIP.SIP")
        self.user, self.manners, self.leaving = user, orders.manners, leaving
        self.chance: random.Random = stream(orders.seed, f"agent/{user}")
        self.sound = bytes((sample >> 8) + 128 for sample in tone())
        low = free_port()
        self.phone: Any = VoIPPhone(
            orders.host,
            orders.port,
            user,
            orders.accounts[user],
            myIP=LOCAL,
            sipPort=free_port(),
            rtpPortLow=low,
            rtpPortHigh=min(low + 40, 65000),
            callCallback=self.take,
        )
        self.phone.sip.callID = sip.Counter(self.chance.randrange(1 << 48))

    def register(self) -> None:
        """Raises PhonesError when it takes longer than START_S."""
        from pyVoIP.VoIP import PhoneStatus

        self.phone.start()
        deadline = time.monotonic() + START_S
        while self.phone.get_status() is not PhoneStatus.REGISTERED:
            if time.monotonic() > deadline or self.phone.get_status() is PhoneStatus.FAILED:
                raise PhonesError(f"{self.user} cannot register: {self.phone.get_status()}")
            time.sleep(TICK_S)

    def dial(self, code: str) -> None:
        """A feature code: the far side hangs up, and if it does not, we do."""
        call = self.phone.call(code)
        deadline = time.monotonic() + CODE_S
        while call.call_id in self.phone.calls and time.monotonic() < deadline:
            self.leaving.wait(TICK_S)
        self.hang_up(call)

    def take(self, call: Any) -> None:
        """An incoming call, in a thread of its own (pyVoIP starts it 1 s after the INVITE)."""
        from pyVoIP.VoIP import CallState

        manners, chance = self.manners, self.chance
        ring_s, talk_s = chance.uniform(*manners.ring_s), chance.uniform(*manners.talk_s)
        stays_s = talk_s if chance.random() < manners.hangs_up else manners.patience_s
        if self.leaving.wait(max(ring_s - 1, 0)) or call.state is not CallState.RINGING:
            return
        with contextlib.suppress(Exception):  # pyVoIP raises whatever it meets when the caller is already gone
            call.answer()
            self.talk(call, stays_s)
        self.hang_up(call)

    def talk(self, call: Any, stays_s: float) -> None:
        from pyVoIP.VoIP import CallState

        deadline = time.monotonic() + stays_s
        while call.state is CallState.ANSWERED and time.monotonic() < deadline and not self.leaving.is_set():
            call.write_audio(self.sound)
            self.leaving.wait(1.0)

    def hang_up(self, call: Any) -> None:
        with contextlib.suppress(Exception):
            call.hangup()

    def leave(self) -> None:
        with contextlib.suppress(Exception):
            self.phone.stop()


def work(orders: Orders, leaving: threading.Event) -> None:
    """Registers all, logs all in, then waits for SIGTERM."""
    agents = [Agent(orders, user, leaving) for user in orders.accounts]
    try:
        _each(agents, Agent.register)
        for code in LOG_IN:
            _each(agents, lambda agent, code=code: agent.dial(code))
        print("ready", flush=True)
        leaving.wait()
    finally:
        leaving.set()
        _each(agents, Agent.leave)


def _each(agents: Sequence[Agent], what: Any) -> None:
    """The same for all agents at once; the first exception is raised when all are done."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(agents)) as pool:
        list(pool.map(what, agents))


def main() -> None:
    leaving = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leaving.set())
    work(Orders.from_json(sys.stdin.readline()), leaving)
    sys.stdout.flush()
    os_exit()


def os_exit() -> None:
    """pyVoIP's threads are no daemons and may wait for ever: the process ends anyway."""
    import os

    os._exit(0)


if __name__ == "__main__":
    main()
