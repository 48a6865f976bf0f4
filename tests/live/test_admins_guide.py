"""The admin's guide, followed to the letter on a running line: each command as it stands there, each change of a file.

Only its days are moved, so that its Monday is still to come; at the end the topic opens once more, within seconds.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.calendar import holidays
from simulator.sip import keys
from tests.live.house import LINE1555, House, until
from tests.live.site import ROOT, share_sounds

pytestmark = pytest.mark.live
GUIDE = ROOT / "docs" / "admins-guide.md"
ATHENS = ZoneInfo("Europe/Athens")
THE_MONDAY, THE_SUNDAY = "2026-12-07", "2026-12-06"
LEFT_OUT = re.escape("[...]")
LEAST_S = 15
"""Enough for the publication and a caller who comes too early."""


@dataclass(frozen=True, slots=True)
class Command:
    text: str
    printed: str


@dataclass(frozen=True, slots=True)
class Change:
    """A hunk: these lines of the file become those. A file that is not there begins empty."""

    file: str
    old: tuple[str, ...]
    new: tuple[str, ...]


def next_monday() -> date:
    """The next one that is no public holiday."""
    day = datetime.now(ATHENS).date() + timedelta(days=1)
    while day.weekday() or day in holidays(day.year):
        day += timedelta(days=1)
    return day


def steps(text: str) -> Iterator[Command | Change]:
    """What the guide tells to do, in order."""
    for kind, block in re.findall(r"^```(console|diff)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        if kind == "console":
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, printed = part.partition("\n")
                yield Command(command, printed)
        else:
            head, _, hunks = block.partition("\n")
            for hunk in hunks.split("...\n"):
                lines = hunk.splitlines()
                old = tuple(line[1:] for line in lines if line[0] in " -")
                yield Change(head.removeprefix("--- "), old, tuple(line[1:] for line in lines if line[0] in " +"))


def make(change: Change, folder: Path) -> None:
    path = folder / change.file
    path.parent.mkdir(exist_ok=True)
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    length = len(change.old)
    places = [at for at in range(len(lines) - length + 1) if tuple(lines[at : at + length]) == change.old]
    assert len(places) == 1, f"{change.file}: {places} places for {change.old}"
    lines[places[0] : places[0] + length] = change.new
    path.write_text("\n".join(lines) + "\n", "utf-8")


def fits(printed: str, output: str) -> bool:
    """Whatever the width of the columns: it goes by the longest name, and who runs the line may have another one."""
    printed, output = (re.sub(r"[ \t]+", " ", text) for text in (printed, output))
    whole_lines = re.escape(printed.strip()).replace(LEFT_OUT + re.escape("\n"), ".*?")
    pattern = whole_lines.replace(LEFT_OUT, ".*?")
    return re.search(pattern, output, re.DOTALL) is not None


class Admin:
    """Somebody at a shell in a folder that has the dialplans."""

    def __init__(self, folder: Path) -> None:
        (folder / "dialplans").symlink_to(ROOT / "dialplans")
        self.folder = folder
        self.environment = {**os.environ, "PATH": f"{LINE1555.parent}:{os.environ['PATH']}", "COLUMNS": "250"}

    async def does(self, command: str) -> str:
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            self.environment[name] = value
            return ""
        pipe = asyncio.subprocess.PIPE
        shell = await asyncio.create_subprocess_shell(
            command, cwd=self.folder, env=self.environment, stdout=pipe, stderr=asyncio.subprocess.STDOUT
        )
        told, _ = await asyncio.wait_for(shell.communicate(), 120)
        assert shell.returncode == 0, (command, told.decode())
        return "\n".join(line.rstrip() for line in told.decode().splitlines())


def house_of(folder: Path) -> House:
    """The guide's folders as a line to be started, on free ports."""
    house = House(folder / "other", agents=1)
    house.site, house.run = folder / "my-line", folder / "my-run"
    share_sounds(house.run)
    settings = (folder / "other" / "site" / "site.yaml").read_text("utf-8")
    (house.site / "site.yaml").write_text(settings, "utf-8")
    return house


async def press(house: House, ani: str) -> str | None:
    """The topic of a caller who presses 1, 5, 5. Nobody is at work: their call ends with words, or they hang up."""
    async with house.callers(ani, presses=keys("155", 1.0), stay_s=2) as citizen:
        await citizen.wait(20)
    await until("he is gone", house.settled)
    await house.written()
    topics: dict[str, str | None] = dict(house.rows("select ani, topic from call"))
    return topics[ani]


async def test_the_guide_to_the_letter(tmp_path: Path) -> None:
    monday = next_monday()
    text = GUIDE.read_text("utf-8").replace(THE_MONDAY, monday.isoformat())
    text = text.replace(THE_SUNDAY, (monday - timedelta(days=1)).isoformat())
    admin, house, done = Admin(tmp_path), None, 0
    try:
        for step in steps(text):
            if isinstance(step, Change):
                make(step, tmp_path)
            else:
                output = await admin.does(step.text)
                assert fits(step.printed, output), f"{step.text}\n{output}\n--- expected\n{step.printed}"
            done += 1
            if house is None:  # after the copy
                house = house_of(tmp_path)
                await house.start()
        assert done > 20 and house is not None
        assert await press(house, "2211111111") != "vouchers", "it is not Monday yet"
        await opens_by_itself(admin, house, monday)
    finally:
        if house is not None:
            await house.close()


async def opens_by_itself(admin: Admin, house: House, monday: date) -> None:
    """The same topic, only sooner, and at any hour of any day."""
    (house.site / "tests" / "vouchers.yaml").unlink()  # it says what holds on Monday
    soon = (datetime.now(ATHENS) + timedelta(seconds=60 + LEAST_S)).replace(second=0, microsecond=0)
    file = house.site / "line.yaml"
    settings = file.read_text("utf-8")
    settings = settings.replace(f"{monday.isoformat()}T07:00", f"{soon:%Y-%m-%dT%H:%M}")
    settings = settings.replace('{mon-fri: ["07:00-20:00"]}, closed: [holidays]', '{mon-sun: ["00:00-24:00"]}')
    file.write_text(settings, "utf-8")
    assert "version 5 is live" in await admin.does('line1555 publish --site my-line --why "sooner"')
    topic = await press(house, "2222222222")
    assert topic != "vouchers" or datetime.now(ATHENS) >= soon, "not yet"
    await asyncio.sleep(max(0.0, (soon - datetime.now(ATHENS)).total_seconds() + 0.5))
    assert await press(house, "2233333333") == "vouchers", "by itself"
