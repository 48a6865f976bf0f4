"""Sounds that are not there: everything else is heard, it is told once, and nothing goes round."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from calls import facts as f
from tests.live.handset import handset
from tests.live.lineup import Stage, stage

pytestmark = pytest.mark.live

MISSING = ("welcome.greeting", "topic.choose", "topic.for_dypa")


@pytest.fixture
async def up(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path) as running:
        yield running


async def test_a_missing_sound_is_left_out_and_told_once(up: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """The greeting is a whole prompt, the others are two of eight in the menu of topics, which is asked twice."""
    switch = up.node.parts.switch
    path = switch.prompt_path
    switch.prompt_path = lambda prompt, *how: path(prompt, *how) + "-gone" * (prompt.id in MISSING)
    since = len(up.facts)
    async with handset(up.ports.sip) as phone, phone.call("sip:1555@HOST") as talk:
        await asyncio.sleep(4)
        await talk.info("1")  # Greek, in the middle of the question
        await asyncio.sleep(8)
        await talk.info("8")  # wrong: the topics are asked again
        await asyncio.sleep(8)
        heard = talk.sound.heard
        assert heard > 400, "the sounds that are there are heard"
    facts = [fact for _, fact in up.facts[since:]]
    lost = [fact.error.partition(" ")[0] for fact in facts if isinstance(fact, f.CommandLost)]
    assert lost == ["el/welcome.greeting", "el/topic.choose", "el/topic.for_dypa"]
    entered = [fact.node for fact in facts if isinstance(fact, f.NodeEntered)]
    assert entered.count("greeting") == 1 and entered.count("topic") == 1, facts
    assert len(facts) < 60
    assert sum("cannot be played" in record.getMessage() for record in caplog.records) == 3
