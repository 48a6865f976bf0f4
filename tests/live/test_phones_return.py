"""Phones that register anew, go and come back; and after a restart of Asterisk they are all there again at once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulator.sip import Farm
from tests.live.house import House, until
from tests.live.wire import Wire

pytestmark = pytest.mark.live
RESTART_S = 60.0
REACHABLE = ("NOT_INUSE", "INUSE")


async def back_after(house: House, share: float, since: float) -> float:
    """Seconds since then until this share of the phones can be reached again, as Asterisk has it."""
    wanted = share * len(house.agents)
    async with house.wire() as wire:
        while sum([state in REACHABLE for state in await device_states(wire)]) < wanted:
            assert time.monotonic() < since + RESTART_S, await device_states(wire)
            await asyncio.sleep(0.1)
    return time.monotonic() - since


async def device_states(wire: Wire) -> list[str]:
    """What Asterisk knows of every agent's phone."""
    wire.events.clear()
    since = time.monotonic()
    await wire.ask("DeviceStateList")
    await wire.see(lambda event: event["Event"] == "DeviceStateListComplete", since)
    return [event["State"] for _, event in wire.events if event.get("Device", "").startswith("PJSIP/agent")]


async def restart(house: House) -> dict[float, float]:
    """Asterisk is killed under registered phones; the engine starts it anew: share of phones -> seconds."""
    async with house.farm():
        await back_after(house, 1.0, time.monotonic())
        await asyncio.sleep(3.0)  # astdb writes each second
        pid = house.asterisk_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until("the link is lost", lambda: not house.status()["link"]["up"], 20)
        await until("Asterisk is started again", lambda: bool(house.status()["link"]["up"]), 30)
        since = time.monotonic()
        return {share: await back_after(house, share, since) for share in (0.04, 0.5, 1.0)}


@contextlib.asynccontextmanager
async def line(folder: Path, agents: int) -> AsyncIterator[House]:
    house = House(folder, agents)
    with (house.site / "site.yaml").open("a") as file:
        file.write("phones: {gone_after_s: 1, grace_s: 1}\n")
    try:
        await house.start()
        yield house
    finally:
        await house.close()


async def test_phones_come_and_go(tmp_path: Path) -> None:
    async with line(tmp_path, 2) as house:
        first, second = house.agents
        async with house.farm() as farm:
            await back_after(house, 1.0, time.monotonic())
            for agent in house.agents:
                await farm.phone(agent).code("*11")
                await farm.phone(agent).code("*13")
            await until("both are ready", lambda: [house.state(a) for a in house.agents] == ["ready", "ready"])
            async with farm_of(house, second):  # the same account from another port, as a softphone started anew
                await asyncio.sleep(2.0)
                assert house.status()["agents"][second]["reachable"] and house.state(second) == "ready"
            await until("one has unregistered", lambda: house.state(second) == "not_ready")
            assert house.status()["agents"][second]["reason"] == "unreachable"
        await until("nobody is there", lambda: house.status()["not_ready"] == {"unreachable": 2})
        async with farm_of(house, first):
            await until("one is back", lambda: house.state(first) == "ready")
            assert house.state(second) == "not_ready"
        took = await restart(house)
        print("phones back:", {f"{share:.0%}": f"{s:.1f} s" for share, s in took.items()})
        assert took[1.0] < 5.0


def farm_of(house: House, agent: str) -> Farm:
    farm = house.farm()
    return Farm({agent: farm.accounts[agent]}, farm.host, farm.port)


@pytest.mark.prove
async def test_140_phones_are_there_again_after_a_restart(tmp_path: Path) -> None:
    async with line(tmp_path, 140) as house:
        took = await restart(house)
        print("140 phones back:", {f"{share:.0%}": f"{s:.1f} s" for share, s in took.items()})
        assert took[1.0] < 5.0
