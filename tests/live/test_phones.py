"""The phones of simulator/sip against a real Asterisk: what they say they do is what Asterisk sees."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from simulator.sip import (
    HOSTILE,
    Behaviour,
    Demo,
    Dtmf,
    Farm,
    Manners,
    Odd,
    OddPhone,
    PhoneEventKind,
    PhonesError,
    RingReaction,
    Scripted,
    SippCallers,
    SippGroup,
    keys,
    ports,
)
from telephony.asterisk import Asterisk, Launch, start

from .conftest import small_site
from .floor import needs_raw
from .wire import Event, Wire, wire

pytestmark = pytest.mark.live
HOST = "127.0.0.1"
ENDED = (0, 16)  # Asterisk's cause of a call that a BYE ended
FOUR = ("agent001", "agent002", "agent003", "agent004")


@contextlib.asynccontextmanager
async def farm(asterisk: Asterisk, *agents: str) -> AsyncIterator[Farm]:
    accounts = {agent: asterisk.secrets.agents[agent] for agent in agents or FOUR}
    async with Farm(accounts, HOST, asterisk.network.sip_port) as phones:
        yield phones


async def test_a_farm_whose_port_is_taken_tries_another(asterisk: Asterisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger has the port behind it, which baresip 1.0.0 takes for TLS though nobody asks for it."""
    free, unlucky = ports.free_port, ports.free_port(2)
    offered = iter([unlucky])
    monkeypatch.setattr("simulator.sip.baresip.free_port", lambda count=1: next(offered, 0) or free(count))
    with socket.socket() as stranger:
        stranger.bind((HOST, unlucky + 1))
        stranger.listen()
        async with farm(asterisk, FOUR[0]) as phones:
            assert phones.news.registered == {FOUR[0]}
    assert next(offered, None) is None


async def ring(session: Wire, agent: str, stay_s: int = 20, ring_ms: int = 15000) -> float:
    since = time.monotonic()
    headers = {"Channel": f"PJSIP/{agent}", "Application": "Wait", "Data": str(stay_s), "Timeout": str(ring_ms)}
    await session.ask("Originate", Async="true", **headers)
    return since


def options(port: int) -> bytes:
    """What a phone says to an OPTIONS, by which Asterisk asks whether it is there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.bind((HOST, 0))
        asker.settimeout(5)
        via = f"Via: SIP/2.0/UDP {HOST}:{asker.getsockname()[1]};branch=z9hG4bKoptions"
        rows = [f"OPTIONS sip:{HOST}:{port} SIP/2.0", via, "From: <sip:asker@x>;tag=1", f"To: <sip:{HOST}>"]
        rows += ["Call-ID: options@x", "CSeq: 1 OPTIONS", "Max-Forwards: 70", "Content-Length: 0", "", ""]
        asker.sendto("\r\n".join(rows).encode(), (HOST, port))
        return asker.recv(4096)


def hung_up(agent: str, event: Event) -> bool:
    return event["Event"] == "Hangup" and event["Channel"].startswith(f"PJSIP/{agent}-")


async def cause_of(session: Wire, agent: str, since: float) -> int:
    """The cause of the hang-up, in Q.850's numbers."""
    _, event = await session.see(lambda e: hung_up(agent, e), since)
    return int(event["Cause"])


async def test_a_farm_registers_is_rung_answers_and_hangs_up(asterisk: Asterisk) -> None:
    async with wire(asterisk) as session, farm(asterisk) as phones:
        assert phones.news.registered == set(FOUR)
        phones.behave("agent002", Behaviour(answer_after_s=0.2, talk_s=1.0))
        since = await ring(session, "agent002")
        kinds = [
            (await phones.phone("agent002").see(kind, since)).at
            for kind in (PhoneEventKind.RINGING, PhoneEventKind.ESTABLISHED, PhoneEventKind.CLOSED)
        ]
        assert 0.2 <= kinds[1] - kinds[0] < 1.5
        assert 0.9 <= kinds[2] - kinds[1] < 2.5
        assert await cause_of(session, "agent002", since) in ENDED
        assert phones.phone("agent002").calls() == ()


async def test_phones_refuse_and_ring_on(asterisk: Asterisk) -> None:
    async with wire(asterisk) as session, farm(asterisk) as phones:
        phones.behave("agent001", Behaviour(RingReaction.BUSY))
        phones.behave("agent002", Behaviour(RingReaction.REJECT, answer_after_s=0.2))
        phones.behave("agent003", Behaviour(RingReaction.IGNORE))
        since = await ring(session, "agent001")
        await ring(session, "agent002")
        await ring(session, "agent003", ring_ms=1500)
        assert [await cause_of(session, agent, since) for agent in ("agent001", "agent002")] == [17, 17]
        assert (await phones.phone("agent003").see(PhoneEventKind.CLOSED, since)).at - since > 1.4


async def test_a_phone_dials_a_code_while_it_talks(asterisk: Asterisk) -> None:
    """Without an engine the codes of the survivable dialplan answer with a tone and hang up."""
    async with wire(asterisk) as session, farm(asterisk, "agent005") as phones:
        phones.behave("agent005", Behaviour(answer_after_s=0))
        since = await ring(session, "agent005")
        await phones.phone("agent005").see(PhoneEventKind.ESTABLISHED, since)
        assert await phones.phone("agent005").code("*12")
        assert len(phones.phone("agent005").calls()) == 1
        await phones.phone("agent005").hold()
        await session.see(lambda e: e["Event"] == "Hold", since)
        await phones.phone("agent005").resume()
        await session.see(lambda e: e["Event"] == "Unhold", since)
        await phones.phone("agent005").press("5")
        await session.see(lambda e: e["Event"] == "DTMFEnd" and e["Digit"] == "5", since)
        await phones.phone("agent005").hangup()
        await phones.phone("agent005").see(PhoneEventKind.CLOSED, since)
        assert not await phones.phone("agent005").code("777")


async def test_phones_that_die_say_nothing_more(asterisk: Asterisk) -> None:
    async with wire(asterisk) as session, farm(asterisk, "agent006") as phones:
        phones.behave("agent006", Behaviour(answer_after_s=0))
        since = await ring(session, "agent006", stay_s=60)
        await phones.phone("agent006").see(PhoneEventKind.ESTABLISHED, since)
        phones.kill()
        await phones.news.see("", PhoneEventKind.GONE, since)
        _, event = await session.see(lambda e: hung_up("agent006", e), since)  # agent_rtp_timeout_s of the site: 5 s
        assert event["Cause"] != "16"
        with pytest.raises(PhonesError):
            await phones.phone("agent006").dial("*11")


async def test_a_wrong_password_is_told(asterisk: Asterisk) -> None:
    with pytest.raises(PhonesError, match="agent001"):
        await Farm({"agent001": "wrong"}, HOST, asterisk.network.sip_port).start()


@pytest.mark.parametrize("dtmf", [Dtmf.INFO, pytest.param(Dtmf.RTP, marks=needs_raw)])
async def test_a_citizen_presses_keys_and_hangs_up(asterisk: Asterisk, dtmf: Dtmf) -> None:
    async with wire(asterisk) as session:
        since = time.monotonic()
        group = SippGroup("1555", presses=keys("12#"), stay_s=1, dtmf=dtmf)
        async with SippCallers(group, HOST, asterisk.network.sip_port) as citizens:
            results = await citizens.wait(30)
        assert (results.established, results.calls[0].outcome) == (1, "caller")
        pressed = [e["Digit"] for at, e in session.events if at >= since and e["Event"] == "DTMFEnd"]
        assert pressed == ["1", "2", "#"]


async def test_a_citizen_hangs_up_at_once_when_told_to(asterisk: Asterisk) -> None:
    async with (
        wire(asterisk) as session,
        SippCallers(SippGroup(stay_s=60, presses=keys("1"), dtmf=Dtmf.INFO), HOST, asterisk.network.sip_port) as who,
    ):
        await session.see(lambda e: e["Event"] == "DTMFEnd")
        await asyncio.sleep(0.2)  # until the key's INFO is answered
        since = time.monotonic()
        who.hang_up()
        assert await cause_of(session, "trunk", since) in ENDED
        assert (await who.wait(5)).calls[0].outcome == "caller"


async def test_a_stopped_group_leaves_no_call_behind(asterisk: Asterisk) -> None:
    citizens = SippCallers(SippGroup(stay_s=60, calls=5, rate=10), HOST, asterisk.network.sip_port)
    await citizens.start()
    await asyncio.sleep(1.5)
    results = await citizens.stop()
    assert (results.established, results.lost) == (5, 0)
    assert "0 active calls" in asterisk.command("core show channels count")


async def test_the_line_may_hang_up_first_and_unknown_numbers_are_refused(asterisk: Asterisk) -> None:
    async with wire(asterisk) as session:
        since = time.monotonic()
        async with SippCallers(SippGroup(stay_s=60), HOST, asterisk.network.sip_port) as citizens:
            _, event = await session.see(lambda e: e["Event"] == "Newchannel" and "trunk" in e["Channel"], since)
            await asyncio.sleep(0.5)
            await session.ask("Hangup", Channel=event["Channel"])
            assert (await citizens.wait(10)).calls[0].outcome == "line"
        async with SippCallers(SippGroup("2109999999"), HOST, asterisk.network.sip_port) as strangers:
            results = await strangers.wait(10)
    assert (results.established, results.failed, results.calls[0].outcome) == (0, 1, "refused 404")


async def test_hostile_callers_are_only_callers(asterisk: Asterisk) -> None:
    group = SippGroup(callers=HOSTILE, calls=len(HOSTILE), rate=10, stay_s=0.5, dtmf=Dtmf.INFO)
    async with SippCallers(group, HOST, asterisk.network.sip_port) as citizens:
        results = await citizens.wait(20)
    assert (results.attempted, results.failed, results.lost) == (len(HOSTILE), 0, 0)
    assert "X-Injected" not in asterisk.command("core show channels verbose")


@pytest.mark.parametrize(
    ("odd", "cause"), [(Odd.BUSY, 17), (Odd.DECLINES, 21), (Odd.UNAVAILABLE, 19), (Odd.ANSWERS, 0)]
)
async def test_odd_phones(asterisk: Asterisk, odd: Odd, cause: int) -> None:
    secret, port = asterisk.secrets.agents["agent007"], asterisk.network.sip_port
    async with wire(asterisk) as session, OddPhone(odd, HOST, port, "agent007", secret, ring_s=0.2, talk_s=0.5):
        since = await ring(session, "agent007")
        assert await cause_of(session, "agent007", since) == cause


async def test_an_odd_phone_says_that_it_is_there_and_takes_a_cancel(asterisk: Asterisk) -> None:
    secret, port = asterisk.secrets.agents["agent007"], asterisk.network.sip_port
    async with wire(asterisk) as session, OddPhone(Odd.NEVER, HOST, port, "agent007", secret) as phone:
        assert (await asyncio.to_thread(options, phone.sip_port)).startswith(b"SIP/2.0 200 OK\r\n")
        for _ in range(2):
            since = await ring(session, "agent007", ring_ms=800)
            await cause_of(session, "agent007", since)
        assert phone.running


async def test_scripted_agents_log_in_answer_and_leave(asterisk: Asterisk) -> None:
    accounts = {agent: asterisk.secrets.agents[agent] for agent in FOUR}
    manners = Manners(ring_s=(1.0, 1.2), talk_s=(1.0, 1.5), hangs_up=1.0, wrap_up_s=(0.1, 0.2))
    async with wire(asterisk) as session:
        since = time.monotonic()
        async with Scripted(accounts, HOST, asterisk.network.sip_port, manners=manners) as people:
            dialled = {(e["CallerIDNum"], e["Exten"]) for at, e in session.events if e["Event"] == "Newchannel"}
            assert dialled >= {(agent, code) for agent in FOUR for code in ("*11", "*13")}
            since = await ring(session, "agent001", ring_ms=300)
            await ring(session, "agent002")
            assert await cause_of(session, "agent001", since) not in ENDED  # taken back while it rang
            assert await cause_of(session, "agent002", since) in ENDED  # answered, and ended by the agent
            await session.see(lambda e: e["Event"] == "Newchannel" and e["Exten"] == "*15", since)
            since = await ring(session, "agent001")
            assert await cause_of(session, "agent001", since) in ENDED
            assert people.running
        assert not people.running


async def test_the_demo_brings_citizens_to_agents_and_goes_without_a_trace(asterisk: Asterisk) -> None:
    secrets, port = asterisk.secrets.agents, asterisk.network.sip_port
    manners = Manners(ring_s=(1.0, 1.5), talk_s=(1.0, 2.0))
    demo = Demo(HOST, port, secrets, FOUR, every_s=0.4, scripted=2, manners=manners)
    async with demo:
        await asyncio.sleep(12)
    assert sum(demo.placed.values()) >= 8
    assert demo.troubles == []
    assert "0 active calls" in asterisk.command("core show channels count")


@pytest.fixture
def crowd(launch: Launch, tmp_path: Path) -> Iterator[Asterisk]:
    """An Asterisk of its own, with 40 agents."""
    agents = tuple(f"agent{number:03}" for number in range(1, 41))
    site = dataclasses.replace(small_site(tmp_path), agents=agents)
    with asyncio.Runner() as runner:
        running = runner.run(start(site, launch, tmp_path / "ast"))
        yield running
        runner.run(running.stop())


async def test_forty_phones_register_and_answer_in_one_farm(crowd: Asterisk) -> None:
    agents = crowd.secrets.agents
    async with wire(crowd) as session, farm(crowd, *agents) as phones:
        assert len(phones.news.registered) == 40
        for agent in agents:
            phones.behave(agent, Behaviour(answer_after_s=0.1, talk_s=1))
        since = time.monotonic()
        for agent in agents:
            await ring(session, agent)
        for agent in agents:
            await phones.phone(agent).see(PhoneEventKind.ESTABLISHED, since)
            await phones.phone(agent).see(PhoneEventKind.CLOSED, since)
