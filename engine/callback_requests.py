"""Promises to call a citizen back: calls made by the line, which wait in the queue without a channel.

a caller accepts, or a supervisor promises -> PROMISED, in the caller's old place
an agent takes it -> DIALLING: the citizen's phone rings; not reached: aside, until the next attempt
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Final

from calls import CallId, CallStage, Known, Outcome, Party, QueueId
from calls import commands as c
from calls import facts as f
from ivr import Menus
from queues import OverflowAction

from . import legs, places, reach
from .call import Call, CallbackTask
from .ending import end_call
from .next import MESSAGE_S, LastWords
from .state import WAITING_TIMERS, EngineState
from .timers import TimerKind
from .work import WorkItem

DIAL_MARGIN_S: Final = 5.0
"""Seconds by which the engine's limit for the citizen's phone is longer than Asterisk's."""


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """A callback as supervisors see it; instants are on the engine's scale.

    ``due_at``: the citizen is not rung earlier (a promised time, or the next attempt); None: when their turn comes.
    """

    call: CallId
    number: str
    queue: QueueId | None
    stage: CallStage
    since: float
    due_at: float | None
    attempts: int


def callback_requests(w: EngineState) -> list[CallbackRequest]:
    """List the callbacks that are not over, oldest first."""
    return [_request(w, w.calls[name]) for name in w.promised.values()]


def _request(w: EngineState, call: Call) -> CallbackRequest:
    item, attempts = call.work, call.callback.attempts if call.callback is not None else 0
    next_at = w.timers.at(TimerKind.CALLBACK, call.id)
    promised_at = item.promised_at if isfinite(item.promised_at) else None
    due_at = promised_at if next_at is None else next_at
    return CallbackRequest(call.id, item.ani, item.queue, call.stage, call.arrived_at, due_at, attempts)


def accept(w: EngineState, call: Call) -> LastWords | None:
    """Give the caller's place in the queue to a promise; the caller may hang up."""
    asked, item, place, queue = call.asked, call.work, w.room.place(call.id), w.queue(call.work)
    number = w.settings.callbacks.dialled(item.ani)
    if asked is None or number is None:
        return None
    call.asked = None
    places.forget_wait(w, item)
    w.timers.cancel_those(WAITING_TIMERS, call.id)
    waited_s = w.now - place.entered_at
    w.tell(f.Overflowed, call.id, queue.id, asked.limit, asked.found, OverflowAction.CALLBACK, "")
    w.tell(f.QueueLeft, call.id, queue.id, Outcome.OVERFLOWED, waited_s)
    back = new(w, number, item.dnis, item.known, call.menus, call.digest)
    promise = back.work
    promise.queue, promise.extra_points = queue.id, item.extra_points
    promise.relaxing, promise.relaxed = item.relaxing, item.relaxed
    w.tell(f.CallbackPromised, back.id, call.id, queue.id, number, promise.language, waited_s, None)
    kept = w.room.change(place, place.kept_for(None).changed(item=back.id, node=reach.home(w, promise)))
    places.tell_queued(w, promise, kept)
    stands(w, promise)
    call.decide(Outcome.OVERFLOWED, Party.LINE)
    prompts = call.menus.prompts
    return LastWords((prompts.callback_promised, prompts.goodbye), MESSAGE_S)


def new(w: EngineState, number: str, dnis: str, known: Known, menus: Menus, digest: str) -> Call:
    """Make a call of the line's own, with all that is known of the citizen. ``digest``: of the menus' settings."""
    w.made += 1
    name = CallId(f"{w.node}-cb{w.epoch}-{w.made}")
    item = WorkItem(name, number, dnis, known.copy(), unattended=True)
    back = Call(name, item, w.now, menus, digest, CallStage.PROMISED, callback=CallbackTask())
    w.calls[name], w.promised[number] = back, name
    return back


def enter(w: EngineState, item: WorkItem) -> None:
    """Give the promise a place of its own, behind all waiting calls."""
    place = places.enter(w, item)
    w.distributor.entered(place)  # the citizen is not counted yet
    places.tell_queued(w, item, place)
    stands(w, item)


def stands(w: EngineState, item: WorkItem) -> None:
    """Let the callback be chosen: it has its place."""
    w.distributor.item_free(w.room.place(item.id))
    places.relax(w, item)


def put_aside(w: EngineState, item: WorkItem) -> None:
    """Take the callback's place out of the queue until the next attempt: no call waits behind it."""
    w.timers.cancel_those(WAITING_TIMERS, item.id)
    item.aside = w.room.leave(item.id)


def hold_s(w: EngineState, call: Call) -> float:
    """Give the longest time (s) that the agent's leg may wait for the citizen; 0 for a caller who is there."""
    dials = call.stage is CallStage.PROMISED
    return w.settings.callbacks.ring_s + DIAL_MARGIN_S + legs.CONNECT_S if dials else 0.0


def agent_gave_up(w: EngineState, call: Call) -> None:
    """Stop ringing the citizen, as the agent hung up; the callback waits for another agent."""
    w.timers.cancel(TimerKind.DIAL, call.id)
    w.tell(c.HangUp, call.id)
    call.work.node = ""
    w.move(call, CallStage.PROMISED)
    w.room.release(call.id)
    w.distributor.item_free(w.room.place(call.id))


def over(w: EngineState, call: Call, outcome: Outcome, by: Party, ordered_by: str = "") -> None:
    """End the callback: the promise no longer holds."""
    if call.id in w.room.places or call.work.aside:
        places.leave_queue(w, call.work, outcome, ordered_by)
    call.decide(outcome, by)
    end_call(w, call)
