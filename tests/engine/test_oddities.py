"""What the switch tells late, twice, or about something else must not disturb the call it is about now."""

from __future__ import annotations

import pytest

from calls import CallId, CallStage, OfferResult, Outcome
from calls import commands as c
from calls import events as e
from calls import facts as f
from calls.commands import Prompt
from ivr import WalkState
from tests.line import GENERAL, Hand, one, only, rings

C1 = CallId("c1")


@pytest.fixture
def hand() -> Hand:
    return Hand().open()


def sos(hand: Hand) -> None:
    hand.call("c1", "1555")
    hand.do(e.KeyPressed(C1, "1"))
    hand.do(e.KeyPressed(C1, "9"))


def test_a_menu_said_again_is_not_interrupted_by_the_old_silence(hand: Hand) -> None:
    hand.call("c1", "1555")
    hand.heard("c1")
    hand.do(e.CallerBack(C1), 4.0)
    assert hand.wait(60.0) == []
    assert hand.line._state.calls[C1].walk.state is WalkState.ASKING


def test_an_old_prompt_does_not_cut_the_goodbye(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    old = hand.line._state.calls[C1].playback.number
    offer = hand.talk("c1")
    hand.do(e.AgentLeft(offer))
    hand.do(e.CallerBack(C1))
    assert hand.do(e.PromptEnded(C1, old)) == []
    assert one(c.HangUp, hand.heard("c1")).call == C1


def test_a_failed_connect_of_an_earlier_agent_leaves_the_present_one_alone(hand: Hand) -> None:
    hand.ready("a1", "a2").call("c1")
    first = one(c.Ring, hand.out).offer
    hand.do(e.OfferFailed(first, OfferResult.BUSY))
    second = hand.all(c.Ring)[-1].offer
    hand.do(e.OfferAnswered(second))
    lost = one(f.CommandLost, hand.do(e.CommandFailed("Connect", C1, first, "no such channel")))
    assert lost.done == "nothing: the audit will see"
    assert hand.line._state.calls[C1].stage is CallStage.CONNECTING


def test_a_transfer_that_fails_has_an_end(hand: Hand) -> None:
    sos(hand)
    out = hand.do(e.CommandFailed("Transfer", C1, None, "no trunk"))
    assert one(f.TransferEnded, out) == f.TransferEnded(C1, False, 0.0)
    assert one(f.Queued, out).queue == "general"


def test_a_transfer_by_an_agent_that_nobody_answers_is_a_new_wait(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    hand.talk("c1")
    hand.do(e.AgentTransferred(C1, "2101234567"))
    out = hand.do(e.CallerBack(C1), 20.0)
    assert one(f.Queued, out).queue == "pensions" and one(c.Music, out).call == C1
    out = hand.do(e.CallerLeft(C1), 5.0)
    left = one(f.QueueLeft, out)
    assert (left.outcome, left.wait_s) == (Outcome.ABANDONED, 5.0)
    assert (one(f.CallEnded, out).outcome, one(f.CallEnded, out).stage) == (Outcome.HANDLED, "waiting")


def test_a_transfer_by_an_agent_that_was_answered_ends_with_goodbye(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    hand.talk("c1")
    hand.do(e.AgentTransferred(C1, "2101234567"))
    hand.do(e.TransferAnswered(C1), 3.0)
    out = hand.do(e.CallerBack(C1), 20.0)
    assert one(f.TransferEnded, out).talk_s == 20.0
    assert one(c.Play, out).prompts[0].id == "common.goodbye"
    hand.do(e.CallerLeft(C1))
    assert one(f.CallEnded, hand.out).outcome is Outcome.HANDLED


def test_a_rescued_transfer_has_an_end(hand: Hand) -> None:
    sos(hand)
    hand.do(e.TransferAnswered(C1))
    out = hand.do(e.CallRescued(C1), 3.0)
    assert one(f.TransferEnded, out).talk_s == 3.0
    assert one(f.CallEnded, out).outcome is Outcome.SURVIVED
    assert not only(f.Unexpected, hand.out)


def test_a_node_that_cannot_be_said_is_given_up() -> None:
    """Whatever sends the caller back to us again and again: after a few rounds an agent takes the call."""
    hand = Hand().open().ready("a1")
    hand.call("c1", "1555")
    for _ in range(3):
        assert one(c.Play, hand.do(e.CallerBack(C1))).prompts == (Prompt("welcome"),)
    out = hand.do(e.CallerBack(C1))
    assert one(f.Queued, out).queue == GENERAL and rings(out) == [("c1", "a1")]


@pytest.mark.parametrize("progress", [e.KeyPressed(C1, "1"), None])
def test_who_gets_on_may_come_back_as_often(progress: e.Event | None) -> None:
    hand = Hand().open()
    hand.call("c1", "1555")
    for _ in range(4):
        for _ in range(3):
            hand.do(e.CallerBack(C1))
        if progress is None:
            hand.heard("c1")
        else:
            hand.do(progress)
        if hand.line._state.calls[C1].stage is not CallStage.MENU:
            return
    assert hand.line._state.calls[C1].here.returns == 0


def test_a_sound_that_is_not_there_is_told_and_nothing_else() -> None:
    hand = Hand().open()
    hand.call("c1", "1555")
    out = hand.do(e.CommandFailed("Prompt", C1, None, "el/welcome cannot be played"))
    assert out == [f.CommandLost("Prompt", "c1", "el/welcome cannot be played", "went on without it")]
