"""One test per (state, event) pair of the engine's two tables, made from the enums and from the tables themselves.

``MOVES`` says by hand what each defined pair must do: the next state (None: gone) and the outputs, by their names.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from calls import AgentId, CallId, CallStage, ContractError, Named, OfferId, OfferResult
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import CALL_TABLE, OFFER_TABLE, OfferState, Row
from line1555.live.checkpoint import freeze
from tests.line import GENERAL, PENSIONS, Hand

S, F = CallStage, OfferState
C1 = CallId("c1")
Moves = dict[tuple[Any, type], tuple[Any, str]]


def call_of(hand: Hand) -> CallId:
    """The one call there is."""
    (call,) = hand.line._state.calls
    return call


CALL_EVENTS: dict[type, Callable[[Hand], e.Event]] = {
    e.KeyPressed: lambda hand: e.KeyPressed(call_of(hand), "1"),
    e.PromptEnded: lambda hand: e.PromptEnded(call_of(hand), hand.line._state.calls[call_of(hand)].playback.number),
    e.CallerLeft: lambda hand: e.CallerLeft(call_of(hand)),
    e.CallerBack: lambda hand: e.CallerBack(call_of(hand)),
    e.CallRescued: lambda hand: e.CallRescued(call_of(hand)),
    e.CallMoved: lambda hand: e.CallMoved(call_of(hand), GENERAL),
    e.PrioritySet: lambda hand: e.PrioritySet(call_of(hand), 30.0),
    e.CallWithdrawn: lambda hand: e.CallWithdrawn(call_of(hand)),
    e.TransferAnswered: lambda hand: e.TransferAnswered(call_of(hand)),
    e.AgentTransferred: lambda hand: e.AgentTransferred(call_of(hand), "2101234567"),
    e.CallHandedOver: lambda hand: e.CallHandedOver(call_of(hand), OfferId("17.9"), AgentId("a2")),
    e.LookedUp: lambda hand: e.LookedUp(call_of(hand), 1, (Named("state", "open"),)),
    e.LookupFailed: lambda hand: e.LookupFailed(call_of(hand), 1, "HTTP 500"),
    e.CallbackAnswered: lambda hand: e.CallbackAnswered(call_of(hand)),
    e.CallbackFailed: lambda hand: e.CallbackFailed(call_of(hand), OfferResult.BUSY),
}
OFFER_EVENTS: dict[type, Callable[[OfferId], e.Event]] = {
    e.OfferRang: e.OfferRang,
    e.OfferAnswered: e.OfferAnswered,
    e.OfferFailed: lambda offer: e.OfferFailed(offer, OfferResult.BUSY),
    e.Bridged: lambda offer: e.Bridged(C1, offer),
    e.HoldChanged: lambda offer: e.HoldChanged(offer, True),
    e.AgentLeft: e.AgentLeft,
}

GONE = "QueueLeft CallEnded"
WITHDRAWN = "OfferEnded AgentChanged CancelRing"
UNJOINED = "AgentChanged CancelRing"
TALKED = "ConversationEnded AgentChanged"
CALL_MOVES: Moves = {
    (S.MENU, e.KeyPressed): (S.MENU, "KeyTaken AttributeSet NodeEntered Play"),
    (S.MENU, e.PromptEnded): (S.MENU, ""),
    (S.MENU, e.CallerLeft): (None, "CallEnded"),
    (S.MENU, e.CallerBack): (S.MENU, "NodeEntered Play"),
    (S.MENU, e.CallRescued): (None, "CallEnded"),
    (S.MENU, e.LookedUp): (S.MENU, ""),
    (S.MENU, e.LookupFailed): (S.MENU, ""),
    (S.WAITING, e.KeyPressed): (S.WAITING, "Music"),
    (S.WAITING, e.PromptEnded): (S.WAITING, "Music"),
    (S.WAITING, e.CallerLeft): (None, f"{WITHDRAWN} {GONE}"),
    (S.WAITING, e.CallerBack): (S.WAITING, "Music"),
    (S.WAITING, e.CallRescued): (None, f"{WITHDRAWN} {GONE}"),
    (S.WAITING, e.CallMoved): (S.WAITING, "PlaceChanged"),
    (S.WAITING, e.PrioritySet): (S.WAITING, "PlaceChanged"),
    (S.WAITING, e.CallWithdrawn): (S.LEAVING, f"{WITHDRAWN} QueueLeft Play"),
    (S.CONNECTING, e.CallerLeft): (None, f"{UNJOINED} {GONE}"),
    (S.CONNECTING, e.CallerBack): (S.WAITING, "Discrepancy AgentChanged Music CancelRing {again}"),
    (S.CONNECTING, e.CallRescued): (None, f"{UNJOINED} {GONE}"),
    (S.TALKING, e.CallerLeft): (None, f"{TALKED} CancelRing CallEnded"),
    (S.TALKING, e.CallerBack): (S.LEAVING, f"{TALKED} CancelRing Play"),
    (S.TALKING, e.AgentTransferred): (S.TRANSFERRING, f"{TALKED} CancelRing TransferStarted"),
    (S.TALKING, e.CallHandedOver): (S.TALKING, f"{TALKED} CancelRing HandedOver AgentChanged"),
    (S.TALKING, e.CallRescued): (None, f"{TALKED} CancelRing CallEnded"),
    (S.TRANSFERRING, e.TransferAnswered): (S.TRANSFERRING, ""),
    (S.TRANSFERRING, e.CallerLeft): (None, "TransferEnded CallEnded"),
    (S.TRANSFERRING, e.CallerBack): (S.WAITING, "TransferEnded NodeEntered Queued Play {ring}"),
    (S.TRANSFERRING, e.CallHandedOver): (S.TRANSFERRING, "Unexpected"),
    (S.TRANSFERRING, e.CallRescued): (None, "TransferEnded CallEnded"),
    (S.LEAVING, e.PromptEnded): (S.LEAVING, "HangUp"),
    (S.LEAVING, e.CallerLeft): (None, "CallEnded"),
    (S.LEAVING, e.CallerBack): (S.LEAVING, "Play"),
    (S.LEAVING, e.AgentTransferred): (S.TRANSFERRING, "TransferStarted"),
    (S.LEAVING, e.CallHandedOver): (S.TALKING, "HandedOver AgentChanged"),
    (S.LEAVING, e.CallRescued): (None, "CallEnded"),
    (S.PROMISED, e.CallMoved): (S.PROMISED, "PlaceChanged"),
    (S.PROMISED, e.PrioritySet): (S.PROMISED, "PlaceChanged"),
    (S.PROMISED, e.CallWithdrawn): (None, f"{WITHDRAWN} {GONE}"),
    (S.PROMISED, e.CallbackAnswered): (S.PROMISED, "HangUp"),
    (S.PROMISED, e.CallRescued): (None, f"{WITHDRAWN} {GONE}"),
    (S.DIALLING, e.CallbackAnswered): (S.CONNECTING, "Connect"),
    (S.DIALLING, e.CallbackFailed): (S.PROMISED, f"CallbackMissed {UNJOINED}"),
    (S.DIALLING, e.CallRescued): (None, f"{UNJOINED} {GONE}"),
}
MISSED = "OfferEnded AgentChanged Membership {again}"
OFFER_MOVES: Moves = {
    (F.RINGING, e.OfferRang): (F.RINGING, ""),
    (F.RINGING, e.OfferAnswered): (F.ANSWERED, "OfferEnded AgentChanged Connect"),
    (F.RINGING, e.OfferFailed): (None, MISSED),
    (F.RINGING, e.AgentLeft): (None, MISSED),
    (F.ANSWERED, e.Bridged): (F.TALKING, "Connected"),
    (F.ANSWERED, e.OfferFailed): (None, "AgentChanged Membership Music {again}"),
    (F.ANSWERED, e.AgentLeft): (None, "AgentChanged Membership Music {again}"),
    (F.TALKING, e.HoldChanged): (F.TALKING, "Held"),
    (F.TALKING, e.OfferFailed): (None, TALKED),
    (F.TALKING, e.AgentLeft): (None, TALKED),
    (F.CLOSING, e.OfferRang): (F.CLOSING, "CancelRing"),
    (F.CLOSING, e.OfferAnswered): (F.CLOSING, "CancelRing"),
    (F.CLOSING, e.Bridged): (F.CLOSING, "CancelRing"),
    (F.CLOSING, e.OfferFailed): (None, ""),
    (F.CLOSING, e.AgentLeft): (None, ""),
}
WORDS = {"again": "OfferMade AgentChanged Ring", "ring": "OfferMade AgentChanged Ring"}


def offer_of(hand: Hand) -> OfferId:
    return hand.all(c.Ring)[0].offer


def call_in(stage: CallStage) -> Hand:
    """``c1`` in this stage; ``a1`` and ``a2`` are ready. A callback is offered to ``a1`` already."""
    hand = Hand().open().ready("a1", "a2")
    if stage in (S.PROMISED, S.DIALLING):
        hand.do(e.CallbackAsked("6941234567", PENSIONS, "el"))
    elif stage in (S.MENU, S.TRANSFERRING):
        hand.call("c1", "1555")
    else:
        hand.call("c1")
    if stage is S.TRANSFERRING:
        hand.do(e.KeyPressed(C1, "1"))
        hand.do(e.KeyPressed(C1, "9"))
    if stage in (S.CONNECTING, S.TALKING, S.LEAVING, S.DIALLING):
        hand.do(e.OfferAnswered(offer_of(hand)))
    if stage in (S.TALKING, S.LEAVING):
        hand.do(e.Bridged(C1, offer_of(hand)))
    if stage is S.LEAVING:
        hand.do(e.AgentLeft(offer_of(hand)))
    hand.wait(1.0)
    assert hand.line._state.calls[call_of(hand)].stage is stage
    return hand


def offer_in(state: OfferState) -> tuple[Hand, OfferId]:
    hand = call_in({F.RINGING: S.WAITING, F.ANSWERED: S.CONNECTING, F.TALKING: S.TALKING, F.CLOSING: S.TALKING}[state])
    offer = offer_of(hand)
    if state is F.CLOSING:
        hand.do(e.CallerLeft(C1))
        hand.wait(1.0)
    assert hand.line._state.offers[offer].state is state
    return hand, offer


def names(outputs: list[Any]) -> str:
    return " ".join(type(output).__name__ for output in outputs)


def pairs(states: Any, events: dict[type, Any], table: Any, wanted: Callable[[Row | None], bool]) -> list[Any]:
    found = [(state, event) for state, event in product(states, events) if wanted(table[state].get(event))]
    return [pytest.param(*pair, id=f"{pair[0]}-{pair[1].__name__}") for pair in found]


def untouched(hand: Hand, event: e.Event) -> list[Any]:
    """The outputs of an event that must not change the state in any way."""
    hand.line.tick(hand.now)
    before = freeze(hand.line)
    outputs = hand.do(event)
    assert freeze(hand.line) == before
    return outputs


def moves(row: Row | None) -> bool:
    return row is not None and row.action is not None


def is_nothing(row: Row | None) -> bool:
    return row is not None and row.action is None


def from_outside(table: Any) -> set[type]:
    """The events of a table that are neither timers nor happen elsewhere in the line."""
    return {event for row in table.values() for event in row if isinstance(event, type)}


def test_the_tables_know_every_state_and_event() -> None:
    assert set(CALL_TABLE) == set(CallStage) and set(OFFER_TABLE) == set(OfferState)
    assert from_outside(CALL_TABLE) == set(CALL_EVENTS)
    assert from_outside(OFFER_TABLE) == set(OFFER_EVENTS)


@pytest.mark.parametrize(("stage", "event"), pairs(CallStage, CALL_EVENTS, CALL_TABLE, moves))
def test_a_call_moves(stage: CallStage, event: type) -> None:
    hand = call_in(stage)
    name = call_of(hand)
    outputs = hand.do(CALL_EVENTS[event](hand))
    goal, told = CALL_MOVES[stage, event]
    assert names(outputs) == told.format(**WORDS)
    call = hand.line._state.calls.get(name)
    assert (call.stage if call else None) is goal


@pytest.mark.parametrize(("stage", "event"), pairs(CallStage, CALL_EVENTS, CALL_TABLE, lambda row: row is None))
def test_a_call_is_told_what_cannot_be(stage: CallStage, event: type) -> None:
    hand = call_in(stage)
    assert untouched(hand, CALL_EVENTS[event](hand)) == [f.Unexpected(event.__name__, call_of(hand), stage)]


@pytest.mark.parametrize(("stage", "event"), pairs(CallStage, CALL_EVENTS, CALL_TABLE, is_nothing))
def test_a_call_is_told_what_means_nothing(stage: CallStage, event: type) -> None:
    hand = call_in(stage)
    assert untouched(hand, CALL_EVENTS[event](hand)) == []


@pytest.mark.parametrize("event", CALL_EVENTS, ids=lambda kind: kind.__name__)
def test_an_unknown_call(event: type) -> None:
    hand = call_in(S.MENU)
    told = CALL_EVENTS[event](hand)
    hand.do(e.CallerLeft(C1))
    hand.wait(1.0)
    late = [c.HangUp(C1)] if event in (e.CallbackAnswered, e.CallerBack) else []  # nobody would speak to them
    assert untouched(hand, told) == [f.Unexpected(event.__name__, C1, "unknown"), *late]


@pytest.mark.parametrize(("state", "event"), pairs(OfferState, OFFER_EVENTS, OFFER_TABLE, moves))
def test_an_offer_moves(state: OfferState, event: type) -> None:
    hand, offer_id = offer_in(state)
    outputs = hand.do(OFFER_EVENTS[event](offer_id))
    goal, told = OFFER_MOVES[state, event]
    assert names(outputs) == told.format(**WORDS)
    offer = hand.line._state.offers.get(offer_id)
    assert (offer.state if offer else None) is goal


@pytest.mark.parametrize(("state", "event"), pairs(OfferState, OFFER_EVENTS, OFFER_TABLE, lambda row: row is None))
def test_an_offer_is_told_what_cannot_be(state: OfferState, event: type) -> None:
    hand, offer = offer_in(state)
    assert untouched(hand, OFFER_EVENTS[event](offer)) == [f.Unexpected(event.__name__, offer, state)]


@pytest.mark.parametrize(("state", "event"), pairs(OfferState, OFFER_EVENTS, OFFER_TABLE, is_nothing))
def test_an_offer_is_told_what_means_nothing(state: OfferState, event: type) -> None:
    hand, offer = offer_in(state)
    assert untouched(hand, OFFER_EVENTS[event](offer)) == []


@pytest.mark.parametrize("event", OFFER_EVENTS, ids=lambda kind: kind.__name__)
def test_an_unknown_offer(event: type) -> None:
    hand = call_in(S.WAITING)
    told = untouched(hand, OFFER_EVENTS[event](OfferId("o-nobody")))
    assert told == [f.Unexpected(event.__name__, "o-nobody", "unknown")]


def test_every_defined_pair_is_spelled_out() -> None:
    tables: list[tuple[Any, Moves]] = [(CALL_TABLE, CALL_MOVES), (OFFER_TABLE, OFFER_MOVES)]
    for table, told in tables:
        fields = ((state, event) for state, row in table.items() for event in row if isinstance(event, type))
        assert {(state, event) for state, event in fields if moves(table[state][event])} == set(told)


def test_a_move_that_no_table_has_raises_and_changes_nothing() -> None:
    hand, offer = offer_in(F.RINGING)
    world = hand.line._state
    with pytest.raises(ContractError, match="cannot go from waiting to talking"):
        world.move(world.calls[C1], S.TALKING)
    with pytest.raises(ContractError, match="cannot go from ringing to talking"):
        world.move_offer(world.offers[offer], F.TALKING)
    assert world.calls[C1].stage is S.WAITING and world.offers[offer].state is F.RINGING
