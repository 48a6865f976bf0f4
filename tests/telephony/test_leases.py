"""Leases: who gets one, when, and by how many actions."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest

from calls import CallId
from calls import commands as c
from calls import events as e
from engine import Line
from telephony import Clock, NodeSettings, NoJournal, Runner
from telephony.ami import AmiMessage, AmiSettings
from telephony.node import AsteriskNode
from tests.line import settings
from tests.telephony.test_callbacks import Deaf, prompt_path

CALLER = "17.1"
FIRST = {"Channel": CALLER, "Variable": "ARRAY(LINE_GIVEN,TIMEOUT(absolute))", "Value": ",6"}
AGAIN = {"Channel": CALLER, "Variable": "TIMEOUT(absolute)", "Value": "6"}


class Street:
    """A node with a clock that is turned by hand, and one caller who has just come."""

    def __init__(self) -> None:
        self.at = 0.0
        runner = Runner(Line(settings(1)), Clock(time.time(), monotonic=lambda: self.at), NoJournal())
        self.node: AsteriskNode = runner.add(NodeSettings(), AmiSettings("127.0.0.1", 1, "line", "x"), prompt_path)
        self.client = client = Deaf()
        self.node.parts.client = self.node.parts.switch.client = client  # type: ignore[assignment]
        self.node.parts.held = None
        runner.step(e.LineStarted("n1", 1_700_000_000.0, "test"))
        self.hear("AsyncAGIStart", Context="line-agi", Env=quote("agi_dnid: 1555\n"))

    def hear(self, name: str, **headers: str) -> None:
        self.node.message(AmiMessage({"Event": name, "Uniqueid": CALLER, "Channel": "PJSIP/trunk-1", **headers}))

    def leases(self) -> list[dict[str, str]]:
        """The leases that were given since the last look."""
        sent = [fields for name, fields in self.client.sent if name == "Setvar" and "TIMEOUT" in fields["Variable"]]
        self.client.sent.clear()
        return sent

    def beat(self, after_s: float) -> list[dict[str, str]]:
        self.at += after_s
        self.node.beat()
        return self.leases()


@pytest.fixture
async def street() -> Street:
    return Street()


async def test_a_lease_is_one_action(street: Street) -> None:
    assert street.leases() == [FIRST]
    assert street.beat(0.5) == [], "it is young"
    assert street.beat(0.5) == [AGAIN]


async def test_all_are_given_anew_where_the_wall_clock_was_set(street: Street) -> None:
    street.leases()
    street.node.leases.renew_all()
    assert street.beat(0.1) == [FIRST]


async def test_who_comes_back_is_taken_at_once(street: Street) -> None:
    street.leases()
    street.hear("AsyncAGIEnd")
    assert street.beat(1.0) == [], "they are elsewhere"
    street.hear("AsyncAGIStart", Context="line-agi")
    assert street.leases() == [FIRST]


@pytest.mark.parametrize("over", ["hung up", "let go"])
async def test_who_is_going_gets_none(street: Street, over: str) -> None:
    """Asterisk would refuse it: the channel is gone before the order has arrived."""
    street.leases()
    if over == "hung up":
        street.hear("HangupRequest", Cause="16")
    else:
        street.node.carry_out(c.HangUp(CallId(f"n1-{CALLER}")))
    assert street.beat(1.0) == []
