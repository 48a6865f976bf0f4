"""A ticket waits by the rooms that calls wait by: a place, limits, steps, forecasts, without a channel or a menu."""

from __future__ import annotations

import pytest

from agents import AgentEvent
from calls import AgentId, CallId, Known, Outcome, TicketId, parse
from calls import commands as c
from calls import facts as f
from engine import forecast, limits, places
from engine.work import WorkItem
from queues import OverflowAction, OverflowRule, OverflowTrigger, Relax
from tests.line import GENERAL, PENSIONS, Hand, only

A1, C1, T1 = AgentId("a1"), CallId("c1"), TicketId("t1")
DEADLINE_S = 60.0
LATE = OverflowRule(OverflowTrigger.WAITED, OverflowAction.QUEUE, at=10.0, target=GENERAL)
LONG = OverflowRule(OverflowTrigger.LENGTH, OverflowAction.QUEUE, at=1, target=GENERAL)


def hand_of(*rules: OverflowRule, relax: tuple[Relax, ...] = ()) -> Hand:
    """``c1`` has waited for 5 s, and nobody is ready."""
    hand = Hand.of(pensions={"overflow": rules, "relax": relax, "cap_s": 600.0})
    hand.call("c1")
    hand.wait(5.0)
    return hand


def ticket(hand: Hand) -> WorkItem:
    item = WorkItem(T1, "", "", Known.speaking("el"), unattended=True)
    item.queue, item.promised_at = PENSIONS, hand.now + DEADLINE_S
    w = hand.line._state
    w.now = hand.now
    w.distributor.entered(places.enter(w, item))
    return item


@pytest.mark.parametrize(("after_s", "first"), [(DEADLINE_S - 1, C1), (DEADLINE_S, T1)])
def test_it_is_chosen_when_its_turn_or_its_deadline_comes(after_s: float, first: str) -> None:
    hand = hand_of()
    ticket(hand)
    w, now = hand.line._state, hand.now + after_s
    for event in (AgentEvent.LOG_IN, AgentEvent.READY):
        w.roster.apply(w.roster[A1], event, now)
    w.distributor.agent_free(w.roster[A1])
    choice = w.distributor.next(now)
    assert choice is not None and (choice.place.item, choice.agent.id) == (first, A1)


def test_it_counts_among_those_who_wait() -> None:
    hand = hand_of()
    item, w = ticket(hand), hand.line._state
    places.expect(w, item)
    assert forecast.expectation(w, item) == (1, 0.0) and forecast.others_in(w, item) == 1
    assert w.room.position(T1, hand.now) == 2 and hand.line.view.queues()[0].waiting == 2
    places.prioritise(w, item, 100.0, "")
    assert w.room.position(T1, hand.now) == 1 and w.room.position(C1, hand.now) == 2


def test_steps_widen_who_may_take_it() -> None:
    hand = hand_of(relax=(Relax(parse("topic.general"), ahead=0),))
    item, w = ticket(hand), hand.line._state
    places.relax(w, item)
    assert w.room.place(T1).requires == parse("topic.general and lang.el or topic.pensions and lang.el")
    assert (item.relaxing, len(item.relaxed)) == ((), 1)


def test_limits_hold_for_it_but_nobody_listens_while_it_waits() -> None:
    hand = hand_of(LATE, LONG)
    item, w = ticket(hand), hand.line._state
    met = limits.met(w, item, entry=True)
    assert met is not None and (met.rule, met.found) == (LONG, 1)
    w.now += 11.0
    assert limits.met(w, item, entry=False) is None, "a deadline is its limit"
    item.unattended = False
    met = limits.met(w, item, entry=False)
    assert met is not None and met.rule == LATE


def test_it_is_moved_and_leaves_without_a_word() -> None:
    hand = hand_of()
    item, w = ticket(hand), hand.line._state
    limits.to_queue(w, item, GENERAL, "moved")
    place = w.room.place(T1)
    assert (place.queue, place.entered_at, place.due_at) == (GENERAL, hand.now, hand.now + DEADLINE_S)
    places.leave_queue(w, item, Outcome.OVERFLOWED)
    assert T1 not in w.room.places and not only(c.Play, w.out) and not only(c.Music, w.out)
    assert [fact.queue for fact in only(f.QueueLeft, w.out)] == [GENERAL]
