"""A walk is there only while somebody walks; what is known of a citizen, and the menus they began with, stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from calls import Attribute, CallId, Known
from calls import events as e
from calls import facts as f
from engine import Line
from tests.line import Hand, menus, one, settings

from .called_back import C1, dialling, hand_of, promised


def walking(hand: Hand, call: CallId) -> bool:
    return hand.line._state.calls[call].visit is not None


def known(hand: Hand, call: CallId) -> Known:
    return hand.line._state.calls[call].work.known


def test_the_walk_ends_with_the_menus() -> None:
    hand = Hand.of().ready("a1")
    hand.call("c1", dnis="1555")
    assert walking(hand, C1)
    hand.do(e.KeyPressed(C1, "1"))
    hand.do(e.KeyPressed(C1, "1"))
    hand.heard("c1")
    offer = hand.talk("c1")
    assert not walking(hand, C1) and known(hand, C1).topic == "pensions"
    hand.do(e.AgentLeft(offer), 30.0)
    hand.do(e.CallerBack(C1))
    assert not walking(hand, C1), "goodbye is no menu"


def test_a_survey_is_a_walk_of_its_own() -> None:
    hand = Hand(Line(settings(menu=replace(menus(), after_call="how")))).open().ready("a1")
    hand.call("c1")
    offer = hand.talk("c1")
    known(hand, C1).variables["sos"] = "yes"
    hand.do(e.AgentLeft(offer), 30.0)
    hand.do(e.CallerBack(C1))
    assert hand.line._state.calls[C1].walk.known is known(hand, C1)
    hand.do(e.KeyPressed(C1, "4"))
    hand.heard("c1")
    assert not walking(hand, C1)


def test_a_callback_has_no_walk_and_knows_what_its_caller_said() -> None:
    hand = hand_of()
    hand.call("c1")
    known(hand, C1).variables["afm"] = "123456783"
    told = one(f.CallbackPromised, hand.do(e.KeyPressed(C1, "1")))
    back, asked = known(hand, told.callback), known(hand, C1)
    assert (back.attributes, back.variables) == (asked.attributes, asked.variables) and not walking(hand, told.callback)
    known(hand, C1).attributes[Attribute.ROLE] = "insured"
    assert known(hand, told.callback).role is None, "what is said later is the caller's own"


@pytest.mark.parametrize("how", [promised, dialling])
def test_a_callback_keeps_the_version_of_its_caller(how: Callable[[Hand], object]) -> None:
    hand = hand_of()
    how(hand)
    old = hand.line._state.settings
    hand.publish(replace(old, menus=replace(old.menus, version=7)))
    hand.call("c9", ani="")
    assert hand.line.view.calls.menu_versions() == {old.menus.version, 7}
