"""The doors of the engine: the function that takes each kind of event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from calls import AgentId, CallId, ContractError, OfferId
from calls import commands as c
from calls import events as e
from calls import facts as f

from . import callbacks, consults, desk, history, menus, outages, overflow, phones, reach, reconcile, rescue, waiting
from .dispatch import call_event, call_happened, offer_event, offer_happened, proceed
from .failures import command_failed
from .orders import ORDERS, note
from .stages import CALL_TABLE, OFFER_TABLE
from .state import EngineState


def take(w: EngineState, event: e.Event) -> None:
    """Take one event. Raises ``ContractError`` for anything else."""
    kind: type = type(event)
    if kind in ORDERS:
        note(w, event)
    door = DOORS.get(kind)
    if door is None:
        raise ContractError(f"not an event: {event!r}")
    door(w, event)


def take_values(w: EngineState, kind: type, subject: str, value: Any) -> None:
    """Take what happened to a call, an offer or an agent without a message. ``value``: what the kind's actions take.

    Raises ``ContractError`` for kinds that only come as messages.
    """
    if kind in OF_CALLS:
        call_happened(w, kind, CallId(subject), value)
    elif kind in OF_OFFERS:
        offer_happened(w, kind, OfferId(subject), value)
    elif kind is e.CallArrived:
        ani, dnis = value
        _came(w, CallId(subject), ani, dnis)
    elif kind is e.AgentAsked:
        action, reason = value
        desk.wished(w, AgentId(subject), action, reason)
    else:
        raise ContractError(f"{kind.__name__} comes as a message")


def _arrived(w: EngineState, event: e.CallArrived) -> None:
    _came(w, event.call, event.ani, event.dnis, event.sip_call)


def _came(w: EngineState, name: CallId, ani: str, dnis: str, sip_call: str = "") -> None:
    """Take a new caller. ``sip_call``: what stands for the SIP Call-ID, where a switch tells it."""
    known = w.calls.get(name)
    if known is not None:
        w.tell(f.Unexpected, "CallArrived", name, known.stage)
        return
    if (first := w.sip_calls.get(sip_call)) is not None:
        # A node that stood still answers late what another has taken meanwhile: nobody is at that end.
        w.tell(f.Unexpected, "CallArrived", name, f"is the same SIP call as {first}")
        w.tell(c.HangUp, name)
        return
    step = menus.arrive(w, name, ani, dnis)
    if sip_call and name in w.calls:
        w.calls[name].sip_call = sip_call
        w.sip_calls[sip_call] = name
    if step is not None:
        proceed(w, w.calls[name], step)


def _line_started(w: EngineState, event: e.LineStarted) -> None:
    # The second of the start makes ids unique even if this start knows nothing of earlier ones.
    w.node, w.anchor, w.epoch = event.node, event.anchor, int(event.anchor + w.now)
    reach.begin(w, event.nodes)
    w.roster.begin(w.now)
    w.tell(f.LineOpened, event.node, event.anchor, event.version)


def _clock_moved(w: EngineState, event: e.ClockMoved) -> None:
    by_s, w.anchor = event.anchor - w.anchor, event.anchor
    w.tell(f.ClockSet, event.anchor, by_s)
    callbacks.clock_moved(w, by_s)


def _trunk_seen(w: EngineState, event: e.TrunkSeen) -> None:
    w.tell(f.TrunkChanged, event.reachable, event.node)


def _turned_away(w: EngineState, event: e.CallsTurnedAway) -> None:
    w.tell(f.TurnedAway, event.why, event.calls, event.node)


def _queue_switched(w: EngineState, event: e.QueueSwitched) -> None:
    for call in waiting.switch_queue(w, event):
        proceed(w, call, overflow.while_waiting(w, call))


OF_CALLS: Final = frozenset(kind for row in CALL_TABLE.values() for kind in row if isinstance(kind, type))
OF_OFFERS: Final = frozenset(kind for row in OFFER_TABLE.values() for kind in row if isinstance(kind, type))

DOORS: Final[dict[type, Callable[[EngineState, Any], None]]] = {
    **dict.fromkeys(OF_OFFERS, offer_event),
    **dict.fromkeys(OF_CALLS, call_event),
    e.CallArrived: _arrived,
    e.CallRefused: menus.refuse,
    e.CallsTurnedAway: _turned_away,
    e.CallSurvived: rescue.accounted,
    e.CommandFailed: command_failed,
    e.ConsultBegan: consults.take,
    e.ConsultAnswered: consults.take,
    e.ConsultEnded: consults.take,
    e.CodeDialled: desk.code_dialled,
    e.AgentAsked: desk.asked,
    e.PhoneReachable: phones.reachable,
    e.PhoneInUse: phones.in_use,
    e.QueueSwitched: _queue_switched,
    e.BannerSwitched: menus.switch_banner,
    e.CallbackAsked: callbacks.asked_by_supervisor,
    e.PersonErased: history.forget,
    e.LineStarted: _line_started,
    e.ClockMoved: _clock_moved,
    e.LinkUp: outages.link_up,
    e.LinkDown: outages.link_down,
    e.TrunkSeen: _trunk_seen,
    e.Snapshot: reconcile.compare,
}
