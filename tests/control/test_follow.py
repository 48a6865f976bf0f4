"""Followers of a running line: state, then every fact once, in order; whoever does not keep up is put out."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import pytest

from calls import AgentAction, CallId
from calls import events as e
from control import follow as following
from control import follower, status
from control.follow import BATCH, Ring, Wanted
from control.follower import Facts, Lost, Resumed, State, Update, follow
from control.refusals import NotDone, OrderRefused, Refusal

from .rig import Rig, Rows

OPEN: list[asyncio.StreamWriter] = []


@pytest.fixture(autouse=True)
async def quick(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(following, "GATHER_S", 0.001)
    monkeypatch.setattr(follower, "PAUSE_S", (0.002, 0.01))
    yield
    for writer in OPEN:
        writer.transport.abort()
    OPEN.clear()
    await asyncio.sleep(0.01)


async def raw(folder: Path, **wanted: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_unix_connection(folder / status.FILE, limit=16 << 20)
    OPEN.append(writer)
    writer.write(json.dumps({"follow": wanted}).encode() + b"\n")
    return reader, writer


async def row_of(reader: asyncio.StreamReader) -> Any:
    return json.loads(await asyncio.wait_for(reader.readline(), 10))


@asynccontextmanager
async def noting(run: Path, **how: Any) -> AsyncIterator[list[Update]]:
    """A client in the background; what it is told."""
    updates: list[Update] = []

    async def note() -> None:
        async with aclosing(follow(run, **how)) as stream:
            async for update in stream:
                updates.append(update)

    task = asyncio.create_task(note())
    try:
        yield updates
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(holds: Any, within_s: float = 20.0) -> None:
    end = monotonic() + within_s
    while not holds():
        assert monotonic() < end, "not in time"
        await asyncio.sleep(0.002)


def newest(updates: list[Update]) -> int:
    return max((update.step for update in updates if not isinstance(update, Lost)), default=-1)


def check(updates: list[Update], told: Rows) -> None:
    """Each step after a state comes once, in order and whole, however often the connection was lost."""
    at: int | None = None
    for update in updates:
        match update:
            case State():
                assert at is None or update.step >= at
                at = update.step
            case Resumed():
                assert update.step == at
            case Facts():
                assert at is not None and update.step > at
                assert [step for step in range(at + 1, update.step) if step in told] == [], "a step is missing"
                assert list(update.facts) == told[update.step]
                at = update.step


def agents_of(updates: list[Update]) -> dict[str, str]:
    """The agents' states by what a client knows: the last state, and the facts since."""
    agents: dict[str, str] = {}
    for update in updates:
        if isinstance(update, State):
            agents = {agent["agent"]: agent["state"] for agent in update.state["agents"]}
        elif isinstance(update, Facts):
            agents |= {fact["agent"]: fact["new"] for fact in update.facts if fact["type"] == "AgentChanged"}
    return agents


# -- what is sent ---


async def test_first_the_state_then_the_facts(tmp_path: Path) -> None:
    rig = Rig()
    rig.do(lambda: rig.hand.call("c1"))
    async with rig.serving(tmp_path):
        reader, writer = await raw(tmp_path)
        first = await row_of(reader)
        assert first.keys() == {"step", "run", "resumed", "now", "anchor", "zone", "state"}
        assert (first["step"], first["resumed"], first["zone"]) == (103, False, "Europe/Athens")
        state = first["state"]
        assert state.keys() == {
            "time", "node", "version", "edition", "link", "nodes", "trunk", "banner", "queues", "agents", "calls",
        }  # fmt: skip
        assert [(call["call"], call["number"], call["queue"]) for call in state["calls"]] == [
            ("c1", "694****567", "pensions")
        ]
        rig.do(lambda: rig.hand.ask("a1", AgentAction.LOG_IN))
        rig.do(lambda: rig.hand.ask("a1", AgentAction.READY))
        second, third = await row_of(reader), await row_of(reader)
        assert (second["step"], third["step"]) == (104, 105)
        assert second == {"step": 104, "now": 0.0, "facts": rig.told[104]}
        assert [fact["type"] for fact in third["facts"]] == ["AgentChanged", "OfferMade", "AgentChanged"]
        writer.close()


async def test_no_number_is_told_and_no_confidential_step(tmp_path: Path) -> None:
    rig = Rig(hidden=("sos",))
    async with rig.serving(tmp_path), noting(tmp_path) as updates:
        await until(lambda: updates)
        rig.do(lambda: rig.hand.call("c1", "1555", "6941234567"))
        for key in "19":
            rig.do(partial(rig.hand.do, e.KeyPressed(CallId("c1"), key)))
        await until(lambda: newest(updates) >= max(rig.told))
        async with noting(tmp_path) as others:
            await until(lambda: others)
    told = json.dumps([str(update) for update in (*updates, *others)])
    assert "694****567" in told and "6941234567" not in told and "sos" not in told and "15900" not in told


async def test_only_the_facts_that_are_wanted(tmp_path: Path) -> None:
    rig = Rig()
    async with rig.serving(tmp_path), noting(tmp_path, facts=["CallEnded"]) as updates:
        await until(lambda: updates)
        rig.call_and_leave(1)
        await until(lambda: len(updates) > 1)
    assert [fact["type"] for update in updates[1:] if isinstance(update, Facts) for fact in update.facts] == [
        "CallEnded"
    ]


async def test_a_heartbeat_tells_the_newest_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also to a follower whose facts do not come: with that number it can go on later."""
    monkeypatch.setattr(following, "HEARTBEAT_S", 0.05)
    rig = Rig()
    async with rig.serving(tmp_path):
        reader, _ = await raw(tmp_path, facts=["ClockSet"])
        first = await row_of(reader)
        assert await row_of(reader) == {"step": first["step"]}
        rig.call_and_leave(1)
        while (row := await row_of(reader))["step"] == first["step"]:
            pass
        assert row == {"step": rig.followers.step}


@pytest.mark.parametrize(
    "question",
    [
        {"follow": None}, {"follow": []}, {"follow": {"since": -1}}, {"follow": {"since": "7"}},
        {"follow": {"since": True}}, {"follow": {"since": 1.5}}, {"follow": {"facts": "Queued"}},
        {"follow": {"facts": ["Queue"]}}, {"follow": {"facts": [["x" * 10_000]]}}, {"follow": {"run": 1}},
        {"follow": {"step": 1}},
        {"follow": {}, "order": "calls"},
    ],
)  # fmt: skip
async def test_what_is_no_wish_to_follow(tmp_path: Path, question: dict[str, Any]) -> None:
    with pytest.raises(OrderRefused) as caught:
        Wanted.of(question)
    assert caught.value.told.id == Refusal.FOLLOW_MALFORMED and len(str(caught.value)) < 300
    rig = Rig()
    async with rig.serving(tmp_path):
        assert await asyncio.to_thread(status.ask, tmp_path, question) == json.loads(json.dumps(caught.value.answer))


# -- going on ---


async def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    rig = Rig()
    async with rig.serving(tmp_path):
        reader, writer = await raw(tmp_path)
        first = await row_of(reader)
        writer.close()
        rig.call_and_leave(1)
        for run in (None, first["run"]):
            reader, writer = await raw(tmp_path, since=first["step"], run=run)
            again = await row_of(reader)
            assert (again["resumed"], again["step"]) == (True, first["step"]) and "state" not in again
            assert (await row_of(reader))["step"] == first["step"] + 1
            writer.close()
    assert rig.followers.figures()["resumed_total"] == 2


@pytest.mark.parametrize(
    ("since", "run", "why"),
    [(99, None, "before this run"), (10**9, None, "not told yet"), (103, "another", "of another run")],
)
async def test_where_it_cannot_it_begins_with_the_state(tmp_path: Path, since: int, run: str, why: str) -> None:
    rig = Rig()
    rig.call_and_leave(1)
    async with rig.serving(tmp_path):
        row = await row_of((await raw(tmp_path, since=since, run=run))[0])
    assert (row["resumed"], row["step"]) == (False, rig.followers.step) and "state" in row, why


class Cutter:
    """Stands before the socket and breaks each conversation off after so many bytes, in the middle of a row too."""

    def __init__(self, line: Path, random: Random) -> None:
        self.line, self.random, self.cuts, self.open = line, random, 0, True

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            theirs, ours = await asyncio.open_unix_connection(self.line / status.FILE)
        except OSError:
            writer.transport.abort()
            return
        with suppress(OSError):
            ours.write(await reader.readline())
            left = self.random.choice((0, 10, 500, 3_000, 10_000))
            while left > 0 and (some := await theirs.read(min(left, 700))):
                writer.write(some)
                left -= len(some) if self.open else 0
        self.cuts += 1
        writer.close()
        ours.transport.abort()


@pytest.mark.parametrize("seed", range(8))
async def test_nothing_is_lost_or_told_twice(tmp_path: Path, seed: int) -> None:
    """Connections break at any byte, the ring is short or long, the line begins anew: state and facts are the whole."""
    random, kept = Random(seed), (15, 5_000)[seed % 2]
    line, door = tmp_path / "line", tmp_path / "door"
    line.mkdir()
    door.mkdir()
    rig, cutter = Rig(kept=kept), Cutter(line, random)
    front = await asyncio.start_unix_server(cutter.pass_on, door / status.FILE)
    async with noting(door, patient=True) as updates:
        for _ in range(3):
            async with rig.serving(line):
                for _ in range(100):
                    rig.act(random)
                    await asyncio.sleep(random.choice((0, 0, 0.001, 0.004)))
            rig.start(rig.followers.step, kept)
        cutter.open = False
        async with rig.serving(line):
            rig.call_and_leave(10_000)
            await until(lambda: newest(updates) >= max(rig.told))
            check(updates, rig.told)
            known = {agent.id: agent.state.value for agent in rig.hand.line.view.agents.all()}
            assert agents_of(updates) == known
    front.close()
    assert cutter.cuts >= 5 and any(isinstance(update, State) for update in updates)
    if kept > 15:
        assert any(isinstance(update, Resumed) for update in updates)


async def test_the_line_begins_anew(tmp_path: Path) -> None:
    """Numbers go on from the journal's; of the facts of before the new run has none, so the state comes again."""
    rig = Rig()
    async with noting(tmp_path) as updates:
        with pytest.raises(status.NotRunning):
            async with aclosing(follow(tmp_path)) as stream:
                await anext(stream)
    async with rig.serving(tmp_path):
        context = noting(tmp_path)
        updates = await context.__aenter__()
        await until(lambda: updates)
        rig.call_and_leave(1)
        await until(lambda: newest(updates) == max(rig.told))
    await until(lambda: isinstance(updates[-1], Lost))
    assert "no line runs in" in updates[-1].reason or "has ended" in updates[-1].reason  # type: ignore[union-attr]
    rig.start(rig.followers.step)
    async with rig.serving(tmp_path):
        await until(lambda: isinstance(updates[-1], State))
        rig.call_and_leave(2)
        await until(lambda: newest(updates) == max(rig.told))
        check(updates, rig.told)
    await context.__aexit__(None, None, None)


# -- bounds ---


async def test_who_does_not_read_is_put_out_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "TAKEN_WITHIN_S", 0.3)
    rig, number, longest_s = Rig(), 0, 0.0
    async with rig.serving(tmp_path), noting(tmp_path) as updates:
        reader, writer = await raw(tmp_path)
        await row_of(reader)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await until(lambda: updates)
        while not rig.followers.figures()["put_out_total"]:
            began = monotonic()
            rig.call_and_leave(number)
            longest_s = max(longest_s, monotonic() - began)
            number += 1
            await asyncio.sleep(0.0005)
            assert number < 20_000
        assert number > 200, "it has some room"
        await until(lambda: newest(updates) == max(rig.told))
        check(updates, rig.told)
        assert sum(isinstance(update, State) for update in updates) == 1, "who reads is never put out"
        assert rig.followers.figures() == {
            "followers": 1, "resumed_total": 0, "put_out_total": 1, "refused_total": 0,
        }  # fmt: skip
    assert longest_s < 1.0, "no step waits"


async def test_who_is_further_behind_than_the_ring_is_long_begins_anew(tmp_path: Path) -> None:
    rig = Rig(kept=5)
    async with rig.serving(tmp_path), noting(tmp_path) as updates:
        await until(lambda: updates)
        for number in range(50):
            rig.call_and_leave(number)  # at once: nobody could read meanwhile
        await until(lambda: len(updates) > 2)
        rig.call_and_leave(50)
        await until(lambda: newest(updates) == max(rig.told))
        check(updates, rig.told)
    assert [type(update) for update in updates[:3]] == [State, Lost, State]
    assert rig.followers.figures()["put_out_total"] == 1


async def test_so_many_may_follow_and_anybody_may_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MOST_FOLLOWERS", 40)
    rig = Rig()
    async with rig.serving(tmp_path):
        inside = [await raw(tmp_path) for _ in range(40)]
        for reader, _ in inside:
            await row_of(reader)
        with pytest.raises(NotDone) as caught:
            async with aclosing(follow(tmp_path)) as stream:
                await anext(stream)
        assert caught.value.told.id == Refusal.FOLLOW_FULL and rig.followers.figures()["refused_total"] == 1
        assert await asyncio.to_thread(status.ask, tmp_path) == {"well": True}
        inside[0][1].transport.abort()
        await until(lambda: rig.followers.figures()["followers"] == 39)
        async with noting(tmp_path) as updates:
            await until(lambda: updates)
        for _, writer in inside:
            writer.transport.abort()


async def test_who_goes_or_speaks_is_let_go_at_once(tmp_path: Path) -> None:
    rig = Rig()
    async with rig.serving(tmp_path):
        for how in ("close", "speak"):
            reader, writer = await raw(tmp_path)
            await row_of(reader)
            assert rig.followers.figures()["followers"] == 1
            if how == "close":
                writer.close()
            else:
                writer.write(b"x" * 200_000)
            await until(lambda: rig.followers.figures()["followers"] == 0, 2.0)
            writer.transport.abort()


def test_the_ring_counts_every_step_and_keeps_those_with_facts() -> None:
    rig, ring = Rig(), Ring(7, kept=3)
    fact = rig.hand.all(object)[0]
    for number in range(10):
        ring.add(float(number), [fact] if number % 2 else [])  # type: ignore[list-item]
    assert (ring.step, ring.since) == (17, 11)
    assert [entry.step for entry in ring.after(0)] == [13, 15, 17] == [entry.step for entry in ring.after(12)]
    assert [entry.step for entry in ring.after(13)] == [15, 17] and ring.after(17) == []
    assert [entry.step for entry in ring.after(0, most=1)] == [13]


async def test_a_long_backlog_goes_out_in_batches(tmp_path: Path) -> None:
    """Nobody waits while thousands of steps are written down."""
    rig = Rig()
    first = rig.followers.step
    for number in range(3 * BATCH):
        rig.call_and_leave(number)
    async with rig.serving(tmp_path), noting(tmp_path, since=first) as updates:
        await until(lambda: newest(updates) == max(rig.told))
    assert isinstance(updates[0], Resumed)
    assert [update.step for update in updates[1:]] == [step for step in rig.told if step > first]  # type: ignore[union-attr]


def test_the_document_shows_the_rows() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/control.md").read_text("utf-8")
    rows = [json.loads(row) for row in re.findall(r"^(\{\"step\".*\})$", page, re.MULTILINE)]
    assert [sorted(row) for row in rows] == [
        ["anchor", "now", "resumed", "run", "state", "step", "zone"], ["facts", "now", "step"], ["step"],
    ]  # fmt: skip
