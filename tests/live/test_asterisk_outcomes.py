"""What Asterisk tells when an agent's phone is offered a call: docs/asterisk-outcomes.md, by SIPp."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass

import pytest

from simulator.sip.ports import free_port
from telephony.asterisk import Asterisk

from .wire import Event, Wire, register, sipp, wire

pytestmark = pytest.mark.live
IDS = itertools.count()


@dataclass(frozen=True)
class Told:
    """What is told of an offer that failed, in the words of AMI; `asked`: a HangupRequest came before."""

    reason: str
    cause: str
    tech_cause: str
    rang: bool
    asked: bool


async def originate(session: Wire, agent: str, timeout_ms: int = 1000) -> str:
    """Offers a call as the engine does; returns the channel id it chose."""
    ident = f"offer-{next(IDS)}"
    said = await session.ask(
        "Originate",
        [f"LINE_OFFER={ident}", "__FORWARD_CONTEXT=line-no-forward"],
        Channel=f"PJSIP/{agent}",
        ChannelId=ident,
        Context="line-agent",
        Exten="offer",
        Priority="1",
        Timeout=str(timeout_ms),
        CallerID="2101234567",
        Async="true",
    )
    assert said["Response"] == "Success"
    return ident


async def told(session: Wire, ident: str) -> Told:
    """Waits for the end of a failed offer."""
    _, answer = await session.see(lambda e: e["Event"] == "OriginateResponse" and e["Uniqueid"] == ident)
    assert answer["Response"] == "Failure"
    await asyncio.sleep(0.1)  # Hangup may come just before or after it
    mine = [event for _, event in session.events if event.get("Uniqueid") == ident]
    hangup: Event = next((event for event in mine if event["Event"] == "Hangup"), {})
    return Told(
        answer["Reason"],
        hangup.get("Cause", ""),
        hangup.get("TechCause", ""),
        any(event["Event"] == "Newstate" and event["ChannelStateDesc"] == "Ringing" for event in mine),
        any(event["Event"] == "HangupRequest" for event in mine),
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, Told("0", "1", "404", True, True)),
        (480, Told("0", "19", "480", True, True)),
        (486, Told("0", "17", "486", True, True)),
        (500, Told("0", "38", "500", True, True)),
        (603, Told("0", "21", "603", True, True)),
    ],
)
async def test_a_phone_that_refuses(asterisk: Asterisk, status: int, expected: Told) -> None:
    port = free_port()
    await register(asterisk, "agent003", port)
    async with wire(asterisk) as session, sipp(asterisk, "refuses", port, status=status, ring=50):
        await asyncio.sleep(0.2)
        assert await told(session, await originate(session, "agent003")) == expected


async def test_a_phone_that_redirects_rings_nobody_else(asterisk: Asterisk) -> None:
    """The dialplan tells of it. The causes do not: two threads of Asterisk end the channel, and either may be first."""
    port = free_port()
    await register(asterisk, "agent003", port)
    async with wire(asterisk) as session, sipp(asterisk, "refuses", port, status=302):
        await asyncio.sleep(0.2)
        assert (await told(session, await originate(session, "agent003"))).reason == "0"
        redirected = [event for _, event in session.events if event.get("UserEvent") == "LineRedirected"]
        assert [event["Target"] for event in redirected] == ["15901"]
        dialled = [e["Channel"] for _, e in session.events if e["Event"] == "Newchannel" and "PJSIP" in e["Channel"]]
        assert len(dialled) == 1


async def test_a_phone_that_nobody_picks_up(asterisk: Asterisk) -> None:
    port = free_port()
    await register(asterisk, "agent003", port)
    async with wire(asterisk) as session, sipp(asterisk, "rings", port) as phone:
        await asyncio.sleep(0.2)
        assert await told(session, await originate(session, "agent003")) == Told("3", "19", "480", True, False)
        assert await asyncio.wait_for(phone.wait(), 5) == 0, "the phone was told by CANCEL"


async def test_a_phone_killed_while_it_rings(asterisk: Asterisk) -> None:
    port = free_port()
    await register(asterisk, "agent003", port)
    async with wire(asterisk) as session, sipp(asterisk, "rings", port) as phone:
        await asyncio.sleep(0.2)
        ident = await originate(session, "agent003")
        await asyncio.sleep(0.3)
        phone.kill()
        assert await told(session, ident) == Told("3", "19", "480", True, False)


async def test_a_phone_that_is_registered_but_dead(asterisk: Asterisk) -> None:
    await register(asterisk, "agent003", free_port())
    async with wire(asterisk) as session:
        assert await told(session, await originate(session, "agent003")) == Told("3", "19", "480", False, False)


async def test_an_agent_without_a_phone(asterisk: Asterisk) -> None:
    async with wire(asterisk) as session:
        assert await told(session, await originate(session, "agent008")) == Told("0", "", "", False, False)


async def test_a_phone_killed_in_the_call_is_hung_up(asterisk: Asterisk) -> None:
    port = free_port()
    await register(asterisk, "agent003", port)
    async with wire(asterisk) as session, sipp(asterisk, "answers", port) as phone:
        await asyncio.sleep(0.2)
        ident = await originate(session, "agent003")
        await session.see(lambda e: e["Event"] == "BridgeEnter" and e["Uniqueid"] == ident)
        _, answer = await session.see(lambda e: e["Event"] == "OriginateResponse" and e["Uniqueid"] == ident)
        assert (answer["Response"], answer["Reason"]) == ("Success", "4")
        phone.kill()
        _, hangup = await session.see(lambda e: e["Event"] == "Hangup" and e["Uniqueid"] == ident)
        assert hangup["Cause"] == "44"
