"""A queue's overflow rules: checked when a call comes, while it waits, and when the queue closes; and their actions."""

from __future__ import annotations

from typing import Final

from calls import CallId, CallStage, Outcome, QueueId
from calls import facts as f
from calls.commands import Prompt
from queues import OverflowAction, OverflowRule, OverflowTrigger, TriggeredRule, first_triggered

from . import asking, callback_requests, places
from .forecast import expected_at_entry, nobody_can, others_in
from .next import MESSAGE_S, Join, LastWords, Next, SendOut
from .state import Call, EngineState
from .timers import TimerKind

_AT_ENTRY: Final = frozenset(OverflowTrigger) - {OverflowTrigger.WAITED, OverflowTrigger.OFFERED}
_WHILE_WAITING: Final = frozenset({OverflowTrigger.WAITED, OverflowTrigger.NOBODY, OverflowTrigger.CLOSED})


def at_entry(w: EngineState, call: Call) -> Next | None:
    """Give where the call goes instead of joining; None if it may join. Queues are tried in turn, each once."""
    queue = w.queue(call)
    _notice_nobody(w, call)
    triggered = _broken(w, call, _AT_ENTRY)
    if triggered is None:
        return None
    if triggered.rule.action is OverflowAction.CALLBACK:
        asking.ask(w, call, triggered, entry=True)
        return None
    _tell(w, call, triggered)
    w.tell(f.QueueLeft, call.id, queue.id, Outcome.OVERFLOWED, 0.0)  # the callback was offered all the same
    rule = triggered.rule
    if rule.action is OverflowAction.QUEUE:
        call.overflowed = (*call.overflowed, queue.id)
        return Join(QueueId(rule.target))
    w.decide(call, Outcome.OVERFLOWED, call.by)
    return _send(call, rule)


def while_waiting(w: EngineState, call: Call) -> Next | None:
    """Give where a rule sends the waiting call; None if it waits on, or while the caller is being asked."""
    if call.asked is None:
        return go_on(w, call, entry=False)
    return _accepted_meanwhile(w, call) if call.asked.accepted else None


def _accepted_meanwhile(w: EngineState, call: Call) -> Next | None:
    """Accept the callback of a caller who said yes while a phone rang that nobody answered."""
    if asking.possible(w, call):
        return callback_requests.accept(w, call)
    entry = call.asked is not None and call.asked.entry
    call.asked = None
    return go_on(w, call, entry=entry)


def go_on(w: EngineState, call: Call, *, entry: bool) -> Next | None:
    """Apply the rules of waiting calls, or (``entry``) those of a call that has just come and was asked first."""
    triggered = _broken(w, call, _AT_ENTRY if entry else _WHILE_WAITING)
    if triggered is None:
        watch(w, call)
        return None
    if triggered.rule.action is OverflowAction.CALLBACK:
        asking.ask(w, call, triggered, entry=False)
        watch(w, call)
        return None
    _tell(w, call, triggered)
    rule = triggered.rule
    if rule.action is OverflowAction.QUEUE:
        call.overflowed = (*call.overflowed, w.queue(call).id)
        to_queue(w, call, QueueId(rule.target), f"overflow: {rule.trigger}")
        return while_waiting(w, call)
    places.give_up_place(w, call, Outcome.OVERFLOWED)
    return _send(call, rule)


def waited_too_long(w: EngineState, call: Call) -> Next | None:
    """Handle the OVERFLOW timer: the call has waited too long by some rule."""
    return while_waiting(w, call) if call.offer is None else None


def waiting_in(w: EngineState, queue: QueueId) -> list[Call]:
    """List the calls that wait in the queue and are not offered: they are checked when the queue opens or closes."""
    there = [w.calls[CallId(place.item)] for place in w.room if place.queue == queue]
    return [call for call in there if call.offer is None and call.stage is CallStage.WAITING]


def to_queue(w: EngineState, call: Call, queue_id: QueueId, why: str, by: str = "") -> None:
    """Move the call to another queue. A phone that rings goes on ringing, for the new queue."""
    place, queue = w.room.place(call.id), w.settings.queues[queue_id]
    call.queue, call.relaxing, call.relaxed, call.waiter = queue_id, queue.relax, (), None
    if call.offer is not None:
        w.offers[call.offer].queue = queue_id
    for kind in (TimerKind.PREFERRED, TimerKind.RELAX, TimerKind.OVERFLOW):
        w.timers.cancel(kind, call.id)
    places.change(w, call, places.renewed(w, call, place._replace(preferred_agent=None), queue), why, by)
    watch(w, call)
    places.relax(w, call)


def watch(w: EngineState, call: Call) -> None:
    """Set the timer for when the call will have waited too long, by a rule that has not been applied to it."""
    entered_at = w.room.place(call.id).entered_at
    rules = [rule for rule in w.queue(call).overflow if rule.trigger is OverflowTrigger.WAITED and _open(w, call, rule)]
    times = [entered_at + rule.at for rule in rules if rule.tried not in call.overflowed]
    if times:
        w.timers.set(TimerKind.OVERFLOW, call.id, max(min(times), w.now))


def look_again(w: EngineState, call: Call) -> None:
    """Check the rules at once: they are new, or may have been met while the call was offered."""
    if w.queue(call).overflow or call.asked:
        w.timers.set(TimerKind.OVERFLOW, call.id, w.now)


def _tell(w: EngineState, call: Call, triggered: TriggeredRule) -> None:
    rule = triggered.rule
    w.tell(f.Overflowed, call.id, w.queue(call).id, rule.trigger, triggered.found, rule.action, rule.target)


def _send(call: Call, rule: OverflowRule) -> LastWords | SendOut:
    """Send the call to a message and goodbye, or to an outside number; if nobody answers there, it waits again."""
    call.overflowed = (*call.overflowed, rule.tried)
    if rule.action is OverflowAction.MESSAGE:
        return LastWords((Prompt(rule.target), call.menus.prompts.goodbye), MESSAGE_S)
    return SendOut(rule.target)


def _broken(w: EngineState, call: Call, looked_at: frozenset[OverflowTrigger]) -> TriggeredRule | None:
    rules = [rule for rule in w.queue(call).overflow if rule.trigger in looked_at and _open(w, call, rule)]
    if not rules:
        return None
    return first_triggered(rules, lambda limit: _measure(w, call, limit, entry=looked_at is _AT_ENTRY), call.overflowed)


def _open(w: EngineState, call: Call, rule: OverflowRule) -> bool:
    """Tell whether the rule can apply to this caller. A citizen whom the line called has not waited in music."""
    if rule.trigger is OverflowTrigger.WAITED and call.callback and call.spoke_with is None:
        return False
    return rule.action is not OverflowAction.CALLBACK or asking.possible(w, call)


def _measure(w: EngineState, call: Call, limit: OverflowTrigger, *, entry: bool) -> float | None:
    queue = w.queue(call).id
    match limit:
        case OverflowTrigger.LENGTH:
            return others_in(w, call)
        case OverflowTrigger.LONGEST_WAIT:
            return w.room.longest_wait_s(queue, w.now)
        case OverflowTrigger.EXPECTED_WAIT:
            return expected_at_entry(w, call)
        case OverflowTrigger.WAITED:
            return w.now - w.room.place(call.id).entered_at
        case OverflowTrigger.NOBODY:
            return float(nobody_can(w, call))
        case OverflowTrigger.OFFERED:
            return None
        case OverflowTrigger.CLOSED:
            # After the opening hours waiting calls are still served, unless a supervisor closes the queue.
            return float(not w.takes_calls(queue) if entry else queue in w.closed)


def _notice_nobody(w: EngineState, call: Call) -> None:
    if nobody_can(w, call):
        rules = [rule for rule in w.queue(call).overflow if rule.trigger is OverflowTrigger.NOBODY]
        told = f"{rules[0].action} {rules[0].target}".strip() if rules else "waits: no rule"
        w.tell(f.NobodyCan, call.id, w.queue(call).id, told)
