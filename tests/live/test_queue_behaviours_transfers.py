"""Agents send callers on: blind and attended, to numbers, queues and colleagues; each talk is booked to who talked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from agents import Availability
from calls import AgentAction, AgentState, CallStage, Outcome, Party
from calls import facts as f
from simulator.sip import Behaviour, Odd, PhoneEventKind, RingReaction
from tests.live.floor import ODD_SEAT, SEATS, Floor, ended, floor, one
from tests.live.test_line import shorten_dialling
from tests.live.transfers import Desk, talking
from tests.live.wire import Wire, wire

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

ONE, TWO, THREE = SEATS
OUTSIDE = "15900"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    async with floor(tmp_path_factory.mktemp("line"), wrap_up_s=1.5) as up:
        await shorten_dialling(up)
        yield up


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session(house: Floor) -> AsyncIterator[Wire]:
    assert house.up.line.asterisk is not None
    async with wire(house.up.line.asterisk) as plain:
        yield plain


@pytest_asyncio.fixture(loop_scope="module")
async def line(house: Floor) -> AsyncIterator[Floor]:
    yield house
    await house.at_rest()
    for seat in house.farm.accounts:
        house.farm.behave(seat, Behaviour(answer_after_s=0.2))


def talks(line: Floor, since: int) -> dict[str, f.ConversationEnded]:
    return {fact.agent: fact for fact in line.up.all(f.ConversationEnded, since)}


async def booked(line: Floor, call: str, *agents: str) -> list[dict[str, Any]]:
    """The conversations of the call in the records: one for each of these agents, in this order."""
    row = await line.journey(call)
    told = [part for part in row["segments"] if part["kind"] == "conversation"]
    assert [part["agent"] for part in told] == list(agents)
    return told


# -- blind ---


async def test_a_blind_transfer_to_an_allowed_number(line: Floor, session: Wire) -> None:
    since = line.since
    await line.ready(ONE)
    async with line.outside(Odd.ANSWERS, ring_s=0.5, talk_s=1.5), line.citizen() as citizen:
        desk = await talking(line, session, ONE, since)
        await desk.send_on(OUTSIDE)
        await line.up.see(f.TransferStarted, since=since)
        assert line.agent(ONE).state is AgentState.WRAP_UP
        await line.until(lambda: not line.farm.phone(ONE).calls())
        end = await ended(line, since)
        assert (await citizen.wait(5)).calls[0].outcome == "line"
    assert (end.outcome, end.by) == (Outcome.HANDLED, Party.UNKNOWN)
    talk, sent = talks(line, since)[ONE], one(line.up.all(f.TransferEnded, since))
    assert talk.by is Party.AGENT and 0.2 < talk.talk_s < 2
    assert sent.answered and 1 < sent.talk_s < 4
    assert one(line.up.all(f.TransferStarted, since)).target == OUTSIDE
    await booked(line, end.call, ONE)
    assert not line.odd_facts(since)


async def test_the_caller_leaves_the_number_he_was_sent_to(line: Floor, session: Wire) -> None:
    since = line.since
    await line.ready(ONE)
    async with line.outside(Odd.ANSWERS, ring_s=0.1), line.citizen() as citizen:
        desk = await talking(line, session, ONE, since)
        await desk.send_on(OUTSIDE)
        await line.until(lambda: any(c.transfer_at for c in line.up.line.runner.line._state.calls.values()))
        citizen.hang_up()
        end = await ended(line, since)
    assert (end.outcome, end.by, end.stage) == (Outcome.HANDLED, Party.CALLER, CallStage.TRANSFERRING)
    assert not line.odd_facts(since)


@pytest.mark.parametrize("odd", [Odd.BUSY, Odd.NEVER])
async def test_a_number_that_does_not_answer_gives_the_caller_an_agent_again(
    line: Floor, session: Wire, odd: Odd
) -> None:
    since = line.since
    await line.ready(ONE)
    async with line.outside(odd, ring_s=0.2), line.citizen() as citizen:
        desk = await talking(line, session, ONE, since)
        line.ask(ONE, AgentAction.NOT_READY)
        await desk.send_on(OUTSIDE)
        await line.until(lambda: len(line.up.all(f.Queued, since)) == 2)
        await line.ready(TWO)
        await line.until(lambda: len(line.up.all(f.Connected, since)) == 2)
        citizen.hang_up()
        end = await ended(line, since)
    assert not one(line.up.all(f.TransferEnded, since)).answered
    assert end.outcome is Outcome.HANDLED
    await booked(line, end.call, ONE, TWO)
    assert not line.odd_facts(since)


@pytest.mark.parametrize("target", ["6912345678", "1555", "*11", "trunk", "nobody"])
async def test_any_other_target_is_refused_and_the_talk_goes_on(line: Floor, target: str) -> None:
    """A phone of SIPp: baresip 1.0.0 hangs up when it is refused."""
    since = line.since
    async with line.odd(Odd.SENDS_ON, ring_s=0.1, talk_s=0.5, moved_to=target), line.citizen() as citizen:
        await line.ready(ODD_SEAT)
        await line.up.see(f.Connected, since=since)
        await asyncio.sleep(1.5)
        assert line.agent(ODD_SEAT).state is AgentState.TALKING
        citizen.hang_up()
        end = await ended(line, since)
    assert (end.outcome, end.by, end.stage) == (Outcome.HANDLED, Party.CALLER, CallStage.TALKING)
    assert talks(line, since)[ODD_SEAT].talk_s > 1.4
    assert not line.up.all(f.TransferStarted, since) and not line.up.all(f.SentOn, since)
    assert not line.odd_facts(since)


async def test_a_blind_transfer_to_a_queue_is_a_new_wait(line: Floor, session: Wire) -> None:
    since = line.since
    await line.ready(ONE)
    async with line.citizen() as citizen:
        desk = await talking(line, session, ONE, since)
        line.ask(ONE, AgentAction.NOT_READY)
        await desk.send_on("pensions")
        second = await line.up.see(f.Queued, lambda fact: fact.queue == "pensions", since)
        await asyncio.sleep(1)
        await line.ready(TWO)
        await line.until(lambda: len(line.up.all(f.Connected, since)) == 2)
        await asyncio.sleep(1)
        citizen.hang_up()
        end = await ended(line, since)
    first, last = line.up.all(f.Connected, since)
    assert (first.agent, first.queue, last.agent, last.queue) == (ONE, "general", TWO, "pensions")
    assert first.call == last.call == second.call == end.call and 0.9 < last.wait_s < 2.5
    assert one(line.up.all(f.SentOn, since)).target == "pensions"
    assert talks(line, since)[TWO].talk_s > 0.9 and talks(line, since)[TWO].queue == "pensions"
    assert [fact.queue for fact in line.up.all(f.QueueLeft, since)] == []
    await booked(line, end.call, ONE, TWO)
    assert not line.odd_facts(since)


async def test_a_caller_who_gives_up_in_the_queue_he_was_sent_to(line: Floor, session: Wire) -> None:
    since = line.since
    await line.ready(ONE)
    async with line.citizen() as citizen:
        desk = await talking(line, session, ONE, since)
        line.ask(ONE, AgentAction.NOT_READY)
        await desk.send_on("dypa")
        await line.up.see(f.SentOn, since=since)
        await asyncio.sleep(0.5)
        citizen.hang_up()
        end = await ended(line, since)
    left = one(line.up.all(f.QueueLeft, since))
    assert (left.queue, left.outcome) == ("dypa", Outcome.ABANDONED)
    assert (end.outcome, end.stage, end.by) == (Outcome.HANDLED, CallStage.WAITING, Party.CALLER)
    assert not line.odd_facts(since)


async def test_a_blind_transfer_to_a_colleague_who_is_free(line: Floor, session: Wire) -> None:
    """They are rung although another has been idle for longer."""
    since = line.since
    await line.ready(ONE)
    async with line.citizen() as citizen:
        desk = await talking(line, session, ONE, since)
        await line.ready(THREE)
        await line.ready(TWO)
        await desk.send_on(TWO)
        await line.until(lambda: len(line.up.all(f.Connected, since)) == 2)
        citizen.hang_up()
        end = await ended(line, since)
    assert [fact.agent for fact in line.up.all(f.Connected, since)] == [ONE, TWO]
    await booked(line, end.call, ONE, TWO)
    assert not line.odd_facts(since)


async def test_a_blind_transfer_to_a_colleague_who_does_not_answer(line: Floor, session: Wire) -> None:
    """The call comes back to its sender. Sent by the short code, as from a phone that has figures only."""
    since = line.since
    await line.ready(ONE)
    line.farm.behave(TWO, Behaviour(RingReaction.BUSY))
    async with line.citizen() as citizen:
        desk = await talking(line, session, ONE, since)
        await line.ready(TWO, THREE)
        await desk.send_on(f"7{TWO.removeprefix('agent')}")
        await line.until(lambda: len(line.up.all(f.Connected, since)) == 2)
        citizen.hang_up()
        await ended(line, since)
    assert [fact.agent for fact in line.up.all(f.OfferMade, since)] == [ONE, TWO, ONE]
    assert not line.odd_facts(since)


async def test_a_blind_transfer_to_a_colleague_who_is_not_ready(line: Floor, session: Wire) -> None:
    """It comes back to its sender at once, although another agent is idle, and the display says so."""
    since, asked = line.since, time.monotonic()
    await line.ready(ONE)
    async with line.citizen() as citizen:
        desk = await talking(line, session, ONE, since)
        await line.ready(THREE)
        await desk.send_on(TWO)
        await line.until(lambda: len(line.up.all(f.Connected, since)) == 2)
        shown = {value for at, row in session.events if at > asked for value in row.values() if "EL" in value}
        citizen.hang_up()
        await ended(line, since)
    assert [fact.agent for fact in line.up.all(f.OfferMade, since)] == [ONE, ONE]
    assert any(name.startswith(f"ΠΙΣΩ {TWO} EL ") for name in shown), shown
    assert not line.odd_facts(since)


# -- attended ---


async def test_an_attended_transfer_to_a_colleague(line: Floor, session: Wire) -> None:
    """First agent: talk and hold until they hand over. Second: from there to the end. One call."""
    since = line.since
    await line.ready(ONE)
    async with line.citizen() as citizen:
        desk = await talking(line, session, ONE, since)
        channel = await desk.ask(TWO)
        await desk.asked_long_enough()
        assert line.agent(TWO).in_use and line.agent(TWO).state is AgentState.NOT_READY
        await desk.hand_over(TWO, channel)
        moved = await line.up.see(f.HandedOver, since=since)
        assert line.agent(TWO).state is AgentState.TALKING and line.agent(ONE).state is AgentState.WRAP_UP
        await line.up.see(f.Consulted, since=since)
        await line.until(lambda: not line.farm.phone(ONE).calls())
        assert not line.agent(TWO).in_use
        await line.audit_twice()
        await asyncio.sleep(1.5)
        citizen.hang_up()
        end = await ended(line, since)
    first, second = talks(line, since)[ONE], talks(line, since)[TWO]
    asked = one(line.up.all(f.Consulted, since))
    assert (moved.agent, moved.by, moved.call) == (TWO, ONE, end.call)
    assert first.by is Party.AGENT and first.hold_s > 0.5 and 0.2 < first.talk_s < 2
    assert second.by is Party.CALLER and 1.4 < second.talk_s < 3 and second.hold_s == 0
    assert (asked.agent, asked.target, asked.call, asked.answered) == (ONE, TWO, end.call, True) and asked.talk_s > 0.4
    assert (end.outcome, end.by, end.stage) == (Outcome.HANDLED, Party.CALLER, CallStage.TALKING)
    parts = await booked(line, end.call, ONE, TWO)
    assert [part["duration_s"] for part in parts] == pytest.approx(
        [first.talk_s + first.hold_s, second.talk_s], abs=0.02
    )
    assert len(line.up.all(f.Queued, since)) == len(line.up.all(f.Connected, since)) == 1
    await line.up.see(f.WrapUpDone, lambda fact: fact.agent == TWO, since)
    assert line.agent(TWO).state is AgentState.NOT_READY, "he had a pause before, and has it again"
    assert not line.odd_facts(since)


async def test_the_second_agent_holds_and_hangs_up(line: Floor, session: Wire) -> None:
    since = line.since
    await line.ready(ONE)
    async with line.citizen() as citizen:
        desk = await talking(line, session, ONE, since)
        channel = await desk.ask(TWO)
        await desk.asked_long_enough()
        await desk.hand_over(TWO, channel)
        await line.up.see(f.HandedOver, since=since)
        second = Desk(line, session, TWO)
        await second.hold()
        await asyncio.sleep(0.7)
        await second.hold(False)
        await line.farm.phone(TWO).hangup()
        end = await ended(line, since)
        assert (await citizen.wait(5)).calls[0].outcome == "line"
    assert (end.outcome, end.by) == (Outcome.HANDLED, Party.AGENT)
    assert talks(line, since)[TWO].hold_s > 0.6
    assert not line.odd_facts(since)


async def test_a_caller_is_handed_on_twice(line: Floor, session: Wire) -> None:
    since = line.since
    await line.ready(ONE)
    async with line.citizen() as citizen:
        for seat, colleague in ((ONE, TWO), (TWO, THREE)):
            begin = line.since
            desk = await talking(line, session, ONE, since) if seat == ONE else Desk(line, session, TWO)
            channel = await desk.ask(colleague)
            await desk.asked_long_enough()
            await desk.hand_over(colleague, channel)
            await line.up.see(f.HandedOver, since=begin)
        citizen.hang_up()
        end = await ended(line, since)
    await booked(line, end.call, ONE, TWO, THREE)
    assert not line.odd_facts(since)


async def test_a_consultation_after_which_the_caller_is_taken_back(line: Floor, session: Wire) -> None:
    """The colleague is ready, and is not offered the call that comes meanwhile."""
    since = line.since
    await line.ready(ONE)
    async with line.citizen() as citizen:
        desk = await talking(line, session, ONE, since)
        await desk.ask(TWO)
        await desk.asked_long_enough()
        await line.ready(TWO)
        assert line.agent(TWO).availability is Availability.PHONE_IN_USE
        async with line.citizen() as other:
            await line.until(lambda: len(line.up.all(f.Queued, since)) == 2)
            await asyncio.sleep(0.3)
            assert len(line.up.all(f.OfferMade, since)) == 1
            # The newer call: the consultation; baresip takes the older one off hold itself.
            await line.farm.phone(ONE).hangup()
            await line.up.see(f.Held, lambda fact: not fact.on, since)
            await line.until(lambda: len(line.up.all(f.Connected, since)) == 2)
            assert line.up.all(f.Connected, since)[1].agent == TWO
            await asyncio.sleep(0.3)
            for gone in (citizen, other):
                gone.hang_up()
            await line.until(lambda: len(line.up.all(f.CallEnded, since)) == 2)
    asked, talk = one(line.up.all(f.Consulted, since)), talks(line, since)[ONE]
    assert asked.answered and asked.talk_s > 0.5
    assert talk.hold_s > asked.talk_s and talk.by is Party.CALLER
    assert not line.up.all(f.HandedOver, since) and not line.odd_facts(since)


async def test_the_caller_hangs_up_during_the_consultation(line: Floor, session: Wire) -> None:
    since = line.since
    await line.ready(ONE)
    async with line.citizen() as citizen:
        desk = await talking(line, session, ONE, since)
        await desk.ask(TWO)
        await desk.asked_long_enough()
        citizen.hang_up()
        end = await ended(line, since)
    assert (end.outcome, end.by) == (Outcome.HANDLED, Party.CALLER)
    assert line.agent(ONE).in_use and line.agent(TWO).in_use
    await line.farm.phone(ONE).hangup()
    await line.up.see(f.Consulted, since=since)
    await line.until(lambda: not line.agent(ONE).in_use and not line.agent(TWO).in_use)
    assert not line.odd_facts(since)


async def test_an_attended_transfer_to_an_allowed_number(line: Floor, session: Wire) -> None:
    since = line.since
    await line.ready(ONE)
    async with line.outside(Odd.ANSWERS, ring_s=0.2, talk_s=4), line.citizen() as citizen:
        desk = await talking(line, session, ONE, since)
        channel = await desk.ask(OUTSIDE)
        await desk.asked_long_enough()
        await desk.hand_over(OUTSIDE, channel)
        await line.up.see(f.TransferStarted, since=since)
        await line.audit_twice()
        end = await ended(line, since)
        assert (await citizen.wait(5)).calls[0].outcome == "line"
    sent = one(line.up.all(f.TransferEnded, since))
    assert one(line.up.all(f.TransferStarted, since)).target == OUTSIDE and sent.answered and sent.talk_s > 1
    assert end.outcome is Outcome.HANDLED and talks(line, since)[ONE].hold_s > 0.5
    await booked(line, end.call, ONE)
    assert not line.odd_facts(since)


async def test_a_colleague_on_the_phone_or_away_cannot_be_consulted(line: Floor, session: Wire) -> None:
    since = line.since
    await line.ready(ONE, TWO)
    async with line.citizen() as citizen, line.citizen() as other:
        await line.until(lambda: len(line.up.all(f.Connected, since)) == 2)
        for away in (TWO, "agent007", "6912345678", "nobody"):
            begin = asyncio.get_running_loop().time()
            await line.farm.phone(ONE).dial(away)
            await line.farm.phone(ONE).see(PhoneEventKind.CLOSED, begin, peer=f"sip:{away}@")
        assert len(line.farm.phone(TWO).calls()) == 1
        for gone in (citizen, other):
            gone.hang_up()
        await line.until(lambda: len(line.up.all(f.CallEnded, since)) == 2)
    assert not line.up.all(f.Consulted, since) and not line.odd_facts(since)


@pytest.mark.parametrize("how", [RingReaction.ANSWER, RingReaction.REJECT])
async def test_the_caller_is_handed_over_while_the_colleagues_phone_still_rings(
    line: Floor, session: Wire, how: RingReaction
) -> None:
    """The caller takes the agent's place: the colleague has them at the answer, else the line takes them back."""
    since = line.since
    await line.ready(ONE)
    line.farm.behave(TWO, Behaviour(how, answer_after_s=1.5))
    async with line.citizen() as citizen:
        desk = await talking(line, session, ONE, since)
        channel = await desk.ask(TWO)
        await desk.hand_over(TWO, channel)
        await line.up.see(f.TransferStarted, since=since)
        assert line.agent(ONE).state is AgentState.WRAP_UP
        line.ask(ONE, AgentAction.NOT_READY)
        await line.up.see(f.TransferEnded, since=since)
        if how is RingReaction.REJECT:
            await line.ready(THREE)
        await line.until(lambda: THREE in _served(line, since) or TWO in _served(line, since))
        await asyncio.sleep(0.5)
        await line.audit_twice()
        citizen.hang_up()
        end = await ended(line, since)
    await booked(line, end.call, ONE, TWO if how is RingReaction.ANSWER else THREE)
    assert (end.outcome, end.by, end.stage) == (Outcome.HANDLED, Party.CALLER, CallStage.TALKING)
    assert not one(line.up.all(f.Consulted, since)).answered
    assert not line.odd_facts(since)


def _served(line: Floor, since: int) -> set[str]:
    connected = {str(fact.agent) for fact in line.up.all(f.Connected, since)}
    return (connected | {str(fact.agent) for fact in line.up.all(f.HandedOver, since)}) - {ONE}


@pytest.mark.parametrize("target", ["pensions", THREE, OUTSIDE])
async def test_a_colleague_who_is_sent_on_does_not_become_a_caller(line: Floor, target: str) -> None:
    since, begin = line.since, asyncio.get_running_loop().time()
    await line.farm.phone(ONE).dial(TWO)
    await line.farm.phone(ONE).see(PhoneEventKind.ESTABLISHED, begin, peer=f"sip:{TWO}@")
    await asyncio.sleep(0.3)
    await line.farm.phone(ONE).transfer(target)
    await line.farm.phone(TWO).see(PhoneEventKind.CLOSED, begin)
    await line.until(lambda: not line.agent(TWO).in_use and not line.agent(ONE).in_use)
    assert not line.farm.phone(THREE).calls()
    assert one(line.up.all(f.Consulted, since)).call is None
    assert not line.up.all(f.CallStarted, since) and not line.up.all(f.SentOn, since)
    assert not line.odd_facts(since)


async def test_the_audit_finds_nothing(line: Floor) -> None:
    await line.audit_twice()
    assert not line.odd_facts()
