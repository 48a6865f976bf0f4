"""From an event or a timer to the action of the state tables, and on to whatever the action returns."""

from __future__ import annotations

from typing import Any, Final

from calls import AgentId, CallId, OfferId
from calls import commands as c
from calls import events as e
from calls import facts as f

from . import faults, offers, phones, talking
from .next import Next
from .stages import CALL_TABLE, NEXT, OFFER_TABLE
from .state import Call, EngineState, Offer
from .timers import TimerKind


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
        _proceed_with(w, offer, row.action(w, offer, event))


def _proceed_with(w: EngineState, offer: Offer, step: Next | None) -> None:
    if step is not None:
        proceed(w, w.calls[offer.call], step)


def fire(w: EngineState, kind: TimerKind, subject: str) -> None:
    """Handle a timer that is due."""
    if kind in _OF_CALLS:
        _call_timer(w, kind, w.calls[CallId(subject)])
    elif kind in _OF_OFFERS:
        _offer_timer(w, kind, OfferId(subject))
    elif kind is TimerKind.HOLDBACK:
        offers.holdback_expired(w)
    else:
        _OF_AGENTS[kind](w, AgentId(subject))


def _call_timer(w: EngineState, kind: TimerKind, call: Call) -> None:
    row = CALL_TABLE[call.stage].get(kind)
    if row is None:
        w.tell(f.Unexpected, kind.name.lower(), call.id, call.stage)
    elif row.action is not None:
        proceed(w, call, row.action(w, call))


def _offer_timer(w: EngineState, kind: TimerKind, name: OfferId) -> None:
    offer = w.offers[name]
    row = OFFER_TABLE[offer.state].get(kind)
    if row is None:
        w.tell(f.Unexpected, kind.name.lower(), offer.id, offer.state)
    elif row.action is not None:
        _proceed_with(w, offer, row.action(w, offer))


_OF_CALLS: Final = frozenset(kind for row in CALL_TABLE.values() for kind in row if isinstance(kind, TimerKind))
_OF_OFFERS: Final = frozenset(kind for row in OFFER_TABLE.values() for kind in row if isinstance(kind, TimerKind))
_OF_AGENTS: Final = {
    TimerKind.WRAP_UP: talking.wrap_up_over,
    TimerKind.RING_AHEAD: talking.ring_ahead,
    TimerKind.REST: faults.rested,
    TimerKind.PHONE_LOST: phones.lost,
    TimerKind.PHONE_AWAY: phones.away,
}
