"""What agents may dial, with and without the engine, and calls that are sent outside."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest

from simulator.sip.ports import free_port
from telephony.asterisk import Asterisk, AsteriskSettings

from .test_asterisk_dialplan import caller, redirect
from .wire import beating, sipp, wire

pytestmark = pytest.mark.live


async def test_a_code_comes_to_the_engine_with_the_agent_who_dialled(asterisk: Asterisk) -> None:
    secret = asterisk.secrets.agents["agent004"]
    async with wire(asterisk) as session, beating(session):
        begun = time.monotonic()
        async with sipp(asterisk, "dials", free_port(), user="agent004", secret=secret, dnis="*12") as phone:
            _, event = await session.see(lambda e: e["Event"] == "AsyncAGIStart" and e["Context"] == "line-code", begun)
            assert await session.get(event["Channel"], "LINE_CODE") == "*12"
            assert await session.get(event["Channel"], "LINE_AGENT") == "agent004"
            await session.ask("Hangup", Channel=event["Channel"])
            assert await asyncio.wait_for(phone.wait(), 5) == 0


@pytest.mark.parametrize(("code", "paused"), [("*12", True), ("*11", False), ("*14", True), ("*13", False)])
async def test_without_an_engine_a_code_pauses_the_member(asterisk: Asterisk, code: str, paused: bool) -> None:
    secret = asterisk.secrets.agents["agent004"]
    async with wire(asterisk) as session:
        await session.ask("Setvar", Variable="ENGINE_HB", Value="0")
        async with sipp(asterisk, "dials", free_port(), user="agent004", secret=secret, dnis=code) as phone:
            assert await asyncio.wait_for(phone.wait(), 5) == 0
        rows = (await asyncio.to_thread(asterisk.command, "queue show q-efka")).splitlines()
        assert ("paused" in next(row for row in rows if "agent004" in row)) is paused


@pytest.mark.parametrize(("secret", "dnis"), [("wrong", "*11"), ("", "1555"), ("", "2101234567"), ("", "15900")])
async def test_an_agent_gets_nowhere_else(asterisk: Asterisk, secret: str, dnis: str) -> None:
    secret = secret or asterisk.secrets.agents["agent004"]
    async with wire(asterisk) as session, beating(session):
        async with sipp(asterisk, "dials", free_port(), user="agent004", secret=secret, dnis=dnis) as phone:
            with contextlib.suppress(TimeoutError):  # after a wrong password SIPp waits for ever
                assert await asyncio.wait_for(phone.wait(), 2) != 0
        assert not [event for _, event in session.events if event["Event"] == "AsyncAGIStart"]


@pytest.mark.parametrize(("somebody", "result"), [("answers", "ANSWER"), ("refuses", "BUSY")])
async def test_a_caller_is_sent_outside(asterisk: Asterisk, site: AsteriskSettings, somebody: str, result: str) -> None:
    port = int(site.network.trunk_contact.rsplit(":", 1)[1])
    async with (
        wire(asterisk) as session,
        beating(session),
        sipp(asterisk, somebody, port, talk=500, status=486),
        caller(asterisk, site, session) as citizen,
    ):
        await session.ask("Setvar", Channel=citizen.channel, Variable="LINE_TARGET", Value="15900")
        begun = time.monotonic()
        await redirect(session, citizen, "line-transfer")
        _, event = await session.see(lambda e: e.get("UserEvent") == "LineTransfer", begun)
        assert (event["Result"], event["Target"], event["Uniqueid"]) == (result, "15900", citizen.unique)
        await session.see(lambda e: e["Event"] == "AsyncAGIStart" and e["Uniqueid"] == citizen.unique, begun)
