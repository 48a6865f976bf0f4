"""Callers in a queue: joining, what they hear, and leaving without having been served."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from calls import CallId, CallStage, Outcome
from calls import events as e
from calls import facts as f
from calls.commands import Prompt
from ivr import ALL_KEYS
from queues import MinuteRange, WaitAnnouncements

from . import asking, callbacks, keeping, legs, limits, places
from .forecast import expectation, must_wait
from .kept_place import KeptPlace
from .next import Goodbye, Join, Next, OfferTo
from .state import Call, EngineState
from .timers import TimerKind

RESUMED_S: Final = 1.0
"""Seconds after which a caller with an old place is told it."""

# -- coming in ---


def join(w: EngineState, call: Call, wanted: Join) -> Next | None:
    """Give the caller a place; they may be connected while prompts are still being said."""
    w.move(call, CallStage.WAITING)
    call.session = None
    call.queue, call.announced, call.failed_connects = wanted.queue, WaitAnnouncements(), 0
    if wanted.kept is not None:
        resume(w, call, wanted.kept)
        return None
    elsewhere = limits.at_entry(w, call)
    if elsewhere is not None:
        return elsewhere._replace(first=wanted.first) if isinstance(elsewhere, Join) else elsewhere
    if wanted.callback:
        asking.offer(w, call)
    queue = w.queue(call)
    place = places.enter(w, call, queue)
    places.expect(w, call)
    w.set_timer(TimerKind.ANNOUNCE, call.id, queue.announce_first_s)
    limits.watch(w, call)
    if call.asked:
        asking.say(w, call)
    elif wanted.prompts:
        w.play(call, wanted.prompts, ALL_KEYS)
    else:
        w.music(call)
    w.distributor.entered(place)
    places.relax(w, call)
    return OfferTo(wanted.first) if wanted.first is not None else None


def resume(w: EngineState, call: Call, kept: KeptPlace) -> None:
    """Give the caller the place that was kept for them; soon they hear which it is."""
    keeping.take(w, call, kept)
    w.tell(f.PlaceResumed, call.id, kept.call, kept.place.queue, w.now - kept.place.entered_at)
    places.expect(w, call)
    w.set_timer(TimerKind.ANNOUNCE, call.id, RESUMED_S)
    limits.watch(w, call)
    w.music(call)
    w.distributor.entered(w.room.place(call.id))
    places.relax(w, call)


def moved(w: EngineState, call: Call, event: e.CallMoved) -> None:
    """Move the call to another queue on a supervisor's order; the time waited stays."""
    if event.queue not in w.settings.queues:
        w.tell(f.Unexpected, "CallMoved", call.id, f"no queue {event.queue}")
        return
    if call.id not in w.room.places:
        call.queue, call.relaxing, call.relaxed = event.queue, w.settings.queues[event.queue].relax, ()
        places.foretell(w, call, "moved", event.by)
        return
    limits.to_queue(w, call, event.queue, "moved", event.by)


def take_settings(w: EngineState) -> None:
    """Apply new settings to waiting calls; steps already taken stay taken if they still exist."""
    waiting = [w.calls[CallId(place.item)] for place in w.room]
    for call in waiting:
        place = w.room.place(call.id)
        renewed = places.renewed_with_steps(w, call, place)
        if places.terms(renewed) != places.terms(place):
            places.change(w, call, renewed, "new settings")
    for call in waiting:  # only when every place is right: a step may ask for the position
        places.relax(w, call)
        limits.watch(w, call)
        limits.look_again(w, call)


# -- going out ---


def withdrawn(w: EngineState, call: Call, event: e.CallWithdrawn) -> Goodbye:
    """Take the call out of the queue on a supervisor's order."""
    places.give_up_place(w, call, Outcome.REFUSED, event.by)
    return Goodbye()


def left(w: EngineState, call: Call, event: e.CallerLeft) -> None:
    """Note an abandoned call: while waiting, while a phone rang, or just as an agent answered."""
    if call.waiter is not None:
        estimator = w.estimator(w.queue(call).id)
        if not must_wait(w, call):
            estimator.left(call.waiter, w.now)
        else:
            # The estimator learns only from followed callers, so what was ahead of the others does not matter.
            ahead = expectation(w, call) if call.waiter.forecasts else None
            estimator.abandoned(call.waiter, *(ahead or (0, 0.0)), w.now)
    if call.offer is not None:
        legs.withdraw(w, w.offers[call.offer])
    w.leave_queue(call, Outcome.ABANDONED)
    w.decide(call, Outcome.ABANDONED, w.caller_left(call, event))
    w.end_call(call)


def switch_queue(w: EngineState, event: e.QueueSwitched) -> list[Call]:
    """Open or close a queue. Returns its waiting calls: in a closed one they go where its rules say."""
    if event.queue not in w.settings.queues or event.open == (event.queue not in w.closed):
        w.tell(f.Unexpected, "QueueSwitched", event.queue, "open" if event.open else "closed")
        return []
    (w.closed.discard if event.open else w.closed.add)(event.queue)
    w.tell(f.QueueOpen, event.queue, event.open, event.by)
    return limits.waiting_in(w, event.queue)


# -- what is heard ---


def key(w: EngineState, call: Call, event: e.KeyPressed) -> Next | None:
    """Take a key: the answer to what the caller was asked; else it only cuts what is being said."""
    if call.asked:
        return callbacks.key(w, call, event.key)
    if call.saying:
        w.music(call)
    return None


def prompt_ended(w: EngineState, call: Call, event: e.PromptEnded) -> None:
    if event.play != call.play:
        return
    if call.asked:
        asking.heard(w, call)
    w.music(call)


def again(w: EngineState, call: Call, _: e.CallerBack) -> None:
    """Play music (or the question) again after an interruption; the place stays."""
    if call.asked:
        asking.say(w, call)
    else:
        w.music(call)


def announce_later(w: EngineState, call: Call) -> None:
    """Handle the ANNOUNCE timer while an agent is being joined: say nothing now."""
    w.set_timer(TimerKind.ANNOUNCE, call.id, w.queue(call).announce_every_s)


def announce(w: EngineState, call: Call) -> Next | None:
    """Handle the ANNOUNCE timer: say position, and minutes if the estimate is good and no longer than told before."""
    queue = w.queue(call)
    w.set_timer(TimerKind.ANNOUNCE, call.id, queue.announce_every_s)
    if call.asked:
        return None
    places.relax(w, call)
    elsewhere = limits.while_waiting(w, call) if call.offer is None else None
    if elsewhere is not None:
        return elsewhere
    position = w.room.position(call.id, w.now)
    minutes = _minutes(w, call, position) if queue.estimate else None
    w.play(call, tuple(_words(call, position, minutes)), ALL_KEYS)
    return None


def _words(call: Call, position: int, minutes: MinuteRange | None) -> Iterable[Prompt]:
    words = call.menus.prompts
    yield Prompt(words.position, position)
    if minutes is not None:
        yield Prompt(words.minutes, minutes.high)


def _minutes(w: EngineState, call: Call, position: int) -> MinuteRange | None:
    """Give the minutes that may be announced, and tell the fact of it."""
    queue, estimate = w.queue(call), None
    if call.waiter is not None and w.estimator(queue.id).asks_later(call.waiter):
        ahead = expectation(w, call)
        if ahead is not None:
            estimate = w.estimator(queue.id).announce(call.waiter, *ahead, w.now)
    minutes = call.announced.say(estimate)
    low, high = (minutes.low * 60.0, minutes.high * 60.0) if minutes else (None, None)
    coverage = estimate.coverage if estimate and minutes else None
    w.tell(f.Announced, call.id, queue.id, position, high, low, coverage)
    return minutes
