"""Several nodes under one runner: where a command goes, what events name, and a node that is not there at the start."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from calls import AgentId, CallId, OfferId, QueueId, SessionId
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import Line
from telephony import Clock, NodeSettings, NoJournal, Runner, node
from telephony.ami import AmiMessage, AmiUnreachable
from telephony.names import Names, channel_of
from telephony.routes import Routes
from tests.line import settings
from tests.telephony.ami.conftest import FAST
from tests.telephony.ami.fake import FakeAmi

CALL, OFFER, A1 = CallId("n2-1764.5"), OfferId("n2-o17-3"), AgentId("a1")
BACK = CallId("n1-cb17-4")


class Told:
    """A runner and its facts."""

    def __init__(self, *ports: int) -> None:
        self.runner = Runner(Line(settings()), Clock(time.time()), NoJournal())
        for number, port in enumerate(ports, 1):
            ami = replace(FAST, port=port)
            self.runner.add(NodeSettings(f"n{number}", "n1"), ami, lambda prompt, *_: prompt.id)
        self.facts: list[f.Fact] = []
        self.runner.read(self._read)

    def _read(self, now: float, facts: Sequence[f.Fact]) -> None:
        self.facts += facts

    def links(self) -> list[tuple[str, bool]]:
        return [(fact.node, fact.up) for fact in self.facts if isinstance(fact, f.LinkChanged)]


@pytest.mark.parametrize(
    ("command", "goes"),
    [
        (c.HangUp(CALL), ["n2"]),
        (c.Play(CALL, 1, (), "el", ""), ["n2"]),
        (c.Ring(OFFER, CALL, A1, 5.0, "", ""), ["n2"]),
        (c.CancelRing(OFFER), ["n2"]),
        (c.Connect(CALL, OFFER), ["n2"]),
        (c.Confirm(SessionId("n2-1764.9"), (), "el"), ["n2"]),
        (c.Membership(A1, True), ["n1", "n2"]),
        (c.HangUp(CallId("n3-1")), []),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_command_goes_to_its_node(command: c.Command, goes: list[str]) -> None:
    assert list(Routes(["n1", "n2"]).nodes(command)) == goes
    assert list(Routes(["n1"]).nodes(command)) == ["n1"], "a line's only node has all of them"


def test_a_citizen_is_dialled_at_the_node_of_the_agent() -> None:
    routes = Routes(["n1", "n2"])
    dial = c.CallBack(BACK, "2101111111", 30.0, QueueId("general"), "el", "1555")
    for offer in ("n2-o17-5", "n1-o17-6"):
        routes.nodes(c.Ring(OfferId(offer), BACK, A1, 5.0, "", ""))
        assert [list(routes.nodes(order)) for order in (dial, c.HangUp(BACK))] == [[offer[:2]]] * 2


@pytest.mark.parametrize("channel", ["1764.5", "cb17-4", "n2-o17-3"])
def test_names_lead_back_to_their_channels(channel: str) -> None:
    names = Names("n2", "n1")
    assert channel_of(names.offer(channel)) == channel == channel_of(names.call(channel))
    assert names.call("cb17-4") == BACK and names.call("1764.5") == CALL
    assert names.offer("1764.5") == "n2-1764.5" != names.session("1764.6") == "n2-1764.6"


async def test_events_of_a_switch_name_their_node() -> None:
    told = Told(1, 1)
    told.runner.step(e.LineStarted("n1", 1_700_000_000.0, "test", ("n1", "n2")))
    for each in told.runner.nodes.values():
        each.parts.held = None
    told.runner.nodes["n2"].message(
        AmiMessage({"Event": "ContactStatus", "AOR": "a1", "URI": "sip:a1@1", "ContactStatus": "Created"})
    )
    known = told.runner.line._state.nodes
    assert (A1 in known["n1"].reachable, A1 in known["n2"].reachable) == (False, True)


async def test_a_node_that_is_not_there_at_the_start_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "AGAIN_S", 0.05)
    late = FakeAmi()
    await late.listen()
    port = late.port
    await late.vanish()
    async with FakeAmi() as there:
        told = Told(there.port, port)
        await told.runner.start()
        try:
            assert told.links()[:2] == [("n1", True), ("n2", False)]
            late.port = port
            await late.listen()
            await late.logged_in.wait()
            while told.links()[-1] != ("n2", True):
                await asyncio.sleep(0.01)
        finally:
            await told.runner.stop()
            await late.vanish()


async def test_a_line_none_of_whose_nodes_is_there_does_not_start() -> None:
    async with FakeAmi() as gone:
        port = gone.port
    told = Told(port, port)
    with pytest.raises(AmiUnreachable):
        await told.runner.start()
    await told.runner.stop()
