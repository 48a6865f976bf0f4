"""A line in a process of its own, to be killed: ``line1555 up``, its phones and callers, and looks from outside.

Phones (baresip), callers (SIPp) and the AMI connection of the test are no children of the line: they survive it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

from control.status import NotRunning, ask
from simulator.sip import Behaviour, Dtmf, Farm, Identity, Press, SippCallers, SippGroup, keys
from telephony.asterisk import read_launch
from tests.live.site import make_site, share_sounds
from tests.live.wire import Event, Wire

LINE1555 = Path(sys.executable).with_name("line1555")
START_S = 40.0
TO_INSURANCE = keys("1111", 1.0)
"""Greek, e-EFKA, insurance, insured."""


async def until(what: str, holds: Callable[[], bool], s: float = 30.0) -> float:
    """Wait until it holds; the monotonic second at which it was seen."""
    end = time.monotonic() + s
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {s:g} s: {what}")
        await asyncio.sleep(0.05)
    return time.monotonic()


def runs(pid: int) -> bool:
    """Whether that process is there and has not ended (one whose parent died may wait for ever to be reaped)."""
    with contextlib.suppress(OSError):
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    return False


class House:
    """One site and run directory. The engine comes and goes; Asterisk, phones and callers stay."""

    def __init__(self, folder: Path, agents: int) -> None:
        self.agents = tuple(f"agent{number:03}" for number in range(1, agents + 1))
        self.site, self.run = folder / "site", folder / "run"
        self.ports = make_site(self.site, agents=agents, ring_s=8)
        share_sounds(self.run)
        self.engine: subprocess.Popen[bytes] | None = None

    # -- the engine ---

    async def start(self, *options: str, **environment: str) -> float:
        """``line1555 up``, until it answers; returns the monotonic second of that."""
        argv = [str(LINE1555), "up", "--plain", "--site", str(self.site), "--run", str(self.run), *options]
        with (self.run / "out.log").open("ab") as out:
            self.engine = subprocess.Popen(  # noqa: ASYNC220
                argv, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env={**os.environ, **environment}
            )
        return await until("the line is up", self._serves, START_S)

    def _serves(self) -> bool:
        assert self.engine is not None
        assert self.engine.poll() is None, (self.run / "out.log").read_text()[-2000:]
        with contextlib.suppress(NotRunning, ValueError):
            return bool(self.status()["link"]["up"])
        return False

    def signal(self, number: signal.Signals) -> float:
        assert self.engine is not None
        self.engine.send_signal(number)
        return time.monotonic()

    def kill(self) -> float:
        """kill -9; returns when."""
        at = self.signal(signal.SIGKILL)
        assert self.engine is not None
        self.engine.wait(5)
        return at

    async def close(self) -> None:
        """Whatever is left ends: the engine, and Asterisk through it."""
        if self.engine is None or self.engine.poll() is not None:
            if self.asterisk_pid() is None:
                return
            await self.start()  # adopts what was left behind, so that it is ended in the ordinary way
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGINT)
        assert self.engine is not None
        await asyncio.to_thread(self.engine.wait, 20)

    # -- looks ---

    def status(self) -> dict[str, Any]:
        return ask(self.run)

    def calls(self, stage: str) -> int:
        return int(self.status()["calls"][stage])

    def settled(self) -> bool:
        """Nobody on the line, nobody rung or talking."""
        status = self.status()
        busy = sum(status["agents_by_state"].get(state, 0) for state in ("ringing", "talking"))
        return not busy and not any(status["calls"].values())

    def state(self, agent: str) -> str:
        return str(self.status()["agents"][agent]["state"])

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The records, as a report reads them."""
        with contextlib.closing(sqlite3.connect(f"file:{self.run}/records.db?mode=ro", uri=True)) as db:
            return db.execute(sql, values).fetchall()

    async def written(self) -> None:
        """Until the records have everything that happened."""
        await until("the records are up to date", lambda: self.status()["records"]["behind_steps"] == 0)

    def outcomes(self, anis: set[str]) -> list[tuple[str, str, str]]:
        """ANI, outcome, agent of every row of these callers."""
        rows = self.rows("select ani, outcome, agent from call order by started_at")
        return [row for row in rows if row[0] in anis]

    def anomalies(self) -> list[tuple[str, str, str]]:
        return self.rows("select kind, subject, detail from oddity order by seq, number")

    def log(self) -> str:
        return (self.run / "log" / "line1555.log").read_text()

    def asterisk_pid(self) -> int | None:
        with contextlib.suppress(OSError, ValueError):
            pid = int(json.loads((self.run / "asterisk.pid").read_text())["pid"])
            return pid if runs(pid) else None
        return None

    def console(self, text: str) -> str:
        """A command to Asterisk's console."""
        argv = [*read_launch().argv, "-C", str((self.run / "etc/asterisk.conf").resolve()), "-rx", text]
        return subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False).stdout

    # -- people ---

    def farm(self) -> Farm:
        secrets = json.loads((self.run / "secrets.json").read_text())
        return Farm({agent: secrets["agents"][agent] for agent in self.agents}, "127.0.0.1", self.ports.sip)

    async def crew(self, farm: Farm, ready: int) -> None:
        """The first so many agents are ready, the others logged in and not ready; all answer and talk on."""

        if self.engine is None or self.engine.poll() is not None:
            await self.start()
        self.signal(signal.SIGCONT)  # whatever a test that failed left behind
        await until("nobody is on the line", self.settled, 40)

        async def seat(agent: str) -> None:
            farm.behave(agent, Behaviour(answer_after_s=0.2))
            state, wanted = self.state(agent), "ready" if agent in self.agents[:ready] else "not_ready"
            if state == "logged_out":
                await farm.phone(agent).code("*11")
            if self.state(agent) != wanted:
                await farm.phone(agent).code("*13" if wanted == "ready" else "*14")
            await until(f"{agent} is {wanted}", lambda: self.state(agent) == wanted)

        await each(self.agents, seat)

    @contextlib.asynccontextmanager
    async def callers(
        self, *anis: str, presses: tuple[Press, ...] = TO_INSURANCE, stay_s: float = 60
    ) -> AsyncIterator[SippCallers]:
        group = SippGroup(
            "1555", tuple(map(Identity, anis)), presses, stay_s=stay_s, calls=len(anis), rate=5, dtmf=Dtmf.INFO
        )
        async with SippCallers(group, "127.0.0.1", self.ports.sip) as citizens:
            yield citizens

    @contextlib.asynccontextmanager
    async def wire(self) -> AsyncIterator[Wire]:
        """An AMI connection of our own."""
        secret = json.loads((self.run / "secrets.json").read_text())["ami"]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ports.ami)
        session = Wire(reader, writer)
        reading = asyncio.create_task(session.read())
        try:
            assert (await session.ask("Login", Username="line", Secret=secret))["Response"] == "Success"
            yield session
        finally:
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError, asyncio.IncompleteReadError):
                await reading
            writer.close()


async def channels(session: Wire) -> list[Event]:
    """Asterisk's channels now."""
    session.events.clear()
    since = time.monotonic()
    await session.ask("CoreShowChannels")
    await session.see(lambda event: event["Event"] == "CoreShowChannelsComplete", since)
    return [event for _, event in session.events if event["Event"] == "CoreShowChannel"]


async def each(agents: Iterable[str], work: Callable[[str], Awaitable[object]]) -> None:
    """The same for all of them at once."""
    await asyncio.gather(*(work(agent) for agent in agents))
