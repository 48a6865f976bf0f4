"""``line1555 follow``: rows for people and for programs, and how it ends."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from calls import AgentAction
from line1555.cli.main import app
from tests.control.rig import Rig

LINE1555 = Path(sys.executable).with_name("line1555")


@asynccontextmanager
async def command(run: Path, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        LINE1555, "follow", "--run", str(run), *options,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def row(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 30)).decode().rstrip("\n")


def busy(rig: Rig) -> None:
    rig.do(lambda: rig.hand.ask("a1", AgentAction.LOG_IN))
    rig.do(lambda: rig.hand.call("c1"))


async def test_rows_for_people_until_ctrl_c(tmp_path: Path) -> None:
    rig = Rig()
    async with rig.serving(tmp_path), command(tmp_path) as process:
        assert await row(process) == "00:13:20  102  n1 test: link DOWN, 0 calls, 0 of them waiting, 0 agents logged in"
        busy(rig)
        assert await row(process) == (
            "00:13:20  103  AgentChanged agent=a1 old=logged_out new=not_ready reason=login lasted_s=0.0"
        )
        assert await row(process) == "00:13:20  104  CallStarted call=c1 ani=694****567 dnis=11320"
        process.send_signal(signal.SIGINT)
        _, complaint = await asyncio.wait_for(process.communicate(), 30)
        assert (process.returncode, complaint) == (0, b"")


async def test_rows_for_programs_and_only_what_is_wanted(tmp_path: Path) -> None:
    rig = Rig()
    async with rig.serving(tmp_path), command(tmp_path, "--json", "--facts", "Queued,CallStarted") as process:
        first = json.loads(await row(process))
        assert (first["step"], first["resumed"], len(first["state"]["agents"])) == (102, False, 5)
        busy(rig)
        (started, *_, queued) = rig.told[104]
        assert json.loads(await row(process))["facts"] == [started, queued]


async def test_it_goes_on_after_a_step_and_waits_for_a_line_that_is_gone(tmp_path: Path) -> None:
    rig = Rig()
    busy(rig)
    async with command(tmp_path, "--since", "103") as nobody:
        _, complaint = await asyncio.wait_for(nobody.communicate(), 30)
        assert nobody.returncode == 2 and b"no line runs in" in complaint
    async with rig.serving(tmp_path):
        context = command(tmp_path, "--since", "103", "--facts", "CallStarted")
        process = await context.__aenter__()
        assert (await row(process)).endswith("103  goes on")
        assert (await row(process)).split()[1:3] == ["104", "CallStarted"]
    rig.start(rig.followers.step)
    async with rig.serving(tmp_path):
        assert "1 calls, 1 of them waiting" in await row(process)
        process.send_signal(signal.SIGINT)
        _, complaint = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 0 and b"; waiting for it" in complaint and b"Traceback" not in complaint
    await context.__aexit__(None, None, None)


async def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    rig = Rig()
    async with rig.serving(tmp_path):
        told = f"{LINE1555} follow --run {tmp_path} | head -n 1; echo ${{PIPESTATUS[0]}}"
        process = await asyncio.create_subprocess_exec(
            "bash", "-c", told, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        while not rig.followers.figures()["followers"]:
            await asyncio.sleep(0.01)
        for number in range(20):
            rig.call_and_leave(number)
            await asyncio.sleep(0.05)
        out, complaint = await asyncio.wait_for(process.communicate(), 30)
    assert out.decode().splitlines()[1] == "0" and complaint == b""


async def test_what_is_refused(tmp_path: Path) -> None:
    rig = Rig()
    async with rig.serving(tmp_path):
        async with command(tmp_path, "--facts", "Nothing") as process:
            _, complaint = await process.communicate()
            assert process.returncode == 1 and b"no such fact: Nothing" in complaint
        async with command(tmp_path, "--facts", "Nothing", "--json") as process:
            out, _ = await process.communicate()
            assert process.returncode == 1 and json.loads(out)["refused"]["id"] == "follow.malformed"


@pytest.mark.parametrize("asked", ["status", "follow"])
def test_no_line_runs_in_the_same_words(tmp_path: Path, asked: str) -> None:
    result = CliRunner().invoke(app, [asked, "--run", str(tmp_path)])
    assert " ".join(result.output.split()).startswith(
        f"no line runs in {tmp_path} (No such file or directory): start it"
    )
    assert result.exit_code == {"status": 1, "follow": 2}[asked]
