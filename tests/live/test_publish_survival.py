"""A version outlives the process: the engine is killed after a change, and the folder on disk is broken meanwhile."""

from __future__ import annotations

import asyncio
import os
import pwd
from pathlib import Path

import pytest

from tests.live.handset import Talk, handset
from tests.live.house import LINE1555, House, until

pytestmark = pytest.mark.live
OLD, NEW = "2211111111", "2222222222"
WAS = "prompts: [topic.for_dypa], goto: role_dypa"
IS = "prompts: [topic.for_dypa], goto: sos_agent"


async def order(house: House, *arguments: str) -> str:
    child = await asyncio.create_subprocess_exec(
        LINE1555, *arguments, "--run", house.run, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await asyncio.wait_for(child.communicate(), 60)
    assert child.returncode == 0, told.decode()
    return told.decode()


async def press(citizen: Talk, keys: str) -> None:
    """One key a second, as a person does."""
    for key in keys:
        await asyncio.sleep(1)
        await citizen.info(key)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


async def test_killed_after_a_change_with_a_broken_folder(tmp_path: Path) -> None:
    house = House(tmp_path, agents=2)
    with (house.site / "site.yaml").open("a") as file:
        file.write("watch: {lease_s: 30}\n")  # how quick a start is, tests/live/test_survival.py measures
    try:
        await house.start()
        assert "is version 1, which runs" in (house.run / "out.log").read_text()
        async with handset(house.ports.sip) as phone, phone.call(ani=OLD) as old:
            await until("they are in the menus", lambda: house.calls("menu") == 1)
            await press(old, "1")  # Greek
            edit(house.site / "menus.yaml", WAS, IS)
            told = await order(house, "publish", "--site", str(house.site), "--why", "a test")
            assert "version 2 is live" in told
            edit(house.site / "menus.yaml", "nodes:", "nodes: [")
            house.kill()
            await house.start()
            said = (house.run / "out.log").read_text().rpartition("IS BROKEN")[2]
            assert "menus.yaml" in said and "The last good one, version 2 runs" in said
            assert house.status()["edition"] == 2
            await until("the engine that came has them", lambda: house.calls("menu") == 1)
            await press(old, "21")  # what was the second topic when they came
            async with phone.call(ani=NEW) as new:
                await press(new, "12")
                await until("both wait", lambda: house.calls("waiting") == 2)
        await until("nobody is left", house.settled)
        await house.written()
        queues = dict(house.rows("select ani, queue from call"))
        assert queues == {OLD: "dypa", NEW: "solidarity"}, "each went the way of the version that he began with"
        assert [kind for kind, _, _ in house.anomalies() if kind in ("unexpected", "discrepancy", "command_lost")] == []
        by = pwd.getpwuid(os.geteuid()).pw_name
        assert [detail for kind, _, detail in house.anomalies() if kind == "version"] == [f"2 by {by}"]
    finally:
        await house.close()
