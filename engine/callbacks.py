"""Callbacks: a caller hangs up and their place stays in the line; when it is their turn the line calls them.

The agent is rung first, so no citizen who takes the phone has to wait. At a time that a supervisor promised, the
callback enters its queue and is due: nobody is rung earlier, and then only calls that became due before it go first.
"""

from __future__ import annotations

from math import isfinite
from typing import Final

from agents import AgentEvent
from calls import CallStage, Known, OfferResult, Outcome, Party, node_of
from calls import commands as c
from calls import events as e
from calls import facts as f

from . import callback_requests, faults, legs, overflow, places, playback, reach, staff
from .asking import possible
from .call import Call
from .next import CallCitizen, Next
from .state import EngineState
from .timers import TimerKind

ACCEPT: Final = "1"
"""The key that accepts a callback; any other declines it."""


# -- the answer to the question ---


def key(w: EngineState, call: Call, pressed: str) -> Next | None:
    """Take the caller's answer. While an agent's phone rings, a yes counts only if the agent does not answer."""
    if call.work.offer is not None:
        if call.asked and pressed == ACCEPT:
            call.asked = call.asked._replace(accepted=True)
        return None
    if pressed == ACCEPT and possible(w, call.work):
        return callback_requests.accept(w, call)
    playback.music(w, call)
    return declined(w, call)


def declined(w: EngineState, call: Call) -> Next | None:
    """Let the caller wait on (the ASKED timer fired, or another key): later overflow rules may apply."""
    if call.asked is None or call.asked.accepted:
        return None
    asked, call.asked = call.asked, None
    w.timers.cancel(TimerKind.ASKED, call.id)
    return overflow.go_on(w, call, entry=asked.entry) if call.work.offer is None else None


# -- the promise ---


def asked_by_supervisor(w: EngineState, event: e.CallbackAsked) -> None:
    """Promise a citizen a call. ``orders`` has already told the supervisor the reason if that is not possible."""
    number, known = w.settings.callbacks.dialled(event.number), w.settings
    if number is None or number in w.promised or event.queue not in known.queues:
        w.tell(f.Unexpected, "CallbackAsked", event.queue, "not possible")
        return
    language = event.language if event.language in known.menus.languages else known.menus.default_language
    dnis = next(iter(known.menus.entries))
    back = callback_requests.new(w, number, dnis, Known.speaking(language), known.menus, w.digest)
    item = back.work
    item.queue = event.queue
    due_s = None if event.at is None else max(0.0, event.at - w.now)
    w.tell(f.CallbackPromised, back.id, None, event.queue, number, language, 0.0, due_s, event.by)
    if event.at is not None and event.at > w.now:
        item.promised_at = event.at
        w.timers.set(TimerKind.CALLBACK, back.id, event.at)
    else:
        callback_requests.enter(w, item)


def due(w: EngineState, call: Call) -> None:
    """Handle the CALLBACK timer: the promised time, or the next attempt, has come."""
    item = call.work
    if item.aside is None:
        callback_requests.enter(w, item)
    else:
        place, item.aside = item.aside, None
        w.room.put_back(places.renewed_with_steps(w, item, place))
        callback_requests.stands(w, item)


def clock_moved(w: EngineState, by_s: float) -> None:
    """Move promised times when the wall clock is set forward by ``by_s``: they are wall time and stay as said."""
    for call in [call for call in w.calls.values() if isfinite(call.work.promised_at)]:
        item = call.work
        item.promised_at -= by_s
        waits = item.id in w.room.places
        if waits and call.stage is CallStage.PROMISED and not (item.offer or call.task.attempts):
            if item.promised_at > w.now:  # it had entered because the clock was wrong
                callback_requests.put_aside(w, item)
                w.timers.set(TimerKind.CALLBACK, call.id, item.promised_at)
        elif not waits and item.aside is None:
            w.timers.set(TimerKind.CALLBACK, call.id, max(w.now, item.promised_at))


def take_settings(w: EngineState) -> None:
    """Withdraw callbacks to numbers that the new settings do not allow."""
    for call in [call for call in w.calls.values() if call.stage is CallStage.PROMISED]:
        if w.settings.callbacks.dialled(call.work.ani) is None:
            withdrawn(w, call)


def withdrawn(w: EngineState, call: Call, event: e.CallWithdrawn | None = None) -> None:
    """Withdraw the callback on a supervisor's order, or (no ``event``) as new settings do not allow it."""
    places.withdraw_offer(w, call.work)
    callback_requests.over(w, call, Outcome.REFUSED, Party.LINE, "" if event is None else event.by)


def too_late(w: EngineState, call: Call, _: e.CallbackAnswered) -> None:
    """Hang up on a citizen who answered just as the line gave up, so they do not wait in silence."""
    w.tell(c.HangUp, call.id)


# -- the call ---


def dial(w: EngineState, call: Call, _: CallCitizen) -> None:
    """Ring the citizen: an agent has the callback."""
    item, rules = call.work, w.settings.callbacks
    if item.offer is not None:
        item.node = node_of(item.offer)
    w.tell(c.CallBack, call.id, item.ani, rules.ring_s, w.queue(item).id, item.language, item.dnis)
    w.set_timer(TimerKind.DIAL, call.id, rules.ring_s + callback_requests.DIAL_MARGIN_S)


def reached(w: EngineState, call: Call, _: e.CallbackAnswered | None = None) -> None:
    """Join citizen and agent. If joining fails, the call waits like any other."""
    if call.work.offer is None:
        return
    w.timers.cancel(TimerKind.DIAL, call.id)
    w.move(call, CallStage.CONNECTING)
    reach.settle(w, call.work)
    w.set_timer(TimerKind.ANNOUNCE, call.id, w.queue(call.work).announce_first_s)
    legs.connect(w, w.offers[call.work.offer])


def missed(w: EngineState, call: Call, event: e.CallbackFailed) -> None:
    """Take that the citizen was not reached: free the agent; try again later, or give up."""
    _missed(w, call, event.result, event.detail)


def rang_too_long(w: EngineState, call: Call) -> None:
    """Handle the DIAL timer: the citizen's phone rang too long."""
    w.tell(c.HangUp, call.id)
    _missed(w, call, OfferResult.NO_ANSWER if w.linked else OfferResult.FAILED, "")


def _missed(w: EngineState, call: Call, result: OfferResult, detail: str) -> None:
    """Free the agent, and try the citizen later at their old place, or give up.

    A few failures of the line itself do not count as attempts.
    """
    if call.work.offer is None:
        return
    offer, task, rules = w.offers[call.work.offer], call.task, w.settings.callbacks
    w.timers.cancel(TimerKind.DIAL, call.id)
    call.work.offer, call.work.node = None, ""
    w.move(call, CallStage.PROMISED)
    task.faults = task.faults + 1 if result is OfferResult.FAILED else 0
    spared = 0 < task.faults <= faults.SPARED
    task.attempts += not spared
    again_s = rules.again_s if task.attempts < rules.attempts else None
    if spared:
        again_s = min(faults.LONGEST_REST_S * task.faults, rules.again_s)
    w.tell(f.CallbackMissed, call.id, offer.agent, result, detail, task.attempts, again_s)
    staff.move(w, w.roster[offer.agent], AgentEvent.WITHDRAWN)
    legs.close(w, offer)
    if again_s is None:
        callback_requests.over(w, call, Outcome.UNREACHED, Party.UNKNOWN)
    else:
        callback_requests.put_aside(w, call.work)
        w.set_timer(TimerKind.CALLBACK, call.id, again_s)
