"""One engine with two Asterisks under it: calls come in at both, and the death of one leaves the other alone."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from calls import AgentAction, AgentState, Outcome, node_of
from calls import events as e
from calls import facts as f
from line1555.live.app import running
from line1555.live.running import Ending, Options
from simulator.sip import Behaviour, Farm
from simulator.sip.ports import free_port
from sites import load_site
from tests.live.floor import Floor
from tests.live.handset import Handset, Talk, handset
from tests.live.lineup import Stage
from tests.live.site import make_site, share_sounds

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]
SEATS = ("agent001", "agent002")
FIRST, SECOND = "n1", "n2"
SECOND_HOST = "127.0.0.2"
GREEK, FIRST_ROLE = "1", "1"


class Pair:
    """The line with its two nodes, and a phone of each seat at both."""

    def __init__(self, stage: Stage, sip: dict[str, tuple[str, int]], farms: dict[str, Farm]) -> None:
        self.floor, self.sip, self.farms = Floor(stage, farms[FIRST]), sip, farms

    @property
    def up(self) -> Stage:
        return self.floor.up

    def state(self, agent: str) -> AgentState:
        return self.floor.agent(agent).state

    async def waits(self, phone: Handset, ani: str, since: int) -> Talk:
        """A citizen at this phone's node who has gone to the operators."""
        talk = await phone.stays(ani)
        await self.up.see(f.CallStarted, lambda fact: fact.ani == ani, since)
        await talk.info("0")
        call = next(fact.call for fact in self.up.all(f.CallStarted, since) if fact.ani == ani)
        await self.up.see(f.Queued, lambda fact: fact.call == call, since)
        return talk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    folder: Path = tmp_path_factory.mktemp("pair")
    ports = make_site(folder / "site", wrap_up_s=1)
    sip, ami = free_port(), free_port()
    with (folder / "site" / "site.yaml").open("a") as file:
        file.write(f"nodes: {{n2: {{sip: {{host: {SECOND_HOST}, port: {sip}}}, ami: {{port: {ami}}}}}}}\n")
    share_sounds(folder / "run")
    async with running(load_site(folder / "site"), Options(folder / "run", audit_s=5.0)) as line:
        stage = Stage(line, ports)
        at = {FIRST: ("127.0.0.1", ports.sip), SECOND: (SECOND_HOST, sip)}
        accounts = {seat: stage.password(seat) for seat in SEATS}
        async with Farm(accounts, *at[FIRST]) as one, Farm(accounts, *at[SECOND]) as two:
            pair = Pair(stage, at, {FIRST: one, SECOND: two})
            for farm in (one, two):
                for seat in SEATS:
                    farm.behave(seat, Behaviour(answer_after_s=0.2))
            await pair.floor.until(lambda: all(not pair.floor.agent(seat).missing for seat in SEATS))
            await pair.floor.until(lambda: all(pair.floor.agent(seat).reachable for seat in SEATS))
            yield pair
        line.end(Ending.BOTH)


async def test_a_code_dialled_at_either_node_counts(pair: Pair) -> None:
    assert await pair.farms[FIRST].phone(SEATS[0]).code("*11")
    assert await pair.farms[SECOND].phone(SEATS[1]).code("*11")
    assert [pair.state(seat) for seat in SEATS] == [AgentState.NOT_READY] * 2


async def test_each_caller_is_joined_at_their_node(pair: Pair) -> None:
    since = pair.floor.since
    await pair.floor.ready(*SEATS)
    async with handset(*pair.sip[FIRST][::-1]) as first, handset(*pair.sip[SECOND][::-1]) as second:
        talks = [await pair.waits(phone, ani, since) for phone, ani in ((first, "2101111111"), (second, "2102222222"))]
        await pair.floor.until(lambda: len(pair.up.all(f.Connected, since)) == 2)
        met = pair.up.all(f.Connected, since)
        assert {node_of(fact.call) for fact in met} == {FIRST, SECOND}
        assert all(node_of(fact.offer) == node_of(fact.call) for fact in met), "no conversation crosses nodes"
        for talk in talks:
            await talk.hang_up()
        await pair.up.until_settled()
    assert pair.floor.odd_facts(since) == []


async def test_two_channels_with_one_sip_call_id_are_one_call(pair: Pair) -> None:
    since = pair.floor.since
    async with handset(*pair.sip[FIRST][::-1]) as first, handset(*pair.sip[SECOND][::-1]) as second:
        one = await first.stays("2103333333")
        await pair.up.see(f.CallStarted, lambda fact: fact.ani == "2103333333", since)
        two = await second.stays("2103333333", one.call_id)
        await two.ended.wait()
        assert not one.ended.is_set() and len(pair.up.all(f.CallStarted, since)) == 1
        await one.hang_up()
        await pair.up.until_settled()


async def test_the_death_of_a_node_leaves_the_others_calls_alone(pair: Pair) -> None:
    since = pair.floor.since
    await pair.floor.ready(*SEATS)
    async with handset(*pair.sip[FIRST][::-1]) as first, handset(*pair.sip[SECOND][::-1]) as second:
        await pair.waits(second, "2104444444", since)
        await pair.floor.until(lambda: len(pair.up.all(f.Connected, since)) == 1)
        talk = await pair.waits(first, "2105555555", since)
        await pair.floor.until(lambda: len(pair.up.all(f.Connected, since)) == 2)
        await pair.waits(second, "2106666666", since)
        await pair.waits(first, "2107777777", since)
        lost = next(fact.call for fact in pair.up.all(f.CallStarted, since) if fact.ani == "2106666666")

        os.kill(pair.up.line.privates[SECOND].asterisk.pid, signal.SIGKILL)
        await pair.up.see(f.CallEnded, lambda fact: fact.call == lost, since, s=40)
        there = pair.up.all(f.CallEnded, since)
        assert {(node_of(fact.call), fact.outcome) for fact in there} == {
            (SECOND, Outcome.HANDLED),
            (SECOND, Outcome.LOST),
        }
        assert not talk.ended.is_set(), "the conversation at the other node goes on"
        # The agent who spoke at the node that died serves who waits at the other.
        await pair.floor.until(lambda: len(pair.up.all(f.Connected, since)) == 3, 30)
        assert node_of(pair.up.all(f.Connected, since)[-1].call) == FIRST

        # A caller who waited there calls again, and has their place before whoever comes after them.
        async with handset(*pair.sip[FIRST][::-1]) as again:
            back = await again.stays("2106666666")
            resumed = await pair.up.see(f.PlaceResumed, since=since)
            assert resumed.lost == lost and node_of(resumed.call) == FIRST
            await talk.hang_up()
            await pair.up.see(f.Connected, lambda fact: fact.call == resumed.call, since, s=30)
            await back.hang_up()
    await pair.up.until_settled()


async def test_the_node_that_is_back_takes_calls_again(pair: Pair) -> None:
    await pair.floor.until(lambda: pair.up.line.runner.line._state.nodes[SECOND].linked, 40)
    await pair.floor.until(lambda: all(not pair.floor.agent(seat).missing for seat in SEATS), 60)
    since = pair.floor.since
    await pair.floor.ready(*SEATS)
    async with handset(*pair.sip[SECOND][::-1]) as phone:
        talk = await pair.waits(phone, "2108888888", since)
        met = await pair.up.see(f.Connected, since=since)
        assert node_of(met.offer) == SECOND
        await talk.hang_up()
        await pair.up.until_settled()
    assert pair.up.line.snapshot()["nodes"].keys() == {FIRST, SECOND}
    pair.up.line.runner.step(e.AgentAsked(pair.floor.agent(SEATS[0]).id, AgentAction.NOT_READY, "break"))
