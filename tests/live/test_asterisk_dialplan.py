"""The dialplan's contract with the live driver, with real SIP calls and sound, and nothing of ours in between."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.sip.ports import free_port
from telephony.asterisk import Asterisk, AsteriskSettings

from .test_asterisk_outcomes import originate
from .wire import Event, Wire, beating, register, sipp, wire

pytestmark = pytest.mark.live


@dataclass
class Caller:
    """A citizen under the engine's control."""

    channel: str
    unique: str
    process: asyncio.subprocess.Process


@contextlib.asynccontextmanager
async def caller(
    asterisk: Asterisk, site: AsteriskSettings, session: Wire, **keys: str | int | Path
) -> AsyncIterator[Caller]:
    since = time.monotonic()
    async with sipp(asterisk, "caller", free_port(), sound=site.music / "calm.alaw", **keys) as process:
        _, event = await session.see(lambda e: e["Event"] == "AsyncAGIStart", since)
        yield Caller(event["Channel"], event["Uniqueid"], process)
        await session.ask("Hangup", Channel=event["Channel"])  # a SIPp that is killed says no BYE


@contextlib.asynccontextmanager
async def phone(asterisk: Asterisk, agent: str, **keys: str | int | Path) -> AsyncIterator[asyncio.subprocess.Process]:
    port = free_port()
    await register(asterisk, agent, port)
    async with sipp(asterisk, "answers", port, **keys) as process:
        await asyncio.sleep(0.2)
        yield process


async def agent_waits(session: Wire, agent: str) -> Event:
    """Rings the agent; returns the event of the answered channel that waits in the holding bridge."""
    ident = await originate(session, agent, 5000)
    _, event = await session.see(lambda e: e["Event"] == "BridgeEnter" and e["Uniqueid"] == ident)
    assert event["BridgeTechnology"] == "holding_bridge"
    return event


async def connect(session: Wire, citizen: Caller, agent: Event) -> float:
    """Redirects the caller to the waiting agent; returns the seconds until both are in one bridge."""
    begun = time.monotonic()
    await session.ask("Setvar", Channel=citizen.channel, Variable="LINE_PEER", Value=agent["Channel"])
    assert (await redirect(session, citizen, "line-connect"))["Response"] == "Success"
    ats = [await joined(session, unique, begun) for unique in (citizen.unique, agent["Uniqueid"])]
    return max(ats) - begun


async def joined(session: Wire, unique: str, since: float) -> float:
    """When that channel came into a conversation."""
    wanted = {"Event": "BridgeEnter", "Uniqueid": unique, "BridgeType": "basic"}
    return (await session.see(lambda e: wanted.items() <= e.items(), since))[0]


async def redirect(session: Wire, citizen: Caller, context: str) -> Event:
    return await session.ask("Redirect", Channel=citizen.channel, Context=context, Exten="s", Priority="1")


async def begin(session: Wire, citizen: Caller, command: str) -> None:
    await session.ask("AGI", Channel=citizen.channel, Command=command, CommandID="c1")
    await asyncio.sleep(0.15)


async def sound(session: Wire, channel: str) -> tuple[int, int]:
    """RTP packets received from the phone and sent to it so far."""
    got = [await session.get(channel, f"CHANNEL(rtcp,{what})") for what in ("rxcount", "txcount")]
    return int(got[0]), int(got[1])


@pytest.mark.parametrize("command", ["SET MUSIC ON", "STREAM FILE {music}/calm 0123456789"])
async def test_a_caller_is_connected_out_of_music_or_a_prompt(
    asterisk: Asterisk, site: AsteriskSettings, command: str
) -> None:
    async with (
        wire(asterisk) as session,
        beating(session),
        phone(asterisk, "agent001", talk=2500),
        caller(asterisk, site, session) as citizen,
    ):
        await begin(session, citizen, command.format(music=site.music))
        agent = await agent_waits(session, "agent001")
        assert await connect(session, citizen, agent) < 0.2
        await asyncio.sleep(0.3)
        before = await sound(session, citizen.channel), await sound(session, agent["Channel"])
        await asyncio.sleep(1)
        after = await sound(session, citizen.channel), await sound(session, agent["Channel"])
        # The caller speaks, the agent's phone echoes: what comes from it is what reached it, 50 packets a second.
        for old, new in zip(before, after, strict=True):
            assert all(40 <= now - then <= 60 for then, now in zip(old, new, strict=True))
        begun = time.monotonic()
        _, back = await session.see(lambda e: e.get("UserEvent") == "LineBack", begun)
        assert (back["Uniqueid"], back["Result"]) == (citizen.unique, "SUCCESS")
        await session.see(lambda e: e["Event"] == "AsyncAGIStart" and e["Uniqueid"] == citizen.unique, begun)
        await session.see(lambda e: e["Event"] == "Hangup" and e["Uniqueid"] == agent["Uniqueid"], begun)
        assert not [e for _, e in session.events if e["Event"] == "Rename"], "nobody's channel was masqueraded"


async def test_the_agent_is_hung_up_when_the_caller_leaves(asterisk: Asterisk, site: AsteriskSettings) -> None:
    async with (
        wire(asterisk) as session,
        beating(session),
        phone(asterisk, "agent001") as handset,
        caller(asterisk, site, session, stay=1500) as citizen,
    ):
        agent = await agent_waits(session, "agent001")
        await connect(session, citizen, agent)
        _, gone = await session.see(lambda e: e["Event"] == "Hangup" and e["Uniqueid"] == citizen.unique)
        await session.see(lambda e: e["Event"] == "Hangup" and e["Uniqueid"] == agent["Uniqueid"], limit_s=1)
        assert gone["Cause"] == "16"
        assert await asyncio.wait_for(handset.wait(), 2) == 0


async def test_a_peer_that_is_gone_gives_the_caller_back(asterisk: Asterisk, site: AsteriskSettings) -> None:
    async with wire(asterisk) as session, beating(session), caller(asterisk, site, session) as citizen:
        await session.ask("Setvar", Channel=citizen.channel, Variable="LINE_PEER", Value="PJSIP/agent001-ffffffff")
        begun = time.monotonic()
        await redirect(session, citizen, "line-connect")
        _, back = await session.see(lambda e: e.get("UserEvent") == "LineBack", begun)
        assert back["Result"] == "NONEXISTENT"
        assert await session.get(citizen.channel, "LINE_DONE") == "", "an agent is still to be rung"
        await session.see(lambda e: e["Event"] == "AsyncAGIStart", begun)


async def test_a_lease_and_the_sign_that_somebody_noticed_are_one_action(
    asterisk: Asterisk, site: AsteriskSettings
) -> None:
    async with wire(asterisk) as session, beating(session), caller(asterisk, site, session) as citizen:
        assert await session.get(citizen.channel, "LINE_GIVEN")
        names = "ARRAY(LINE_GIVEN,TIMEOUT(absolute))"
        answer = await session.ask("Setvar", Channel=citizen.unique, Variable=names, Value=",60")
        assert answer["Response"] == "Success"
        assert await session.get(citizen.channel, "LINE_GIVEN") == ""
        assert site.first_lease_s < float(await session.get(citizen.channel, "TIMEOUT(absolute)")) <= 60


async def test_a_conversation_outlives_lease_and_waiting_time(asterisk: Asterisk, site: AsteriskSettings) -> None:
    longest = max(site.first_lease_s, site.offer_wait_s) + 2
    async with (
        wire(asterisk) as session,
        phone(asterisk, "agent001"),
        beating(session),
        caller(asterisk, site, session) as citizen,
    ):
        agent = await agent_waits(session, "agent001")
        await connect(session, citizen, agent)
        with pytest.raises(TimeoutError):
            await session.see(lambda e: e["Event"] == "BridgeLeave" and e["BridgeType"] == "basic", limit_s=longest)


async def test_a_lease_that_ends_in_a_conversation_all_the_same_rings_no_second_agent(
    asterisk: Asterisk, site: AsteriskSettings
) -> None:
    async with (
        wire(asterisk) as session,
        phone(asterisk, "agent001", talk=20_000),
        contextlib.AsyncExitStack() as line,
    ):
        async with beating(session):
            citizen = await line.enter_async_context(caller(asterisk, site, session))
            await session.ask("Setvar", Channel=citizen.channel, Variable="LINE_QUEUE", Value="efka-pensions")
            await connect(session, citizen, await agent_waits(session, "agent001"))
        begun = time.monotonic()
        await session.ask("Setvar", Channel=citizen.channel, Variable="TIMEOUT(absolute)", Value="0.5")
        await session.see(lambda e: e["Event"] == "Hangup" and e["Uniqueid"] == citizen.unique, begun, limit_s=30)
        assert not [e for at, e in session.events if at >= begun and e["Event"] == "QueueCallerJoin"]


async def test_a_caller_is_rescued_when_the_engine_falls_silent(asterisk: Asterisk, site: AsteriskSettings) -> None:
    async with wire(asterisk) as session, phone(asterisk, "agent001", talk=500):
        async with beating(session):
            pass
        async with caller(asterisk, site, session) as citizen:
            for variable, value in (("LINE_QUEUE", "efka-pensions"), ("LINE_LANG", "en")):
                await session.ask("Setvar", Channel=citizen.channel, Variable=variable, Value=value)
            begun = time.monotonic()
            await begin(session, citizen, "SET MUSIC ON")
            at, queued = await session.see(lambda e: e["Event"] == "QueueCallerJoin", begun)
            assert (queued["Queue"], queued["Language"]) == ("q-efka-pensions", "en")
            assert at - begun < 10
            await session.see(lambda e: e["Event"] == "AgentConnect", begun)


async def test_without_an_engine_an_old_number_goes_to_its_queue(asterisk: Asterisk, site: AsteriskSettings) -> None:
    async with wire(asterisk) as session:
        await session.ask("Setvar", Variable="ENGINE_HB", Value="0")
        begun = time.monotonic()
        async with sipp(asterisk, "caller", free_port(), sound=site.music / "calm.alaw", dnis="11320"):
            _, queued = await session.see(lambda e: e["Event"] == "QueueCallerJoin", begun)
            await session.ask("Hangup", Channel=queued["Channel"])
            assert queued["Queue"] == "q-efka-pensions"


async def test_without_an_engine_a_silent_caller_reaches_the_default_queue(
    asterisk: Asterisk, site: AsteriskSettings
) -> None:
    async with wire(asterisk) as session:
        await session.ask("Setvar", Variable="ENGINE_HB", Value="0")
        begun = time.monotonic()
        async with sipp(asterisk, "caller", free_port(), sound=site.music / "calm.alaw"):
            _, queued = await session.see(lambda e: e["Event"] == "QueueCallerJoin", begun, limit_s=30)
            await session.ask("Hangup", Channel=queued["Channel"])
            assert queued["Queue"] == "q-efka"


async def menu_prompts(session: Wire, context: str) -> set[str]:
    """The prompts that the only channel is seen to be played in this menu, until it waits for a key."""
    said: set[str] = set()
    while True:
        begun = time.monotonic()
        await session.ask("CoreShowChannels")
        await session.see(lambda e: e["Event"] == "CoreShowChannelsComplete", begun)
        for at, event in session.events:
            if at >= begun and event["Event"] == "CoreShowChannel" and event["Context"] == context:
                if event["Application"] == "WaitExten":
                    return said
                said |= {Path(event["ApplicationData"]).name} if event["Application"] == "BackGround" else set()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(("key", "queue"), [("3", "q-efka-pensions"), ("4", "q-efka"), ("5", "q-efka")])
async def test_without_an_engine_a_topic_has_its_days(
    asterisk: Asterisk, site: AsteriskSettings, key: str, queue: str
) -> None:
    """Only then its prompt is said and its key taken; else the key is a wrong one, the last one allowed here."""
    async with wire(asterisk) as session:
        await session.ask("Setvar", Variable="ENGINE_HB", Value="0")
        begun = time.monotonic()
        async with sipp(asterisk, "caller", free_port(), sound=site.music / "calm.alaw"):
            _, came = await session.see(lambda e: e["Event"] == "Newchannel", begun)
            channel = {"Channel": came["Channel"]}
            menu, said = {**channel, "Context": "line-survive-menu", "Priority": "1"}, set[str]()
            for _ in range(3):  # on a busy machine a short prompt may be over between two looks
                await session.ask("Setvar", **channel, Variable="LINE_TRIES", Value="0")  # silence ends nothing yet
                await session.ask("Redirect", **menu, Exten="s")
                said |= await asyncio.wait_for(menu_prompts(session, menu["Context"]), 20)
            assert said == {"t-insurance", "t-pensions", "t-sos", "lang-el"}
            await session.ask("Setvar", **channel, Variable="LINE_TRIES", Value="2")
            await session.ask("Redirect", **menu, Exten=key)
            _, queued = await session.see(lambda e: e["Event"] == "QueueCallerJoin", begun)
            await session.ask("Hangup", **channel)
            assert queued["Queue"] == queue


@pytest.mark.parametrize("dnis", ["1555", "+301555", "00301555"])
async def test_the_number_arrives_in_every_spelling(asterisk: Asterisk, site: AsteriskSettings, dnis: str) -> None:
    async with wire(asterisk) as session, beating(session), caller(asterisk, site, session, dnis=dnis) as citizen:
        assert await session.get(citizen.channel, "LINE_DNIS") == "1555"


@pytest.mark.parametrize("dnis", ["1556", "*11", "agent001", "s", "offer"])
async def test_the_trunk_reaches_nothing_else(asterisk: Asterisk, site: AsteriskSettings, dnis: str) -> None:
    sounds = site.music / "calm.alaw"
    async with wire(asterisk) as session, beating(session):
        async with sipp(asterisk, "caller", free_port(), sound=sounds, dnis=dnis) as process:
            assert await asyncio.wait_for(process.wait(), 10) != 0
        assert not [event for _, event in session.events if event["Event"] == "AsyncAGIStart"]


async def test_a_display_name_goes_no_further(asterisk: Asterisk, site: AsteriskSettings) -> None:
    async with (
        wire(asterisk) as session,
        beating(session),
        caller(asterisk, site, session, display="${SHELL(x)};|&", ani="210%24%7BEPOCH%7D") as citizen,
    ):
        assert await session.get(citizen.channel, "CALLERID(name)") == ""
        assert await session.get(citizen.channel, "CALLERID(num)") == "210"


@pytest.mark.parametrize("done", [True, False])
async def test_without_an_engine_nobody_is_rung_for_who_has_been_served(
    asterisk: Asterisk, site: AsteriskSettings, done: bool
) -> None:
    """The agent has hung up; a caller who could not be joined with theirs is served all the same."""
    async with wire(asterisk) as session, phone(asterisk, "agent001", talk=500):
        await session.alive()
        async with caller(asterisk, site, session) as citizen:
            await session.ask("Setvar", Channel=citizen.channel, Variable="LINE_QUEUE", Value="efka")
            await session.ask("Setvar", Variable="ENGINE_HB", Value="0")
            begun = time.monotonic()
            if done:
                await connect(session, citizen, await agent_waits(session, "agent001"))
            else:
                await session.ask("Setvar", Channel=citizen.channel, Variable="LINE_PEER", Value="PJSIP/x-ffffffff")
                await redirect(session, citizen, "line-connect")
            ends = {"QueueCallerJoin", "Hangup"}
            _, event = await session.see(lambda e: e["Event"] in ends and e["Uniqueid"] == citizen.unique, begun)
            assert (event["Event"] == "Hangup") == done
