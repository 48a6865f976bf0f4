"""The name of the person who gave an order stands in its event and in the facts that tell what came of it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, get_args

import pytest

from calls import AgentAction, AgentId, CallId, Outcome, decode, encode
from calls import events as e
from calls import facts as f
from engine import Line, Order
from tests.line import GENERAL, PENSIONS, Hand, menus, one, settings

A1, C1, STRIKE = AgentId("a1"), CallId("c1"), "emergency.strike"
MARIA = "maria via desk"
NUMBER = "6941234567"

CASES: dict[str, tuple[Order, type]] = {
    "move": (e.CallMoved(C1, GENERAL), f.PlaceChanged),
    "priority": (e.PrioritySet(C1, 60.0), f.PlaceChanged),
    "withdraw": (e.CallWithdrawn(C1), f.QueueLeft),
    "close": (e.QueueSwitched(GENERAL, False), f.QueueOpen),
    "banner": (e.BannerSwitched(STRIKE), f.BannerChanged),
    "agent": (e.AgentAsked(A1, AgentAction.LOG_IN), f.AgentChanged),
    "refused": (e.AgentAsked(A1, AgentAction.READY), f.CodeRefused),
    "unknown": (e.AgentAsked(AgentId("a9"), AgentAction.READY), f.CodeRefused),
    "callback": (e.CallbackAsked(NUMBER, GENERAL, "el"), f.CallbackPromised),
}


@pytest.fixture
def hand() -> Hand:
    """``c1`` waits in pensions; nobody is logged in."""
    hand = Hand(Line(settings(menu=replace(menus(), banners=(STRIKE,))))).open()
    hand.call("c1")
    return hand


def test_every_order_is_looked_at() -> None:
    assert {type(order) for order, _ in CASES.values()} == set(get_args(Order))


@pytest.mark.parametrize("name", CASES)
def test_the_fact_tells_who_ordered_it(hand: Hand, name: str) -> None:
    order, kind = CASES[name]
    told = hand.do(replace(order, by=MARIA))
    assert one(f.Ordered, told).by == MARIA and one(kind, told).by == MARIA
    others = [fact for fact in told if not isinstance(fact, (f.Ordered, kind))]
    assert MARIA not in repr(others), "what follows by itself is nobody's order"


@pytest.mark.parametrize("name", CASES)
def test_what_nobody_ordered_names_nobody(hand: Hand, name: str) -> None:
    order, kind = CASES[name]
    told = hand.do(order)
    assert not [fact for fact in told if isinstance(fact, f.Ordered)] and one(kind, told).by == ""


@pytest.mark.parametrize("at", [None, 3600.0], ids=["in_turn", "at_a_time"])
def test_orders_for_a_promised_callback(hand: Hand, at: float | None) -> None:
    back = one(f.CallbackPromised, hand.do(e.CallbackAsked(NUMBER, GENERAL, "el", at, MARIA))).callback
    assert one(f.PlaceChanged, hand.do(e.CallMoved(back, PENSIONS, MARIA))).by == MARIA
    assert one(f.PlaceChanged, hand.do(e.PrioritySet(back, 5.0, MARIA))).by == MARIA
    told = hand.do(e.CallWithdrawn(back, MARIA))
    assert one(f.Ordered, told) == f.Ordered("withdraw", back, "", MARIA)
    assert one(f.CallEnded, told).outcome is Outcome.REFUSED
    assert [fact.by for fact in told if isinstance(fact, f.QueueLeft)] == ([MARIA] if at is None else [])


def test_an_order_that_waits_for_the_end_of_a_call_is_still_theirs(hand: Hand) -> None:
    hand.ready("a1")
    offer = hand.talk("c1")
    assert not [
        fact for fact in hand.do(e.AgentAsked(A1, AgentAction.LOG_OUT, "", MARIA)) if isinstance(fact, f.AgentChanged)
    ]
    assert one(f.AgentChanged, hand.do(e.CallerLeft(C1), 30.0)).by == "", "the wrap-up is nobody's order"
    hand.do(e.AgentLeft(offer))
    hand.wait(600.0)
    assert hand.all(f.AgentChanged)[-1].by == MARIA


def test_a_later_wish_of_their_own_is_theirs(hand: Hand) -> None:
    hand.ready("a1")
    offer = hand.talk("c1")
    hand.do(e.AgentAsked(A1, AgentAction.LOG_OUT, "", MARIA))
    hand.do(e.AgentAsked(A1, AgentAction.NOT_READY, "break"))
    hand.do(e.CallerLeft(C1), 30.0)
    hand.do(e.AgentLeft(offer))
    hand.wait(600.0)
    assert (hand.all(f.AgentChanged)[-1].reason, hand.all(f.AgentChanged)[-1].by) == ("break", "")


SIGNED = [kind for kind in get_args(f.Fact) if any(part.name == "by" and part.default == "" for part in fields(kind))]


@pytest.mark.parametrize("kind", SIGNED, ids=lambda kind: kind.__name__)
def test_a_fact_of_an_old_journal_is_read(kind: Any) -> None:
    """Before there was ``by``."""
    told = EXAMPLES[kind]
    old = {name: value for name, value in encode(told).items() if name != "by"}
    assert decode(old) == told and decode(encode(replace(told, by=MARIA))) == replace(told, by=MARIA)


EXAMPLES: dict[type, Any] = {
    f.AgentChanged: decode(
        {"type": "AgentChanged", "agent": "a1", "old": "ready", "new": "ringing", "reason": "", "lasted_s": 1.0}
    ),
    f.CodeRefused: f.CodeRefused(A1, "ready", "why"),
    f.PlaceChanged: f.PlaceChanged(C1, GENERAL, "x", 1.0, "moved"),
    f.CallbackPromised: f.CallbackPromised(CallId("cb"), None, GENERAL, NUMBER, "el", 0.0, None),
    f.QueueLeft: f.QueueLeft(C1, GENERAL, Outcome.REFUSED, 1.0),
    f.QueueOpen: f.QueueOpen(GENERAL, False),
    f.BannerChanged: f.BannerChanged(STRIKE),
    f.EditionTaken: f.EditionTaken(7),
}
