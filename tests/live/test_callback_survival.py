"""The engine is killed while a citizen is called back: they are joined with the agent who waits, or served alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from simulator.sip import Behaviour, Farm, Press, keys
from tests.live.called import Called
from tests.live.house import House, channels, until
from tests.live.test_survival import conversations
from tests.live.wire import Wire

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

ONE, TWO = "agent001", "agent002"
OPERATOR = keys("0", 1.0)
PLAIN = "general: {label: General, requires: {topic.general: 1}}"
ASKS = PLAIN[:-1] + ", overflow: [{when: length, at: 1, callback: true}]}"
ALIVE_S = 12.0
"""So old may the engine's last heartbeat be, and as long is the first lease of who answers: a busy machine is slow."""


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    house = House(tmp_path_factory.mktemp("house"), agents=2)
    edit(house.site / "queues.yaml", PLAIN, ASKS)
    edit(house.site / "line.yaml", "attempts: 3", "attempts: 1")
    watch = f"watch: {{lease_s: {ALIVE_S:g}, heartbeat_stale_s: {ALIVE_S:g}}}"
    edit(house.site / "site.yaml", "metrics:", f"{watch}\nmetrics:")
    try:
        yield house
    finally:
        await house.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phones(house: House) -> AsyncIterator[Farm]:
    await house.start()
    async with house.farm() as farm:
        yield farm


def own_phone(house: House, ring_s: float) -> Called:
    """Whoever answers there stays until the line hangs up."""
    return Called.at(house.ports.sip, house.ports.outside, ring_s=ring_s, talk_s=60.0)


async def promised(house: House, session: Wire, ani: str) -> None:
    """Somebody waits, this caller is asked and accepts; then the other one gives up."""
    async with house.callers("2110000001", presses=OPERATOR) as ahead:
        await until("one waits", lambda: house.calls("waiting") == 1)
        async with house.callers(ani, presses=(*OPERATOR, Press(2.0, "1"))) as asks:
            assert (await asks.wait(30)).calls[0].outcome == "line"
        ahead.hang_up()
        async with asyncio.timeout(10):
            while await channels(session):
                await asyncio.sleep(0.1)


async def rung(phones: Farm, own: Called) -> None:
    """The first agent takes the callback and the citizen's phone rings."""
    phones.behave(ONE, Behaviour(answer_after_s=0.1))
    await phones.phone(ONE).code("*13")
    await own.until(s=10)


async def hung_up(phones: Farm, own: Called, agent: str) -> None:
    """The agent hangs up; the citizen, who was dialled once, is let go."""
    await phones.phone(agent).hangup()
    await own.until("BYE")
    assert len(own.told()) == 1 and not own.told("CANCEL")


async def joined(session: Wire, s: float = 10) -> bool:
    """Whether the citizen and the agent are in one bridge, within so many seconds."""
    for _ in range(round(s / 0.2)):
        rows = await channels(session)
        citizen = next((row for row in rows if row["Uniqueid"].startswith("cb")), None)
        if citizen is not None and citizen["Context"] == "line-connect" and citizen["BridgeId"]:
            return any(row["BridgeId"] == citizen["BridgeId"] for row in rows if row is not citizen)
        await asyncio.sleep(0.2)
    return False


async def test_killed_while_the_citizens_phone_rings(house: House, phones: Farm) -> None:
    await house.crew(phones, ready=0)
    async with own_phone(house, ring_s=12.0) as own, house.wire() as session:
        await promised(house, session, "2110000002")
        await rung(phones, own)
        house.kill()
        [waits] = phones.phone(ONE).calls()
        await house.start()
        assert not own.told("CANCEL") and len(own.told()) == 1
        assert await joined(session, 15)
        assert [call.id for call in phones.phone(ONE).calls()] == [waits.id], "the same call of his phone"
        await until("the engine has both", lambda: house.state(ONE) == "talking")
        await asyncio.sleep(2)
        assert await joined(session, 0.4), "no lease has cut them"
        await hung_up(phones, own, ONE)
    await until("nothing is stuck", house.settled)
    assert house.state(ONE) in ("wrap_up", "ready")


async def test_killed_and_answered_before_it_is_back(house: House, phones: Farm) -> None:
    await house.crew(phones, ready=0)
    async with own_phone(house, ring_s=0.7) as own, house.wire() as session:
        await promised(house, session, "2110000003")
        await rung(phones, own)
        killed = house.kill()
        assert await house.start() - killed < ALIVE_S
        assert await joined(session)
        await until("the engine has both", lambda: house.state(ONE) == "talking")
        await asyncio.sleep(ALIVE_S + 1)
        assert await joined(session, 0.4), "no lease has cut them"
        await hung_up(phones, own, ONE)
    await until("nothing is stuck", house.settled)


async def test_an_engine_that_does_not_come_back(house: House, phones: Farm) -> None:
    """Asterisk's own queue has the citizen: an agent who is free gets them, and sees who they are."""
    await house.crew(phones, ready=0)
    async with own_phone(house, ring_s=3.0) as own, house.wire() as session:
        await promised(house, session, "2110000004")
        await rung(phones, own)
        phones.behave(TWO, Behaviour(answer_after_s=0.2))
        await phones.phone(TWO).code("*13")
        house.kill()
        await until("the other agent speaks with him", lambda: TWO in conversations(phones), 2 * ALIVE_S + 5)
        assert conversations(phones)[TWO][1] == "2110000004"
        rows = await channels(session)
        [citizen] = [row for row in rows if row["Uniqueid"].startswith("cb")]
        assert (citizen["Context"], citizen["Exten"]) == ("line-survive-queue", "general")
        await house.start()
        await until("the first agent is free", lambda: not phones.phone(ONE).calls(), 10)
        assert TWO in conversations(phones), "the engine does not touch who is served"
        await hung_up(phones, own, TWO)
    await until("nothing is stuck", house.settled)
