"""Phones that do not take the call, or die in it: the offer's result, the agent's reason, and the caller's place."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from calls import AgentState, OfferResult, Outcome, Party
from calls import facts as f
from line1555.live import survivable
from simulator.sip import Behaviour, Farm, Odd, PhoneEventKind, RingReaction
from telephony.asterisk import AsteriskSettings
from tests.live.floor import HOST, ODD_SEAT, SEATS, Floor, ended, floor, one

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

RING_S = 3.0
SILENT_S = 3
"""A phone that sends no sound for so long is dead."""
HELPER, OTHER = SEATS[0], SEATS[1]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    settings = survivable.asterisk_settings
    with pytest.MonkeyPatch.context() as patch:

        def impatient(*what: Any) -> AsteriskSettings:
            return dataclasses.replace(settings(*what), agent_rtp_timeout_s=SILENT_S, qualify_s=0)

        patch.setattr(survivable, "asterisk_settings", impatient)
        async with floor(tmp_path_factory.mktemp("line"), ring_s=RING_S) as up:
            yield up


@pytest_asyncio.fixture(loop_scope="module")
async def line(house: Floor) -> AsyncIterator[Floor]:
    yield house
    await house.at_rest()
    for seat in house.farm.accounts:
        house.farm.behave(seat, Behaviour(answer_after_s=0.2))


async def missed_then_served(line: Floor, seat: str, s: float = 10) -> f.OfferEnded:
    """A call is offered to this seat only, which does not take it. Meanwhile another call comes; then a second agent
    gets ready: they must be offered the first call. The offer that was missed.
    """
    since = line.since
    await line.ready(seat)
    async with line.citizen() as ahead:
        offer = await line.up.see(f.OfferMade, since=since)
        async with line.citizen() as behind:
            missed = await line.up.see(f.OfferEnded, since=since, s=s)
            await line.until(lambda: len(line.up.all(f.Queued, since)) == 2)
            assert not line.up.all(f.Connected, since)
            for number, citizen in enumerate((ahead, behind), 1):
                await line.ready(HELPER)
                await line.until(lambda n=number: len(line.up.all(f.Connected, since)) == n)  # type: ignore[misc]
                citizen.hang_up()
                await line.until(lambda n=number: len(line.up.all(f.CallEnded, since)) == n)  # type: ignore[misc]
    await line.up.until_settled()
    first, second = line.up.all(f.Queued, since)
    served = [(fact.call, fact.agent) for fact in line.up.all(f.Connected, since)]
    assert (offer.agent, offer.call) == (seat, first.call)
    assert served == [(first.call, HELPER), (second.call, HELPER)]
    again = next(fact for fact in line.up.all(f.OfferMade, since) if fact.agent == HELPER)
    assert again.call == first.call and again.waited_s >= missed.ring_s
    assert [fact.outcome for fact in line.up.all(f.CallEnded, since)] == [Outcome.HANDLED] * 2
    return missed


def put_aside(line: Floor, seat: str, reason: str) -> bool:
    """The seat takes no calls, for this reason."""
    agent = line.agent(seat)
    return (agent.state, agent.reason) == (AgentState.NOT_READY, reason)


REFUSALS = [
    (Odd.BUSY, OfferResult.BUSY, "busy"),
    (Odd.DECLINES, OfferResult.REJECTED, "rejected"),
    (Odd.MOVED, OfferResult.REDIRECTED, "redirected"),
    (Odd.UNAVAILABLE, OfferResult.NO_ANSWER, "rona"),
    (Odd.UNKNOWN, OfferResult.UNREACHABLE, "unreachable"),
]


@pytest.mark.parametrize(("odd", "result", "reason"), REFUSALS)
async def test_a_phone_that_refuses(line: Floor, odd: Odd, result: OfferResult, reason: str) -> None:
    since = line.since
    async with line.odd(odd, ring_s=0.2):
        missed = await missed_then_served(line, ODD_SEAT)
        assert missed.result is result and missed.ring_s < RING_S
        assert put_aside(line, ODD_SEAT, reason)
    assert not line.odd_facts(since)


@pytest.mark.parametrize("odd", [Odd.NEVER, Odd.SILENT, Odd.DIES_RINGING])
async def test_a_phone_that_nobody_answers(line: Floor, odd: Odd) -> None:
    """RONA: it rings and nobody comes, it does not even ring, or it dies while it rings."""
    since = line.since
    async with line.odd(odd, ring_s=0.3):
        missed = await missed_then_served(line, ODD_SEAT)
        assert missed.result is OfferResult.NO_ANSWER and RING_S <= missed.ring_s < RING_S + 1
        assert put_aside(line, ODD_SEAT, "rona")
    assert not line.odd_facts(since)


async def test_a_softphone_refuses(line: Floor) -> None:
    since = line.since
    line.farm.behave(OTHER, Behaviour(RingReaction.REJECT, answer_after_s=0.3))
    missed = await missed_then_served(line, OTHER)
    assert missed.result is OfferResult.BUSY and put_aside(line, OTHER, "busy")  # baresip says 486
    assert not line.odd_facts(since)


async def test_a_phone_that_has_gone(line: Floor) -> None:
    """Unregistered: it gets no offer, and one that comes back gets the waiting call."""
    since, seat = line.since, "agent005"
    farm = Farm({seat: line.up.password(seat)}, HOST, line.up.ports.sip)
    async with farm:
        await line.ready(seat)
    await line.until(lambda: not line.agent(seat).reachable)
    assert line.agent(seat).state is AgentState.READY
    async with line.citizen() as citizen:
        await line.up.see(f.Queued, since=since)
        await asyncio.sleep(0.3)
        assert not line.up.all(f.OfferMade, since)
        back = Farm({seat: line.up.password(seat)}, HOST, line.up.ports.sip)
        async with back:
            await line.up.see(f.OfferMade, since=since)  # perhaps before the farm listens to its phone: answer by hand
            await asyncio.sleep(0.2)
            await back.phone(seat).answer()
            assert (await line.up.see(f.Connected, since=since)).agent == seat
            citizen.hang_up()
            assert (await ended(line, since)).outcome is Outcome.HANDLED
    assert not line.odd_facts(since)


async def test_a_phone_that_lost_its_power(line: Floor) -> None:
    """Killed while registered: Asterisk does not know yet. It never rings; the agent is put aside as if away."""
    seat = "agent006"
    async with Farm({seat: line.up.password(seat)}, HOST, line.up.ports.sip) as farm:
        await line.ready(seat)
        farm.kill()
        await farm.news.see("", PhoneEventKind.GONE)
        missed = await missed_then_served(line, seat)
    assert missed.result is OfferResult.NO_ANSWER and put_aside(line, seat, "rona")
    assert not line.odd_facts()


async def test_a_phone_that_dies_in_the_call(line: Floor) -> None:
    """No sound for a while: the conversation is over, the agent has wrap-up, the caller waits for another one."""
    since = line.since
    async with line.odd(Odd.DIES_TALKING, ring_s=0.1, talk_s=0.5), line.citizen() as citizen:
        await line.ready(ODD_SEAT)
        talk = await line.up.see(f.ConversationEnded, since=since)
        assert line.agent(ODD_SEAT).state is AgentState.WRAP_UP
        await line.ready(HELPER)
        await line.until(lambda: len(line.up.all(f.Connected, since)) == 2)
        citizen.hang_up()
        end = await ended(line, since)
    lost = one(line.up.all(f.MediaLost, since))
    assert (lost.call, lost.agent) == (talk.call, ODD_SEAT)
    assert [fact.agent for fact in line.up.all(f.Connected, since)] == [ODD_SEAT, HELPER]
    assert (end.outcome, end.by) == (Outcome.HANDLED, Party.CALLER)
    assert SILENT_S - 1 < talk.talk_s < SILENT_S + 3
    assert not line.odd_facts(since)


async def test_the_call_goes_from_seat_to_seat_until_somebody_answers(line: Floor) -> None:
    """Nobody is offered the same call twice while they are put aside; the caller keeps their first instant."""
    since = line.since
    line.farm.behave(OTHER, Behaviour(RingReaction.BUSY))
    line.farm.behave(SEATS[2], Behaviour(RingReaction.IGNORE))
    await line.ready(OTHER, SEATS[2], HELPER)
    async with line.citizen() as citizen:
        await line.up.see(f.Connected, since=since)
        citizen.hang_up()
        end = await ended(line, since)
    results = [(fact.agent, fact.result) for fact in line.up.all(f.OfferEnded, since)]
    assert results == [
        (OTHER, OfferResult.BUSY),
        (SEATS[2], OfferResult.NO_ANSWER),
        (HELPER, OfferResult.ANSWERED),
    ]
    places = {fact.key[2:] for fact in line.up.all(f.OfferMade, since)}  # entry time and number
    assert len(places) == 1 and len(line.up.all(f.Queued, since)) == 1
    assert one(line.up.all(f.Connected, since)).wait_s > RING_S
    assert end.outcome is Outcome.HANDLED
    assert not line.odd_facts(since)


@pytest.mark.parametrize("offset_ms", [-15, 0, 15])
async def test_an_answer_at_the_very_end_of_the_ring(line: Floor, offset_ms: int) -> None:
    """The agent picks up as the line gives up: they have the call, or their phone is hung up and they are put aside."""
    since, world = line.since, line.up.line.runner.line._state
    line.farm.behave(OTHER, None)
    await line.ready(OTHER)
    async with line.citizen() as citizen:
        offer = await line.up.see(f.OfferMade, since=since)
        end_s = world.offers[offer.offer].made_at + RING_S - line.up.line.runner.clock.now()
        await asyncio.sleep(end_s + offset_ms / 1000)
        await line.farm.phone(OTHER).answer()
        await asyncio.sleep(0.5)
        result = one(line.up.all(f.OfferEnded, since)).result
        if result is OfferResult.ANSWERED:
            assert one(line.up.all(f.Connected, since)).agent == OTHER
        else:
            assert result is OfferResult.NO_ANSWER and put_aside(line, OTHER, "rona")
            await line.until(lambda: not line.farm.phone(OTHER).calls())
        citizen.hang_up()
        end = await ended(line, since)
    assert end.outcome is (Outcome.HANDLED if result is OfferResult.ANSWERED else Outcome.ABANDONED)
    assert not line.odd_facts(since)


async def test_the_audit_finds_nothing(line: Floor) -> None:
    await line.audit_twice()
    assert not line.odd_facts()
