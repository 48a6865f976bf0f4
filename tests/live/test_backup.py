"""A backup taken while calls run, restored elsewhere: a line starts from it, and every call has its row."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.live.house import LINE1555, House, until
from tests.live.site import share_sounds

pytestmark = pytest.mark.live


async def command(*words: str) -> subprocess.CompletedProcess[str]:
    argv = [str(LINE1555), *words]
    return await asyncio.to_thread(subprocess.run, argv, capture_output=True, text=True, timeout=60, check=False)


async def test_a_backup_under_calls_is_a_line_again(tmp_path: Path) -> None:
    house, file = House(tmp_path, agents=2), tmp_path / "backup.tar.gz"
    try:
        await house.start()
        async with house.farm() as farm:
            await house.crew(farm, ready=1)
            async with house.callers("6911000021", "6911000022", "6911000023"):
                await until("one talks, two wait", lambda: (house.calls("talking"), house.calls("waiting")) == (1, 2))
                done = await command("backup", str(file), "--run", str(house.run))
                assert done.returncode == 0, done.stderr
                assert (house.calls("talking"), house.calls("waiting")) == (1, 2), "the backup disturbed a call"
    finally:
        await house.close()
    before = json.loads((house.run / "secrets.json").read_text())
    assert file.stat().st_mode & 0o777 == 0o600
    assert (await command("restore", str(file), "--run", str(house.run))).returncode == 1, "over a run directory"

    shutil.move(house.run, tmp_path / "old")
    done = await command("restore", str(file), "--run", str(house.run))
    assert done.returncode == 0, done.stderr
    share_sounds(house.run)
    try:
        await house.start()
        await until("who was on the line is accounted for", house.settled, 20)
        await house.written()
        rows = house.rows("select ani, outcome from call where ended_at is not null order by ani")
        assert [ani for ani, _ in rows] == ["6911000021", "6911000022", "6911000023"]
        assert sorted(outcome for _, outcome in rows) == ["handled", "lost", "lost"]
        assert json.loads((house.run / "secrets.json").read_text()) == before
        async with house.farm() as farm, house.callers("6911000024"):
            await house.crew(farm, ready=1)
            await until("the restored line serves", lambda: house.calls("talking") == 1)
    finally:
        await house.close()
