"""A citizen's call on the real Asterisk, with real SIP phones, from the menus to an agent and into the records."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from calls import Outcome, Party
from calls import facts as f
from simulator.sip import Behaviour, Citizens, Group, keys
from tests.live.lineup import Stage, stage

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("line")) as up:
        yield up


async def test_a_call_reaches_an_agent(line: Stage) -> None:
    since = len(line.facts)
    group = Group("1555", presses=keys("1111", 1.5), stay_s=6)
    async with (
        line.seats("agent001", behaviour=Behaviour(answer_after_s=0.3)),
        Citizens(group, "127.0.0.1", line.ports.sip),
    ):
        connected = await line.see(f.Connected, since=since)
        ended = await line.see(f.CallEnded, since=since)
        await line.until_settled()
    assert connected.agent == "agent001" and connected.queue == "insurance"
    assert (ended.outcome, ended.by) == (Outcome.HANDLED, Party.CALLER)
    assert not line.all(f.Unexpected, since) and not line.all(f.Discrepancy, since)
