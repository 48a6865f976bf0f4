"""A change goes live while the line is full: 20 callers in the menus, 20 in the queue, others coming all the time."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from calls import CallId
from calls import facts as f
from calls.commands import Prompt
from line1555.cli.default_site import DEFAULT_SITE
from line1555.live.app import running
from line1555.live.publishing import site_to_run
from line1555.live.running import Options
from simulator.sip import Behaviour, Dtmf, Farm, Identity, Press, SippCallers, SippGroup
from tests.live.floor import HOST, OVER_RTP, SEATS, Floor
from tests.live.lineup import Stage
from tests.live.site import make_site, share_sounds

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]
PROGRAM = Path(sys.executable).with_name("line1555")
IN_MENUS, WAITING, COMING = "2101111111", "2102222222", "2103333333"
NEW_WITHIN_S = 1.0
OTHER_MEANING = "sets: {topic: opeka}, prompts: [topic.for_dypa], goto: agent"


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text, (file, old)
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    """Version 1: nobody who is in is good enough for the operators' queue."""
    folder = tmp_path_factory.mktemp("publish")
    ports = make_site(folder / "site")
    share_sounds(folder / "run")
    edit(folder / "site", "queues.yaml", "topic.general: 1", "topic.general: 9")
    with (folder / "site" / "agents.yaml").open("a") as agents:
        agents.write("  agent008: {skills: {topic.general: 9}}\n")
    starting = site_to_run(folder / "run", folder / "site", DEFAULT_SITE)
    async with running(starting.site, Options(folder / "run", audit_s=5.0)) as up:
        starting.started()
        stage = Stage(up, ports)
        async with Farm({seat: stage.password(seat) for seat in SEATS}, HOST, ports.sip) as farm:
            for seat in SEATS:
                farm.behave(seat, Behaviour(answer_after_s=0.2))
            yield Floor(stage, farm)


async def order(line: Floor, *arguments: str) -> tuple[int, str]:
    """The command as an admin gives it."""
    run = line.up.line.options.run_dir
    child = await asyncio.create_subprocess_exec(
        PROGRAM,
        *arguments,
        "--run",
        run,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await asyncio.wait_for(child.communicate(), 90)
    return child.returncode or 0, told.decode()


async def publish(line: Floor, *more: str) -> tuple[int, str]:
    site = line.up.line.options.run_dir.parent / "site"
    return await order(line, "publish", "--site", str(site), "--why", "a test", "--by", "maria", *more)


def change_all(site: Path) -> None:
    """Version 2: an announcement first, another meaning and text of key 2, easier queues, a number, an agent."""
    edit(site, "menus.yaml", "nodes:\n", "nodes:\n  latest: {type: say, prompts: [latest], next: welcome}\n")
    edit(site, "line.yaml", "start: welcome\n", "start: latest\n")
    edit(site, "menus.yaml", "sets: {topic: dypa}, prompts: [topic.for_dypa], goto: role_dypa", OTHER_MEANING)
    edit(site, "prompts.yaml", "prompts:\n", "prompts:\n  latest: {el: Νέα υπηρεσία., en: A new service.}\n")
    edit(site, "prompts.yaml", "  topic.choose:\n    el: ", "  topic.choose:\n    el: Ακούστε. ")
    edit(site, "queues.yaml", "topic.general: 9", "topic.general: 1")
    edit(site, "line.yaml", "numbers:\n", 'numbers:\n  "1556": {start: latest}\n')
    edit(site, "agents.yaml", "agent001-agent008", "agent001-agent009")


def callers(number: str, ani: str, presses: tuple[Press, ...], dtmf: Dtmf, calls: int, **how: float) -> SippGroup:
    how = {"stay_s": 90.0, "rate": 10.0, **how}
    return SippGroup(number, (Identity(ani),), presses, calls=calls, dtmf=dtmf, voice=False, **how)  # type: ignore[arg-type]


class Ears:
    """Which files each prompt was, by edition."""

    def __init__(self, line: Floor) -> None:
        self.heard: dict[tuple[str, int | None], str] = {}
        self._path: Callable[..., str] = line.up.node.parts.switch.prompt_path
        line.up.node.parts.switch.prompt_path = self.listen

    def listen(self, prompt: Prompt, language: str, edition: int | None) -> str:
        path = self._path(prompt, language, edition)
        self.heard[prompt.id, edition] = path
        return path


def started(line: Floor, ani: str) -> dict[CallId, float]:
    return {fact.call: now for now, fact in line.up.facts if isinstance(fact, f.CallStarted) and fact.ani == ani}


def visited(line: Floor, call: CallId) -> list[str]:
    return [fact.node for fact in line.up.all(f.NodeEntered) if fact.call == call]


async def test_forty_callers_and_a_change(line: Floor, capsys: pytest.CaptureFixture[str]) -> None:
    ears, sip = Ears(line), line.up.ports.sip
    late = (Press(0.3, "1"), Press(16.0, "2"), Press(1.0, "1"))
    groups = [
        callers("1555", IN_MENUS, late, OVER_RTP, 10),
        callers("1555", IN_MENUS, late, Dtmf.INFO, 10),
        callers("1555", WAITING, (Press(0.3, "0"),), Dtmf.INFO, 20),
    ]
    await line.ready(*SEATS)
    citizens = [SippCallers(group, HOST, sip) for group in groups]
    stream = SippCallers(callers("1555", COMING, (), Dtmf.INFO, 250, rate=4.0, stay_s=2.0), HOST, sip)
    for some in (*citizens, stream):
        await some.__aenter__()
    try:
        await line.until(lambda: len(line.up.all(f.Queued)) == 20)
        await line.until(lambda: [visited(line, call)[-1:] for call in started(line, IN_MENUS)] == [["topic"]] * 20)
        assert not line.up.all(f.OfferMade), "nobody is good enough yet"
        change_all(line.up.line.options.run_dir.parent / "site")
        began = time.monotonic()
        status, told = await publish(line)
        assert status == 0, told
        took_s = time.monotonic() - began
        taken_at = next(now for now, fact in line.up.facts if isinstance(fact, f.EditionTaken) and fact.edition == 2)
        await line.until(lambda: sum(now > taken_at + 0.5 for now in started(line, COMING).values()) > 3)
        await line.until(lambda: len([q for q in line.up.all(f.Queued) if q.queue == "dypa"]) == 20, 40)
        await line.until(lambda: len(line.up.all(f.Connected)) == 3)
        results = [(await some.stop()) for some in citizens]
        results.append(await stream.stop())
    finally:
        for some in (*citizens, stream):
            await some.__aexit__(None, None, None)
    await line.up.until_settled()
    # None lost, none disturbed.
    assert [(r.attempted, r.failed, r.lost) for r in results[:3]] == [(10, 0, 0), (10, 0, 0), (20, 0, 0)], results
    assert results[3].attempted and not results[3].failed and not results[3].lost
    assert not line.odd_facts()
    # Callers in the menus finished on the version they began with, its texts included.
    topics = {fact.call: fact.value for fact in line.up.all(f.AttributeSet) if fact.attribute == "topic"}
    assert [topics[call] for call in started(line, IN_MENUS)] == ["dypa"] * 20
    assert all("latest" not in visited(line, call) for call in started(line, IN_MENUS))
    assert ears.heard["role.dypa", 1] and ("role.dypa", 2) not in ears.heard
    # Waiting callers were offered at once by the new settings, each in their turn; the others waited on.
    order_ = [fact.call for fact in line.up.all(f.Queued) if fact.queue == "general"]
    offered = [(now, fact.call) for now, fact in line.up.facts if isinstance(fact, f.OfferMade)][:3]
    assert [call for _, call in offered] == order_[:3] and offered[-1][0] - taken_at < NEW_WITHIN_S
    # Callers who came after heard the new menu, within a second.
    coming = started(line, COMING)
    assert all(("latest" in visited(line, call)) == (now > taken_at) for call, now in coming.items())
    first_s = min(now for now in coming.values() if now > taken_at) - taken_at
    heard_s = next(now for now, fact in line.up.facts if isinstance(fact, f.NodeEntered) and fact.node == "latest")
    assert heard_s - taken_at < NEW_WITHIN_S
    with capsys.disabled():
        print(f"\npublished in {took_s:.1f} s: {told.splitlines()[-1]}; the first new caller came {first_s:.2f} s")
        print(f"after the switch; somebody heard the new menu {heard_s - taken_at:.2f} s after it")


async def test_new_numbers_phones_and_the_version_are_there(line: Floor) -> None:
    since = line.since
    async with line.citizen("", number="1556") as citizen:
        await line.up.see(f.NodeEntered, lambda fact: fact.node == "latest", since)
        citizen.hang_up()
        await line.up.see(f.CallEnded, since=since)
    assert line.up.line.asterisk is not None
    assert "agent009" in await asyncio.to_thread(line.up.line.asterisk.command, "pjsip show endpoint agent009")
    async with Farm({"agent009": line.up.password("agent009")}, HOST, line.up.ports.sip) as farm:
        assert await farm.phone("agent009").code("*11")
        await line.until(lambda: line.agent("agent009").state == "not_ready")
    _, told = await order(line, "status", "--json")
    assert json.loads(told)["edition"] == 2
    _, told = await order(line, "versions", "--json")
    assert [(v["number"], v["by"], v["after"]) for v in json.loads(told)[1:]] == [(2, "maria", 1)]


async def test_what_is_wrong_never_takes_over(line: Floor) -> None:
    site = line.up.line.options.run_dir.parent / "site"
    kept = {path: path.read_text("utf-8") for path in site.glob("*.yaml")}
    for file, old, new, status, why in (
        ("menus.yaml", "next: welcome", "next: nowhere", 2, "unknown node 'nowhere'"),
        ("menus.yaml", "nodes:", "nodes: [", 2, "menus.yaml"),
        ("site.yaml", "ami: {port: ", "ami: {port: 1", 2, "ami.port"),
        ("site.yaml", "external_numbers:", "zone: Asia/Nicosia\nexternal_numbers:", 1, "zone in site.yaml cannot"),
    ):
        edit(site, file, old, new)
        found, told = await publish(line)
        assert (found, why in told) == (status, True), told
        for path, text in kept.items():
            path.write_text(text, "utf-8")
    assert line.up.line.runner.line._state.settings.menus.version == 2
    status, told = await publish(line)
    assert status == 1 and told.endswith("nothing has changed since version 2, which is the newest\n")


async def test_back_to_what_was_before(line: Floor) -> None:
    since = line.since
    status, told = await order(line, "rollback")
    assert status == 0 and "version 3 is live" in told
    async with line.citizen("0") as citizen:
        await line.up.see(f.Queued, since=since)
        assert "latest" not in [fact.node for fact in line.up.all(f.NodeEntered, since)]
        citizen.hang_up()
        await line.up.see(f.CallEnded, since=since)
    assert not line.odd_facts(since)
