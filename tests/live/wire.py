"""The plainest AMI client and SIPp as phones: the live tests watch Asterisk with nothing of ours in between."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from simulator.sip.ports import media_port
from telephony.asterisk import Asterisk

Event = dict[str, str]
SCENARIOS = Path(__file__).parent / "sipp"


@dataclass
class Wire:
    """One AMI session; every event is kept with the monotonic second at which it was read."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    events: list[tuple[float, Event]] = field(default_factory=list)
    answers: dict[str, Event] = field(default_factory=dict)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def read(self) -> None:
        await self.reader.readline()
        while True:
            block = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            message = dict(row.split(": ", 1) for row in block.split("\r\n") if ": " in row)
            if "Event" not in message:  # an OriginateResponse event has a Response header too
                self.answers[message.get("ActionID", "")] = message
            else:
                self.events.append((time.monotonic(), message))
            async with self.news:
                self.news.notify_all()

    async def ask(self, action: str, variables: Sequence[str] = (), **headers: str) -> Event:
        """Sends an action and returns the response, whatever it says."""
        number = f"w{next(self.numbers)}"
        rows = [f"Action: {action}", f"ActionID: {number}", *(f"{k}: {v}" for k, v in headers.items())]
        rows += [f"Variable: {text}" for text in variables]
        self.writer.write(("\r\n".join(rows) + "\r\n\r\n").encode())
        async with asyncio.timeout(10), self.news:
            await self.news.wait_for(lambda: number in self.answers)
        return self.answers.pop(number)

    async def see(
        self, wanted: Callable[[Event], bool], since: float = 0.0, limit_s: float = 15.0
    ) -> tuple[float, Event]:
        """The first event since then for which `wanted` holds; raises TimeoutError."""
        found: list[tuple[float, Event]] = []

        def look() -> bool:
            found[:] = [(at, event) for at, event in self.events if at >= since and wanted(event)][:1]
            return bool(found)

        async with asyncio.timeout(limit_s), self.news:
            await self.news.wait_for(look)
        return found[0]

    async def alive(self) -> None:
        """One heartbeat of an engine."""
        await self.ask("Setvar", Variable="ENGINE_HB", Value=f"{time.monotonic():.3f}")

    async def get(self, channel: str, variable: str) -> str:
        return (await self.ask("Getvar", Channel=channel, Variable=variable)).get("Value", "")


@contextlib.asynccontextmanager
async def wire(asterisk: Asterisk) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection(*asterisk.ami)
    session = Wire(reader, writer)
    reading = asyncio.create_task(session.read())
    try:
        assert (await session.ask("Login", Username="line", Secret=asterisk.secrets.ami))["Response"] == "Success"
        yield session
    finally:
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError, asyncio.IncompleteReadError):
            await reading
        writer.close()


@contextlib.asynccontextmanager
async def beating(session: Wire) -> AsyncIterator[None]:
    """An engine that is alive during the block."""

    async def beat() -> None:
        while True:
            await session.alive()
            await asyncio.sleep(1)

    await session.alive()
    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def sipp(
    asterisk: Asterisk, scenario: str, port: int, **keys: str | int | Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A SIPp process with one call; killed at the end of the block if it still runs."""
    values = {"ani": "2101234567", "display": "x", "dnis": "1555", "stay": 30000, "ring": 0, "talk": 30000}
    values |= {"media": "[media_port]", **keys}  # where sound is to be sent: to SIPp itself
    text = (SCENARIOS / f"{scenario}.xml").read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    with tempfile.NamedTemporaryFile("w", suffix=".xml", delete=False) as file:
        file.write(text)
    target = f"127.0.0.1:{asterisk.network.sip_port}"
    argv = ["sipp", target, "-sf", file.name, "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(port), "-m", "1"]
    argv += ["-nostdin", "-timeout", "60s", "-mp", str(media_port())]
    if scenario == "answers":
        argv.append("-rtp_echo")  # two phones that echo would send one packet to and fro for ever
    if "secret" in keys:
        argv += ["-au", str(keys["user"]), "-ap", str(keys["secret"])]
    null = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*argv, stdin=null, stdout=null, stderr=null)
    try:
        await _listening(port)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        Path(file.name).unlink()  # noqa: ASYNC240  (a file of one kilobyte)


async def _listening(port: int) -> None:
    """Until somebody has the port: on a busy machine a phone may be slower than the call to it. Or 3 s, if it ended."""
    for _ in range(300):
        if f":{port:04X} " in Path("/proc/net/udp").read_text():  # noqa: ASYNC240  (memory, not a disk)
            return
        await asyncio.sleep(0.01)


async def register(asterisk: Asterisk, agent: str, port: int) -> None:
    """Registers an agent's phone at `port`; what plays the phone is started afterwards, on the same port.

    Asterisk's OPTIONS may come between and end SIPp: once more then.
    """
    ends = list[int]()
    while 0 not in ends:
        async with sipp(asterisk, "register", port, user=agent, secret=asterisk.secrets.agents[agent]) as process:
            ends.append(await asyncio.wait_for(process.wait(), 10))
        assert 0 in ends or len(ends) < 3, ends
