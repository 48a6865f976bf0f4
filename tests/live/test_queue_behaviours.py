"""What Asterisk's own test suite asks of queues, here on ours: pauses, priority, wrap-up, reload, REFER."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from calls import AgentAction, AgentId, AgentState, Outcome, Party
from calls import events as e
from calls import facts as f
from engine import LineSettings
from queues import OverflowAction, OverflowRule, OverflowTrigger
from simulator.sip import Behaviour, Identity
from tests.live.citizen_refers import refers
from tests.live.floor import SEATS, Floor, ended, floor, one

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

ONE, TWO, THREE = SEATS
WRAP_UP_S = 3.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    async with floor(tmp_path_factory.mktemp("line"), wrap_up_s=WRAP_UP_S) as up:
        yield up


@pytest_asyncio.fixture(loop_scope="module")
async def line(house: Floor) -> AsyncIterator[Floor]:
    yield house
    await house.at_rest()
    for seat in house.farm.accounts:
        house.farm.behave(seat, Behaviour(answer_after_s=0.2))


async def count(line: Floor, kind: type, number: int, since: int) -> None:
    await line.until(lambda: len(line.up.all(kind, since)) == number)


# -- pauses ---


async def test_everybody_is_paused_and_the_call_waits_until_one_is_not(line: Floor) -> None:
    since = line.since
    await line.ready(*SEATS)
    for seat, code in zip(SEATS, ("*14", "*142", "*143"), strict=True):
        assert await line.farm.phone(seat).code(code)
    assert [line.agent(seat).reason for seat in SEATS] == ["break", "meal", "training"]
    async with line.citizen() as citizen:
        place = await line.up.see(f.Queued, since=since)
        await asyncio.sleep(1)
        assert place.position == 1 and place.agents_in == 3 and not line.up.all(f.OfferMade, since)
        assert await line.farm.phone(TWO).code("*13")
        connected = await line.up.see(f.Connected, since=since)
        citizen.hang_up()
        await ended(line, since)
    assert connected.agent == TWO and connected.wait_s > 1
    excluded = {rule.rule: rule.agents for rule in one(line.up.all(f.OfferMade, since)).excluded}
    assert set(excluded["not_ready"]) == {ONE, THREE}
    assert not line.odd_facts(since)


async def test_one_is_paused_and_the_others_are_called(line: Floor) -> None:
    since = line.since
    await line.ready(TWO, ONE)  # the paused one would be the longest idle
    assert await line.farm.phone(TWO).code("*14")
    async with line.citizen() as citizen:
        connected = await line.up.see(f.Connected, since=since)
        citizen.hang_up()
        await ended(line, since)
    assert connected.agent == ONE and [fact.agent for fact in line.up.all(f.OfferMade, since)] == [ONE]
    assert not line.odd_facts(since)


async def test_a_pause_while_the_phone_rings_comes_after_the_call(line: Floor) -> None:
    since = line.since
    line.farm.behave(ONE, Behaviour(answer_after_s=1.5))
    await line.ready(ONE)
    async with line.citizen() as citizen:
        await line.up.see(f.OfferMade, since=since)
        line.ask(ONE, AgentAction.NOT_READY, "meal")
        await line.up.see(f.Connected, since=since)
        citizen.hang_up()
        await ended(line, since)
    await line.up.see(f.WrapUpDone, since=since)
    assert (line.agent(ONE).state, line.agent(ONE).reason) == (AgentState.NOT_READY, "meal")
    assert not line.odd_facts(since)


# -- order ---


async def test_position_and_priority_of_those_who_wait(line: Floor) -> None:
    """Four wait for general matters; one for solidarity, ten minutes ahead, comes last and is served first."""
    since = line.since
    async with contextlib.AsyncExitStack() as people:
        callers = []
        for n, pressed in enumerate(("0", "0", "0", "0", "1510")):
            callers.append(await people.enter_async_context(line.citizen(pressed, callers=(_ani(n),))))
            await count(line, f.Queued, n + 1, since)
        waiting = [(fact.queue, fact.position, fact.priority) for fact in line.up.all(f.Queued, since)]
        await line.ready(ONE)
        for served, citizen in enumerate([callers[4], *callers[:4]], 1):
            await count(line, f.Connected, served, since)
            citizen.hang_up()
            await count(line, f.CallEnded, served, since)
            line.ask(ONE, AgentAction.END_WRAP_UP)
    by_call = {fact.call: fact.ani for fact in line.up.all(f.CallStarted, since)}
    order = [by_call[fact.call][-1] for fact in line.up.all(f.Connected, since)]
    assert waiting == [("general", n, 0) for n in (1, 2, 3, 4)] + [("solidarity", 1, 600)]
    assert order == ["4", "0", "1", "2", "3"]
    assert not line.odd_facts(since)


async def test_a_full_queue_takes_nobody_else_and_who_waits_keeps_his_place(line: Floor) -> None:
    """Two may wait: the third hears the message and is let go; the two are served in their order."""
    since, driver = line.since, line.up.line.runner
    old = driver.line._state.settings
    driver.publish(_at_most(old, 2))
    try:
        async with line.citizen(callers=(_ani(0),)) as first, line.citizen(callers=(_ani(1),)) as second:
            await count(line, f.Queued, 2, since)
            async with line.citizen(callers=(_ani(2),)):
                await line.up.see(f.CallEnded, since=since)
            sent_away = one(line.up.all(f.Overflowed, since))
            ended_as = one(line.up.all(f.CallEnded, since))
            positions = [fact.position for fact in line.up.all(f.Queued, since)]
            await line.ready(ONE, TWO)
            await count(line, f.Connected, 2, since)
            for citizen in (first, second):
                citizen.hang_up()
            await count(line, f.CallEnded, 3, since)
    finally:
        driver.publish(old)
    assert (sent_away.limit, sent_away.found, ended_as.outcome) == ("length", 2, Outcome.OVERFLOWED)
    assert sent_away.call == ended_as.call and positions == [1, 2]
    # Both agents are free at once: who is offered first is the line's choice, whose phone answers first is not.
    offered = [fact.call for fact in line.up.all(f.OfferMade, since)]
    assert offered == [fact.call for fact in line.up.all(f.Queued, since)]
    assert not line.odd_facts(since)


def _at_most(settings: LineSettings, calls: int) -> LineSettings:
    full = (OverflowRule(OverflowTrigger.LENGTH, OverflowAction.MESSAGE, "common.goodbye", calls),)
    return replace(settings, queues={name: replace(q, overflow=full) for name, q in settings.queues.items()})


def _ani(number: int) -> Identity:
    return Identity(f"210123456{number}")


# -- wrap-up ---


async def test_each_agents_wrap_up_is_his_own(line: Floor) -> None:
    """Both have talked; a call waits; whoever ends their notes first gets it, the other is left alone."""
    since = line.since
    await line.ready(ONE, TWO)
    async with line.citizen() as first, line.citizen() as second:
        await count(line, f.Connected, 2, since)
        first.hang_up()
        await count(line, f.CallEnded, 1, since)
        await asyncio.sleep(1)
        second.hang_up()
        await count(line, f.CallEnded, 2, since)
    early, late = (fact.agent for fact in line.up.all(f.ConversationEnded, since))
    async with line.citizen() as third:
        await count(line, f.Connected, 3, since)
        served = line.up.all(f.Connected, since)[-1].agent
        assert served == early and line.agent(late).state is AgentState.WRAP_UP
        third.hang_up()
        await count(line, f.CallEnded, 3, since)
    await count(line, f.WrapUpDone, 3, since)
    assert all(WRAP_UP_S <= fact.wrap_up_s < WRAP_UP_S + 0.5 for fact in line.up.all(f.WrapUpDone, since))
    assert not line.odd_facts(since)


# -- new settings while calls wait ---


async def test_agents_are_reloaded_while_calls_wait(line: Floor) -> None:
    """Nobody ready knows the topic; with the new settings one does, and the call that waits is theirs at once."""
    since, driver = line.since, line.up.line.runner
    old = driver.line._state.settings
    driver.publish(_without(old, ONE, "topic.general"))
    try:
        await line.ready(ONE)
        async with line.citizen() as ahead, line.citizen() as behind:
            await count(line, f.Queued, 2, since)
            await asyncio.sleep(0.5)
            assert not line.up.all(f.OfferMade, since)
            driver.publish(old)
            await line.up.see(f.Connected, since=since)
            driver.publish(replace(old, agents={name: who for name, who in old.agents.items() if name != ONE}))
            assert line.agent(ONE).state is AgentState.TALKING, "who is gone from the settings finishes his call"
            driver.publish(old)
            await line.ready(TWO)
            await count(line, f.Connected, 2, since)
            for citizen in (ahead, behind):
                citizen.hang_up()
            await count(line, f.CallEnded, 2, since)
    finally:
        driver.publish(old)
    first, second = line.up.all(f.Queued, since)
    served = [(fact.call, fact.agent) for fact in line.up.all(f.Connected, since)]
    assert served == [(first.call, ONE), (second.call, TWO)]
    assert not line.odd_facts(since)


def _without(settings: LineSettings, seat: str, skill: str) -> LineSettings:
    agent = settings.agents[AgentId(seat)]
    less = {name: level for name, level in agent.skills.items() if name != skill}
    return replace(settings, agents={**settings.agents, agent.id: replace(agent, skills=less)})


# -- callers who want to be sent on ---


@pytest.mark.parametrize("attended", [False, True], ids=["blind", "attended"])
async def test_a_caller_cannot_make_us_dial(line: Floor, monkeypatch: pytest.MonkeyPatch, attended: bool) -> None:
    """REFER is refused (603), in the conversation as in the queue; the talk goes on and is booked as any other."""
    since = line.since
    monkeypatch.setattr("simulator.sip.citizens.citizen", lambda number, *_: refers(number, attended, 1.5))
    await line.ready(ONE)
    async with line.citizen("") as citizen:
        call = (await line.up.see(f.CallStarted, since=since)).call
        line.up.line.runner.step(e.KeyPressed(call, "0"))  # their phone presses no keys
        await line.up.see(f.Connected, since=since)
        await line.until(lambda: citizen.results().calls[0].outcome != "lost")
        assert citizen.results().calls[0].outcome == "answer 603"
        await asyncio.sleep(0.5)
        assert line.agent(ONE).state is AgentState.TALKING
        end = await ended(line, since)
    assert (end.outcome, end.by) == (Outcome.HANDLED, Party.CALLER)
    assert one(line.up.all(f.ConversationEnded, since)).talk_s > 1.5
    assert not line.up.all(f.TransferStarted, since) and not line.up.all(f.HandedOver, since)
    assert not line.odd_facts(since)


async def test_a_caller_who_waits_cannot_be_sent_on(line: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    since = line.since
    monkeypatch.setattr("simulator.sip.citizens.citizen", lambda number, *_: refers(number, False, 1.5))
    async with line.citizen("") as citizen:
        call = (await line.up.see(f.CallStarted, since=since)).call
        line.up.line.runner.step(e.KeyPressed(call, "0"))
        end = await ended(line, since)
        assert citizen.results().calls[0].outcome == "answer 603"
    assert (end.outcome, end.stage, end.by) == (Outcome.ABANDONED, "waiting", Party.CALLER)
    assert not line.odd_facts(since)


async def test_the_audit_finds_nothing(line: Floor) -> None:
    await line.audit_twice()
    assert not line.odd_facts()
