"""The two state tables of the engine: a call's stages and an offer's states.

``TABLE[state][event type] = action``. An action is the name of a function in the engine's rooms; it moves the state.
What is not in a table is late, doubled or impossible: a fact ``Unexpected``, and nothing changes. ``nothing`` stands
where an event is quite normal and means nothing there.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from calls import CallStage
from calls import events as e

S = CallStage

_LATE: Final[dict[type, str]] = {e.LookedUp: "nothing", e.LookupFailed: "nothing"}
"""Answers of services to a caller who has gone on without them."""

CALL_TABLE: Final[dict[CallStage, dict[type, str]]] = {
    S.MENU: {
        e.KeyPressed: "menu_key",
        e.LookedUp: "looked_up",
        e.LookupFailed: "lookup_failed",
        e.PromptEnded: "menu_prompt_ended",
        e.CallerLeft: "menu_left",
        e.CallerBack: "menu_again",
        e.CallRescued: "rescued",
    },
    S.WAITING: {
        **_LATE,
        e.KeyPressed: "wait_key",
        e.PromptEnded: "wait_prompt_ended",
        e.CallerLeft: "wait_left",
        e.CallerBack: "wait_again",
        e.CallRescued: "rescued",
        e.CallMoved: "moved",
        e.PrioritySet: "prioritised",
        e.CallWithdrawn: "withdrawn",
    },
    S.CONNECTING: {
        **_LATE,
        e.KeyPressed: "nothing",
        e.PromptEnded: "nothing",
        e.CallerLeft: "wait_left",
        e.CallerBack: "connect_failed",
        e.CallRescued: "rescued",
    },
    S.TALKING: {
        **_LATE,
        e.KeyPressed: "nothing",
        e.CallerLeft: "talk_left",
        e.CallerBack: "talk_back",
        e.AgentTransferred: "sent_on",
        e.CallHandedOver: "handed_over",
        e.CallRescued: "rescued",
    },
    S.TRANSFERRING: {
        **_LATE,
        e.KeyPressed: "nothing",
        e.PromptEnded: "nothing",
        e.TransferAnswered: "transfer_answered",
        e.CallerLeft: "transfer_left",
        e.CallerBack: "transfer_back",
        e.CallHandedOver: "handed_over",
        e.CallRescued: "rescued",
    },
    S.LEAVING: {
        **_LATE,
        e.KeyPressed: "nothing",
        e.PromptEnded: "last_words_said",
        e.CallerLeft: "gone",
        e.CallerBack: "farewell",
        e.AgentTransferred: "sent_on",
        e.CallHandedOver: "handed_over",
        e.CallRescued: "rescued",
    },
    S.PROMISED: {
        e.CallMoved: "moved",
        e.PrioritySet: "prioritised",
        e.CallWithdrawn: "promise_withdrawn",
        e.CallbackAnswered: "reached_too_late",
        e.CallbackFailed: "nothing",
        e.CallerLeft: "nothing",
        e.CallRescued: "rescued",
    },
    S.DIALLING: {
        e.CallbackAnswered: "reached",
        e.CallbackFailed: "not_reached",
        e.CallRescued: "rescued",
    },
}


class OfferState(StrEnum):
    """One attempt to give one call to one agent. CLOSING: decided, but the agent's leg still has to go."""

    RINGING = "ringing"
    ANSWERED = "answered"
    TALKING = "talking"
    CLOSING = "closing"


OFFER_TABLE: Final[dict[OfferState, dict[type, str]]] = {
    OfferState.RINGING: {
        e.OfferRang: "rang",
        e.OfferAnswered: "answered",
        e.OfferFailed: "failed",
        e.AgentLeft: "failed",
    },
    OfferState.ANSWERED: {
        e.Bridged: "bridged",
        e.OfferFailed: "left_unbridged",
        e.AgentLeft: "left_unbridged",
    },
    OfferState.TALKING: {
        e.HoldChanged: "hold",
        e.OfferFailed: "agent_left",
        e.AgentLeft: "agent_left",
    },
    OfferState.CLOSING: {
        e.OfferRang: "cancel_again",
        e.OfferAnswered: "cancel_again",
        e.Bridged: "cancel_again",
        e.HoldChanged: "nothing",
        e.OfferFailed: "closed",
        e.AgentLeft: "closed",
    },
}
