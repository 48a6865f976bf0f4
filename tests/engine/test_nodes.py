"""Several Asterisks under one engine: where calls and phones are, what an outage touches, and places that are kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls import AgentAction, AgentId, AgentState, CallId, CallStage, Outcome, node_of
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import CallbackRules, Line
from engine.lost_places import KEEP_S
from queues import OverflowAction, OverflowRule, OverflowTrigger
from tests.line import Hand, changed, one, only, rings, settings

A1, A2, A3 = AgentId("a1"), AgentId("a2"), AgentId("a3")
BOTH = ("n1", "n2")
LOST_S = settings().phones.node_lost_after_s


def line(at_n1: tuple[AgentId, ...], at_n2: tuple[AgentId, ...], hand: Hand | None = None) -> Hand:
    """Two nodes; these agents' phones are registered at them."""
    hand = hand or Hand()
    hand.do(e.LineStarted("n1", 1_700_000_000.0, "test", BOTH))
    for node, agents in (("n1", at_n1), ("n2", at_n2)):
        hand.do(e.LinkUp(node))
        hand.do(e.Snapshot((), (), agents, (), final=True, started=f"{node} at 9", node=node))
    return hand


def in_queue(hand: Hand, call: str, ani: str = "") -> list[object]:
    """A caller who goes straight to a queue."""
    return [*hand.call(call, ani=ani), *hand.wait(0.0)]


def test_an_agent_is_rung_at_the_node_of_the_caller() -> None:
    hand = line((A1, A2), (A1, A2)).ready("a1", "a2")
    offers = [one(c.Ring, in_queue(hand, call)).offer for call in ("n1-1.1", "n2-1.1")]
    assert [node_of(offer) for offer in offers] == ["n1", "n2"]


def test_nobody_is_rung_across_nodes() -> None:
    hand = line((A1,), (A2,)).ready("a1", "a2")
    assert rings(in_queue(hand, "n2-1")) == [("n2-1", "a2")]
    assert rings(in_queue(hand, "n2-2")) == [], "a1 is free, at the other node"
    assert rings(in_queue(hand, "n1-3")) == [("n1-3", "a1")]


def test_why_an_agent_at_another_node_was_not_chosen_is_told() -> None:
    hand = line((A1, A2), (A2,)).ready("a1", "a2")
    made = one(f.OfferMade, in_queue(hand, "n2-1"))
    assert made.agent == A2 and [(x.rule, x.count, x.agents) for x in made.excluded] == [("node", 1, (A1,))]


def test_a_phone_that_registers_at_the_other_node_gets_its_calls_at_once() -> None:
    hand = line((A1,), ()).ready("a1")
    assert rings(in_queue(hand, "n2-1")) == []
    assert rings(hand.do(e.PhoneReachable(A1, True, "n2"))) == [("n2-1", "a1")]
    assert hand.all(f.PhoneChanged)[-1].nodes == BOTH


def test_among_callers_of_both_nodes_the_first_is_served_first() -> None:
    hand = line((A1,), (A1,)).ready("a1")
    in_queue(hand, "n1-0")
    talk = hand.talk("n1-0")
    for call in ("n2-1", "n1-2", "n2-3"):
        hand.wait(1.0)
        in_queue(hand, call)
    hand.do(e.AgentLeft(talk))
    hand.do(e.CallerLeft(CallId("n1-0")))
    hand.ask("a1", AgentAction.END_WRAP_UP)
    assert rings(hand.out)[-1] == ("n2-1", "a1")


def test_the_other_nodes_calls_go_on_while_one_is_away() -> None:
    hand = line((A1, A2), (A1, A2)).ready("a1", "a2")
    in_queue(hand, "n2-1")
    hand.talk("n2-1")
    out = hand.do(e.LinkDown("no route", "n1"))
    assert one(f.LinkChanged, out).node == "n1"
    assert hand.line._state.calls[CallId("n2-1")].stage is CallStage.TALKING
    assert rings(in_queue(hand, "n2-2")) == [("n2-2", "a2")]


def test_callers_of_a_node_that_is_away_are_offered_again_when_it_is_back() -> None:
    hand = line((A1,), (A1,)).ready("a1")
    hand.do(e.LinkDown("no route", "n1"))
    assert rings(in_queue(hand, "n1-1")) == []
    hand.do(e.LinkUp("n1"))
    seen = (e.SeenCall(CallId("n1-1"), CallStage.MENU),)
    out = hand.do(e.Snapshot(seen, (), (A1,), (), final=True, started="n1 at 9", node="n1"))
    assert rings(out) == [("n1-1", "a1")] and node_of(one(c.Ring, out).offer) == "n1"


def test_an_agent_who_is_only_there_is_unreachable_until_it_is_back() -> None:
    hand = line((A1,), (A2,)).ready("a1", "a2")
    hand.wait(61.0)
    hand.do(e.LinkDown("no route", "n1"))
    hand.wait(10.0)
    assert hand.line._state.roster[A1].reason == "unreachable" and hand.line._state.roster[A2].state is AgentState.READY
    hand.do(e.LinkUp("n1"))
    hand.do(e.Snapshot((), (), (A1,), (), final=True, started="n1 at 9", node="n1"))
    assert hand.line._state.roster[A1].state is AgentState.READY


def test_a_node_that_does_not_come_back_has_lost_its_calls() -> None:
    hand = line((A1, A2), (A1, A2)).ready("a1", "a2")
    in_queue(hand, "n1-1")
    hand.talk("n1-1")
    in_queue(hand, "n2-2")
    hand.talk("n2-2")
    in_queue(hand, "n1-3", "6949999999")
    hand.do(e.LinkDown("no route", "n1"))
    out = hand.wait(LOST_S)
    assert one(f.NodeLost, out) == f.NodeLost("n1", 2)
    assert {(end.call, end.outcome) for end in only(f.CallEnded, out)} == {
        ("n1-1", Outcome.HANDLED),
        ("n1-3", Outcome.LOST),
    }
    assert hand.line._state.roster[A1].state is AgentState.WRAP_UP
    assert hand.line._state.roster[A2].state is AgentState.TALKING, "the other node's conversation is untouched"
    assert only(f.Unexpected, out) == []


def test_a_line_whose_only_node_is_away_waits_for_it() -> None:
    hand = Hand().open().ready("a1")
    in_queue(hand, "n1-1")
    hand.talk("n1-1")
    hand.do(e.LinkDown("no route"))
    assert only(f.NodeLost, hand.wait(10 * LOST_S)) == []
    assert hand.line._state.calls[CallId("n1-1")].stage is CallStage.TALKING


@pytest.mark.parametrize("other", ["n2", "n1"], ids=["by the other node", "after a restart of the node"])
def test_who_calls_again_has_their_place(other: str) -> None:
    hand = line((A1,), (A1,)).ready("a1")
    in_queue(hand, "n1-0")
    hand.talk("n1-0")
    in_queue(hand, "n1-1", "2101111111")
    hand.wait(5.0)
    in_queue(hand, "n2-2", "2102222222")
    hand.do(e.LinkDown("dead", "n1"))
    hand.wait(LOST_S)
    if other == "n1":
        hand.do(e.LinkUp("n1"))
        hand.do(e.Snapshot((), (), (A1,), (), final=True, started="n1 at 10", node="n1"))
    out = in_queue(hand, f"{other}-9", "2101111111")
    resumed = one(f.PlaceResumed, out)
    assert (resumed.lost, resumed.queue) == ("n1-1", "pensions") and resumed.waited_s == pytest.approx(5.0 + LOST_S)
    assert one(f.Queued, out).position == 1, "before whoever came later and held on"
    assert only(f.NodeEntered, out) == [], "no menu is heard again"
    hand.ask("a1", AgentAction.END_WRAP_UP)
    assert rings(hand.out)[-1] == (f"{other}-9", "a1")


def test_a_place_is_kept_for_a_while_only() -> None:
    hand = line((A1,), (A1,))
    in_queue(hand, "n1-1", "2101111111")
    hand.do(e.LinkDown("dead", "n1"))
    hand.wait(LOST_S + KEEP_S + 1)
    out = in_queue(hand, "n2-9", "2101111111")
    assert only(f.PlaceResumed, out) == [] and hand.line._state.kept_places == {}


def test_who_does_not_call_again_is_called_where_the_queue_offers_that() -> None:
    rule = OverflowRule(OverflowTrigger.WAITED, OverflowAction.CALLBACK, at=600.0)
    known = replace(changed(settings(), pensions={"overflow": (rule,)}), callbacks=CallbackRules())
    hand = line((A1,), (A1,), Hand(Line(known)))
    in_queue(hand, "n1-1", "2101111111")
    hand.do(e.LinkDown("dead", "n1"))
    out = hand.wait(LOST_S + KEEP_S)
    promised = one(f.CallbackPromised, out)
    assert (promised.number, promised.call, promised.queue) == ("2101111111", "n1-1", "pensions")
    hand.do(e.PhoneReachable(A1, True, "n2"))
    hand.ready("a1")
    ring = hand.all(c.Ring)[-1]
    assert ring.call == promised.callback and node_of(ring.offer) == "n2", "by the node that is there"
    hand.do(e.OfferAnswered(ring.offer))
    assert hand.all(c.CallBack)[-1].call == promised.callback


def test_an_erased_number_has_no_place() -> None:
    hand = line((A1,), (A1,))
    in_queue(hand, "n1-1", "2101111111")
    hand.do(e.LinkDown("dead", "n1"))
    hand.wait(LOST_S)
    hand.do(e.PersonErased(("2101111111",), "g" * 10, "maria"))
    assert hand.line._state.kept_places == {}
    hand.wait(2 * KEEP_S)


def test_two_channels_with_one_sip_call_are_one_call() -> None:
    hand = line((A1,), (A1,))
    hand.do(e.CallArrived(CallId("n1-1"), "2101111111", "11320", "abc"))
    out = hand.do(e.CallArrived(CallId("n2-7"), "2101111111", "11320", "abc"))
    assert only(c.HangUp, out) == [c.HangUp(CallId("n2-7"))] and list(hand.line._state.calls) == ["n1-1"]
    hand.do(e.CallerLeft(CallId("n1-1")))
    hand.do(e.CallArrived(CallId("n2-8"), "2101111111", "11320", "abc"))
    assert list(hand.line._state.calls) == ["n2-8"]


def test_an_audit_of_one_node_says_nothing_of_the_others_calls() -> None:
    hand = line((A1,), (A1,))
    in_queue(hand, "n1-1")
    for _ in range(3):
        out = hand.do(e.Snapshot((), (), (A1,), (), final=False, node="n2"))
        assert only(f.Discrepancy, out) == []
    assert CallId("n1-1") in hand.line._state.calls


def test_a_node_is_lost_also_where_all_were_away_for_a_while() -> None:
    hand = line((A1,), (A1,))
    in_queue(hand, "n1-1", "2101111111")
    hand.do(e.LinkDown("dead", "n1"))
    hand.do(e.LinkDown("no route", "n2"))
    hand.wait(3 * LOST_S)
    assert CallId("n1-1") in hand.line._state.calls, "the line itself may be cut off"
    hand.do(e.LinkUp("n2"))
    hand.do(e.Snapshot((), (), (A1,), (), final=True, started="n2 at 9", node="n2"))
    assert one(f.NodeLost, hand.wait(LOST_S)) == f.NodeLost("n1", 1)
    assert CallId("n1-1") not in hand.line._state.calls


def test_calls_of_a_node_that_is_no_longer_named_are_lost() -> None:
    hand = line((A1,), (A1,)).ready("a1")
    in_queue(hand, "n2-1")
    hand.do(e.LineStarted("n1", 1_700_000_000.0, "test", ("n1",)))
    hand.do(e.Snapshot((), (), (A1,), (), final=True, started="n1 at 9", node="n1"))
    out = hand.wait(2 * LOST_S)
    assert one(f.NodeLost, out).node == "n2" and hand.line._state.calls == {}
    assert rings(in_queue(hand, "n1-5")) == [("n1-5", "a1")]
