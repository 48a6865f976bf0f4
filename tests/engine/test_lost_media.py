"""Phones that are gone without hanging up: who is said to have ended it, and what a caller is owed who was cut off."""

from __future__ import annotations

import pytest

from calls import CallId, CallStage, OfferId, Outcome, Party
from calls import commands as c
from calls import events as e
from calls import facts as f
from tests.line import Hand, one, only, rings

C1, C2 = CallId("c1"), CallId("c2")


@pytest.fixture
def hand() -> Hand:
    return Hand().open()


def test_a_caller_who_vanishes_while_he_waits_has_abandoned_without_hanging_up(hand: Hand) -> None:
    hand.call("c1")
    hand.do(e.CallerLeft(C1, lost=True), 77.0)
    end = one(f.CallEnded, hand.out)
    assert (end.outcome, end.by, end.stage) == (Outcome.ABANDONED, Party.LOST_MEDIA, CallStage.WAITING)
    assert one(f.MediaLost, hand.out) == f.MediaLost(C1, "")  # type: ignore[arg-type]


def test_a_caller_who_vanishes_in_the_menus(hand: Hand) -> None:
    hand.call("c1", "1555")
    hand.do(e.CallerLeft(C1, lost=True), 60.0)
    end = one(f.CallEnded, hand.out)
    assert (end.outcome, end.by) == (Outcome.LEFT_IN_MENU, Party.LOST_MEDIA)


def test_a_caller_who_vanishes_in_the_conversation(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    hand.talk("c1")
    hand.do(e.CallerLeft(C1, lost=True), 60.0)
    assert one(f.ConversationEnded, hand.out).by is Party.LOST_MEDIA
    assert one(f.CallEnded, hand.out).by is Party.LOST_MEDIA


def cut_off(hand: Hand) -> OfferId:
    """c1 talks with a1, whose phone dies; a1 is away."""
    hand.ready("a1").call("c1")
    offer = hand.talk("c1")
    hand.do(e.AgentLeft(offer, lost=True), 30.0)
    return offer


def test_a_dead_phone_is_not_an_agent_who_hung_up(hand: Hand) -> None:
    cut_off(hand)
    assert one(f.ConversationEnded, hand.out).by is Party.LOST_MEDIA
    assert one(f.MediaLost, hand.out).agent == "a1"


def test_who_was_cut_off_gets_another_agent_before_all_others(hand: Hand) -> None:
    cut_off(hand)
    hand.call("c2")
    hand.do(e.CallerBack(C1), 0.5)
    assert not only(c.HangUp, hand.out) and hand.line._state.calls[C1].stage is CallStage.WAITING
    hand.ready("a2")
    assert rings(hand.out) == [("c1", "a1"), ("c1", "a2")]
    hand.talk("c1")
    hand.do(e.CallerLeft(C1), 20.0)
    end = one(f.CallEnded, hand.out)
    assert (end.outcome, end.by) == (Outcome.HANDLED, Party.CALLER)


def test_who_was_cut_off_and_is_gone_was_not_left_by_his_agent(hand: Hand) -> None:
    cut_off(hand)
    hand.do(e.CallerLeft(C1), 0.2)
    end = one(f.CallEnded, hand.out)
    assert (end.outcome, end.by) == (Outcome.HANDLED, Party.LOST_MEDIA)


def test_an_old_journal_knows_no_lost_phones() -> None:
    assert e.CallerLeft(C1) == e.CallerLeft(C1, lost=False) and not e.AgentLeft(OfferId("o")).lost
