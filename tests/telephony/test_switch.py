"""What Asterisk is told for a command of the engine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from calls import AgentId, CallId, OfferId, QueueId
from calls import commands as c
from calls import events as e
from calls.commands import Prompt
from telephony.ami import AmiGone, AmiRefused
from telephony.legs import CallerLeg, Legs
from telephony.names import channel_of
from telephony.switch import ANSWER_BY_ITSELF, Switch

OFFER = OfferId("n1-o5-1")
BACK = CallId("n1-cb5-7")
PLAIN = [f"LINE_OFFER={OFFER}", "__FORWARD_CONTEXT=line-no-forward"]


class Recorder:
    """An AMI client that remembers and answers nothing of itself."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[asyncio.Future[Any]] = []

    def send(self, name: str, fields: dict[str, Any]) -> asyncio.Future[Any]:
        self.sent.append((name, fields))
        self.answers.append(asyncio.get_running_loop().create_future())
        return self.answers[-1]

    def tell(self, name: str, fields: dict[str, Any]) -> None:
        self.sent.append((name, fields))


def switch_of(client: Recorder, reports: list[e.Event] | None = None, contact: str = "10.0.0.1:5060") -> Switch:
    told = [] if reports is None else reports
    return Switch(client, Legs(), lambda prompt, language, edition: prompt.id, told.append, contact)  # type: ignore[arg-type]


def call_back(number: str = "6941234567", dnis: str = "1555") -> c.CallBack:
    return c.CallBack(BACK, number, 30.0, QueueId("pensions"), "el", dnis)


@pytest.mark.parametrize(("auto_answer", "more"), [(False, ()), (True, ANSWER_BY_ITSELF)])
async def test_a_phone_is_asked_to_answer_only_where_its_agent_wants_that(
    auto_answer: bool, more: tuple[str, ...]
) -> None:
    client = Recorder()
    call, agent = CallId("n1-17.1"), AgentId("agent001")
    switch_of(client).carry_out(c.Ring(OFFER, call, agent, 20.0, "6941234567", "Insurance", auto_answer))
    [(name, fields)] = client.sent
    assert (name, fields["Channel"], fields["Variable"]) == ("Originate", "PJSIP/agent001", [*PLAIN, *more])


@pytest.mark.parametrize("file", ["night/../../x", "/etc/x", "night/a b", "night"])
async def test_a_message_stays_in_its_folder(tmp_path: Path, file: str) -> None:
    switch = switch_of(Recorder())
    with pytest.raises(ValueError, match="no folder"):
        switch.carry_out(c.Record(BACK, 1, "night/n1-17.1-4", 60.0))
    switch.messages = tmp_path
    with pytest.raises(ValueError, match="no folder"):
        switch.carry_out(c.Record(BACK, 1, file, 60.0))
    switch.carry_out(c.Record(BACK, 1, "night/n1-17.1-4", 60.0))
    assert (tmp_path / "night").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("last", [True, False])
async def test_a_caller_who_hears_the_last_words_is_marked(last: bool) -> None:
    """Asterisk's own menu rings nobody for them."""
    client = Recorder()
    switch = switch_of(client)
    channel = channel_of(BACK)
    switch.legs.callers[channel] = CallerLeg(BACK, channel, switch.steer(channel, BACK))
    switch.carry_out(c.Play(BACK, 1, (Prompt("bye"),), "el", "", last=last))
    mark = ("Setvar", {"Channel": channel, "Variable": "LINE_DONE", "Value": "yes"})
    assert client.sent == ([mark] if last else [])


@pytest.mark.parametrize("variable", ANSWER_BY_ITSELF)
def test_asterisk_splits_no_header_at_a_comma(variable: str) -> None:
    """It splits a Variable at commas outside brackets."""
    function, value = variable.split(")=", 1)
    assert function.startswith("PJSIP_HEADER(add,") and "," not in value


async def test_an_agent_whose_citizen_is_yet_to_be_dialled_can_wait_for_him() -> None:
    client = Recorder()
    ring = c.Ring(OFFER, BACK, AgentId("agent001"), 20.0, "6941234567", "Insurance", False, hold_s=39.2)
    switch_of(client).carry_out(ring)
    [(_, fields)] = client.sent
    assert fields["Variable"] == [*PLAIN, "LINE_HOLD_S=40"]


async def test_a_citizen_is_called_back_by_the_trunk_under_the_lines_own_number() -> None:
    client = Recorder()
    switch_of(client).carry_out(call_back())
    assert client.sent == [
        (
            "Originate",
            {
                "Channel": "PJSIP/trunk/sip:6941234567@10.0.0.1:5060",
                "ChannelId": "cb5-7",
                "Context": "line-callback",
                "Exten": "s",
                "Priority": "1",
                "Async": "true",
                "EarlyMedia": "false",
                "Timeout": "30000",
                "CallerID": "<1555>",
                "Variable": [
                    "GROUP(room)=citizen",
                    "LINE_NUMBER=6941234567",
                    "LINE_DNIS=1555",
                    "LINE_LANG=el",
                    "LINE_QUEUE=pensions",
                    "__FORWARD_CONTEXT=line-no-forward",
                ],
            },
        )
    ]


NUMBERS = ["", "+306941234567", "694 1234567", "69412&Local/x", "2101234567@evil", "1" * 21, "٦٩٤١٢٣٤٥٦٧", "69\r\nX: y"]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("which", ["number", "dnis"])
async def test_nothing_but_digits_is_dialled(number: str, which: str) -> None:
    client = Recorder()
    switch = switch_of(client)
    with pytest.raises(ValueError, match="digits only"):
        switch.carry_out(call_back(**{which: number}))
    assert not client.sent and not switch.legs.dialled


async def test_without_a_way_out_nobody_is_called_back() -> None:
    client = Recorder()
    with pytest.raises(ValueError, match=r"trunk\.contact is not set"):
        switch_of(client, contact="").carry_out(call_back())
    assert not client.sent


@pytest.mark.parametrize("hangs_up", [True, False])
async def test_an_order_for_a_channel_that_is_just_ending_is_no_failure(
    hangs_up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asterisk refuses it before it tells the end of the channel. Without an end the refusal is told after all."""
    monkeypatch.setattr("telephony.switch.END_TOLD_S", 0.05)
    client, reports, call = Recorder(), list[e.Event](), CallId("n1-17.1")
    switch = switch_of(client, reports)
    leg = switch.legs.callers["17.1"] = CallerLeg(call, "17.1", switch.steer("17.1", call))
    switch.or_fail(client.send("Redirect", {}), "Connect", call, OFFER)
    client.answers[0].set_exception(AmiGone("Channel does not exist: 17.1"))
    await asyncio.sleep(0.01)
    assert reports == []
    leg.left = hangs_up
    await asyncio.sleep(0.1)
    told = e.CommandFailed("Connect", call, OFFER, "Channel does not exist: 17.1")
    assert reports == ([] if hangs_up else [told])


async def test_a_refused_order_is_told() -> None:
    client, reports = Recorder(), list[e.Event]()
    switch = switch_of(client, reports)
    switch.carry_out(call_back())
    client.answers[0].set_exception(AmiRefused("Permission denied"))
    await asyncio.sleep(0)
    assert reports == [e.CommandFailed("CallBack", BACK, None, "Permission denied")] and not switch.legs.dialled


async def test_a_citizen_is_not_dialled_while_his_last_channel_is_there() -> None:
    client = Recorder()
    switch = switch_of(client)
    switch.carry_out(call_back())
    switch.legs.dialled["cb5-7"].seen = True
    switch.carry_out(c.HangUp(BACK))
    assert client.sent[1] == ("Hangup", {"Channel": "cb5-7", "Cause": "16"})
    with pytest.raises(ValueError, match="still there"):
        switch.carry_out(call_back())
    del switch.legs.dialled["cb5-7"]
    switch.carry_out(call_back())
    assert len(client.sent) == 3
