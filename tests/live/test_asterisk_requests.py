"""What trunks and proxies send that RFCs allow: it reaches the line, or is answered; nobody takes over a call."""

from __future__ import annotations

import asyncio
import time

import pytest

from telephony.asterisk import Asterisk

from .handset import handset, status
from .wire import Wire, beating, wire

pytestmark = pytest.mark.live

OURS = {
    "sip:1555;phone-context=+30@HOST;user=phone": "1555",
    "sip:1555;phone-context=ims.example@HOST;user=phone": "1555",
    "sip:+302106241888;npdi;rn=+3021000000@HOST;user=phone": "2106241888",
    "sip:301555@HOST": "1555",
    "sip:302106241888@HOST": "2106241888",
    "sip:%2B301555@HOST": "1555",
    "tel:+30(210)624.1888": "2106241888",
    "tel:+30-210-624-1888": "2106241888",
    "sip:003011320@HOST": "11320",
}


async def dialled(session: Wire, since: float) -> tuple[str, str]:
    """The number under which the latest caller arrived: in the AGI environment, and for Asterisk's own menu."""
    _, start = await session.see(lambda e: e["Event"] == "AsyncAGIStart", since)
    number = await session.get(start["Channel"], "CALLERID(dnid)")
    return number, await session.get(start["Channel"], "LINE_DNIS")


@pytest.mark.parametrize("uri", OURS)
async def test_every_way_to_write_our_numbers_reaches_the_line(asterisk: Asterisk, uri: str) -> None:
    since = time.monotonic()
    async with (
        wire(asterisk) as session,
        beating(session),
        handset(asterisk.network.sip_port) as phone,
        phone.call(uri) as talk,
    ):
        assert talk.status == 200
        assert await dialled(session, since) == (OURS[uri], OURS[uri])


@pytest.mark.parametrize("uri", ["sip:2109999999@HOST", "sip:ping@HOST", "sip:+@HOST", "sip:3015550@HOST"])
async def test_other_numbers_find_nobody(asterisk: Asterisk, uri: str) -> None:
    async with handset(asterisk.network.sip_port) as phone, phone.call(uri) as talk:
        assert talk.status in (404, 484)


async def test_what_proxies_ask_within_a_call_is_answered(asterisk: Asterisk) -> None:
    async with (
        wire(asterisk) as session,
        beating(session),
        handset(asterisk.network.sip_port) as phone,
        phone.call("sip:1555@HOST") as talk,
    ):
        asked = [
            ("OPTIONS", ""),
            ("MESSAGE", "text/plain"),
            ("INFO", ""),
            ("INFO", "application/dtmf-relay"),
            ("UPDATE", ""),
        ]
        bodies = {"text/plain": "hello", "application/dtmf-relay": "Signal=1\r\nDuration=160\r\n"}
        answers = [status(await talk.ask(method, kind, bodies.get(kind, ""))) for method, kind in asked]
        assert answers == [200, 202, 200, 200, 200]


async def test_a_message_outside_of_calls_finds_nobody(asterisk: Asterisk) -> None:
    since = time.monotonic()
    async with wire(asterisk) as session, beating(session), handset(asterisk.network.sip_port) as phone:
        uri = f"sip:1555@127.0.0.1:{phone.server}"
        head = f"MESSAGE {uri} SIP/2.0\r\n{phone.via()}From: <sip:a@x>;tag=1\r\nTo: <{uri}>\r\nCall-ID: m1\r\n"
        head += "CSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\n"
        assert status(await phone.ask(head, "hello", "m1 1 MESSAGE", 3)) == 404
        assert not [e for at, e in session.events if at > since and e["Event"] in ("Newchannel", "AsyncAGIStart")]


async def test_nobody_takes_over_a_call_by_replaces(asterisk: Asterisk) -> None:
    async with (
        wire(asterisk) as session,
        beating(session),
        handset(asterisk.network.sip_port) as phone,
        phone.call("sip:1555@HOST") as citizen,
    ):
        theirs = citizen.to.partition("tag=")[2]
        replaces = f"Replaces: {citizen.call_id};to-tag={theirs};from-tag={citizen.tag}\r\n"
        async with phone.call("sip:1555@HOST", replaces) as thief:
            assert thief.status in (401, 403)
            await asyncio.sleep(0.5)
            assert not citizen.ended.is_set()
