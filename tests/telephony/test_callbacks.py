"""The live driver calls a citizen back: what Asterisk is told, and what is found after a loss of the link or a kill."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import pytest

from calls import AgentAction, AgentId, AgentState, CallId, CallStage, OfferId, OfferResult
from calls import events as e
from calls import facts as f
from calls.commands import Prompt
from engine import Line
from telephony import Clock, NodeSettings, NoJournal, Runner, audit
from telephony.ami import AmiMessage, AmiSettings
from telephony.names import Names
from telephony.snapshot import Channel, SeenChannels, sort
from tests.line import GENERAL, settings

T = TypeVar("T")
A1 = AgentId("a1")
NUMBER = "2101234567"


class Deaf:
    """An AMI client that is up, remembers and answers nothing."""

    def __init__(self) -> None:
        self.up, self.sent = True, list[tuple[str, Any]]()

    def send(self, name: str, fields: Any) -> asyncio.Future[Any]:
        self.sent.append((name, fields))
        return asyncio.get_running_loop().create_future()

    def tell(self, name: str, fields: Any) -> None:
        self.sent.append((name, fields))

    def send_agi(self, channel: str, command: str, *, timeout_s: float | None) -> asyncio.Future[Any]:
        return self.send("AGI", {"Channel": channel, "Command": command})


def prompt_path(prompt: Prompt, language: str, edition: int | None) -> str:
    return prompt.id


class Floor:
    """A runner with one agent who is ready and a supervisor who asks for a callback."""

    def __init__(self, contact: str = "10.0.0.1:5060") -> None:
        ami = AmiSettings("127.0.0.1", 1, "line", "x")
        self.runner = Runner(Line(settings(1)), Clock(time.time()), NoJournal())
        self.node = self.runner.add(NodeSettings(trunk_contact=contact), ami, prompt_path)
        self.parts = self.node.parts
        self.facts: list[f.Fact] = []
        self.client = client = Deaf()
        self.parts.client = self.parts.switch.client = client  # type: ignore[assignment]
        self.parts.held = None
        self.runner.read(self._read)
        self.runner.step(e.LineStarted("n1", 1_700_000_000.0, "test"))
        self.runner.step(e.Snapshot((), (), (A1,), (), final=True))
        for action in (AgentAction.LOG_IN, AgentAction.READY):
            self.runner.step(e.AgentAsked(A1, action))
        self.runner.step(e.CallbackAsked(NUMBER, GENERAL, "el"))
        self.back = next(iter(self.runner.line._state.calls))
        self.channel = self.back.removeprefix("n1-")

    def _read(self, now: float, facts: Sequence[f.Fact]) -> None:
        self.facts += facts

    # -- what happens ---

    def event(self, name: str, channel: str, **headers: str) -> None:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        self.node.message(AmiMessage({"Event": name, "Uniqueid": channel, **named}))

    def agent_answers(self) -> None:
        self.event("Newchannel", self.offer, Channel="PJSIP/a1-01")
        self.event("BridgeEnter", self.offer, Channel="PJSIP/a1-01", BridgeTechnology="holding_bridge")

    def rings(self) -> None:
        self.agent_answers()
        self.event("Newchannel", self.channel, Channel="PJSIP/trunk-02")

    def answers(self) -> None:
        self.event("AsyncAGIStart", self.channel, Channel="PJSIP/trunk-02", Context="line-agi")

    def agent_leaves(self) -> None:
        self.runner.step(e.AgentLeft(self.offer))

    async def look(self, *channels: Channel) -> None:
        """The link was lost; this is what is seen when it is back."""
        self.client.sent.clear()
        self.runner.step(e.LinkUp())
        seen = sort(list(channels), Names(), frozenset({A1}), frozenset({A1}))
        await self.node.take_stock(seen)

    def citizen(self, state: str, context: str, app: str = "AGI") -> Channel:
        return Channel(self.channel, "PJSIP/trunk-02", state, context, app, "", NUMBER, "00:00:01")

    @property
    def agent_waits(self) -> Channel:
        return Channel(self.offer, "PJSIP/a1-01", "6", "line-agent", "BridgeWait", "h", "a1", "00:00:02")

    # -- looks ---

    @property
    def offer(self) -> OfferId:
        return next(iter(self.runner.line._state.offers))

    def stage(self) -> CallStage:
        return self.runner.line._state.calls[CallId(self.back)].stage

    def agent(self) -> AgentState:
        return self.runner.line._state.roster[A1].state

    def sent(self, name: str, **holds: str) -> list[Any]:
        return [fields for action, fields in self.client.sent if action == name and holds.items() <= fields.items()]

    def all(self, kind: type[T]) -> list[T]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


@pytest.fixture
async def line() -> Floor:
    return Floor()


def results(line: Floor) -> Iterator[tuple[OfferResult, str]]:
    return ((fact.result, fact.detail) for fact in line.all(f.CallbackMissed))


async def test_the_agent_first_then_the_citizen_then_both(line: Floor) -> None:
    [rung] = line.sent("Originate")
    assert rung["Channel"] == "PJSIP/a1" and "LINE_HOLD_S=40" in rung["Variable"]
    line.agent_answers()
    [_, dialled] = line.sent("Originate")
    assert (dialled["Channel"], dialled["ChannelId"]) == (f"PJSIP/trunk/sip:{NUMBER}@10.0.0.1:5060", line.channel)
    line.rings()
    assert line.stage() is CallStage.DIALLING
    line.answers()
    assert line.sent("Setvar", Channel=line.channel, Variable="LINE_PEER", Value="PJSIP/a1-01")
    assert line.sent("Redirect", Channel=line.channel, Context="line-connect")
    assert not line.sent("Setvar", Variable="TIMEOUT(absolute)"), "a conversation carries no lease"
    for channel in (line.channel, line.offer):
        line.event("BridgeEnter", channel, BridgeUniqueid="b")
    assert line.stage() is CallStage.TALKING and not line.all(f.Unexpected)


async def test_a_callback_that_waits_has_no_channel_to_prepare(line: Floor) -> None:
    assert line.all(f.Queued) and not line.sent("Setvar", Channel=line.channel)


async def test_without_a_way_out_the_agent_is_free_again_at_once() -> None:
    line = Floor(contact="")
    line.agent_answers()
    await asyncio.sleep(0.01)
    [lost] = line.all(f.CommandLost)
    assert (lost.command, lost.subject, lost.done) == ("CallBack", line.back, "counted as not reached")
    assert "trunk.contact is not set" in lost.error
    assert line.stage() is CallStage.PROMISED and line.sent("Hangup", Channel=line.offer)


async def test_busy(line: Floor) -> None:
    line.rings()
    line.event("Hangup", line.channel, Cause="17", Cause_txt="User busy")
    line.event("OriginateResponse", line.channel, Response="Failure", Reason="0")
    assert list(results(line)) == [(OfferResult.BUSY, "17 User busy")]
    assert line.agent() is AgentState.READY and line.sent("Hangup", Channel=line.offer)
    assert not line.all(f.Unexpected)


async def test_found_ringing_after_a_loss(line: Floor) -> None:
    line.rings()
    await line.look(line.citizen("5", "line-in", "AppDial2"), line.agent_waits)
    assert line.stage() is CallStage.DIALLING and not line.sent("Hangup") and not line.all(f.Discrepancy)
    line.answers()
    assert line.stage() is CallStage.CONNECTING and line.sent("Redirect", Context="line-connect")


async def test_found_ringing_and_then_not_answered(line: Floor) -> None:
    line.rings()
    await line.look(line.citizen("5", "line-in", "AppDial2"), line.agent_waits)
    line.event("Hangup", line.channel, Cause="21", Cause_txt="Call Rejected")
    assert list(results(line)) == [(OfferResult.REJECTED, "21 Call Rejected")]


async def test_gone_while_nobody_watched(line: Floor) -> None:
    line.rings()
    await line.look(line.agent_waits)
    assert list(results(line)) == [(OfferResult.FAILED, "gone while not watched")]
    assert line.stage() is CallStage.PROMISED and line.agent() is AgentState.READY
    assert line.sent("Hangup", Channel=line.offer)


async def test_an_audit_finds_that_it_does_not_ring_any_more(line: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    line.rings()

    async def look(*_: object) -> SeenChannels:
        return sort([line.agent_waits], Names(), frozenset({A1}), frozenset({A1}))

    monkeypatch.setattr(audit, "look", look)
    await line.node.audit.compare()
    assert list(results(line)) == [(OfferResult.FAILED, "gone unseen")] and not line.all(f.Discrepancy)


async def test_answered_while_nobody_watched(line: Floor) -> None:
    """The citizen is joined with the agent: nothing is cut, no lease is given, an old ``AsyncAGIStart`` is ignored."""
    line.rings()
    line.parts.held = []
    line.answers()
    assert line.parts.held
    await line.look(line.citizen("6", "line-agi"), line.agent_waits)
    assert [fields["Context"] for fields in line.sent("Redirect", Channel=line.channel)] == ["line-connect"]
    assert line.stage() is CallStage.CONNECTING and not line.sent("Setvar", Variable="TIMEOUT(absolute)")
    for channel in (line.channel, line.offer):
        line.event("BridgeEnter", channel, BridgeUniqueid="b")
    assert line.stage() is CallStage.TALKING and not line.all(f.Unexpected)


async def test_a_phone_that_rings_for_nobody_any_more_is_stilled(line: Floor) -> None:
    line.rings()
    line.parts.held = []
    line.agent_leaves()
    assert line.stage() is CallStage.PROMISED
    await line.look(line.citizen("5", "line-in", "AppDial2"))
    assert line.sent("Hangup", Channel=line.channel)
    line.event("Hangup", line.channel, Cause="16")
    assert not list(results(line)) and not line.all(f.Unexpected)


async def test_an_answer_that_nobody_expects_ends_in_a_hang_up(line: Floor) -> None:
    stranger = Channel("cb5-99", "PJSIP/trunk-09", "6", "line-agi", "AGI", "", NUMBER, "00:00:01")
    await line.look(stranger)
    assert line.sent("Hangup", Channel="cb5-99") and not line.all(f.CallStarted)
    line.client.sent.clear()
    line.event("AsyncAGIStart", "cb5-98", Channel="PJSIP/trunk-10", Context="line-agi")
    assert line.sent("Hangup", Channel="cb5-98")


async def test_who_answered_after_it_was_given_up_is_let_go(line: Floor) -> None:
    line.rings()
    line.agent_leaves()
    assert line.sent("Hangup", Channel=line.channel)
    line.client.sent.clear()
    line.answers()
    assert line.sent("Hangup", Channel=line.channel) and line.stage() is CallStage.PROMISED
    line.event("HangupRequest", line.channel)
    line.event("Hangup", line.channel, Cause="16")
    assert not line.parts.legs.callers and not line.all(f.Unexpected)


async def test_rescued_by_asterisk_while_nobody_watched(line: Floor) -> None:
    line.rings()
    await line.look(line.citizen("6", "line-survive-queue", "Queue"), line.agent_waits)
    assert CallId(line.back) not in line.runner.line._state.calls
    assert not list(results(line)) and not line.sent("Hangup", Channel=line.channel)
    assert line.sent("Hangup", Channel=line.offer) and not line.runner.line._state.room.places
