"""From an event to the action of the state tables, and on to whatever the action returns."""

from __future__ import annotations

from typing import Any

from calls import commands as c
from calls import events as e
from calls import facts as f

from .call import Call
from .next import Next
from .stages import CALL_TABLE, NEXT, OFFER_TABLE
from .state import EngineState, Offer


def proceed(w: EngineState, call: Call, step: Next | None) -> None:
    """Carry out a call's next steps until none is left."""
    while step is not None:
        step = NEXT[type(step)](w, call, step)


def call_event(w: EngineState, event: Any) -> None:
    """Handle an event of one call."""
    kind, call = type(event), w.calls.get(event.call)
    row = CALL_TABLE[call.stage].get(kind) if call is not None else None
    if call is None or row is None:
        w.tell(f.Unexpected, kind.__name__, event.call, call.stage if call else "unknown")
        if call is None and isinstance(event, e.CallbackAnswered | e.CallerBack):
            # Nobody would speak to them. A caller may be back from a conversation that this engine never knew.
            w.tell(c.HangUp, event.call)
    elif row.action is not None:
        proceed(w, call, row.action(w, call, event))


def offer_event(w: EngineState, event: Any) -> None:
    """Handle an event of one offer."""
    kind, offer = type(event), w.offers.get(event.offer)
    row = OFFER_TABLE[offer.state].get(kind) if offer is not None else None
    if offer is None or row is None:
        w.tell(f.Unexpected, kind.__name__, event.offer, offer.state if offer else "unknown")
    elif row.action is not None:
        proceed_with(w, offer, row.action(w, offer, event))


def proceed_with(w: EngineState, offer: Offer, step: Next | None) -> None:
    """Carry out the next steps of the offer's call, if there are any."""
    if step is not None:
        proceed(w, w.calls[offer.call], step)
