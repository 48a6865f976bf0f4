"""Supervisors' orders: what becomes an event, what is refused, and the way through the socket."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from calls import CallId
from calls import events as e
from line1555 import orders, status
from tests.line import GENERAL, Hand


@pytest.fixture
def hand() -> Hand:
    """``c1`` waits in pensions, ``c2`` is in the menus; nobody is ready."""
    hand = Hand().open()
    hand.call("c1")
    hand.do(e.CallArrived(CallId("c2"), "2101234567", "1555"))
    return hand


def test_an_order_becomes_an_event(hand: Hand) -> None:
    answer = orders.obey(hand.line, hand.do, {"order": "move", "call": "c1", "queue": "general"})
    assert answer == {"done": True}
    assert hand.line.world.room.place(CallId("c1")).queue == GENERAL


@pytest.mark.parametrize(
    ("order", "event"),
    [
        ({"order": "priority", "call": "c1", "points": 60}, e.PrioritySet(CallId("c1"), 60.0)),
        ({"order": "withdraw", "call": "c1"}, e.CallWithdrawn(CallId("c1"))),
        ({"order": "switch", "queue": "general", "open": False}, e.QueueSwitched(GENERAL, False)),
    ],
)
def test_events(hand: Hand, order: dict[str, Any], event: e.Event) -> None:
    assert orders.event_of(hand.line, order) == event


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ({"order": "move", "call": "c1", "queue": "nowhere"}, "no queue nowhere: one of pensions, general"),
        ({"order": "move", "call": "c2", "queue": "general"}, "c2 does not wait: menu"),
        ({"order": "withdraw", "call": "c9"}, "c9 does not wait: no such call"),
        ({"order": "priority", "call": "c1", "points": float("inf")}, "inf points: expected -86400 to 86400"),
        ({"order": "dance"}, "not an order"),
        ({"order": "priority", "call": ["c1"], "points": 1}, "not an order"),
    ],
)
def test_refusals_change_nothing(hand: Hand, order: dict[str, Any], why: str) -> None:
    before = hand.line.freeze()
    assert orders.obey(hand.line, hand.do, order) == {"refused": why}
    assert hand.line.freeze() == before


async def test_through_the_socket(hand: Hand, tmp_path: Path) -> None:
    server = await status.serve(tmp_path, lambda: {"well": True}, partial(orders.obey, hand.line, hand.do))
    order = {"order": "withdraw", "call": "c1"}
    assert await asyncio.to_thread(status.ask, tmp_path, order) == {"done": True}
    assert await asyncio.to_thread(status.ask, tmp_path, order) == {"refused": "c1 does not wait: leaving"}
    assert await asyncio.to_thread(status.ask, tmp_path) == {"well": True}
    server.close()
