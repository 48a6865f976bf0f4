"""Keys as phones send them, odd ones included: what a real Asterisk tells comes to the keys that were pressed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from telephony.asterisk import Asterisk
from telephony.keys import Keys

from .handset import Talk, handset
from .wire import Event, Wire, beating, wire

pytestmark = pytest.mark.live


async def plain(talk: Talk, key: str) -> None:
    await talk.sound.press(key)


async def info(talk: Talk, key: str) -> None:
    await talk.info(key)


async def both(talk: Talk, key: str) -> None:
    await asyncio.gather(talk.sound.press(key), talk.info(key))


async def both_info_later(talk: Talk, key: str) -> None:
    await talk.sound.press(key)
    await asyncio.sleep(0.15)
    await talk.info(key)


async def short(talk: Talk, key: str) -> None:
    await talk.sound.press(key, ms=20)


async def very_long(talk: Talk, key: str) -> None:
    await talk.sound.press(key, ms=1500)


async def ends_with_stamps_of_their_own(talk: Talk, key: str) -> None:
    sound, stamp = talk.sound, talk.sound.stamp
    sound.keying = True
    for step in range(5):
        sound.event(key, 160 * (step + 1), stamp, marker=not step)
        await asyncio.sleep(0.02)
    for step in range(1, 4):
        sound.event(key, 800, stamp + 160 * step, end=True)
        await asyncio.sleep(0.02)
    sound.keying = False


async def long_with_a_gap(talk: Talk, key: str) -> None:
    """Begins, then nothing for 1.3 s, then its end."""
    sound, stamp = talk.sound, talk.sound.stamp
    sound.keying = True
    for step in range(2):
        sound.event(key, 160 * (step + 1), stamp, marker=not step)
        await asyncio.sleep(0.02)
    await asyncio.sleep(1.3)
    for _ in range(3):
        sound.event(key, 8 * 1340, stamp, end=True)
    sound.keying = False


async def held_with_a_hole(talk: Talk, key: str) -> None:
    """Down for 1.4 s; of the packets those of 0.6 s are lost."""
    sound, stamp = talk.sound, talk.sound.stamp
    sound.keying = True
    for step in range(70):
        if not 20 <= step < 50:
            sound.event(key, 160 * (step + 1), stamp, marker=not step)
        await asyncio.sleep(0.02)
    for _ in range(3):
        sound.event(key, 160 * 70, stamp, end=True)
    sound.keying = False


async def like_a_modem(talk: Talk, keys: str) -> None:
    for key in keys:
        await talk.sound.press(key, ms=40)
        await asyncio.sleep(0.005)


def fold(events: list[Event]) -> str:
    """The keys that were pressed, by what Asterisk has told."""
    keys, pressed = Keys(), ""
    for event in events:
        if event["Event"] == "DTMFBegin":
            keys.begins(event["Digit"], float(event["Timestamp"]))
        elif keys.ends(event["Digit"], int(event["DurationMs"]) / 1000, float(event["Timestamp"])):
            pressed += event["Digit"]
    return pressed


async def told(session: Wire, since: float, keys: int, quiet_s: float = 0.6) -> list[Event]:
    """The events of keys that the phone sent: of at least so many, once no more come."""
    count, until = -1, time.monotonic() + 10
    while True:
        events = [e for at, e in session.events if at >= since and e["Event"].startswith("DTMF")]
        events = [e for e in events if e["Direction"] == "Received"]
        ends = sum(e["Event"] == "DTMFEnd" for e in events)
        if len(events) == count and (ends >= keys or time.monotonic() > until):
            return events
        count = len(events)
        await asyncio.sleep(quiet_s)


Way = Callable[[Talk, str], Awaitable[None]]
ONE_BY_ONE: tuple[tuple[Way, float], ...] = (
    (plain, 0.1),
    (info, 0.15),
    (both, 0.1),
    (both_info_later, 0.1),
    (short, 0.1),
    (very_long, 0.1),
    (ends_with_stamps_of_their_own, 0.1),
    (long_with_a_gap, 0.5),
    (held_with_a_hole, 0.3),
)


@pytest.mark.parametrize(("way", "pause_s"), ONE_BY_ONE, ids=[way.__name__ for way, _ in ONE_BY_ONE])
async def test_one_key_pressed_is_one_key(asterisk: Asterisk, way: Way, pause_s: float) -> None:
    """Also where it is pressed twice: the second press counts."""
    async with (
        wire(asterisk) as session,
        beating(session),
        handset(asterisk.network.sip_port) as phone,
        phone.call("sip:1555@HOST") as talk,
    ):
        await asyncio.sleep(0.2)
        since = time.monotonic()
        for key in "1223":
            await way(talk, key)
            await asyncio.sleep(pause_s)
        events = await told(session, since, 4)
        rows = [
            (e["Event"][4:], e["Digit"], e.get("DurationMs"), round(float(e["Timestamp"]) % 100, 3)) for e in events
        ]
        assert fold(events) == "1223", rows


@pytest.mark.parametrize("keys", ["123456783", "112233445"])
async def test_a_number_typed_by_a_modem(asterisk: Asterisk, keys: str) -> None:
    async with (
        wire(asterisk) as session,
        beating(session),
        handset(asterisk.network.sip_port) as phone,
        phone.call("sip:1555@HOST") as talk,
    ):
        await asyncio.sleep(0.2)
        since = time.monotonic()
        await like_a_modem(talk, keys)
        events = await told(session, since, len(keys))
        rows = [
            (e["Event"][4:], e["Digit"], e.get("DurationMs"), round(float(e["Timestamp"]) % 100, 3)) for e in events
        ]
        assert len([e for e in events if e["Event"] == "DTMFEnd"]) >= len(keys), rows
        assert fold(events) == keys, rows
