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
from .next import MESSAGE_S, LastWords
from .state import WAITING_TIMERS, Call, EngineState
from .timers import TimerKind

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
    calls = (w.calls[name] for name in w.promised.values())
    return [
        CallbackRequest(call.id, call.ani, call.queue, call.stage, call.arrived_at, _due_at(w, call), call.attempts)
        for call in calls
    ]


def _due_at(w: EngineState, call: Call) -> float | None:
    next_at = w.timers.at(TimerKind.CALLBACK, call.id)
    promised_at = call.promised_at if isfinite(call.promised_at) else None
    return promised_at if next_at is None else next_at


def accept(w: EngineState, call: Call) -> LastWords | None:
    """Give the caller's place in the queue to a promise; the caller may hang up."""
    asked, place, queue = call.asked, w.room.place(call.id), w.queue(call)
    number = w.settings.callbacks.dialled(call.ani)
    if asked is None or number is None:
        return None
    call.asked = None
    places.forget_wait(w, call)
    for kind in WAITING_TIMERS:
        w.timers.cancel(kind, call.id)
    waited_s = w.now - place.entered_at
    w.tell(f.Overflowed, call.id, queue.id, asked.limit, asked.found, OverflowAction.CALLBACK, "")
    w.tell(f.QueueLeft, call.id, queue.id, Outcome.OVERFLOWED, waited_s)
    back = new(w, number, call.dnis, call.menus, call.known, call.digest)
    back.queue, back.extra_points = queue.id, call.extra_points
    back.relaxing, back.relaxed = call.relaxing, call.relaxed
    w.tell(f.CallbackPromised, back.id, call.id, queue.id, number, back.known.language, waited_s, None)
    kept = w.room.change(place, place._replace(item=back.id, preferred_agent=None, node=reach.home(w, back)))
    places.tell_queued(w, back, kept)
    stands(w, back)
    w.decide(call, Outcome.OVERFLOWED, Party.LINE)
    prompts = call.menus.prompts
    return LastWords((prompts.callback_promised, prompts.goodbye), MESSAGE_S)


def new(w: EngineState, number: str, dnis: str, menus: Menus, known: Known, digest: str) -> Call:
    """Make a call of the line's own, with all that is known of the citizen. ``digest``: of the menus' settings."""
    w.made += 1
    name = CallId(f"{w.node}-cb{w.epoch}-{w.made}")
    back = Call(name, number, dnis, w.now, menus, known.copy(), stage=CallStage.PROMISED, digest=digest, callback=True)
    w.calls[name], w.promised[number] = back, name
    return back


def enter(w: EngineState, call: Call) -> None:
    """Give the promise a place of its own, behind all waiting calls."""
    queue = w.queue(call)
    call.relaxing = queue.relax
    points, needs = places.points(call, queue), queue.needs(w.language(call))
    place = w.room.enter(call.id, queue, needs, points, w.now, promised_at=call.promised_at)
    w.distributor.entered(place)  # the citizen is not counted yet
    places.tell_queued(w, call, place)
    stands(w, call)


def stands(w: EngineState, call: Call) -> None:
    """Let the callback be chosen: it has its place."""
    w.distributor.item_free(w.room.place(call.id))
    places.relax(w, call)


def put_aside(w: EngineState, call: Call) -> None:
    """Take the callback's place out of the queue until the next attempt: no call waits behind it."""
    for kind in WAITING_TIMERS:
        w.timers.cancel(kind, call.id)
    call.aside = w.room.leave(call.id)


def hold_s(w: EngineState, call: Call) -> float:
    """Give the longest time (s) that the agent's leg may wait for the citizen; 0 for a caller who is there."""
    dials = call.stage is CallStage.PROMISED
    return w.settings.callbacks.ring_s + DIAL_MARGIN_S + legs.CONNECT_S if dials else 0.0


def agent_gave_up(w: EngineState, call: Call) -> None:
    """Stop ringing the citizen, as the agent hung up; the callback waits for another agent."""
    w.timers.cancel(TimerKind.DIAL, call.id)
    w.tell(c.HangUp, call.id)
    call.node = ""
    w.move(call, CallStage.PROMISED)
    w.room.release(call.id)
    w.distributor.item_free(w.room.place(call.id))


def over(w: EngineState, call: Call, outcome: Outcome, by: Party, ordered_by: str = "") -> None:
    """End the callback: the promise no longer holds."""
    if call.id in w.room.places or call.aside:
        w.leave_queue(call, outcome, ordered_by)
    w.decide(call, outcome, by)
    w.end_call(call)
