"""Places that outlive their calls: the line itself lost the caller (a node died), and they keep their turn.

A citizen who calls again from the same number within ``KEEP_S`` has the old place, past menus and limits. If they do
not, the place becomes a callback where the queue offers callbacks; else it is given up.
"""

from __future__ import annotations

from typing import Final

from calls import CallId, node_of
from calls import facts as f
from queues import OverflowAction

from . import callback_requests, places, reach
from .call import Call
from .kept_place import KeptPlace
from .next import Join, Next
from .state import EngineState
from .timers import TimerKind
from .work import WorkItem

KEEP_S: Final = 300.0
"""Seconds for which a lost caller's place is kept."""


def keep(w: EngineState, call: Call) -> None:
    """Keep the place of a waiting caller who is being lost. A number that was withheld cannot be known again."""
    item, place = call.work, w.room.places.get(call.id)
    if place is None or not item.ani or call.callback is not None:
        return
    turn = item.extra_points, item.relaxing, item.relaxed
    w.kept_places[item.ani] = KeptPlace(call.id, place, item.dnis, item.known, *turn)
    w.set_timer(TimerKind.PLACE_KEPT, item.ani, KEEP_S)


def arrive(w: EngineState, name: CallId, ani: str, dnis: str) -> Next | None:
    """Start a caller who has a place already; None for everybody else."""
    kept = w.kept_places.pop(ani, None) if ani else None
    if kept is None:
        return None
    w.timers.cancel(TimerKind.PLACE_KEPT, ani)
    w.tell(f.CallStarted, name, ani, dnis)
    for attribute, value in kept.known.attributes.items():
        w.tell(f.AttributeSet, name, attribute, value)
    item = WorkItem(name, ani, dnis, kept.known, node_of(name), extra_points=kept.extra_points)
    w.calls[name] = Call(name, item, w.now, w.settings.menus, w.digest)
    return Join(kept.place.queue, kept=kept)


def over(w: EngineState, ani: str) -> None:
    """Handle the PLACE_KEPT timer: they did not call again."""
    kept = w.kept_places.pop(ani)
    number, queue = w.settings.callbacks.dialled(ani), w.settings.queues.get(kept.place.queue)
    if queue is None or number is None or number in w.promised or len(w.promised) >= w.settings.callbacks.most:
        return
    if not any(rule.action is OverflowAction.CALLBACK for rule in queue.overflow):
        return
    back = callback_requests.new(w, number, kept.dnis, kept.known, w.settings.menus, w.digest)
    item = back.work
    item.queue, item.extra_points = queue.id, kept.extra_points
    waited_s = w.now - kept.place.entered_at
    w.tell(f.CallbackPromised, back.id, kept.call, queue.id, number, item.language, waited_s, None)
    take(w, item, kept)
    callback_requests.stands(w, item)


def take(w: EngineState, item: WorkItem, kept: KeptPlace) -> None:
    """Give the item the place that was kept, by the present settings."""
    item.relaxing, item.relaxed = kept.relaxing, kept.relaxed
    old = kept.place.kept_for(None).changed(item=item.id, node=reach.home(w, item))
    place = places.renewed_with_steps(w, item, old)
    w.room.put_back(place)
    places.tell_queued(w, item, place)
