"""Whole scenarios and every fact they tell, as readable text. ``LINE_GOLDEN=write pytest tests/golden`` takes the
present text for right: read the difference before you commit it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from calls import AgentAction, AgentId, CallId, CallStage, OfferResult, SessionId, encode
from calls import commands as c
from calls import events as e
from queues import OverflowAction, OverflowRule, OverflowTrigger
from tests.line import Hand, changed

EXPECTED = Path(__file__).parent / "expected"
C1, A1 = CallId("c1"), AgentId("a1")


def a_call_like_most(hand: Hand) -> None:
    """Greek, pensions, a short wait, a conversation with a hold, wrap-up."""
    hand.call("c1", "1555")
    hand.do(e.KeyPressed(C1, "1"), 3.0)
    hand.do(e.KeyPressed(C1, "1"), 4.0)
    hand.wait(6.0)
    hand.heard("c1")
    hand.heard("c1")
    hand.wait(12.0)
    hand.ready("a1")
    offer = hand.talk("c1", 4.0)
    hand.do(e.HoldChanged(offer, True), 40.0)
    hand.do(e.HoldChanged(offer, False), 15.0)
    hand.do(e.CallerLeft(C1), 30.0)
    hand.do(e.AgentLeft(offer), 0.02)
    hand.do(e.CodeDialled(SessionId("s1"), A1, "*15"), 12.0)


def lost_in_the_menu(hand: Hand) -> None:
    """Silence, wrong keys, repeat and back; then an agent anyway, and an impatient end."""
    hand.call("c1", "1555")
    hand.heard("c1")
    hand.wait(5.0)
    for key in "#*15":
        hand.do(e.KeyPressed(C1, key), 1.0)
    hand.heard("c1")
    hand.wait(5.0)
    hand.do(e.KeyPressed(C1, "8"), 1.0)
    hand.wait(60.0)
    hand.do(e.CallerLeft(C1), 5.0)


def phones_that_do_not_answer(hand: Hand) -> None:
    """Busy, then nobody at the phone, then a refusal at the moment of answer; the call keeps its place."""
    hand.ready("a1", "a2", "a3")
    hand.call("c1")
    hand.call("c2")
    first, second = hand.all(c.Ring)
    hand.do(e.OfferFailed(first.offer, OfferResult.BUSY, "486"), 0.2)
    third = hand.all(c.Ring)[-1]
    hand.do(e.OfferAnswered(third.offer), 3.0)
    hand.do(e.AgentLeft(third.offer), 0.1)
    hand.wait(15.0)
    hand.do(e.AgentLeft(second.offer))
    hand.ask("a2", AgentAction.READY)
    hand.talk("c1", 5.0)
    hand.do(e.CallerLeft(CallId("c2")), 20.0)
    hand.do(e.CallerLeft(C1), 20.0)


def an_sos_call(hand: Hand) -> None:
    """An outside number at once; the number itself is told to nobody."""
    hand.call("c1", "1555")
    hand.do(e.KeyPressed(C1, "1"), 2.0)
    hand.do(e.KeyPressed(C1, "9"), 2.0)
    hand.do(e.TransferAnswered(C1), 5.0)
    hand.do(e.CallerBack(C1), 300.0)
    hand.heard("c1")
    hand.do(e.CallerLeft(C1))


def the_link_is_lost(hand: Hand) -> None:
    """One talks, one waits, one walks the menus when the switch goes away; one is gone when it is back."""
    hand.ready("a1")
    hand.call("c1")
    offer = hand.talk("c1")
    hand.call("c2")
    hand.call("c3", "1555")
    hand.do(e.LinkDown("connection lost"), 5.0)
    hand.ready("a2")
    hand.do(e.LinkUp(), 8.0)
    seen = (e.SeenCall(C1, CallStage.TALKING, offer), e.SeenCall(CallId("c2"), CallStage.MENU))
    phones = tuple(hand.line._state.settings.agents)
    hand.do(e.Snapshot(seen, (e.SeenOffer(offer, True),), phones, (), final=True), 0.5)
    hand.do(e.CallRescued(CallId("c2")), 3.0)
    hand.do(e.AgentLeft(offer), 60.0)
    hand.wait(30.0)


def a_callback(hand: Hand) -> None:
    """Two wait; the second is asked and accepts, is not reached at first, and is called again at his place."""
    ask = OverflowRule(OverflowTrigger.LENGTH, OverflowAction.CALLBACK, at=1)
    hand.publish(changed(hand.line._state.settings, pensions={"overflow": (ask,)}))
    hand.call("c1", ani="2101234567")
    hand.call("c2")
    hand.do(e.KeyPressed(CallId("c2"), "1"), 8.0)
    hand.do(e.CallerLeft(CallId("c2")), 5.0)
    hand.do(e.CallerLeft(C1), 60.0)
    hand.ready("a1")
    (back,) = hand.line._state.calls
    hand.do(e.OfferAnswered(hand.all(c.Ring)[-1].offer), 4.0)
    hand.do(e.CallbackFailed(back, OfferResult.NO_ANSWER, "19"), 30.0)
    hand.do(e.AgentLeft(hand.all(c.Ring)[-1].offer), 0.1)
    hand.wait(900.0)
    offer = hand.all(c.Ring)[-1].offer
    hand.do(e.OfferAnswered(offer), 4.0)
    hand.do(e.CallbackAnswered(back), 9.0)
    hand.do(e.Bridged(back, offer), 0.1)
    hand.do(e.CallerLeft(back), 120.0)
    hand.do(e.AgentLeft(offer), 0.1)
    hand.wait(60.0)


SCENARIOS: list[Callable[[Hand], None]] = [
    a_call_like_most,
    lost_in_the_menu,
    phones_that_do_not_answer,
    an_sos_call,
    the_link_is_lost,
    a_callback,
]


def told(hand: Hand) -> str:
    """Every step that told a fact: its time and what came in, then each fact on a line of its own."""
    lines: list[str] = []
    for now, event, outputs in hand.steps:
        facts = [output for output in outputs if not isinstance(output, c.Command)]
        if facts:
            lines += [f"{now:8.2f} {_words(event) if event else '(time)'}", *(f"         | {_words(f)}" for f in facts)]
    return "\n".join(lines) + "\n"


def _words(message: object) -> str:
    plain = encode(message)
    kind = plain.pop("type")
    return " ".join([kind, *(f"{name}={_value(value)}" for name, value in plain.items() if value not in (None, []))])


def _value(value: object) -> str:
    match value:
        case float():
            return f"{value:g}"
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case dict():
            return "{" + " ".join(f"{name}={_value(inner)}" for name, inner in value.items()) + "}"
    text = str(value)
    return text if text and " " not in text else repr(text)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_facts_of_a_scenario(scenario: Callable[[Hand], None]) -> None:
    hand = Hand().open()
    scenario(hand)
    file = EXPECTED / f"{scenario.__name__}.txt"
    text = f"# {scenario.__doc__}\n{told(hand)}"
    if os.environ.get("LINE_GOLDEN") == "write":
        file.write_text(text)
    assert text == file.read_text()
