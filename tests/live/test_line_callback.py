"""Callbacks on real SIP: the caller keeps their place and hangs up, the agent is rung first, then the citizen."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from calls import AgentAction, AgentState, CallId, CallStage, OfferResult, Outcome, Party, QueueId
from calls import events as e
from calls import facts as f
from engine import CallbackRules, LineSettings
from line1555.live import survivable
from queues import OverflowAction, OverflowRule, OverflowTrigger
from simulator.sip import Behaviour, Dtmf, Identity, Odd, PhoneEventKind, Press, SippCallers, SippGroup
from simulator.sip.ports import free_port
from tests.live.called import Called
from tests.live.floor import HOST, ODD_SEAT, SEATS, Floor, ended, floor, needs_raw, one
from tests.live.wire import Wire, register, sipp, wire

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

ONE, TWO, _ = SEATS
FULL = OverflowRule(OverflowTrigger.LENGTH, OverflowAction.CALLBACK, at=1)
"""Somebody waits already: who comes then is asked."""
RULES = CallbackRules(attempts=2, again_s=1.5, ring_s=4.0)
ANIS = ("2101234560", "2101234561", "2101234562")
YES_S = 2.0


def asking(settings: LineSettings) -> LineSettings:
    queues = {name: replace(queue, overflow=(FULL,)) for name, queue in settings.queues.items()}
    return replace(settings, queues=queues, callbacks=RULES)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    settings = survivable.asterisk_settings
    with pytest.MonkeyPatch.context() as patch:
        # The phone that listens is a plain SIPp: it does not answer when it is asked whether it is there.
        patch.setattr(survivable, "asterisk_settings", lambda *what: replace(settings(*what), qualify_s=0))
        async with floor(tmp_path_factory.mktemp("line"), wrap_up_s=0.5) as up:
            driver = up.up.line.runner
            driver.publish(asking(driver.line._state.settings))
            yield up


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session(house: Floor) -> AsyncIterator[Wire]:
    assert house.up.line.asterisk is not None
    async with wire(house.up.line.asterisk) as plain:
        yield plain


@pytest_asyncio.fixture(loop_scope="module")
async def line(house: Floor) -> AsyncIterator[Floor]:
    yield house
    world = house.up.line.runner.line._state
    for left in [call.id for call in world.calls.values() if call.stage is CallStage.PROMISED]:
        house.up.line.runner.step(e.CallWithdrawn(left))  # what a test that failed left behind
    await house.at_rest()
    for seat in house.farm.accounts:
        house.farm.behave(seat, Behaviour(answer_after_s=0.2))


def caller(line: Floor, number: int, then: str = "", dtmf: Dtmf = Dtmf.INFO, stay_s: float = 60.0) -> SippCallers:
    """Make a caller who asks for an operator; ``then`` is what they press when they are asked."""
    presses = (Press(0.3, "0"), *(Press(YES_S, key) for key in then))
    group = SippGroup("1555", (Identity(ANIS[number]),), presses, stay_s=stay_s, dtmf=dtmf)
    return SippCallers(group, HOST, line.up.ports.sip)


def phone(line: Floor, odd: Odd = Odd.ANSWERS, **how: Any) -> Called:
    """The citizen's own phone."""
    return Called.at(line.up.ports.sip, line.up.ports.outside, odd, **how)


def ask(line: Floor, number: str = ANIS[1]) -> CallId:
    """A supervisor promises a call; its id."""
    since = line.since
    line.up.line.runner.step(e.CallbackAsked(number, QueueId("general"), "el"))
    promised: f.CallbackPromised = one(line.up.all(f.CallbackPromised, since))
    return promised.callback


def stage(line: Floor, call: CallId) -> CallStage:
    return line.up.line.runner.line._state.calls[call].stage


async def place(line: Floor, number: int, since: int) -> f.Queued:
    return await line.up.see(f.Queued, lambda fact: fact.call == _call(line, number, since), since)


def _call(line: Floor, number: int, since: int) -> CallId | None:
    return next((fact.call for fact in line.up.all(f.CallStarted, since) if fact.ani == ANIS[number]), None)


async def sound(session: Wire, channel: str) -> tuple[int, int]:
    """RTP packets received from the phone and sent to it so far."""
    got = [await session.get(channel, f"CHANNEL(rtcp,{what})") for what in ("rxcount", "txcount")]
    return int(got[0]), int(got[1])


async def talk(line: Floor, session: Wire, back: CallId, offer: str) -> None:
    """Sound goes both ways on both legs: the agent's phone speaks, the citizen's echoes. Up to 50 packets a second."""
    await asyncio.sleep(0.3)
    legs = (back.removeprefix("n1-"), offer)
    before = [await sound(session, leg) for leg in legs]
    await asyncio.sleep(1)
    after = [await sound(session, leg) for leg in legs]
    for old, new in zip(before, after, strict=True):
        assert all(now - then >= 20 for then, now in zip(old, new, strict=True)), (before, after)


# -- asked ---


@pytest.mark.parametrize("dtmf", [Dtmf.INFO, pytest.param(Dtmf.RTP, marks=needs_raw)], ids=["info", "rtp"])
async def test_the_place_is_kept_and_the_agent_is_rung_first(line: Floor, session: Wire, dtmf: Dtmf) -> None:
    """Three come one after the other; the second one hangs up. They are served second, at their own phone."""
    since = line.since
    async with caller(line, 0) as ahead:
        await place(line, 0, since)
        async with caller(line, 1, "1", dtmf) as asks:
            mine = await place(line, 1, since)
            promised = await line.up.see(f.CallbackPromised, since=since)
            await line.up.see(f.CallEnded, lambda fact: fact.call == mine.call, since)
            assert (await asks.wait(5)).calls[0].outcome == "line", "he hears that he will be called, and goodbye"
        back = promised.callback
        assert (promised.number, promised.language, promised.queue) == (ANIS[1], "el", "general")
        async with caller(line, 2) as behind, phone(line, ring_s=1.0, talk_s=2.5) as own:
            await place(line, 2, since)
            at = session.events[-1][0]
            await line.ready(ONE)
            await line.until(lambda: len(line.up.all(f.Connected, since)) == 1)
            ahead.hang_up()
            rung = await line.up.see(f.OfferMade, lambda fact: fact.call == back, since)
            await own.until()
            assert stage(line, back) is CallStage.DIALLING and not own.told("CANCEL")
            connected = await line.up.see(f.Connected, lambda fact: fact.call == back, since)
            await talk(line, session, back, rung.offer)
            await line.up.see(f.CallEnded, lambda fact: fact.call == back, since)
            await line.until(lambda: len(line.up.all(f.Connected, since)) == 3)
            behind.hang_up()
            [invite] = own.told()
    await line.up.until_settled()
    assert (invite.caller, invite.called) == ("1555", ANIS[1])
    waits, _ = await session.see(lambda e: e["Event"] == "BridgeEnter" and e["Uniqueid"] == rung.offer, at)
    dialled, _ = await session.see(lambda e: e["Event"] == "Newchannel" and e["Uniqueid"] in back, at)
    assert waits <= dialled, "the agent is there before anybody dials"
    served = [fact.call for fact in line.up.all(f.Connected, since)]
    assert served == [_call(line, 0, since), back, _call(line, 2, since)]
    ends = {fact.call: (fact.outcome, fact.by) for fact in line.up.all(f.CallEnded, since)}
    assert ends[back] == (Outcome.HANDLED, Party.CALLER) and ends[mine.call][0] is Outcome.OVERFLOWED
    assert connected.agent == ONE and connected.wait_s > YES_S, "he waits since he first came"
    assert not line.odd_facts(since)


@pytest.mark.parametrize("then", ["", "5"], ids=["silence", "another key"])
async def test_who_declines_waits_on(line: Floor, then: str) -> None:
    since = line.since
    async with caller(line, 0) as ahead:
        await place(line, 0, since)
        async with caller(line, 1, then) as asks:
            mine = await place(line, 1, since)
            await line.up.see(f.CallbackOffered, since=since)
            await line.until(lambda: line.up.line.runner.line._state.calls[mine.call].asked is None, 30)
            assert not line.up.all(f.CallbackPromised, since) and stage(line, mine.call) is CallStage.WAITING
            await line.ready(ONE)
            for number, citizen in enumerate((ahead, asks), 1):
                await line.until(lambda n=number: len(line.up.all(f.Connected, since)) == n)  # type: ignore[misc]
                citizen.hang_up()
    await line.up.until_settled()
    served = [fact.call for fact in line.up.all(f.Connected, since)]
    assert served == [_call(line, 0, since), mine.call]
    assert {fact.outcome for fact in line.up.all(f.CallEnded, since)} == {Outcome.HANDLED}
    assert not line.odd_facts(since)


# -- not reached ---

REFUSED = [
    (Odd.BUSY, OfferResult.BUSY, "17"),
    (Odd.DECLINES, OfferResult.REJECTED, "21"),
    (Odd.MOVED, OfferResult.REDIRECTED, "23"),
    (Odd.UNKNOWN, OfferResult.UNREACHABLE, "1"),
]


@pytest.mark.parametrize(("odd", "result", "cause"), REFUSED)
async def test_who_is_not_reached_is_tried_again(
    line: Floor, session: Wire, odd: Odd, result: OfferResult, cause: str
) -> None:
    """The agent is ready at once. The second attempt is answered; then the agent hangs up and the citizen is let go."""
    since = line.since
    await line.ready(ONE)
    async with phone(line, odd, ring_s=0.3) as own:
        at = session.events[-1][0] if session.events else 0.0
        back = ask(line)
        missed = await line.up.see(f.CallbackMissed, since=since)
        assert line.agent(ONE).state is AgentState.READY
        await line.until(lambda: not line.farm.phone(ONE).calls())
        assert len(own.told()) == 1
    lost = (odd, missed.result) == (Odd.MOVED, OfferResult.FAILED)  # its cause may be lost: docs/asterisk-outcomes.md
    assert lost or (missed.result is result and missed.detail.startswith(f"{cause} "))
    assert (missed.attempts + lost, missed.again_s, stage(line, back)) == (1, RULES.again_s, CallStage.PROMISED)
    dialled = [ev["Channel"] for when, ev in session.events if when >= at and ev["Event"] == "Newchannel"]
    assert len([name for name in dialled if name.startswith("PJSIP/trunk-")]) == 1, "a redirection rings nobody"
    async with phone(line, ring_s=0.3) as own:
        await line.up.see(f.Connected, since=since)
        await asyncio.sleep(0.5)
        await line.farm.phone(ONE).hangup()
        await own.until("BYE")
        end = await ended(line, since)
    assert (end.call, end.outcome, end.by) == (back, Outcome.HANDLED, Party.AGENT)
    assert not line.odd_facts(since)


async def test_who_never_answers_is_given_up_after_the_last_attempt(line: Floor) -> None:
    since = line.since
    await line.ready(ONE)
    async with phone(line, Odd.NEVER) as own:
        back = ask(line)
        end = await ended(line, since)
        assert len(own.told()) == len(own.told("CANCEL")) == 2
    missed = line.up.all(f.CallbackMissed, since)
    assert [(fact.result, fact.attempts, fact.again_s) for fact in missed] == [
        (OfferResult.NO_ANSWER, 1, RULES.again_s),
        (OfferResult.NO_ANSWER, 2, None),
    ]
    assert (end.call, end.outcome) == (back, Outcome.UNREACHED)
    assert line.agent(ONE).state is AgentState.READY
    assert not line.odd_facts(since)


async def test_early_media_is_no_answer(line: Floor) -> None:
    """The network says something (183 with sound) before the phone is busy: nobody is joined with it."""
    since = line.since
    await line.ready(ONE)
    assert line.up.line.asterisk is not None
    async with sipp(line.up.line.asterisk, "speaks_early", line.up.ports.outside, ring=1500, status=486):
        back = ask(line)
        missed = await line.up.see(f.CallbackMissed, since=since)
    assert missed.result is OfferResult.BUSY and not line.up.all(f.Connected, since)
    line.up.line.runner.step(e.CallWithdrawn(back))
    assert (await ended(line, since)).outcome is Outcome.REFUSED
    assert not line.odd_facts(since)


# -- the agent ---


async def test_the_agent_hangs_up_while_the_citizens_phone_rings(line: Floor) -> None:
    """It stops ringing; the callback waits for the next agent."""
    since = line.since
    await line.ready(ONE)
    async with phone(line, Odd.NEVER) as own:
        back = ask(line)
        await own.until()
        await asyncio.sleep(0.5)
        await line.farm.phone(ONE).hangup()
        await own.until("CANCEL", s=2)
    assert stage(line, back) is CallStage.PROMISED and not line.up.all(f.CallbackMissed, since)
    assert line.agent(ONE).state is AgentState.NOT_READY
    async with phone(line, ring_s=0.3, talk_s=1.0):
        await line.ready(TWO)
        end = await ended(line, since)
    assert (end.outcome, one(line.up.all(f.Connected, since)).agent) == (Outcome.HANDLED, TWO)
    assert not line.odd_facts(since)


async def test_the_agent_takes_the_phone_and_puts_it_down_at_once(line: Floor) -> None:
    """The order to dial and the order to stop are a moment apart: whatever comes first, no phone goes on ringing."""
    since = line.since
    await line.ready(ONE)
    async with phone(line, Odd.NEVER) as own:
        back = ask(line)
        await line.farm.phone(ONE).see(PhoneEventKind.RINGING)
        await line.up.see(f.OfferEnded, since=since)
        await line.farm.phone(ONE).hangup()
        await line.until(lambda: stage(line, back) is CallStage.PROMISED)
        await line.until(lambda: not line.up.node.parts.legs.dialled)
        await line.until(lambda: len(own.told()) == len(own.told("CANCEL")))
        line.up.line.runner.step(e.CallWithdrawn(back))
        assert (await ended(line, since)).outcome is Outcome.REFUSED
    assert not line.odd_facts(since)


def loud(packet: bytes) -> bool:
    """Whether it holds more than A-law's silence."""
    return sum(sample not in (0xD5, 0x55) for sample in packet[12:]) > len(packet) // 2


@contextlib.contextmanager
def ear() -> Any:
    """A socket to which a phone lets its sound be sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        sock.setblocking(False)
        yield sock


async def test_the_agent_hears_it_ring_until_the_citizen_is_there(line: Floor) -> None:
    since, asterisk, port = line.since, line.up.line.asterisk, free_port()
    assert asterisk is not None
    loop = asyncio.get_running_loop()
    await register(asterisk, ODD_SEAT, port)
    with ear() as sock:
        async with (
            sipp(asterisk, "answers", port, media=sock.getsockname()[1]),
            phone(line, ring_s=1.8, talk_s=1.5, odd=Odd.ANSWERS),
        ):
            await line.ready(ODD_SEAT)
            back = ask(line)
            await line.up.see(f.OfferEnded, since=since)
            heard = []
            while stage(line, back) is CallStage.DIALLING:
                with contextlib.suppress(TimeoutError):
                    heard.append(loud(await asyncio.wait_for(loop.sock_recv(sock, 2000), 0.2)))
            assert (await ended(line, since)).outcome is Outcome.HANDLED
    assert any(heard[:10]) and 40 <= sum(heard) <= 60, "one second of tone, then four of silence"
    assert not line.odd_facts(since)


async def test_a_phone_that_rings_for_nobody_is_stilled(line: Floor, session: Wire) -> None:
    """An order of before, which the engine does not know any more: no citizen is to find silence at their phone."""
    since = line.since
    async with phone(line, ring_s=0.2) as own:
        said = await session.ask(
            "Originate",
            ["LINE_NUMBER=2101234569", "LINE_DNIS=1555", "LINE_LANG=el", "LINE_QUEUE=general"],
            Channel=f"PJSIP/trunk/sip:2101234569@{HOST}:{line.up.ports.outside}",
            ChannelId="cb1-99", Context="line-callback", Exten="s", Priority="1", Async="true", Timeout="9000",
        )  # fmt: skip
        assert said["Response"] == "Success"
        await session.see(lambda ev: ev["Event"] == "Hangup" and ev["Uniqueid"] == "cb1-99")
        await line.until(lambda: len(own.told()) == len(own.told("CANCEL")))
    assert not line.up.all(f.CallStarted, since) and not line.up.node.parts.legs.callers


async def test_the_agent_sends_a_citizen_who_was_called_on_to_a_queue(line: Floor) -> None:
    """They are a caller like any other from their answer on."""
    since = line.since
    await line.ready(ONE)
    async with phone(line, ring_s=0.2):
        back = ask(line)
        await line.up.see(f.Connected, since=since)
        await asyncio.sleep(0.5)
        line.ask(ONE, AgentAction.NOT_READY)
        await line.farm.phone(ONE).transfer("pensions")
        await line.up.see(f.Queued, lambda fact: fact.queue == "pensions", since)
        await line.ready(TWO)
        await line.until(lambda: len(line.up.all(f.Connected, since)) == 2)
        await asyncio.sleep(0.5)
        await line.farm.phone(TWO).hangup()
        end = await ended(line, since)
    assert (end.call, end.outcome) == (back, Outcome.HANDLED)
    assert [fact.agent for fact in line.up.all(f.Connected, since)] == [ONE, TWO]
    assert not line.odd_facts(since)


async def test_the_audit_finds_nothing(line: Floor) -> None:
    await line.audit_twice()
    assert not [fact for fact in line.odd_facts() if "cb1-99" not in repr(fact)]
