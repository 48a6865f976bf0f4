"""While nothing is said sound goes on all the same (trunks cut calls without it), and keys are heard."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from calls import facts as f
from telephony.asterisk import Asterisk
from tests.live.handset import Talk, handset
from tests.live.lineup import stage

pytestmark = pytest.mark.live


async def heard(talk: Talk, seconds: float) -> float:
    """RTP packets from the line a second."""
    before, begun = talk.sound.heard, time.monotonic()
    await asyncio.sleep(seconds)
    return (talk.sound.heard - before) / (time.monotonic() - begun)


async def test_a_menu_that_waits_for_a_key_is_not_without_sound(tmp_path: Path) -> None:
    """And what Asterisk refuses by itself is counted: no channel is ever made for it."""
    async with stage(tmp_path) as up, handset(up.ports.sip) as phone:
        async with phone.call("sip:1555@HOST") as talk:
            await asyncio.sleep(0.8)
            await talk.info("#")  # skips the greeting, and says the languages again
            await asyncio.sleep(5.6)
            assert 40 < await heard(talk, 1.5) < 60
            since = len(up.facts)
            await talk.sound.press("2")
            fact = await up.see(f.NodeEntered, lambda fact: fact.node == "topic", since, 5)
            assert fact.node == "topic"
        async with phone.call("sip:2109999999;npdi@HOST"), phone.call("sip:1555@HOST", codecs="18"):
            pass
        async with phone.call("sip:1555@HOST", "Require: x-none\r\n") as odd:
            assert odd.status == 420
        await asyncio.sleep(0.2)
        figures = up.line.snapshot()["rejected"]
        assert {name: figures[f"{name}_total"] for name in ("number", "codecs", "extension")} == {
            "number": 1,
            "codecs": 1,
            "extension": 1,
        }


async def test_asterisks_own_menu_is_not_without_sound(asterisk: Asterisk) -> None:
    async with handset(asterisk.network.sip_port) as phone, phone.call("sip:1555@HOST") as talk:
        await asyncio.sleep(1.6)  # two prompts of half a second
        assert 40 < await heard(talk, 1.0) < 60
