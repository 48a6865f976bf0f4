"""From an event to the action of the state tables, and on to whatever the action returns."""

from __future__ import annotations

from typing import Any, Final

from calls import CallId, OfferId
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


VALUE_OF: Final[dict[type, str]] = {
    e.KeyPressed: "key",
    e.PromptEnded: "play",
    e.CallerLeft: "lost",
    e.AgentLeft: "lost",
}
"""The field that the actions of these events take in place of the event. They are frequent, and a simulation makes no
messages of them."""


def call_event(w: EngineState, event: Any) -> None:
    """Handle an event of one call."""
    kind = type(event)
    call_happened(w, kind, event.call, _value(kind, event))


def call_happened(w: EngineState, kind: type, name: CallId, value: Any) -> None:
    """Handle what happened to a call. ``value``: the event, or its field in ``VALUE_OF``."""
    call = w.calls.get(name)
    row = CALL_TABLE[call.stage].get(kind) if call is not None else None
    if call is None or row is None:
        w.tell(f.Unexpected, kind.__name__, name, call.stage if call is not None else "unknown")
        if call is None and kind in (e.CallbackAnswered, e.CallerBack):
            # Nobody would speak to them. A caller may be back from a conversation that this engine never knew.
            w.tell(c.HangUp, name)
        return
    action = row.action
    if action is not None:
        step = action(w, call, value)
        if step is not None:
            proceed(w, call, step)


def offer_event(w: EngineState, event: Any) -> None:
    """Handle an event of one offer."""
    kind = type(event)
    offer_happened(w, kind, event.offer, _value(kind, event))


def offer_happened(w: EngineState, kind: type, name: OfferId, value: Any) -> None:
    """Handle what happened to an offer. ``value``: the event, or its field in ``VALUE_OF``."""
    offer = w.offers.get(name)
    row = OFFER_TABLE[offer.state].get(kind) if offer is not None else None
    if offer is None or row is None:
        w.tell(f.Unexpected, kind.__name__, name, offer.state if offer is not None else "unknown")
        return
    action = row.action
    if action is not None:
        proceed_with(w, offer, action(w, offer, value))


def _value(kind: type, event: Any) -> Any:
    field = VALUE_OF.get(kind)
    return event if field is None else getattr(event, field)


def proceed_with(w: EngineState, offer: Offer, step: Next | None) -> None:
    """Carry out the next steps of the offer's call, if there are any."""
    if step is not None:
        proceed(w, w.calls[offer.call], step)
