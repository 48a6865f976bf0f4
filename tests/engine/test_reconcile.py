"""Engine and switch compared: a final snapshot is the truth, an audit's difference must be seen twice."""

from __future__ import annotations

from typing import Any

import pytest

from agents import Availability
from calls import AgentId, AgentState, CallId, CallStage, OfferId, Outcome, Party, QueueId
from calls import commands as c
from calls import events as e
from calls import facts as f
from tests.line import Hand, one, only, rings

S = CallStage
C1, A1 = CallId("c1"), AgentId("a1")
PHONES = (A1, AgentId("a2"), AgentId("a3"))


def seen(stage: CallStage | None, offer: OfferId | None = None, call: CallId = C1) -> tuple[e.SeenCall, ...]:
    return (e.SeenCall(call, stage, offer),)


def call_of(hand: Hand) -> CallId:
    (call,) = hand.line._state.calls
    return call


def snapshot(
    calls: tuple[e.SeenCall, ...] = (), offers: tuple[e.SeenOffer, ...] = (), *, final: bool = True
) -> e.Snapshot:
    return e.Snapshot(calls, offers, PHONES, (), final)


def standing(stage: CallStage) -> tuple[Hand, OfferId | None]:
    """``c1`` (or a callback) in this stage, with ``a1`` where somebody is needed."""
    hand = Hand().open()
    if stage in (S.CONNECTING, S.TALKING, S.LEAVING, S.DIALLING):
        hand.ready("a1")
    if stage in (S.PROMISED, S.DIALLING):
        hand.do(e.CallbackAsked("6941234567", QueueId("pensions"), "el"))
    else:
        hand.call("c1", "1555" if stage in (S.MENU, S.TRANSFERRING) else "11320")
    if stage is S.TRANSFERRING:
        hand.do(e.KeyPressed(C1, "1"))
        hand.do(e.KeyPressed(C1, "9"))
    offer = hand.line._state.calls[call_of(hand)].work.offer
    if offer:
        hand.do(e.OfferAnswered(offer), 2.0)
    if offer and stage in (S.TALKING, S.LEAVING):
        hand.do(e.Bridged(C1, offer))
    if offer and stage is S.LEAVING:
        hand.do(e.AgentLeft(offer), 10.0)
    assert hand.line._state.calls[call_of(hand)].stage is stage
    return hand, offer


GONE = {
    S.MENU: (Outcome.LEFT_IN_MENU, Party.CALLER),
    S.WAITING: (Outcome.ABANDONED, Party.CALLER),
    S.CONNECTING: (Outcome.ABANDONED, Party.CALLER),
    S.TALKING: (Outcome.HANDLED, Party.UNKNOWN),
    S.TRANSFERRING: (Outcome.LEFT_IN_MENU, Party.CALLER),
    S.LEAVING: (Outcome.HANDLED, Party.AGENT),
}
RESCUED = dict.fromkeys(S, Outcome.SURVIVED) | {S.TALKING: Outcome.HANDLED, S.LEAVING: Outcome.HANDLED}


@pytest.mark.parametrize("stage", GONE)
def test_a_call_that_is_gone(stage: CallStage) -> None:
    hand, _ = standing(stage)
    out = hand.do(snapshot())
    ended = one(f.CallEnded, out)
    assert (ended.outcome, ended.by) == GONE[stage]
    assert one(f.Discrepancy, [d for d in only(f.Discrepancy, out) if d.subject == C1]).switch == "gone"
    assert not hand.line._state.calls and not hand.line._state.offers


@pytest.mark.parametrize("stage", S)
def test_a_call_in_the_rescue_menu(stage: CallStage) -> None:
    hand, _ = standing(stage)
    assert one(f.CallEnded, hand.do(snapshot(seen(None, call=call_of(hand))))).outcome is RESCUED[stage]
    assert not hand.line._state.calls


def test_a_promise_has_no_channel_that_could_be_gone() -> None:
    hand, _ = standing(S.PROMISED)
    assert hand.do(snapshot()) == [] and call_of(hand)


def test_a_citizen_who_is_being_rung_has_no_channel_yet() -> None:
    hand, offer = standing(S.DIALLING)
    assert offer is not None
    assert hand.do(snapshot((), (e.SeenOffer(offer, True),))) == [] and call_of(hand)


def test_a_citizen_answered_unseen_and_we_had_given_up() -> None:
    hand, _ = standing(S.PROMISED)
    back = call_of(hand)
    out = hand.do(snapshot(seen(S.MENU, call=back)))
    assert one(c.HangUp, out).call == back and one(f.Discrepancy, out).done == "hung up"
    assert hand.line._state.calls[back].stage is S.PROMISED


def test_a_citizen_answered_unseen_and_the_agent_is_gone() -> None:
    """They wait on the phone, as any caller whose agent went away at the moment of answer."""
    hand, _ = standing(S.DIALLING)
    back = call_of(hand)
    out = hand.do(snapshot(seen(S.MENU, call=back)))
    assert hand.line._state.calls[back].stage is S.WAITING
    assert {music.call for music in only(c.Music, out)} == {back}


def test_an_old_look_at_a_callback_changes_nothing() -> None:
    hand, offer = standing(S.DIALLING)
    assert offer is not None
    back = call_of(hand)
    assert hand.do(snapshot(seen(S.TRANSFERRING, offer, back), (e.SeenOffer(offer, True),))) == []


@pytest.mark.parametrize(
    ("stage", "told", "goal"),
    [
        (S.MENU, [f.NodeEntered, c.Play], S.MENU),
        (S.WAITING, [c.Music], S.WAITING),
        (S.LEAVING, [c.HangUp], S.LEAVING),
    ],
)
def test_who_is_still_ours_hears_again_what_he_should(stage: CallStage, told: list[type], goal: CallStage) -> None:
    hand, _ = standing(stage)
    assert [type(output) for output in hand.do(snapshot(seen(S.MENU)))] == told
    assert hand.line._state.calls[C1].stage is goal


def test_a_conversation_whose_end_nobody_saw() -> None:
    hand, offer = standing(S.TALKING)
    out = hand.do(snapshot(seen(S.MENU)))
    assert one(f.ConversationEnded, out).by is Party.AGENT
    assert hand.line._state.calls[C1].stage is S.LEAVING
    assert offer not in hand.line._state.offers


def test_a_conversation_that_goes_on_is_left_alone() -> None:
    hand, offer = standing(S.TALKING)
    assert offer is not None
    assert hand.do(snapshot(seen(S.TALKING, offer), (e.SeenOffer(offer, True),))) == []


def test_a_bridge_nobody_told_us_of() -> None:
    hand, offer = standing(S.CONNECTING)
    assert offer is not None
    out = hand.do(snapshot(seen(S.TALKING, offer), (e.SeenOffer(offer, True),)))
    assert one(f.Connected, out).offer == offer
    assert hand.line._state.calls[C1].stage is S.TALKING


def test_a_connection_that_did_not_come_about() -> None:
    hand, offer = standing(S.CONNECTING)
    assert offer is not None
    out = hand.do(snapshot(seen(S.MENU), (e.SeenOffer(offer, True),)))
    assert hand.line._state.calls[C1].stage is S.WAITING and one(c.CancelRing, out).offer == offer
    assert hand.line._state.roster[A1].availability is Availability.LEG_CLOSING


def test_a_transfer_that_is_over() -> None:
    hand, _ = standing(S.TRANSFERRING)
    out = hand.do(snapshot(seen(S.MENU)))
    assert not one(f.TransferEnded, out).answered
    assert one(f.Queued, out).queue == "general"


def test_an_answer_nobody_told_us_of() -> None:
    hand = Hand().open().ready("a1")
    hand.call("c1")
    offer = one(c.Ring, hand.out).offer
    out = hand.do(snapshot(seen(S.MENU), (e.SeenOffer(offer, True),)))
    assert one(c.Connect, out).offer == offer


@pytest.mark.parametrize("stage", [S.CONNECTING, S.TALKING])
def test_an_agents_leg_that_is_gone(stage: CallStage) -> None:
    hand, offer = standing(stage)
    hand.do(snapshot(seen(stage, offer)))
    assert offer not in hand.line._state.offers
    assert hand.line._state.roster[A1].state is (AgentState.NOT_READY if stage is S.CONNECTING else AgentState.WRAP_UP)


def test_a_ringing_leg_that_is_gone_is_nothing_against_the_agent() -> None:
    hand = Hand().open().ready("a1")
    hand.call("c1")
    hand.do(snapshot(seen(S.MENU)))
    assert hand.line._state.roster[A1].availability is Availability.RESTING


def test_a_leg_we_know_nothing_of_is_hung_up() -> None:
    hand = Hand().open()
    out = hand.do(snapshot((), (e.SeenOffer(OfferId("o-old"), False),)))
    assert one(c.CancelRing, out).offer == "o-old"


def test_an_audit_must_see_it_twice() -> None:
    hand, _ = standing(S.WAITING)
    assert hand.do(snapshot(final=False)) == []
    assert one(f.CallEnded, hand.do(snapshot(final=False))).outcome is Outcome.ABANDONED


def test_a_suspicion_that_was_wrong_is_forgotten() -> None:
    hand, _ = standing(S.WAITING)
    for calls in ((), seen(S.MENU), ()):
        assert hand.do(snapshot(calls, final=False)) == []


def test_a_snapshot_brings_the_phones_up_to_date() -> None:
    hand = Hand().open()
    out = hand.do(e.Snapshot((), (), (A1,), (A1,), final=False))
    told: list[Any] = [(fact.agent, fact.reachable, fact.in_use) for fact in only(f.PhoneChanged, out)]
    assert told == [("a1", True, True), ("a2", False, False), ("a3", False, False)]


def test_the_old_order_is_kept_over_a_restart() -> None:
    hand = Hand().open()
    for n, call in enumerate(("c1", "c2", "c3")):
        hand.wait(float(n))
        hand.call(call)
    hand.do(e.LinkDown("gone"))
    hand.ready("a1", "a2")
    here = tuple(e.SeenCall(CallId(call), S.MENU) for call in ("c3", "c2", "c1"))
    hand.do(e.LinkUp())
    assert rings(hand.out) == []
    assert rings(hand.do(snapshot(here))) == [("c1", "a1"), ("c2", "a2")]
