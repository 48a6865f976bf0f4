"""A fake AMI, and a client of ours that writes down what it is told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from telephony.ami import AmiClient, AmiMessage, AmiSettings
from tests.telephony.ami.fake import SECRET, FakeAmi

FAST = AmiSettings(
    host="127.0.0.1",
    port=0,
    username="line",
    secret=SECRET,
    connect_timeout_s=2,
    boot_timeout_s=2,
    action_timeout_s=2,
    ping_every_s=2,
    ping_timeout_s=2,
    backoff_s=(0.001, 0.01),
)


class Diary:
    """What the client called: `up`, `down: reason`, and the events' names; `reached` waits for a number of entries."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.events: list[AmiMessage] = []
        self._written = asyncio.Event()

    def write(self, entry: str) -> None:
        self.entries.append(entry)
        self._written.set()

    def event(self, event: AmiMessage) -> None:
        self.events.append(event)
        self.write(event.name)

    def up(self) -> None:
        self.write("up")

    def down(self, reason: str) -> None:
        self.write(f"down: {reason}")

    async def reached(self, count: int) -> list[str]:
        async with asyncio.timeout(2):
            while len(self.entries) < count:
                self._written.clear()
                await self._written.wait()
        return self.entries


class Desk:
    """Makes clients for a fake, and closes them."""

    def __init__(self, fake: FakeAmi) -> None:
        self._fake = fake
        self._clients: list[AmiClient] = []
        self.diary = Diary()

    def make(self, **changes: Any) -> AmiClient:
        settings = replace(FAST, port=self._fake.port, **changes)
        diary = self.diary
        client = AmiClient(settings, diary.event, diary.up, diary.down, jitter=random.Random(1))
        self._clients.append(client)
        return client

    async def open(self, **changes: Any) -> AmiClient:
        client = self.make(**changes)
        await client.start()
        return client

    async def close(self) -> None:
        for client in self._clients:
            await client.close()


@pytest.fixture
async def fake() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as fake:
        yield fake


@pytest.fixture
async def desk(fake: FakeAmi) -> AsyncIterator[Desk]:
    desk = Desk(fake)
    yield desk
    await desk.close()
