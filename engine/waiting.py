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

from . import asking, callbacks, limits, lost_places, overflow, places, playback
from .call import Call
from .ending import caller_left, end_call
from .forecast import expectation, must_wait
from .kept_place import KeptPlace
from .next import Goodbye, Join, Next, OfferTo
from .state import EngineState
from .timers import TimerKind

RESUMED_S: Final = 1.0
"""Seconds after which a caller with an old place is told it."""

# -- coming in ---


def join(w: EngineState, call: Call, wanted: Join) -> Next | None:
    """Give the caller a place; they may be connected while prompts are still being said."""
    w.move(call, CallStage.WAITING)
    item = call.work
    item.queue, call.visit, call.announced, call.failed_connects = wanted.queue, None, WaitAnnouncements(), 0
    if wanted.kept is not None:
        resume(w, call, wanted.kept)
        return None
    elsewhere = overflow.at_entry(w, call)
    if elsewhere is not None:
        return elsewhere._replace(first=wanted.first) if isinstance(elsewhere, Join) else elsewhere
    if wanted.callback:
        asking.offer(w, call)
    place = places.enter(w, item, places.last_agent(w, item))
    places.tell_queued(w, item, place)
    places.expect(w, item)
    w.set_timer(TimerKind.ANNOUNCE, call.id, w.queue(item).announce_first_s)
    limits.watch(w, item)
    if call.asked:
        asking.say(w, call)
    elif wanted.prompts:
        playback.play(w, call, wanted.prompts, ALL_KEYS)
    else:
        playback.music(w, call)
    w.distributor.entered(place)
    places.relax(w, item)
    return OfferTo(wanted.first) if wanted.first is not None else None


def resume(w: EngineState, call: Call, kept: KeptPlace) -> None:
    """Give the caller the place that was kept for them; soon they hear which it is."""
    item = call.work
    lost_places.take(w, item, kept)
    w.tell(f.PlaceResumed, call.id, kept.call, kept.place.queue, w.now - kept.place.entered_at)
    places.expect(w, item)
    w.set_timer(TimerKind.ANNOUNCE, call.id, RESUMED_S)
    limits.watch(w, item)
    playback.music(w, call)
    w.distributor.entered(w.room.place(call.id))
    places.relax(w, item)


def moved(w: EngineState, call: Call, event: e.CallMoved) -> None:
    """Move the call to another queue on a supervisor's order; the time waited stays."""
    if event.queue not in w.settings.queues:
        w.tell(f.Unexpected, "CallMoved", call.id, f"no queue {event.queue}")
        return
    item = call.work
    if item.id not in w.room.places:
        item.queue, item.relaxing, item.relaxed = event.queue, w.settings.queues[event.queue].relax, ()
        places.foretell(w, item, "moved", event.by)
        return
    limits.to_queue(w, item, event.queue, "moved", event.by)


def prioritised(w: EngineState, call: Call, event: e.PrioritySet) -> None:
    """Set the call's priority on a supervisor's order."""
    places.prioritise(w, call.work, event.points, event.by)


def relax(w: EngineState, call: Call) -> None:
    """Handle the RELAX timer: a step is due."""
    places.relax(w, call.work)


def preference_expired(w: EngineState, call: Call) -> None:
    """Handle the PREFERRED timer: other agents may take the call too."""
    places.prefer_nobody(w, call.work)


def take_settings(w: EngineState) -> None:
    """Apply new settings to waiting calls; steps already taken stay taken if they still exist."""
    waiting = [w.calls[CallId(place.item)] for place in w.room]
    for call in waiting:
        place = w.room.place(call.id)
        renewed = places.renewed_with_steps(w, call.work, place)
        if places.terms(renewed) != places.terms(place):
            places.change(w, call.work, renewed, "new settings")
    for call in waiting:  # only when every place is right: a step may ask for the position
        places.relax(w, call.work)
        limits.watch(w, call.work)
        overflow.look_again(w, call)


# -- going out ---


def withdrawn(w: EngineState, call: Call, event: e.CallWithdrawn) -> Goodbye:
    """Take the call out of the queue on a supervisor's order."""
    overflow.give_up(w, call, Outcome.REFUSED, event.by)
    return Goodbye()


def left(w: EngineState, call: Call, lost: bool) -> None:
    """Note an abandoned call: while waiting, while a phone rang, or just as an agent answered."""
    item = call.work
    if item.waiter is not None:
        estimator = w.estimator(w.queue(item).id)
        if not must_wait(w, item):
            estimator.left(item.waiter, w.now)
        else:
            # The estimator learns only from followed callers, so what was ahead of the others does not matter.
            ahead = expectation(w, item) if item.waiter.forecasts else None
            estimator.abandoned(item.waiter, *(ahead or (0, 0.0)), w.now)
    places.withdraw_offer(w, item)
    places.leave_queue(w, item, Outcome.ABANDONED)
    call.decide(Outcome.ABANDONED, caller_left(w, call, lost))
    end_call(w, call)


def switch_queue(w: EngineState, event: e.QueueSwitched) -> list[Call]:
    """Open or close a queue. Returns its waiting calls: in a closed one they go where its rules say."""
    if event.queue not in w.settings.queues or event.open == (event.queue not in w.closed):
        w.tell(f.Unexpected, "QueueSwitched", event.queue, "open" if event.open else "closed")
        return []
    (w.closed.discard if event.open else w.closed.add)(event.queue)
    w.tell(f.QueueOpen, event.queue, event.open, event.by)
    return overflow.waiting_in(w, event.queue)


# -- what is heard ---


def key(w: EngineState, call: Call, pressed: str) -> Next | None:
    """Take a key: the answer to what the caller was asked; else it only cuts what is being said."""
    if call.asked:
        return callbacks.key(w, call, pressed)
    if call.playback.saying:
        playback.music(w, call)
    return None


def prompt_ended(w: EngineState, call: Call, play: int) -> None:
    """Play music after the present play; if it was a question, wait for its answer too."""
    if play != call.playback.number:
        return
    if call.asked:
        asking.heard(w, call)
    playback.music(w, call)


def again(w: EngineState, call: Call, _: e.CallerBack) -> None:
    """Play music (or the question) again after an interruption; the place stays."""
    if call.asked:
        asking.say(w, call)
    else:
        playback.music(w, call)


def announce_later(w: EngineState, call: Call) -> None:
    """Handle the ANNOUNCE timer while an agent is being joined: say nothing now."""
    w.set_timer(TimerKind.ANNOUNCE, call.id, w.queue(call.work).announce_every_s)


def announce(w: EngineState, call: Call) -> Next | None:
    """Handle the ANNOUNCE timer: say position, and minutes if the estimate is good and no longer than told before."""
    queue = w.queue(call.work)
    w.set_timer(TimerKind.ANNOUNCE, call.id, queue.announce_every_s)
    if call.asked:
        return None
    places.relax(w, call.work)
    elsewhere = overflow.while_waiting(w, call) if call.work.offer is None else None
    if elsewhere is not None:
        return elsewhere
    position = w.room.position(call.id, w.now)
    minutes = _minutes(w, call, position) if queue.estimate else None
    playback.play(w, call, tuple(_words(call, position, minutes)), ALL_KEYS)
    return None


def _words(call: Call, position: int, minutes: MinuteRange | None) -> Iterable[Prompt]:
    words = call.menus.prompts
    yield Prompt(words.position, position)
    if minutes is not None:
        yield Prompt(words.minutes, minutes.high)


def _minutes(w: EngineState, call: Call, position: int) -> MinuteRange | None:
    """Give the minutes that may be announced, and tell the fact of it."""
    item, queue, estimate = call.work, w.queue(call.work), None
    if item.waiter is not None and w.estimator(queue.id).asks_later(item.waiter):
        ahead = expectation(w, item)
        if ahead is not None:
            estimate = w.estimator(queue.id).announce(item.waiter, *ahead, w.now)
    minutes = call.announced.say(estimate)
    low, high = (minutes.low * 60.0, minutes.high * 60.0) if minutes else (None, None)
    coverage = estimate.coverage if estimate and minutes else None
    w.tell(f.Announced, call.id, queue.id, position, high, low, coverage)
    return minutes
