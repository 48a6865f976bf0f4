"""The state tables of the engine: a call's stages, an offer's states, and the functions for the rooms' next steps.

Late, doubled and impossible events are not in the tables: a fact ``Unexpected``, and nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from calls import CallStage
from calls import events as e

from . import callbacks, farewell, legs, menus, offers, overflow, rescue, talking, transfers, waiting
from . import next as then
from .call import Call
from .machine import NOTHING, Elsewhere, OfferState, Row, allowed, to
from .state import EngineState
from .timers import TimerKind as Timer

S = CallStage
F = OfferState
END: Final = None

THEORY: Final = """\
**A call.** One caller has one call, from the first prompt to the end of the channel. MENU: the caller walks through the
menus. WAITING: they wait in a queue, and may be offered to agents meanwhile. CONNECTING: an agent has answered, the two
do not hear each other yet. TALKING. TRANSFERRING: with an outside number. LEAVING: it is decided how the call ends, or
the agent has hung up first; the channel is still there. A call ends (None) when its channel is gone.

**A callback** is a call that the line makes, without a channel at first. PROMISED: it waits in the queue like a call,
or outside until its time comes. DIALLING: an agent has it and the citizen's phone rings. If the citizen answers, it is
CONNECTING and from there on a call like any other; if not, it is PROMISED again.

**An offer** is one attempt to give one call to one agent; there is at most one per call and per agent. RINGING,
ANSWERED, TALKING as its call; CLOSING: its result is decided, but the agent's leg is still there, and until it is gone
the agent gets no other call. An offer whose leg is gone is forgotten (None).

**An agent**'s states are in `agents/state.py`: they decide which agents may get offers."""

LATE: Final[dict[Any, Row]] = {e.LookedUp: NOTHING, e.LookupFailed: NOTHING}
"""Answers of services that come after the caller has gone on."""
OUT_OF_MENU: Final = (S.MENU, S.WAITING, S.TRANSFERRING, S.LEAVING)
"""Stages that a step of the walk may lead to."""
OUT_OF_QUEUE: Final = (S.WAITING, S.TRANSFERRING, S.LEAVING)
"""Stages that a queue's overflow rules may lead to."""

CALL_TABLE: Final[dict[CallStage, dict[Any, Row]]] = {
    S.MENU: {
        e.KeyPressed: to(menus.key, *OUT_OF_MENU),
        e.LookedUp: to(menus.looked_up, *OUT_OF_MENU),
        e.LookupFailed: to(menus.lookup_failed, *OUT_OF_MENU),
        e.PromptEnded: to(menus.prompt_ended, *OUT_OF_MENU),
        e.CallerLeft: to(menus.left, END),
        e.CallerBack: to(menus.again, *OUT_OF_MENU),
        e.CallRescued: to(rescue.rescued, END),
        Timer.SILENCE: to(menus.silence, *OUT_OF_MENU),
        Timer.LOOKUP: to(menus.lookup_late, *OUT_OF_MENU),
        Timer.SILENT: to(menus.silent_too_long, *OUT_OF_MENU),
    },
    S.WAITING: {
        **LATE,
        e.KeyPressed: to(waiting.key, *OUT_OF_QUEUE),
        e.PromptEnded: to(waiting.prompt_ended, S.WAITING),
        e.CallerLeft: to(waiting.left, END),
        e.CallerBack: to(waiting.again, S.WAITING),
        e.CallRescued: to(rescue.rescued, END),
        e.CallMoved: to(waiting.moved, S.WAITING),
        e.PrioritySet: to(waiting.prioritised, S.WAITING),
        e.CallWithdrawn: to(waiting.withdrawn, S.LEAVING),
        Timer.ANNOUNCE: to(waiting.announce, *OUT_OF_QUEUE),
        Timer.RELAX: to(waiting.relax, S.WAITING),
        Timer.PREFERRED: to(waiting.preference_expired, S.WAITING),
        Timer.OVERFLOW: to(overflow.waited_too_long, *OUT_OF_QUEUE),
        Timer.ASKED: to(callbacks.declined, *OUT_OF_QUEUE),
        Timer.SILENT: NOTHING,
        Elsewhere.LIMIT: to(None, *OUT_OF_QUEUE),
        Elsewhere.AGENT_ANSWERED: to(None, S.CONNECTING),
    },
    S.CONNECTING: {
        **LATE,
        e.KeyPressed: NOTHING,
        e.PromptEnded: NOTHING,
        e.CallerLeft: to(waiting.left, END),
        e.CallerBack: to(offers.connect_failed, S.WAITING, S.LEAVING),
        e.CallRescued: to(rescue.rescued, END),
        Timer.ANNOUNCE: to(waiting.announce_later, S.CONNECTING),
        Timer.RELAX: to(waiting.relax, S.CONNECTING),
        Timer.PREFERRED: to(waiting.preference_expired, S.CONNECTING),
        Timer.OVERFLOW: NOTHING,
        Timer.SILENT: NOTHING,
        Elsewhere.JOINED: to(None, S.TALKING),
        Elsewhere.NOT_JOINED: to(None, S.WAITING),
        Elsewhere.AGENT_LEFT: to(None, S.WAITING),
    },
    S.TALKING: {
        **LATE,
        e.KeyPressed: NOTHING,
        e.CallerLeft: to(talking.left, END),
        e.CallerBack: to(talking.back, S.LEAVING, S.MENU),
        e.AgentTransferred: to(talking.sent_on, *OUT_OF_QUEUE),
        e.CallHandedOver: to(talking.handed_over, S.TALKING, S.TRANSFERRING),
        e.CallRescued: to(rescue.rescued, END),
        Timer.SILENT: NOTHING,
        Elsewhere.AGENT_LEFT: to(None, S.LEAVING),
    },
    S.TRANSFERRING: {
        **LATE,
        e.KeyPressed: NOTHING,
        e.PromptEnded: NOTHING,
        e.TransferAnswered: to(transfers.answered, S.TRANSFERRING),
        e.CallerLeft: to(transfers.left, END),
        e.CallerBack: to(transfers.back, S.LEAVING, S.WAITING, S.MENU, S.TRANSFERRING),
        e.CallHandedOver: to(talking.handed_over, S.TALKING, S.TRANSFERRING),
        e.CallRescued: to(rescue.rescued, END),
        Timer.SILENT: NOTHING,
    },
    S.LEAVING: {
        **LATE,
        e.KeyPressed: NOTHING,
        e.PromptEnded: to(farewell.last_words_said, S.LEAVING),
        e.CallerLeft: to(farewell.gone, END),
        e.CallerBack: to(talking.farewell, S.MENU, *OUT_OF_QUEUE),
        e.AgentTransferred: to(talking.sent_on, *OUT_OF_QUEUE),
        e.CallHandedOver: to(talking.handed_over, S.TALKING, S.TRANSFERRING),
        e.CallRescued: to(rescue.rescued, END),
        Timer.LEAVE: to(farewell.never_left, END),
        Timer.SILENT: NOTHING,
    },
    S.PROMISED: {
        e.CallMoved: to(waiting.moved, S.PROMISED),
        e.PrioritySet: to(waiting.prioritised, S.PROMISED),
        e.CallWithdrawn: to(callbacks.withdrawn, END),
        e.CallbackAnswered: to(callbacks.too_late, S.PROMISED),
        e.CallbackFailed: NOTHING,
        e.CallerLeft: NOTHING,
        e.CallRescued: to(rescue.rescued, END),
        Timer.RELAX: to(waiting.relax, S.PROMISED),
        Timer.PREFERRED: to(waiting.preference_expired, S.PROMISED),
        Timer.OVERFLOW: NOTHING,
        Timer.CALLBACK: to(callbacks.due, S.PROMISED),
        Elsewhere.AGENT_ANSWERED: to(None, S.DIALLING),
    },
    S.DIALLING: {
        e.CallbackAnswered: to(callbacks.reached, S.CONNECTING),
        e.CallbackFailed: to(callbacks.missed, S.PROMISED, END),
        e.CallRescued: to(rescue.rescued, END),
        Timer.RELAX: to(waiting.relax, S.DIALLING),
        Timer.PREFERRED: to(waiting.preference_expired, S.DIALLING),
        Timer.OVERFLOW: NOTHING,
        Timer.DIAL: to(callbacks.rang_too_long, S.PROMISED, END),
        Elsewhere.AGENT_LEFT: to(None, S.PROMISED),
        Elsewhere.RECONCILED: to(None, S.TALKING),
    },
}

OFFER_TABLE: Final[dict[OfferState, dict[Any, Row]]] = {
    F.RINGING: {
        e.OfferRang: to(offers.rang, F.RINGING),
        e.OfferAnswered: to(offers.answered, F.ANSWERED),
        e.OfferFailed: to(offers.failed, END),
        e.AgentLeft: to(offers.left_ringing, END),
        Timer.RING: to(offers.no_answer, F.CLOSING),
        Elsewhere.CALLER_GONE: to(None, F.CLOSING),
    },
    F.ANSWERED: {
        e.Bridged: to(talking.bridged, F.TALKING),
        e.OfferFailed: to(offers.left_unbridged, END),
        e.AgentLeft: to(offers.left_unbridged, END),
        Timer.CONNECT: to(offers.connect_late, F.CLOSING),
        Elsewhere.CALLER_GONE: to(None, F.CLOSING),
    },
    F.TALKING: {
        e.HoldChanged: to(talking.hold, F.TALKING),
        e.OfferFailed: to(talking.leg_failed, END),
        e.AgentLeft: to(talking.agent_left, END),
        Elsewhere.CALLER_GONE: to(None, F.CLOSING),
    },
    F.CLOSING: {
        e.OfferRang: to(legs.cancel_again, F.CLOSING),
        e.OfferAnswered: to(legs.cancel_again, F.CLOSING),
        e.Bridged: to(legs.cancel_again, F.CLOSING),
        e.HoldChanged: NOTHING,
        e.OfferFailed: to(legs.closed, END),
        e.AgentLeft: to(legs.closed, END),
        Timer.CLOSE: to(legs.never_closed, END),
    },
}

NEXT: Final[dict[type, Callable[[EngineState, Call, Any], then.Next | None]]] = {
    then.Join: waiting.join,
    then.OfferTo: offers.offer_to,
    then.LastWords: farewell.say_last,
    then.Goodbye: farewell.say_goodbye,
    then.HangUp: farewell.hang_up,
    then.SendOut: transfers.send_out,
    then.WalkOn: menus.walk_on,
    then.AfterTalk: menus.after_talk,
    then.CallCitizen: callbacks.dial,
}
"""The function that carries out each next step."""

CALL_MOVES: Final = allowed(CALL_TABLE)
OFFER_MOVES: Final = allowed(OFFER_TABLE)
