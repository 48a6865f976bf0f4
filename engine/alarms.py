"""From a timer that is due to the action of the state tables, or to the room that waits for it."""

from __future__ import annotations

from typing import Final

from calls import AgentId, CallId, OfferId
from calls import facts as f

from . import faults, lost_places, offers, outages, phones, talking
from .call import Call
from .dispatch import proceed, proceed_with
from .stages import CALL_TABLE, OFFER_TABLE
from .state import EngineState
from .timers import TimerKind


def fire(w: EngineState, kind: TimerKind, subject: str) -> None:
    """Handle a timer that is due."""
    if kind in _OF_CALLS:
        _call_timer(w, kind, w.calls[CallId(subject)])
    elif kind in _OF_OFFERS:
        _offer_timer(w, kind, OfferId(subject))
    elif kind is TimerKind.HOLDBACK:
        offers.holdback_expired(w)
    elif kind in _OF_LINE:
        _OF_LINE[kind](w, subject)
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
        proceed_with(w, offer, row.action(w, offer))


_OF_CALLS: Final = frozenset(kind for row in CALL_TABLE.values() for kind in row if isinstance(kind, TimerKind))
_OF_OFFERS: Final = frozenset(kind for row in OFFER_TABLE.values() for kind in row if isinstance(kind, TimerKind))
_OF_AGENTS: Final = {
    TimerKind.WRAP_UP: talking.wrap_up_over,
    TimerKind.RING_AHEAD: talking.ring_ahead,
    TimerKind.REST: faults.rested,
    TimerKind.PHONE_LOST: phones.lost,
    TimerKind.PHONE_AWAY: phones.away,
}
_OF_LINE: Final = {
    TimerKind.NODE_LOST: outages.node_lost,
    TimerKind.PLACE_KEPT: lost_places.over,
}
