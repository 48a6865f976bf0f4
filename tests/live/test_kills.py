"""The engine is killed again and again under traffic: every answered call has one row, nobody is rung to two agents.

`make prove PROVE='-k kills'` prints the figures of twenty kills at three calls a second; a small one runs always.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import defaultdict
from pathlib import Path

import pytest

from simulator.sip import Behaviour, Dtmf, Farm, Identity, PhoneEventKind, Results, SippCallers, SippGroup
from tests.live.house import TO_INSURANCE, House, until

pytestmark = [pytest.mark.live, pytest.mark.asyncio]

STAY_S = 40.0
SMALL = (2, 1.0, 8)
"""Kills, calls a second, agents."""
WHOLE = (20, 3.0, 140)


def at_two_phones(phones: Farm) -> dict[str, set[str]]:
    """Callers whose call was taken at more than one agent's phone."""
    taken: dict[str, set[str]] = defaultdict(set)
    for event in phones.news.events:
        if event.kind is PhoneEventKind.ESTABLISHED and (caller := re.match(r"sip:(21\d+)@", event.peer)):
            taken[caller[1]].add(event.user)
    return {caller: agents for caller, agents in taken.items() if len(agents) > 1}


async def killed_under_traffic(house: House, phones: Farm, kills: int, rate: float, chance: random.Random) -> Results:
    """Calls come from before the first kill until after the last; who is not served has hung up by the end."""
    calls = round(kills * 9 * rate)
    anis = tuple(Identity(f"21{number:08}") for number in range(calls))
    group = SippGroup("1555", anis, TO_INSURANCE, stay_s=STAY_S, calls=calls, rate=rate, dtmf=Dtmf.INFO)
    async with SippCallers(group, "127.0.0.1", house.ports.sip) as citizens:
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(2, 6))
            house.kill()
            await asyncio.sleep(chance.choice((0.0, 0.0, chance.uniform(0, 8))))
            await house.start()
        return await citizens.wait(calls / rate + STAY_S + 60)


@pytest.mark.parametrize(("kills", "rate", "agents"), [SMALL, pytest.param(*WHOLE, marks=pytest.mark.prove)])
async def test_kills(tmp_path: Path, kills: int, rate: float, agents: int) -> None:
    chance, house = random.Random(1), House(tmp_path, agents=agents)
    try:
        await house.start()
        async with house.farm() as phones:
            await house.crew(phones, ready=agents)
            for agent in house.agents:
                phones.behave(agent, Behaviour(answer_after_s=chance.uniform(0.2, 1.0), talk_s=chance.uniform(4, 12)))
            results = await killed_under_traffic(house, phones, kills, rate, chance)
            await until("nobody is on the line", house.settled, 60)
            rows = await accounted(house, results.established)
            outcomes = house.rows("select outcome, count(*) from call group by 1 order by 2 desc")
            arrived = house.status()["today"]["arrived"]
            twice = at_two_phones(phones)
            print(f"\n{kills} kills: answered {results.established}, rows {rows}, counted {arrived}: {outcomes};")
            print(f"at two phones {len(twice)}: {twice}")
            assert rows == arrived == results.established
            assert not house.rows("select ani from call group by ani having count(*) > 1")
            assert not twice
    finally:
        await house.close()


async def accounted(house: House, calls: int) -> int:
    """Rows of calls that are over, when there are as many as calls, or after a while."""
    ended = "select count(*) from call where ended_at is not null"
    for _ in range(40):
        await house.written()
        if (rows := int(house.rows(ended)[0][0])) >= calls:
            return rows
        await asyncio.sleep(1)
    return rows
