"""Commands that Asterisk could not carry out, and what the engine does instead."""

from __future__ import annotations

from typing import Final

from calls import OfferResult
from calls import events as e
from calls import facts as f

from . import callbacks, menus, offers, transfers
from .call import Call
from .dispatch import proceed
from .machine import OfferState
from .next import Next
from .stages import CALL_TABLE
from .state import EngineState, Offer


def command_failed(w: EngineState, event: e.CommandFailed) -> None:
    """Handle a failed command; the fact says what was done instead."""
    call = w.calls.get(event.call) if event.call else None
    offer = w.offers.get(event.offer) if event.offer else None
    done = _instead(w, event, call, offer)
    w.tell(f.CommandLost, event.command, event.offer or event.call or "", event.error, done)


def _instead(w: EngineState, event: e.CommandFailed, call: Call | None, offer: Offer | None) -> str:
    """Do something else instead. Returns what, in words for the operators."""
    if offer is not None and event.command == "Ring" and offer.state is OfferState.RINGING:
        offers.failed(w, offer, e.OfferFailed(offer.id, OfferResult.FAILED, event.error))
        return "offered to another"
    if event.command == "Prompt":
        return "went on without it"
    if call is None:
        return NOTHING_DONE
    done, step = _of_call(w, event, call)
    proceed(w, call, step)
    return done


def _of_call(w: EngineState, event: e.CommandFailed, call: Call) -> tuple[str, Next | None]:
    match event.command, call.stage.value:
        case "Connect", "connecting" if event.offer in (None, call.work.offer):
            return "back to its place", offers.connect_failed(w, call)
        case (("Play" | "Record"), _):
            row = CALL_TABLE[call.stage].get(e.PromptEnded)
            ended = call.playback.number
            return "counted as heard", row.action(w, call, ended) if row is not None and row.action else None
        case "Transfer", "transferring":
            return "counted as over", transfers.back(w, call, e.CallerBack(call.id))
        case "Lookup", "menu":
            late = e.LookupFailed(call.id, call.lookups, event.error)
            return "went on without an answer", menus.lookup_failed(w, call, late)
        case "CallBack", "dialling":
            callbacks.missed(w, call, e.CallbackFailed(call.id, OfferResult.FAILED, event.error))
            return "counted as not reached", None
    return NOTHING_DONE, None


NOTHING_DONE: Final = "nothing: the audit will see"
