"""The line under a supervisor: upgrades, an Asterisk that dies, strangers at its manager, and the end of both."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import threading
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from simulator.sip import Farm, SippCallers
from tests.live.house import LINE1555, House, runs, until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]


class Systemd:
    """The other end of the notify socket: what was said, row by row."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.door.bind(str(self.path))
        self.rows: list[str] = []
        self.ear = threading.Thread(target=self._listen)
        self.ear.start()

    def _listen(self) -> None:
        while row := self.door.recv(4096):
            self.rows += row.decode().splitlines()

    def said(self, row: str) -> int:
        """How often a row was said by now."""
        return self.rows.count(row)


@pytest.fixture(scope="module")
def systemd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Systemd]:
    systemd = Systemd(tmp_path_factory.mktemp("s"))
    yield systemd
    systemd.door.shutdown(socket.SHUT_RDWR)
    systemd.ear.join()
    systemd.door.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, systemd: Systemd) -> AsyncIterator[House]:
    house = House(tmp_path_factory.mktemp("house"), agents=2)
    with (house.site / "site.yaml").open("a") as file:
        file.write("watch: {lease_s: 30}\n")  # how quick a start is, tests/live/test_survival.py measures
    try:
        await house.start(NOTIFY_SOCKET=str(systemd.path), WATCHDOG_USEC="1000000")
        yield house
    finally:
        await house.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phones(house: House) -> AsyncIterator[Farm]:
    async with house.farm() as farm:
        yield farm


def talks(house: House, agent: str) -> bool:
    return house.state(agent) == "talking"


def on(group: SippCallers) -> bool:
    """Whether its call has been answered and has not ended."""
    (call,) = group.results().calls
    return call.answered_at is not None and call.ended_at is None


async def ended(house: House) -> int:
    assert house.engine is not None
    return await asyncio.to_thread(house.engine.wait, 30)


async def test_systemd_is_told_what_it_wants_to_know(house: House, systemd: Systemd) -> None:
    await until("it is up", lambda: systemd.said("READY=1") == 1, 5)
    await until("it lives", lambda: systemd.said("WATCHDOG=1") >= 3, 5)
    await until("what it does", lambda: systemd.said("STATUS=0 calls, 0 agents ready, link to Asterisk up") > 0, 5)
    house.signal(signal.SIGSTOP)
    before = systemd.said("WATCHDOG=1")
    await asyncio.sleep(1.5)
    assert systemd.said("WATCHDOG=1") == before, "a standing engine must not look alive"
    house.signal(signal.SIGCONT)
    await until("the link is back", lambda: bool(house.status()["link"]["up"]), 10)


async def test_an_upgrade_drops_nobody(house: House, phones: Farm, systemd: Systemd) -> None:
    await house.crew(phones, ready=1)
    async with house.callers("6911000001", stay_s=90) as talk, house.callers("6911000002", stay_s=90) as wait:
        await until("one talks, one waits", lambda: (house.calls("talking"), house.calls("waiting")) == (1, 1))
        asterisk = house.asterisk_pid()
        house.signal(signal.SIGTERM)
        assert await ended(house) == 0 and asterisk == house.asterisk_pid() is not None
        assert systemd.said("STOPPING=1") == 1
        assert on(talk) and on(wait)
        await house.start()
        assert house.asterisk_pid() == asterisk
        await until("both are taken up", lambda: (house.calls("talking"), house.calls("waiting")) == (1, 1), 10)
        await phones.phone(house.agents[0]).hangup()
        await until("nobody waits", lambda: house.calls("waiting") == 0, 20)  # else the talk that just ended may count
        await until("who waited is served", lambda: talks(house, house.agents[0]), 20)
        await phones.phone(house.agents[0]).hangup()
        await wait.wait(45)
    await house.written()
    rows = house.outcomes({"6911000001", "6911000002"})
    assert sorted(rows) == [(ani, "handled", house.agents[0]) for ani in ("6911000001", "6911000002")]


async def test_strangers_at_the_manager_cost_no_call(house: House, phones: Farm) -> None:
    """They hold every place before the login while a new engine starts, again and again."""
    await house.crew(phones, ready=1)
    stop = asyncio.Event()

    async def stranger() -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", house.ports.ami)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), 5)
                writer.close()

    async with house.callers("6911000003", stay_s=90) as talk:
        await until("they talk", lambda: talks(house, house.agents[0]))
        asterisk = house.asterisk_pid()
        house.kill()
        crowd = [asyncio.create_task(stranger()) for _ in range(230)]
        await asyncio.sleep(1)
        asyncio.get_running_loop().call_later(8, stop.set)
        await house.start()
        await asyncio.gather(*crowd)
        assert house.asterisk_pid() == asterisk and on(talk)
        await until("the talk goes on", lambda: talks(house, house.agents[0]), 10)
        await phones.phone(house.agents[0]).hangup()
        await talk.wait(20)


async def test_an_asterisk_that_dies_is_started_again(house: House, phones: Farm) -> None:
    await house.crew(phones, ready=1)
    async with house.callers("6911000004", stay_s=90):
        await until("they talk", lambda: talks(house, house.agents[0]))
        first = house.asterisk_pid()
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until("another one serves", lambda: bool(house.status()["link"]["up"]) and not runs(first), 30)
        await until("its calls are accounted for", house.settled, 20)
        assert house.asterisk_pid() not in (None, first)
        await house.written()
        assert house.outcomes({"6911000004"}) == [("6911000004", "handled", house.agents[0])]
    assert "ASTERISK ENDED BY ITSELF" in house.log() and "Asterisk is up again" in house.log()
    url = f"http://127.0.0.1:{house.ports.metrics}/metrics"
    page = (await asyncio.to_thread(urllib.request.urlopen, url)).read().decode()
    assert "line1555_asterisk_restarts_total 1.0" in page


async def test_down_ends_both_and_asks_before_a_call_ends(house: House, phones: Farm) -> None:
    await house.crew(phones, ready=1)
    async with house.callers("6911000005", stay_s=90) as talk:
        await until("they talk", lambda: talks(house, house.agents[0]))
        asterisk = house.asterisk_pid()
        assert asterisk is not None
        asked = await down(house)
        assert asked.returncode == 1 and "1 talking" in asked.stdout and "--engine-only" in asked.stderr
        alone = await down(house, "--engine-only")
        assert alone.returncode == 0 and await ended(house) == 0 and runs(asterisk) and on(talk)
        left = await down(house)
        assert left.returncode == 1 and f"pid {asterisk}" in left.stdout and runs(asterisk)
        await house.start()
        both = await down(house, "--yes")
        assert both.returncode == 0 and "Asterisk has ended" in both.stdout and not runs(asterisk)
        assert await ended(house) == 0
    nothing = await down(house)
    assert nothing.returncode == 1 and "nothing runs" in nothing.stderr


async def down(house: House, *options: str) -> subprocess.CompletedProcess[str]:
    argv = [str(LINE1555), "down", "--run", str(house.run), *options]
    return await asyncio.to_thread(
        subprocess.run, argv, capture_output=True, text=True, timeout=90, stdin=subprocess.DEVNULL
    )
