"""A line on which callers are asked whether they want to be called back, as far as a test wants it."""

from __future__ import annotations

from typing import Any

from calls import AgentAction, AgentId, AgentState, CallId, CallStage
from calls import events as e
from calls import facts as f
from queues import OverflowAction, OverflowRule, OverflowTrigger
from tests.line import Hand, one

ANI = "6941234567"
C1, A1, BACK = CallId("c1"), AgentId("a1"), CallId("n1-cb0-1")
ASK = OverflowRule(OverflowTrigger.LENGTH, OverflowAction.CALLBACK, at=1)


def hand_of(*rules: OverflowRule, **pensions: Any) -> Hand:
    """Nobody is ready, ``a1`` and ``a2`` are logged in, ``w1`` waits with a number that cannot be called back."""
    hand = Hand.of(pensions={"overflow": rules or (ASK,), **pensions})
    for agent in ("a1", "a2"):
        hand.ask(agent, AgentAction.LOG_IN)
    hand.call("w1", ani="")
    return hand


def promised(hand: Hand, call: str = "c1", ani: str = ANI) -> CallId:
    """The caller accepts and is gone; the callback's id."""
    hand.call(call, ani=ani)
    out = hand.do(e.KeyPressed(CallId(call), "1"))
    hand.do(e.CallerLeft(CallId(call)))
    return one(f.CallbackPromised, out).callback


def dialling(hand: Hand) -> CallId:
    """``a1`` has ``c1``'s callback and the citizen's phone rings."""
    back = promised(hand)
    hand.do(e.CallerLeft(CallId("w1")))
    hand.ready("a1")
    offer = hand.line._state.calls[back].work.offer
    assert offer is not None
    hand.do(e.OfferAnswered(offer), 2.0)
    return back


def stage(hand: Hand, call: CallId) -> CallStage:
    return hand.line._state.calls[call].stage


def state(hand: Hand, agent: str = "a1") -> AgentState:
    return hand.line._state.roster[AgentId(agent)].state
