"""Bad starts end with a message, a way out and status 2; faults on the way leave the calls accounted for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from calls import Outcome
from calls import facts as f
from control import status
from line1555.live.app import running
from line1555.live.running import Options
from simulator.sip import Behaviour, Dtmf, Farm, SippCallers, SippGroup, keys
from simulator.sip.ports import free_port
from sites import load_site
from telephony.asterisk import Asterisk
from tests.live.floor import HOST, SEATS, ended, floor
from tests.live.site import ROOT, Ports, make_site, share_sounds

pytestmark = pytest.mark.live

RUN = [sys.executable, "-c", "from line1555.cli.main import main; main()"]
START_S = 30.0


@pytest.fixture
def ports(tmp_path: Path) -> Ports:
    """A good site, and the run directory with the sounds that were spoken before."""
    share_sounds(tmp_path / "run")
    return make_site(tmp_path / "site")


def edit(tmp_path: Path, file: str, old: str, new: str) -> int:
    """Change a file of the site; the number of the changed line."""
    path = tmp_path / "site" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


async def spawn(tmp_path: Path, *more: str, **environment: str) -> asyncio.subprocess.Process:
    argv = [*RUN, "up", "--plain", "--site", str(tmp_path / "site"), "--run", str(tmp_path / "run"), *more]
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *argv, cwd=ROOT, stdout=pipe, stderr=pipe, env={**os.environ, **environment}
    )


async def refused(tmp_path: Path, *more: str, **environment: str) -> str:
    """What a start that must fail says for itself; no trace of Python, nothing left running."""
    process = await spawn(tmp_path, "--seconds", "20", *more, **environment)
    _, said = await asyncio.wait_for(process.communicate(), START_S)
    words = said.decode()
    assert process.returncode == 2, words
    assert "Traceback" not in words
    assert not (tmp_path / "run" / "asterisk.pid").exists()
    return words


@contextlib.contextmanager
def taken(port: int, kind: socket.SocketKind) -> Iterator[None]:
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind((HOST, port))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        yield


# -- a start that cannot be ---


async def test_every_mistake_in_the_yaml_is_told_at_once_with_its_place(tmp_path: Path, ports: Ports) -> None:
    places = [
        ("queues.yaml", edit(tmp_path, "queues.yaml", "topic.pensions: 1", "topic.pension: 1")),
        ("menus.yaml", edit(tmp_path, "menus.yaml", "goto: role_opeka", "goto: role_nobody")),
        ("line.yaml", edit(tmp_path, "line.yaml", "start: welcome_dypa", "start: welcome_nobody")),
        ("site.yaml", edit(tmp_path, "site.yaml", "metrics: {port", "metrics: {prot")),
    ]
    said = await refused(tmp_path)
    for file, row in places:
        assert f"{tmp_path / 'site' / file}:{row}:" in said, (file, row, said)


async def test_a_queue_that_asks_for_an_unknown_skill(tmp_path: Path, ports: Ports) -> None:
    row = edit(tmp_path, "queues.yaml", "topic.pensions: 1", "topic.pension: 1")
    said = await refused(tmp_path)
    assert f"queues.yaml:{row}:" in said and "topic.pension" in said


async def test_yaml_that_is_none(tmp_path: Path, ports: Ports) -> None:
    (tmp_path / "site" / "queues.yaml").write_text("queues: [unfinished\n")
    assert "queues.yaml:" in await refused(tmp_path)


@pytest.mark.parametrize(("name", "kind"), [("sip", socket.SOCK_DGRAM), ("ami", socket.SOCK_STREAM)])
async def test_a_port_of_asterisk_is_in_use(tmp_path: Path, ports: Ports, name: str, kind: socket.SocketKind) -> None:
    port = getattr(ports, name)
    with taken(port, kind):
        said = await refused(tmp_path)
    assert f"127.0.0.1:{port} ({name}.port)" in said and "Set another" in said


async def test_the_port_of_the_metrics_is_in_use(tmp_path: Path, ports: Ports) -> None:
    with taken(ports.metrics, socket.SOCK_STREAM):
        said = await refused(tmp_path)
    assert f"port {ports.metrics} on 127.0.0.1 is in use" in said and "another port" in said


async def test_the_address_of_the_metrics_is_not_ours(tmp_path: Path, ports: Ports) -> None:
    edit(tmp_path, "site.yaml", "metrics: {", "metrics: {host: 192.0.2.1, ")
    said = await refused(tmp_path)
    assert "cannot listen on 192.0.2.1" in said and "address of this machine" in said


async def test_a_wrong_secret_for_a_foreign_asterisk(tmp_path: Path, ports: Ports, asterisk: Asterisk) -> None:
    address = f"{asterisk.ami[0]}:{asterisk.ami[1]}"
    said = await refused(tmp_path, "--ami", address, LINE1555_AMI_USER="line", LINE1555_AMI_SECRET="s3cret-of-another")
    assert address in said and "s3cret-of-another" not in said


async def test_no_secret_for_a_foreign_asterisk(tmp_path: Path, ports: Ports) -> None:
    said = await refused(tmp_path, "--ami", "127.0.0.1:5038", LINE1555_AMI_USER="", LINE1555_AMI_SECRET="")
    assert "LINE1555_AMI_SECRET" in said


async def test_no_asterisk_at_the_address(tmp_path: Path, ports: Ports) -> None:
    address = f"127.0.0.1:{free_port()}"
    said = await refused(tmp_path, "--ami", address, LINE1555_AMI_USER="line", LINE1555_AMI_SECRET="x")
    assert address in said


# -- Asterisk dies ---


def counted(run_dir: Path) -> dict[str, Any]:
    try:
        return dict(status.ask(run_dir)["calls"])
    except status.NotRunning:
        return {}


async def until(run_dir: Path, process: asyncio.subprocess.Process, wanted: dict[str, int]) -> None:
    """The line that runs there has calls in these stages."""
    async with asyncio.timeout(START_S):
        while not (wanted.items() <= counted(run_dir).items()):
            assert process.returncode is None, (await process.communicate())[1].decode()
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def calls_going_on(tmp_path: Path, ports: Ports, process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    """One caller speaks with an agent, one waits, one listens to the menus."""
    run_dir = tmp_path / "run"
    await until(run_dir, process, {"menu": 0})
    password = password_of(run_dir, SEATS[0])
    async with Farm({SEATS[0]: password}, HOST, ports.sip) as farm, contextlib.AsyncExitStack() as callers:
        farm.behave(SEATS[0], Behaviour(answer_after_s=0.1))
        await farm.phone(SEATS[0]).code("*11")
        await farm.phone(SEATS[0]).code("*13")
        for number, pressed in enumerate(("0", "0", "1")):
            group = SippGroup(presses=keys(pressed, 0.2), stay_s=60, dtmf=Dtmf.INFO)
            await callers.enter_async_context(SippCallers(group, HOST, ports.sip))
            await until(run_dir, process, {"talking": 1} if number == 0 else {"waiting": 1})
        await until(run_dir, process, {"talking": 1, "waiting": 1, "menu": 1})
        yield


def password_of(run_dir: Path, agent: str) -> str:
    return str(json.loads((run_dir / "secrets.json").read_text("utf-8"))["agents"][agent])


async def test_both_die_and_the_next_start_accounts_for_its_calls(tmp_path: Path, ports: Ports) -> None:
    process = await spawn(tmp_path)
    try:
        async with calls_going_on(tmp_path, ports, process):
            process.kill()  # else it would start Asterisk again: test_supervise.py
            os.kill(asterisk_pid(tmp_path / "run"), 9)
            await process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    async with running(load_site(tmp_path / "site"), Options(tmp_path / "run")) as line:
        async with asyncio.timeout(15):
            while line.runner.line._state.calls or line.tailer.lag().steps:
                await asyncio.sleep(0.05)
        world = line.runner.line._state
        assert not world.offers and world.roster[SEATS[0]].state in ("wrap_up", "ready")  # type: ignore[index]
    with contextlib.closing(sqlite3.connect(tmp_path / "run" / "records.db")) as db:
        rows = db.execute("select outcome, stage, ended_at is not null, agent, exact from call order by started_at")
        talked, waited, in_menu = rows.fetchall()
    assert talked[:4] == ("handled", "talking", 1, SEATS[0])
    assert waited[:3] == ("lost", "waiting", 1), "he did not hang up: the Asterisk that had him is no more"
    assert in_menu[:3] == ("left_in_menu", "menu", 1)
    assert talked[4] == 0  # nobody saw its end: its length is no sure figure


def asterisk_pid(run_dir: Path) -> int:
    return int(json.loads((run_dir / "asterisk.pid").read_text())["pid"])


# -- no room for the journal ---


async def test_a_full_disk_does_not_touch_a_call(tmp_path: Path) -> None:
    """The journal's file may not grow: the call is served, the trouble is told, and nothing is lost afterwards."""
    async with floor(tmp_path, SEATS[0]) as line:
        journal = line.up.line.recovery.journal
        db = journal._db
        assert db is not None
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")
        since = line.since
        await line.ready(SEATS[0])
        async with line.citizen("1111", stay_s=2):
            end = await ended(line, since)
        assert end.outcome is Outcome.HANDLED
        trouble = line.up.line.snapshot()["journal"]
        assert not trouble["ok"] and "full" in trouble["detail"] and trouble["buffered"] > 0
        assert journal._db is not None
        journal._db.execute("PRAGMA max_page_count = 1000000")

        def well() -> bool:
            line.up.line.runner.step(None)
            return journal.health.ok

        await line.until(well)
        assert journal.health.dropped == 0 and journal.health.buffered == 0
        row = await line.journey(end.call)
        assert (row["outcome"], row["agent"], row["topic"]) == ("handled", SEATS[0], "insurance")
        assert not line.odd_facts() and line.up.all(f.Connected, since)
