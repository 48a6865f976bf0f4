"""A caller, or an agent, hangs up at any moment: each moment has a defined outcome, and nobody stays stuck."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from calls import AgentState, CallStage, OfferResult, Outcome, Party
from calls import facts as f
from ivr import WalkState
from simulator.sip import Behaviour, PhoneEventKind, RingReaction, SippCallers
from tests.live.floor import Floor, both, ended, floor, one

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

WAITS = AgentState.READY
WORKS = AgentState.WRAP_UP


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    async with floor(tmp_path_factory.mktemp("line"), wrap_up_s=30) as up:
        yield up


@pytest_asyncio.fixture(loop_scope="module")
async def line(house: Floor) -> AsyncIterator[Floor]:
    yield house
    await house.at_rest()
    for seat in house.farm.accounts:
        house.farm.behave(seat, Behaviour(answer_after_s=0.2))


def walks(line: Floor, state: WalkState) -> bool:
    """The only caller is at this point of the menus."""
    return [call.visit and call.walk.state for call in line.up.line.runner.line._state.calls.values()] == [state]


async def test_in_a_prompt(line: Floor) -> None:
    since = line.since
    async with line.citizen("") as citizen:
        await line.until(lambda: walks(line, WalkState.SAYING))
        await asyncio.sleep(0.5)
        citizen.hang_up()
        end = await ended(line, since)
    assert (end.outcome, end.by, end.stage) == (Outcome.LEFT_IN_MENU, Party.CALLER, CallStage.MENU)
    assert not line.odd_facts(since)


async def test_while_a_menu_waits_for_a_key(line: Floor) -> None:
    since = line.since
    async with line.citizen("") as citizen:
        await line.until(lambda: walks(line, WalkState.LISTENING), 20)
        citizen.hang_up()
        end = await ended(line, since)
    assert (end.outcome, end.by, end.stage) == (Outcome.LEFT_IN_MENU, Party.CALLER, CallStage.MENU)
    assert not line.odd_facts(since)


async def test_in_the_queue(line: Floor) -> None:
    since = line.since
    async with line.citizen() as citizen:
        await line.up.see(f.Queued, since=since)
        citizen.hang_up()
        end = await ended(line, since)
    assert (end.outcome, end.by, end.stage) == (Outcome.ABANDONED, Party.CALLER, CallStage.WAITING)
    assert one(line.up.all(f.QueueLeft, since)).outcome is Outcome.ABANDONED
    assert not line.odd_facts(since)


async def test_while_the_agents_phone_rings(line: Floor) -> None:
    since = line.since
    line.farm.behave("agent001", Behaviour(RingReaction.IGNORE))
    await line.ready("agent001")
    async with line.citizen() as citizen:
        await line.until(lambda: line.farm.phone("agent001").calls())
        citizen.hang_up()
        end = await ended(line, since)
        await line.until(lambda: not line.farm.phone("agent001").calls())
    assert (end.outcome, end.by, end.stage) == (Outcome.ABANDONED, Party.CALLER, CallStage.WAITING)
    assert one(line.up.all(f.OfferEnded, since)).result is OfferResult.WITHDRAWN
    assert line.agent("agent001").state is AgentState.READY
    assert not line.odd_facts(since)


@pytest.mark.parametrize("offset_ms", [-20, -10, -5, 0, 5, 10, 20])
async def test_at_the_very_moment_of_answer(line: Floor, offset_ms: int) -> None:
    """The agent answers and the caller hangs up ``offset_ms`` later (or earlier)."""
    since = line.since
    line.farm.behave("agent001", None)
    await line.ready("agent001")

    async def hang_up(citizen: SippCallers) -> None:
        citizen.hang_up()

    async with line.citizen() as citizen:
        await line.until(lambda: line.farm.phone("agent001").calls())
        await both(line.farm.phone("agent001").answer(), hang_up(citizen), offset_ms / 1000)
        end = await ended(line, since)
        await line.until(lambda: not line.farm.phone("agent001").calls())
    offer = one(line.up.all(f.OfferEnded, since))
    talked = line.up.all(f.Connected, since)
    if talked:
        assert (end.outcome, offer.result, line.agent("agent001").state) == (
            Outcome.HANDLED,
            OfferResult.ANSWERED,
            WORKS,
        )
    else:
        assert end.outcome is Outcome.ABANDONED and line.agent("agent001").state is WAITS
        assert offer.result in (OfferResult.WITHDRAWN, OfferResult.ANSWERED)
    assert end.by is Party.CALLER
    assert len(line.up.all(f.ConversationEnded, since)) == len(talked)
    assert not [fact for fact in line.odd_facts(since) if not isinstance(fact, f.Unexpected)]


async def test_in_the_conversation(line: Floor) -> None:
    since = line.since
    await line.ready("agent001")
    async with line.citizen() as citizen:
        await line.up.see(f.Connected, since=since)
        await asyncio.sleep(0.5)
        citizen.hang_up()
        end = await ended(line, since)
        await line.until(lambda: not line.farm.phone("agent001").calls())
    assert (end.outcome, end.by, end.stage) == (Outcome.HANDLED, Party.CALLER, CallStage.TALKING)
    talk = one(line.up.all(f.ConversationEnded, since))
    assert (talk.by, talk.exact) == (Party.CALLER, True)
    assert line.agent("agent001").state is AgentState.WRAP_UP
    assert not line.odd_facts(since)


async def test_the_agent_hangs_up_and_the_caller_hears_goodbye(line: Floor) -> None:
    """Goodbye takes almost three seconds: so long the caller stays, and then the line hangs up."""
    since = line.since
    line.farm.behave("agent001", Behaviour(answer_after_s=0.1, talk_s=0.5))
    await line.ready("agent001")
    async with line.citizen() as citizen:
        await line.up.see(f.ConversationEnded, since=since)
        end = await ended(line, since)
        assert (await citizen.wait(5)).calls[0].outcome == "line"
    assert (end.outcome, end.by, end.stage) == (Outcome.HANDLED, Party.AGENT, CallStage.TALKING)
    at = {type(fact): when for when, fact in line.up.facts[since:]}
    assert 2 < at[f.CallEnded] - at[f.ConversationEnded] < 6
    assert one(line.up.all(f.ConversationEnded, since)).by is Party.AGENT
    assert not line.odd_facts(since)


async def test_a_caller_leaves_during_goodbye(line: Floor) -> None:
    since = line.since
    line.farm.behave("agent001", Behaviour(answer_after_s=0.1, talk_s=0.3))
    await line.ready("agent001")
    async with line.citizen() as citizen:
        await line.up.see(f.ConversationEnded, since=since)
        await asyncio.sleep(0.5)
        citizen.hang_up()
        end = await ended(line, since)
    assert (end.outcome, end.by) == (Outcome.HANDLED, Party.AGENT)
    assert not line.odd_facts(since)


async def test_both_hang_up_at_once(line: Floor) -> None:
    since = line.since
    await line.ready("agent001")

    async def hang_up(citizen: SippCallers) -> None:
        citizen.hang_up()

    async with line.citizen() as citizen:
        await line.up.see(f.Connected, since=since)
        await line.farm.phone("agent001").see(PhoneEventKind.ESTABLISHED)
        await both(line.farm.phone("agent001").hangup(), hang_up(citizen), 0)
        end = await ended(line, since)
    assert end.outcome is Outcome.HANDLED and end.by in (Party.CALLER, Party.AGENT)
    assert len(line.up.all(f.ConversationEnded, since)) == 1
    assert not [fact for fact in line.odd_facts(since) if not isinstance(fact, f.Unexpected)]


@pytest.mark.parametrize("offset_ms", [0, 5, 10, 20, 40])
async def test_an_agent_who_hangs_up_as_he_answers(line: Floor, offset_ms: int) -> None:
    """Joined or not: the caller hears goodbye after a very short talk, or is back at their place."""
    since = line.since
    line.farm.behave("agent001", None)
    await line.ready("agent001")
    async with line.citizen() as citizen:
        await line.until(lambda: line.farm.phone("agent001").calls())
        await both(line.farm.phone("agent001").answer(), line.farm.phone("agent001").hangup(), offset_ms / 1000)
        await line.until(lambda: not line.farm.phone("agent001").calls())
        await asyncio.sleep(0.3)
        citizen.hang_up()
        end = await ended(line, since)
    talked, agent = line.up.all(f.ConversationEnded, since), line.agent("agent001")
    if talked:
        assert (end.outcome, one(talked).by, agent.state) == (Outcome.HANDLED, Party.AGENT, AgentState.WRAP_UP)
    else:
        refused = one(line.up.all(f.OfferEnded, since)).result
        assert refused in (OfferResult.ANSWERED, OfferResult.BUSY, OfferResult.FAILED)
        assert (end.outcome, agent.state) == (Outcome.ABANDONED, AgentState.NOT_READY)
    assert not [fact for fact in line.odd_facts(since) if not isinstance(fact, f.Unexpected)]


async def test_the_audit_finds_nothing_and_little_was_unexpected(line: Floor) -> None:
    """What came late in the races is counted and changed nothing: events of the leg that was just being ended."""
    await line.audit_twice()
    assert {type(fact) for fact in line.odd_facts()} <= {f.Unexpected}
    assert {fact.event for fact in line.up.all(f.Unexpected)} <= {"CallerBack", "Bridged", "AgentLeft"}
