"""Somebody sets a clock while people wait and talk, the engine's or Asterisk's alone (libfaketime): nobody notices.

One step runs always, all of them in `make prove PROVE='-k clock_steps'`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio

from line1555.live import site_assets
from simulator.sip import Farm, Press
from sites import load_site
from telephony.asterisk import read_launch, start
from tests.live.house import House, until
from tests.live.test_survival import where

pytestmark = [pytest.mark.live, pytest.mark.asyncio]

NOTICED_S = 3.0
"""More than two heartbeats."""
ALL_STEPS = ("+5", "+3605", "-3595", "+259205", "-259195", "+0")


class Clock:
    """What a process under libfaketime believes, as an offset in seconds; its monotonic clock stays the machine's."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.set("+0")
        self.environment = {
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_RESET": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, offset: str) -> None:
        self.offset = float(offset)
        self._file.write_text(f"{offset}\n")

    def wall(self) -> float:
        return time.time() + self.offset


def library() -> str:
    return str(next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")))


@contextlib.asynccontextmanager
async def asterisk_on(house: House, clock: Clock) -> AsyncIterator[None]:
    """An Asterisk with that clock, for the engine to take up. Its loader preloads: it has a C library of its own."""
    launch = read_launch()
    program, *rest = launch.argv
    faked = ("/usr/bin/env", *(f"{k}={v}" for k, v in clock.environment.items()), program, "--preload", library())
    house.run.mkdir(mode=0o700, exist_ok=True)
    settings = site_assets.asterisk_settings(load_site(house.site), house.run)
    await asyncio.to_thread(site_assets.build_sounds, load_site(house.site), house.run, None)
    asterisk = await start(settings, replace(launch, argv=(*faked, *rest)), house.run.resolve())
    asterisk.release()
    try:
        yield
    finally:
        await house.close()
        assert asterisk._child is not None
        await asyncio.to_thread(asterisk._child.wait)


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path, agents=2)
    try:
        yield house
    finally:
        await house.close()


async def steps_pass_unnoticed(house: House, phones: Farm, clock: Clock, steps: tuple[str, ...], ours: bool) -> None:
    await house.crew(phones, ready=1)
    async with house.callers("2110000000", stay_s=120), house.wire() as session:
        await until("one talks", lambda: house.calls("talking") == 1)
        async with house.callers("2120000000", "2120000001", stay_s=120):
            await until("two wait", lambda: house.calls("waiting") == 2)
            for number, step in enumerate(steps):
                clock.set(step)
                await asyncio.sleep(NOTICED_S)
                assert (house.calls("talking"), house.calls("waiting")) == (1, 2), step
                assert set((await where(session)).values()) == {"line-connect", "line-agi"}, step
                if ours:
                    told = datetime.fromisoformat(house.status()["time"]).timestamp()
                    assert abs(told - clock.wall()) < 2.5, step
                async with house.callers(f"213000000{number}", presses=(Press(30, "1"),)) as new:
                    await until("the engine has a new call", lambda: house.calls("menu") == 1, 5)
                    new.hang_up()
                await until("it has left", lambda: house.calls("menu") == 0, 10)
    await until("nobody is on the line", house.settled, 40)
    await house.written()
    rows = house.rows("select outcome, total_s from call")
    assert len(rows) == 3 + len(steps) and "survived" not in {outcome for outcome, _ in rows}
    assert all(0 < total_s < 120 for _, total_s in rows)


@pytest.mark.parametrize("steps", [("+3600",), pytest.param(ALL_STEPS, marks=pytest.mark.prove)])
async def test_asterisks_clock(house: House, tmp_path: Path, steps: tuple[str, ...]) -> None:
    clock = Clock(tmp_path)
    async with asterisk_on(house, clock):
        await house.start()
        async with house.farm() as phones:
            await steps_pass_unnoticed(house, phones, clock, steps, ours=False)


@pytest.mark.prove
async def test_the_engines_clock(house: House, tmp_path: Path) -> None:
    """Asterisk is there before, with the machine's time."""
    clock = Clock(tmp_path)
    await house.start()
    house.kill()
    await house.start(LD_PRELOAD=library(), **clock.environment)
    async with house.farm() as phones:
        await steps_pass_unnoticed(house, phones, clock, ALL_STEPS, ours=True)


@pytest.mark.prove
async def test_a_start_with_a_wrong_clock_leaves_nothing_behind(house: House, tmp_path: Path) -> None:
    clock = Clock(tmp_path)
    await house.start()  # what is missing is spoken without the library: espeak-ng does not start with it
    house.kill()
    for offset in ("+0", "+259200", "+0"):
        clock.set(offset)
        await house.start(LD_PRELOAD=library(), **clock.environment)
        told = datetime.fromisoformat(house.status()["time"]).timestamp()
        assert abs(told - clock.wall()) < 2.5
        house.kill()
    assert house.log().count("the wall clock was set by") == 2
