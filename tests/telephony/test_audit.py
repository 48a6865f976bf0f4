"""The audit looks at Asterisk while events go on: what came or went during the look is not undone by it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from agents import Agent
from calls import AgentId
from calls import facts as f
from calls.commands import Prompt
from engine import Line
from telephony import Clock, NodeSettings, NoJournal, Runner, audit
from telephony.ami import AmiMessage, AmiSettings
from telephony.names import Names
from telephony.snapshot import Channel, SeenChannels, sort
from tests.line import settings

A1 = AgentId("a1")
CODE = Channel("17.5", "PJSIP/a1-00000005", "6", "line-code", "AGI", "", "a1", "00:00:01")


def prompt_path(prompt: Prompt, language: str, edition: int | None) -> str:
    return prompt.id


class Audited:
    """A node whose next looks are given, with what happens while it looks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runner = Runner(Line(settings()), Clock(time.time()), NoJournal())
        self.node = self.runner.add(NodeSettings(), AmiSettings("127.0.0.1", 1, "line", "x"), prompt_path)
        self.node.parts.held = None
        self.registered: tuple[str, ...] = ()
        self.phones = True
        self.runner.read(self._read)
        self.facts: list[f.Fact] = []
        monkeypatch.setattr(audit, "look", self._look)

    def _read(self, now: float, facts: Sequence[f.Fact]) -> None:
        self.facts += facts

    async def _look(self, client: object, names: Names, agents: frozenset[AgentId]) -> SeenChannels:
        for name, channel in self.meanwhile:
            self.event(name, Uniqueid=channel.id, Channel=channel.name, Context=channel.context)
        for status in self.registered:
            self.event("ContactStatus", AOR="a1", URI="sip:a1@127.0.0.1:1", ContactStatus=status)
        return sort(list(self.seen), names, agents, frozenset(agents) if self.phones else frozenset())

    def event(self, name: str, **headers: str) -> None:
        self.node.message(AmiMessage({"Event": name, **headers}))

    def channel(self, name: str, channel: Channel) -> None:
        self.event(name, Uniqueid=channel.id, Channel=channel.name, Context=channel.context)

    async def audit(self, *seen: Channel, meanwhile: Sequence[tuple[str, Channel]] = ()) -> bool:
        """Whether the agent's phone is in use after it."""
        self.seen, self.meanwhile = seen, meanwhile
        await self.node.audit.compare()
        return self.agent.in_use

    @property
    def agent(self) -> Agent:
        return self.runner.line._state.roster[A1]


@pytest.fixture
async def line(monkeypatch: pytest.MonkeyPatch) -> Audited:
    return Audited(monkeypatch)


async def test_a_call_that_ended_during_the_look_stays_ended(line: Audited) -> None:
    line.channel("Newchannel", CODE)
    assert line.agent.in_use
    assert not await line.audit(CODE, meanwhile=[("Hangup", CODE)])


async def test_a_call_that_began_during_the_look_goes_on(line: Audited) -> None:
    assert await line.audit(meanwhile=[("Newchannel", CODE)])
    line.channel("Hangup", CODE)
    assert not line.agent.in_use


async def test_a_call_that_came_and_went_during_the_look_leaves_nothing(line: Audited) -> None:
    assert not await line.audit(CODE, meanwhile=[("Newchannel", CODE), ("Hangup", CODE)])
    assert not await line.audit()


async def test_a_call_whose_end_nobody_told_ends(line: Audited) -> None:
    line.channel("Newchannel", CODE)
    assert not await line.audit()


async def test_a_call_whose_begin_nobody_told_counts_when_it_is_seen_twice(line: Audited) -> None:
    assert [await line.audit(CODE), await line.audit(CODE), await line.audit(CODE)] == [False, True, True]
    line.channel("Hangup", CODE)
    assert not line.agent.in_use
    assert [fact.in_use for fact in line.facts if isinstance(fact, f.PhoneChanged)][-2:] == [True, False]


@pytest.mark.parametrize("there", [True, False], ids=["registered", "gone"])
async def test_a_phone_that_came_or_went_during_the_look_is_as_it_was_told(line: Audited, there: bool) -> None:
    line.phones, line.registered = not there, ("Created",) if there else ("Created", "Removed")
    await line.audit()
    assert line.agent.reachable is there
    line.registered = ()
    await line.audit()
    assert line.agent.reachable is not there, "the next look is the truth again"
