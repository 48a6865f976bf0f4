"""What agents dial: feature codes, before, during and after a call; hold; and the time limit of the wrap-up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from calls import AgentAction, AgentState
from calls import facts as f
from simulator.sip import Behaviour, PhoneEventKind
from tests.live.floor import SEATS, Floor, ended, floor, one

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

ONE, TWO, THREE = SEATS
WRAP_UP_S = 2.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    async with floor(tmp_path_factory.mktemp("line"), log_in=False, wrap_up_s=WRAP_UP_S) as up:
        yield up


@pytest_asyncio.fixture(loop_scope="module")
async def line(house: Floor) -> AsyncIterator[Floor]:
    yield house
    await house.at_rest()
    for seat in house.farm.accounts:
        house.farm.behave(seat, Behaviour(answer_after_s=0.2))


def moves(line: Floor, since: int, seat: str) -> list[tuple[AgentState, str]]:
    return [(fact.new, fact.reason) for fact in line.up.all(f.AgentChanged, since) if fact.agent == seat]


async def test_an_agents_day_by_codes(line: Floor) -> None:
    """Each code is answered, spoken to, and hung up by the line."""
    since = line.since
    for code in ("*11", "*13", "*142", "*14", "*13", "*12"):
        assert await line.farm.phone(ONE).code(code), code
    assert moves(line, since, ONE) == [
        (AgentState.NOT_READY, "login"),
        (AgentState.READY, ""),
        (AgentState.NOT_READY, "meal"),
        (AgentState.NOT_READY, "break"),
        (AgentState.READY, ""),
        (AgentState.LOGGED_OUT, ""),
    ]
    assert not line.up.all(f.CodeRefused, since) and not line.odd_facts(since)


@pytest.mark.parametrize(
    ("code", "why"), [("*19", "no such code"), ("*13", "logged_out"), ("*15", "logged_out"), ("*12", "logged_out")]
)
async def test_a_code_that_is_unknown_or_not_possible_is_refused_aloud(line: Floor, code: str, why: str) -> None:
    since = line.since
    assert await line.farm.phone(TWO).code(code)
    refused = one(line.up.all(f.CodeRefused, since))
    assert (refused.agent, refused.code) == (TWO, code) and why in refused.why
    assert not moves(line, since, TWO) and not line.odd_facts(since)


async def test_a_number_that_is_no_code_is_not_dialled(line: Floor) -> None:
    since = line.since
    assert not await line.farm.phone(TWO).code("6912345678")
    assert not line.up.all(f.CodeRefused, since) and not line.up.all(f.CallStarted, since)


async def test_no_offer_while_the_phone_is_in_use(line: Floor) -> None:
    """The agent is ready but speaks a code: the call waits, and comes as soon as the phone is free."""
    since = line.since
    await line.ready(ONE)
    await line.farm.phone(ONE).dial("*13")
    await line.up.see(f.PhoneChanged, lambda fact: fact.agent == ONE and fact.in_use, since)
    async with line.citizen("0", pause_s=0.0) as citizen:
        await line.up.see(f.Queued, since=since)
        await line.up.see(f.Connected, since=since)
        citizen.hang_up()
        await ended(line, since)
    order = [
        type(fact)
        for _, fact in line.up.facts[since:]
        if isinstance(fact, f.Queued) or (isinstance(fact, f.PhoneChanged | f.OfferMade) and fact.agent == ONE)
    ]
    assert order == [f.PhoneChanged, f.Queued, f.PhoneChanged, f.OfferMade]
    assert not line.odd_facts(since)


async def test_a_wish_during_a_call_comes_true_after_the_wrap_up(line: Floor) -> None:
    since = line.since
    await line.ready(ONE)
    async with line.citizen() as citizen:
        await line.up.see(f.Connected, since=since)
        await line.farm.phone(ONE).see(PhoneEventKind.ESTABLISHED)
        assert await line.farm.phone(ONE).code("*143")
        assert line.agent(ONE).state is AgentState.TALKING
        citizen.hang_up()
        await ended(line, since)
    await line.up.see(f.WrapUpDone, since=since)
    assert moves(line, since, ONE)[-4:] == [
        (AgentState.RINGING, ""),
        (AgentState.TALKING, ""),
        (AgentState.WRAP_UP, ""),
        (AgentState.NOT_READY, "training"),
    ]
    assert not line.odd_facts(since)


async def test_the_wrap_up_has_a_limit_and_a_code(line: Floor) -> None:
    since = line.since
    await line.ready(ONE)
    for by_code in (False, True):
        begin = line.since
        async with line.citizen() as citizen:
            await line.up.see(f.Connected, since=begin)
            citizen.hang_up()
            await ended(line, begin)
        assert line.agent(ONE).state is AgentState.WRAP_UP
        if by_code:
            assert await line.farm.phone(ONE).code("*15")
        await line.up.see(f.WrapUpDone, since=begin)
        assert line.agent(ONE).state is AgentState.READY
    limited, by_code_s = (fact.wrap_up_s for fact in line.up.all(f.WrapUpDone, since))
    assert WRAP_UP_S <= limited < WRAP_UP_S + 0.5 and by_code_s < WRAP_UP_S
    assert not line.odd_facts(since)


async def test_hold_is_seen_and_counted_apart_from_talk(line: Floor) -> None:
    since = line.since
    await line.ready(ONE)
    begin = time.monotonic()
    async with line.citizen() as citizen:
        await line.up.see(f.Connected, since=since)
        await line.farm.phone(ONE).see(PhoneEventKind.ESTABLISHED)
        await asyncio.sleep(0.4)
        await line.farm.phone(ONE).hold()
        await line.up.see(f.Held, lambda fact: fact.on, since)
        await asyncio.sleep(1.2)
        await line.farm.phone(ONE).resume()
        await line.up.see(f.Held, lambda fact: not fact.on, since)
        await asyncio.sleep(0.4)
        citizen.hang_up()
        end = await ended(line, since)
    talk, took_s = one(line.up.all(f.ConversationEnded, since)), time.monotonic() - begin
    assert talk.hold_s > 1.1 and talk.talk_s > 0.6 and talk.hold_s + talk.talk_s < took_s
    row = await line.journey(end.call)
    assert (row["talk_s"], row["hold_s"]) == pytest.approx((talk.talk_s, talk.hold_s), abs=0.01)
    assert not line.odd_facts(since)


async def test_a_caller_on_hold_hangs_up(line: Floor) -> None:
    since = line.since
    await line.ready(ONE)
    async with line.citizen() as citizen:
        await line.up.see(f.Connected, since=since)
        await line.farm.phone(ONE).see(PhoneEventKind.ESTABLISHED)
        await line.farm.phone(ONE).hold()
        await line.up.see(f.Held, since=since)
        await asyncio.sleep(0.5)
        citizen.hang_up()
        await ended(line, since)
    talk = one(line.up.all(f.ConversationEnded, since))
    assert talk.hold_s > 0.4 and line.agent(ONE).state is AgentState.WRAP_UP
    assert not line.odd_facts(since)


async def test_who_logs_out_in_his_wrap_up_gets_no_more_calls(line: Floor) -> None:
    since = line.since
    await line.ready(THREE)
    async with line.citizen() as citizen:
        await line.up.see(f.Connected, since=since)
        citizen.hang_up()
        await ended(line, since)
    assert await line.farm.phone(THREE).code("*12")
    assert moves(line, since, THREE)[-1] == (AgentState.LOGGED_OUT, "")
    line.ask(THREE, AgentAction.READY)
    assert line.agent(THREE).state is AgentState.LOGGED_OUT
    assert not line.odd_facts(since)


async def test_the_audit_finds_nothing(line: Floor) -> None:
    await line.audit_twice()
    assert not line.odd_facts()
