"""The AMI client against the real Asterisk: login, limits, AGI, filters, and an Asterisk that dies and comes back."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from telephony.ami import (
    HIDDEN_EVENTS,
    AgiEnded,
    AmiClient,
    AmiDisconnected,
    AmiLoginFailed,
    AmiMessage,
    AmiRefused,
    AmiSettings,
)
from telephony.asterisk import Asterisk, Launch, start
from tests.live.conftest import small_site

pytestmark = pytest.mark.live


class Watch:
    """A client and what it was told; `until` waits for the next entry of a name (events by name, `up`, `down`)."""

    def __init__(self, asterisk: Asterisk, **changes: Any) -> None:
        host, port = asterisk.ami
        self.entries: asyncio.Queue[tuple[str, AmiMessage | None]] = asyncio.Queue()
        self.settings = replace(AmiSettings(host, port, "line", asterisk.secrets.ami), **changes)
        self.client = AmiClient(
            self.settings,
            lambda event: self.entries.put_nowait((event.name, event)),
            lambda: self.entries.put_nowait(("up", None)),
            lambda _: self.entries.put_nowait(("down", None)),
        )

    async def until(self, name: str, **headers: str) -> AmiMessage | None:
        async with asyncio.timeout(20):
            while True:
                told, event = await self.entries.get()
                if told == name and all(event and event.get(key) == value for key, value in headers.items()):
                    return event

    async def all_until(self, name: str) -> set[str]:
        """What was told up to the next entry of that name."""
        names: set[str] = set()
        while name not in names:
            names.add((await asyncio.wait_for(self.entries.get(), 20))[0])
        return names

    async def call(self) -> str:
        """A channel under AsyncAGI."""
        where = {"Channel": "Local/s@line-agi/n", "Application": "Wait", "Data": "30"}
        await self.client.action("Originate", {**where, "Variable": ["__ΘΕΜΑ=σύνταξη", "__B=2"]})
        event = await self.until("AsyncAGIStart")
        assert event is not None
        return event.get("Channel")

    async def channel(self, name: str) -> AmiMessage:
        rows = await self.client.listing("CoreShowChannels", complete="CoreShowChannelsComplete")
        (row,) = (row for row in rows if row.get("Channel") == name)
        return row

    async def runs(self, channel: str, application: str) -> None:
        """Wait until the channel executes it."""
        async with asyncio.timeout(5):
            while (await self.channel(channel)).get("Application") != application:
                await asyncio.sleep(0.01)


@pytest.fixture
async def watch(asterisk: Asterisk) -> AsyncIterator[Watch]:
    watch = Watch(asterisk)
    await watch.client.start()
    yield watch
    await watch.client.close()


async def test_login_and_ping(watch: Watch) -> None:
    await watch.until("up")
    assert (await watch.client.action("Ping")).get("Ping") == "Pong"


async def test_wrong_secret(watch: Watch) -> None:
    told: list[str] = []
    client = AmiClient(replace(watch.settings, secret="wrong"), lambda _: None, lambda: told.append("up"), told.append)
    with pytest.raises(AmiLoginFailed, match="Authentication failed"):
        await client.start()
    assert told == []


async def test_agi_on_a_channel_and_its_end(watch: Watch) -> None:
    channel = await watch.call()
    client = watch.client
    assert (await client.agi(channel, "ANSWER", timeout_s=5)).ok
    assert (await client.agi(channel, "GET VARIABLE ΘΕΜΑ", timeout_s=5)).data == "σύνταξη"
    assert (await client.agi(channel, "NO SUCH COMMAND", timeout_s=5)).code == 510
    assert (await client.agi(channel, "WAIT FOR DIGIT 20", timeout_s=5)).digit == ""
    running = client.send_agi(channel, "EXEC Wait 30", timeout_s=None)
    queued = client.send_agi(channel, "GET VARIABLE B", timeout_s=None)
    await watch.runs(channel, "Wait")
    await client.action("Hangup", {"Channel": channel})
    assert not (await asyncio.wait_for(running, 5)).ok
    with pytest.raises(AgiEnded):
        await asyncio.wait_for(queued, 5)
    await watch.until("Hangup", Channel=channel)  # before that Asterisk takes an order to it, and ends that as well
    with pytest.raises(AmiRefused):
        await client.agi(channel, "ANSWER", timeout_s=5)
    assert client.pending == 0


async def test_channels_are_listed(watch: Watch) -> None:
    channel = await watch.call()
    row = await watch.channel(channel)
    assert (row.get("Context"), row.get("Application")) == ("line-agi", "AGI")
    await watch.client.action("Hangup", {"Channel": channel})


async def test_the_longest_line_and_the_most_headers(watch: Watch) -> None:
    """Our limits are Asterisk's: what they let through is taken whole, and one more is not."""
    limits, client = watch.settings, watch.client
    room = limits.max_line - len("Value: ")
    await client.action("Setvar", {"Variable": "LINE_TEST", "Value": "x" * room})
    answer = await client.action("Getvar", {"Variable": "LINE_TEST"})
    assert len(answer.get("Value")) == room
    many = [f"h{number}" for number in range(limits.max_headers - 2)]
    assert (await client.action("Ping", dict.fromkeys(many, "x"))).get("Ping") == "Pong"
    wide = AmiClient(replace(limits, max_line=2000, max_headers=200), lambda _: None, lambda: None, lambda _: None)
    await wide.start()
    with pytest.raises(AmiRefused, match="line too long"):
        await wide.action("Setvar", {"Variable": "LINE_TEST", "Value": "x" * (room + 1)})
    with pytest.raises(AmiRefused, match="Too many lines"):
        await wide.action("Ping", dict.fromkeys([*many, "more"], "x"))
    await wide.close()


class Own:
    """An Asterisk of this test alone, which may be killed and started again."""

    def __init__(self, launch: Launch, folder: Path) -> None:
        self._launch = launch
        self._run = folder / "run"
        self._site = small_site(folder / "site")
        self._asterisk: Asterisk | None = None

    async def start(self) -> Asterisk:
        self._asterisk = await start(self._site, self._launch, self._run)
        return self._asterisk

    async def stop(self) -> None:
        if self._asterisk is not None:
            await self._asterisk.stop()


@pytest.fixture
async def own(launch: Launch, tmp_path: Path) -> AsyncIterator[Own]:
    own = Own(launch, tmp_path)
    yield own
    await own.stop()


async def test_events_are_filtered_by_asterisk(own: Own) -> None:
    """With a user of a manager.conf that is not ours: every right, no filter."""
    asterisk = await own.start()
    with (asterisk.run_dir / "etc" / "manager.conf").open("a") as conf:
        conf.write("\n[other]\nsecret = other\nread = all\nwrite = all\n")
    asterisk.command("manager reload")
    watch = Watch(asterisk, username="other", secret="other", hidden_events=HIDDEN_EVENTS)
    await watch.client.start()
    await watch.client.action("Originate", {"Channel": "Local/s@line-agi/n", "Application": "Wait", "Data": "30"})
    told = await watch.all_until("AsyncAGIStart")
    assert {"Newchannel", "LocalBridge"} <= told
    assert not told & {*HIDDEN_EVENTS}
    await watch.client.close()


async def test_asterisk_dies_and_comes_back(own: Own) -> None:
    asterisk = await own.start()
    watch = Watch(asterisk)
    await watch.client.start()
    await watch.until("up")
    channel = await watch.call()
    running = watch.client.send_agi(channel, "EXEC Wait 30", timeout_s=None)
    await watch.client.action("Ping")
    os.kill(asterisk.pid, signal.SIGKILL)
    await watch.until("down")
    with pytest.raises(AmiDisconnected):
        await running
    await own.stop()
    await own.start()
    await watch.until("up")
    assert await watch.client.listing("CoreShowChannels", complete="CoreShowChannelsComplete") == []
    assert watch.client.counters.reconnects == 1
    await watch.client.close()


async def test_round_trip(watch: Watch) -> None:
    loop = asyncio.get_running_loop()
    took = []
    for _ in range(200):
        began = loop.time()
        await watch.client.action("Ping")
        took.append(loop.time() - began)
    print(f"Ping: median {median(took) * 1000:.2f} ms")
    assert median(took) < 0.05
