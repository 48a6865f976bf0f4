"""Agents whose phones are gone: not ready, counted for nothing, back by themselves; after long, logged out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents import Availability
from calls import AgentAction, AgentId, AgentState, CallId, OfferResult
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import Line, PhoneRules
from queues import OverflowAction, OverflowRule, OverflowTrigger
from tests.line import Hand, only, rings, settings

S, A1, A2, ALL = AgentState, AgentId("a1"), AgentId("a2"), (AgentId("a1"), AgentId("a2"), AgentId("a3"))
RULES = PhoneRules(gone_after_s=5.0, grace_s=60.0, back_within_s=300.0, log_out_after_s=1000.0)
NOBODY = {
    "overflow": (OverflowRule(OverflowTrigger.NOBODY, OverflowAction.MESSAGE, "nobody"),),
    "announce_first_s": 12.0,
}


@pytest.fixture
def hand() -> Hand:
    return calm(Hand(Line(replace(settings(), phones=RULES))).open()).ready("a1")


def calm(hand: Hand) -> Hand:
    """Asterisk has been there for a while."""
    hand.wait(61.0)
    return hand


def a1(hand: Hand) -> tuple[AgentState, str]:
    agent = hand.line._state.roster[A1]
    return agent.state, agent.reason


def gone(hand: Hand, *, back: bool = False) -> None:
    hand.do(e.PhoneReachable(A1, back))


def told(hand: Hand) -> list[tuple[str, str, str]]:
    return [(fact.old, fact.new, fact.reason) for fact in hand.all(f.AgentChanged)]


def test_a_phone_that_is_gone_makes_its_agent_not_ready(hand: Hand) -> None:
    gone(hand)
    hand.wait(4.9)
    assert a1(hand) == (S.READY, "") and hand.line._state.roster.present == 1
    hand.wait(0.2)
    assert a1(hand) == (S.NOT_READY, "unreachable") and told(hand)[-1] == ("ready", "not_ready", "unreachable")
    assert hand.line._state.roster.present == 0 and hand.line._state.roster[A1].availability is Availability.PHONE_GONE


def test_a_softphone_that_is_started_anew_changes_nothing(hand: Hand) -> None:
    before, idle_since = told(hand), hand.line._state.roster[A1].since
    gone(hand)
    hand.wait(4.0)
    gone(hand, back=True)
    hand.wait(100.0)
    assert told(hand) == before and hand.line._state.roster[A1].since == idle_since


@pytest.mark.parametrize(
    ("after_s", "now"),
    [(299.0, (S.READY, "")), (310.0, (S.NOT_READY, "phone_back")), (1010.0, (S.LOGGED_OUT, "unreachable"))],
    ids=["soon", "late", "too late"],
)
def test_the_phone_returns(hand: Hand, after_s: float, now: tuple[AgentState, str]) -> None:
    gone(hand)
    hand.wait(after_s)
    gone(hand, back=True)
    assert a1(hand) == now
    hand.wait(2000.0)
    assert a1(hand) == now and hand.line._state.roster.present == (now[0] is not S.LOGGED_OUT)


def test_asterisks_own_queues_keep_who_only_lost_the_phone(hand: Hand) -> None:
    """They see the phone themselves; whoever was taken out there would stay out should the engine die meanwhile."""
    gone(hand)
    hand.wait(10.0)
    assert [m.serving for m in hand.all(c.Membership)] == [True]
    hand.wait(1000.0)
    assert [m.serving for m in hand.all(c.Membership)] == [True, False]


def test_a_break_is_left_as_it_is_but_counts_for_nothing_and_ends(hand: Hand) -> None:
    hand.ask("a1", AgentAction.NOT_READY, "meal")
    gone(hand)
    hand.wait(10.0)
    assert a1(hand) == (S.NOT_READY, "meal") and hand.line._state.roster.present == 0
    gone(hand, back=True)
    assert a1(hand) == (S.NOT_READY, "meal") and hand.line._state.roster.present == 1
    gone(hand)
    hand.wait(1010.0)
    assert a1(hand) == (S.LOGGED_OUT, "unreachable")


def test_ready_without_a_phone_is_ready_when_it_comes(hand: Hand) -> None:
    hand.ask("a1", AgentAction.NOT_READY, "meal")
    gone(hand)
    hand.wait(10.0)
    hand.ask("a1", AgentAction.READY)
    assert a1(hand) == (S.NOT_READY, "unreachable")
    gone(hand, back=True)
    assert a1(hand) == (S.READY, "")


def test_the_rule_nobody_sees_it() -> None:
    hand = calm(Hand.of(pensions=NOBODY)).ready("a1")
    hand.call("c1")
    hand.talk("c1")
    gone(hand)
    hand.do(e.CallerLeft(CallId("c1")))  # in wrap-up, and the phone is gone
    hand.call("c2")
    assert [q.agents_in for q in hand.all(f.Queued)] == [1, 1]
    hand.wait(13.0)
    assert [o.limit for o in hand.all(f.Overflowed)] == ["nobody"]
    hand.call("c3")
    assert [n.call for n in hand.all(f.NobodyCan)] == ["c3"]


def test_a_talk_goes_on_and_its_agent_is_not_ready_after_the_wrap_up(hand: Hand) -> None:
    hand.call("c1")
    hand.talk("c1")
    gone(hand)
    hand.wait(100.0)
    assert a1(hand)[0] is S.TALKING and hand.line._state.roster.present == 1
    hand.do(e.CallerLeft(CallId("c1")))
    assert a1(hand)[0] is S.WRAP_UP
    hand.wait(60.0)
    assert a1(hand) == (S.NOT_READY, "unreachable") and ("wrap_up", "ready", "") not in told(hand)


def test_an_offer_that_did_not_reach_the_phone(hand: Hand) -> None:
    """Ready again with the phone's next registration, although Asterisk had not seen it go."""
    hand.call("c1")
    offer = hand.line._state.calls[CallId("c1")].work.offer
    assert offer is not None
    hand.do(e.OfferFailed(offer, OfferResult.UNREACHABLE, "no contact"))
    assert a1(hand) == (S.NOT_READY, "unreachable")
    hand.do(e.Snapshot((e.SeenCall(CallId("c1"), None),), (), ALL, (), final=False))
    assert a1(hand) == (S.NOT_READY, "unreachable"), "an audit says what is known already"
    hand.wait(20.0)
    gone(hand, back=True)
    assert a1(hand) == (S.READY, "") or a1(hand)[0] is S.RINGING


@pytest.mark.parametrize("started", ["one", "another"], ids=["link lost", "asterisk started anew"])
def test_after_a_lost_link_phones_have_the_time_to_register(hand: Hand, started: str) -> None:
    hand.do(e.LinkDown("gone"))
    hand.wait(300.0)
    hand.do(e.LinkUp())
    hand.do(e.Snapshot((), (), (), (), final=True, started=started))
    hand.wait(59.0)
    assert a1(hand) == (S.READY, "")
    assert not rings(hand.call("c1"))
    hand.wait(2.0)
    assert a1(hand) == (S.NOT_READY, "unreachable")


def test_a_lost_link_says_nothing_of_phones(hand: Hand) -> None:
    gone(hand)
    hand.wait(1.0)
    hand.do(e.LinkDown("gone"))
    hand.wait(5000.0)
    assert a1(hand) == (S.READY, "")
    hand.do(e.Snapshot((), (), ALL, (), final=True))
    hand.wait(5000.0)
    assert a1(hand) == (S.READY, "")


def test_nobody_is_logged_out_while_asterisk_cannot_be_asked(hand: Hand) -> None:
    gone(hand)
    hand.wait(900.0)
    hand.do(e.LinkDown("gone"))
    hand.wait(5000.0)
    assert a1(hand) == (S.NOT_READY, "unreachable")
    hand.do(e.Snapshot((), (), (), (), final=True))
    hand.wait(59.0)
    assert a1(hand) == (S.NOT_READY, "unreachable")
    hand.wait(62.0)
    assert a1(hand)[0] is S.LOGGED_OUT


def test_people_who_are_new_in_the_settings_have_no_phone_yet(hand: Hand) -> None:
    more = replace(settings(4), phones=RULES)
    hand.publish(more)
    hand.ready("a4")
    hand.wait(10.0)
    a4 = hand.line._state.roster[AgentId("a4")]
    assert (a4.state, a4.reason) == (S.NOT_READY, "unreachable")
    hand.publish(settings())
    hand.ask("a4", AgentAction.LOG_OUT)
    hand.publish(settings())
    hand.wait(5000.0)
    assert "a4" not in hand.line._state.roster


def test_a_call_kept_for_somebody_whose_phone_is_gone_is_anybodys() -> None:
    hand = calm(Hand.of(pensions={"last_agent_s": 500.0, "wrap_up_s": 0.0})).ready("a1", "a2")
    hand.call("c1")
    hand.talk("c1")
    hand.do(e.CallerLeft(CallId("c1")))
    hand.wait(1.0)
    gone(hand)
    assert rings(hand.call("c2")) == []
    hand.wait(6.0)
    assert rings(hand.out)[-1] == ("c2", "a2")
    assert only(f.PlaceChanged, hand.out)
