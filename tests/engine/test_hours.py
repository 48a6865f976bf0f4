"""Queues with hours: who comes when they are over, and who waits already."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from calls import CallId, QueueId
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import Line
from ivr import Hours, Zone
from queues import OverflowAction, OverflowRule, OverflowTrigger
from tests.line import GENERAL, PENSIONS, Hand, changed, one, settings

C1 = CallId("c1")
ATHENS = Zone((), (7200.0,))
OPENED = datetime.fromisoformat("2026-11-26T15:59:00+02:00").timestamp()
OFFICE = Hours(week=(((480, 960),),) * 7)
CLOSED = OverflowRule(OverflowTrigger.CLOSED, OverflowAction.MESSAGE, "closed")


def hand(rule: OverflowRule = CLOSED) -> Hand:
    known = changed(settings(), pensions={"overflow": (rule,)})
    hand = Hand(Line(replace(known, zone=ATHENS, queue_hours={PENSIONS: OFFICE})))
    hand.do(e.LineStarted("n1", OPENED, "test"))
    hand.do(e.Snapshot((), (), tuple(hand.line._state.settings.agents), (), final=True))
    return hand


def test_who_comes_after_hours_goes_where_the_rule_says() -> None:
    line = hand()
    line.wait(60.0)
    assert one(f.Overflowed, line.call("c1")).limit == "closed"
    assert one(c.Play, line.out).prompts[0].id == "closed"


def test_who_waits_already_is_served() -> None:
    line = hand()
    line.call("c1")
    line.wait(300.0)
    assert not line.all(f.Overflowed)
    line.ready("a1")
    assert [ring.call for ring in line.all(c.Ring)] == [C1]


def test_a_supervisor_closes_for_all() -> None:
    line = hand()
    line.call("c1")
    line.do(e.QueueSwitched(PENSIONS, False))
    assert one(f.Overflowed, line.out).limit == "closed"


def test_who_does_not_want_to_be_called_back_is_not_kept_in_a_closed_queue() -> None:
    known = changed(
        settings(), pensions={"overflow": (OverflowRule(OverflowTrigger.CLOSED, OverflowAction.CALLBACK), CLOSED)}
    )
    line = Hand(Line(replace(known, zone=ATHENS, queue_hours={PENSIONS: OFFICE})))
    line.do(e.LineStarted("n1", OPENED + 3600, "test"))
    line.call("c1")
    assert one(f.CallbackOffered, line.out)
    line.do(e.KeyPressed(C1, "2"))
    assert one(f.Overflowed, line.out).way == "message"


@pytest.mark.parametrize(("queue", "is_open"), [(PENSIONS, False), (GENERAL, True)])
def test_only_queues_with_hours_close(queue: QueueId, is_open: bool) -> None:
    line = hand()
    line.wait(60.0)
    line.line.tick(line.now)
    assert line.line._state.takes_calls(queue) is is_open


def test_the_hours_are_local_and_survive_a_restart() -> None:
    line = hand()
    assert line.line._state.local() == datetime(2026, 11, 26, 15, 59)
    again = line.again()
    assert again._state.local() == line.line._state.local()
