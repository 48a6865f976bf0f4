"""A follower of a real line sees what the journal keeps: the same facts under the same numbers, in a whole call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from urllib.request import urlopen

import pytest
import pytest_asyncio

from calls import encode
from calls import facts as f
from control.follower import Facts, Lost, State, Update, follow
from control.hiding import masked
from records import Reader
from simulator.sip import Behaviour
from tests.live.floor import SEATS, Floor, floor

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]
ONE = SEATS[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    async with floor(tmp_path_factory.mktemp("line"), wrap_up_s=1.0) as up:
        yield up


async def test_a_call_as_the_journal_has_it(house: Floor) -> None:
    run, updates = house.up.line.options.run_dir, list[Update]()

    async def note() -> None:
        async with aclosing(follow(run)) as stream:
            async for update in stream:
                updates.append(update)

    noting = asyncio.create_task(note())
    await house.until(lambda: updates)
    assert await asyncio.to_thread(followers, house.up.line.metrics_port) == "line1555_follow_followers 1.0"
    house.farm.behave(ONE, Behaviour(answer_after_s=0.2))
    await house.ready(ONE)
    since = house.since
    async with house.citizen("0", pause_s=0.0):
        await house.up.see(f.Connected, lambda fact: fact.agent == ONE, since)
        await asyncio.sleep(1.0)
    await house.up.see(f.CallEnded, lambda _: True, since)
    await house.until(lambda: house.agent(ONE).state.value == "ready")
    last = house.up.line.recovery.journal.last_seq
    await house.until(lambda: newest(updates) >= last - 20 and any(ends(update) for update in updates))
    noting.cancel()
    await asyncio.gather(noting, return_exceptions=True)

    first = updates[0]
    assert isinstance(first, State) and not any(isinstance(update, Lost) for update in updates)
    followed = {update.step: list(update.facts) for update in updates if isinstance(update, Facts)}
    kept = journalled(run, first.step, max(followed))
    hidden = house.up.line.confidential.hides
    expected = {step: [fact for fact in facts if not hidden(fact)] for step, facts in kept.items()}
    assert followed == {step: [encode(masked(fact)) for fact in facts] for step, facts in expected.items() if facts}
    kinds = {fact["type"] for facts in followed.values() for fact in facts}
    assert {"CallStarted", "Queued", "OfferMade", "Connected", "ConversationEnded", "CallEnded", "WrapUpDone"} <= kinds
    (arrived,) = (fact for facts in followed.values() for fact in facts if fact["type"] == "CallStarted")
    assert "*" in arrived["ani"] or len(arrived["ani"]) < 7
    assert json.dumps(first.state) and {agent["agent"] for agent in first.state["agents"]} >= set(SEATS)


def followers(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
        told: list[str] = page.read().decode().splitlines()
    return next(row for row in told if row.startswith("line1555_follow_followers "))


def newest(updates: list[Update]) -> int:
    return max(update.step for update in updates if not isinstance(update, Lost))


def ends(update: Update) -> bool:
    return isinstance(update, Facts) and any(fact["type"] == "WrapUpDone" for fact in update.facts)


def journalled(run: Path, after: int, last: int) -> dict[int, tuple[f.Fact, ...]]:
    with Reader(run / "journal.db") as reader:
        steps = reader.read(after, last - after)
    return {step.seq: step.facts for step in steps if step.seq <= last}
