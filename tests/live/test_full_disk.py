"""A disk without a byte left, really: a small tmpfs in a mount namespace of its own. No call notices."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.live.house import LINE1555, House, channels, until
from tests.live.site import SOUNDS

pytestmark = pytest.mark.live

SIZE = "48m"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[int]:
    """The process that holds a mount namespace in which ``tmp_path/run`` is a small disk."""
    (tmp_path / "run").mkdir()
    alone = [] if os.geteuid() == 0 else ["--map-root-user"]  # a user namespace, where everybody may mount
    mount = f"mount -t tmpfs -o size={SIZE},mode=0700 tmpfs {tmp_path}/run && echo ready && exec sleep 600"
    holder = subprocess.Popen(
        ["unshare", *alone, "--mount", "--propagation", "private", "sh", "-c", mount], stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    with holder:
        if not holder.stdout.readline():
            pytest.skip("no mount namespace of one's own may be made here (unshare -m needs root)")
        yield holder.pid
        holder.kill()


class SmallHouse(House):
    """Its run directory is on the small disk, which is looked at through the holder's root."""

    def __init__(self, folder: Path, holder: int) -> None:
        self.holder = holder
        super().__init__(folder, agents=2)
        self.outside, self.run = self.run, Path(f"/proc/{holder}/root{self.run}")
        (self.run / "sounds").symlink_to(SOUNDS, target_is_directory=True)

    async def start(self, *options: str, **environment: str) -> float:
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        enter = ["nsenter", "-t", str(self.holder), *user, "-m", "--"]
        argv = [str(LINE1555), "up", "--plain", "--site", str(self.site), "--run", str(self.outside), *options]
        with (self.outside.parent / "out.log").open("ab") as out:
            self.engine = subprocess.Popen([*enter, *argv], stdout=out, stderr=out, stdin=subprocess.DEVNULL)  # noqa: ASYNC220
        return await until("the line is up", self._serves, 60.0)

    def _serves(self) -> bool:
        assert self.engine is not None
        assert self.engine.poll() is None, self.said()
        with contextlib.suppress(Exception):
            return bool(self.status()["link"]["up"])
        return False

    def said(self) -> str:
        return (self.outside.parent / "out.log").read_text()[-3000:]

    def fill(self) -> None:
        """Not a byte is left."""
        with (self.run / "ballast").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 65536)
        with (self.run / "ballast").open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x")
        assert shutil.disk_usage(self.run).free == 0

    def make_room(self) -> None:
        (self.run / "ballast").unlink()


@pytest.fixture
async def house(tmp_path: Path, disk: int) -> AsyncIterator[SmallHouse]:
    house = SmallHouse(tmp_path, disk)
    try:
        yield house
    finally:
        if house.engine is not None and house.engine.poll() is None:
            with contextlib.suppress(FileNotFoundError):
                house.make_room()
            house.engine.send_signal(signal.SIGINT)
            await asyncio.to_thread(house.engine.wait, 30)


async def test_a_full_disk_while_the_line_runs_and_when_it_starts(house: SmallHouse) -> None:
    await house.start()
    house.fill()
    async with house.callers("6900000001", stay_s=120):
        await until("the caller waits", lambda: house.calls("waiting") == 1)
        await until("it is told", lambda: not house.status()["journal"]["ok"])
        assert "full" in house.status()["journal"]["detail"] and house.status()["journal"]["buffered"] > 0

        house.kill()
        await house.start()  # while Asterisk is alive and nothing can be written
        async with house.wire() as wire:
            assert await channels(wire), "the caller is on the line still"
        await until("it is told again", lambda: not house.status()["journal"]["ok"])

        house.make_room()
        await until("the journal takes steps again", lambda: bool(house.status()["journal"]["ok"]))
        assert house.status()["journal"]["buffered"] == 0
    await until("nobody is on the line", house.settled)
    said = house.said() + house.log()
    assert "THE JOURNAL CANNOT BE WRITTEN" in said and "takes steps again" in said
    assert "Traceback" not in said


async def test_a_first_start_without_room_says_what_to_do(house: SmallHouse) -> None:
    house.fill()
    with pytest.raises(AssertionError, match="make room on the disk"):
        await house.start()
    assert "Traceback" not in house.said() and "No space left" in house.said()
