"""What becomes of a caller who met a limit of the queue: another queue, a callback, a message, an outside number."""

from __future__ import annotations

from calls import CallId, CallStage, Outcome, Party, QueueId
from calls import facts as f
from calls.commands import Prompt
from queues import OverflowAction, OverflowRule

from . import asking, callback_requests, limits, places
from .call import Call
from .next import MESSAGE_S, Join, LastWords, Next, SendOut
from .state import EngineState
from .timers import TimerKind


def at_entry(w: EngineState, call: Call) -> Next | None:
    """Give where the call goes instead of joining; None if it may join. Queues are tried in turn, each once."""
    item, queue = call.work, w.queue(call.work)
    limits.notice_nobody(w, item)
    triggered = limits.met(w, item, entry=True)
    if triggered is None:
        return None
    if triggered.rule.action is OverflowAction.CALLBACK:
        asking.ask(w, call, triggered, entry=True)
        return None
    limits.tell(w, item, triggered)
    w.tell(f.QueueLeft, call.id, queue.id, Outcome.OVERFLOWED, 0.0)  # the callback was offered all the same
    rule = triggered.rule
    if rule.action is OverflowAction.QUEUE:
        item.overflowed = (*item.overflowed, queue.id)
        return Join(QueueId(rule.target))
    call.decide(Outcome.OVERFLOWED, call.by)
    return _send(call, rule)


def while_waiting(w: EngineState, call: Call) -> Next | None:
    """Give where a rule sends the waiting call; None if it waits on, or while the caller is being asked."""
    if call.asked is None:
        return go_on(w, call, entry=False)
    return _accepted_meanwhile(w, call) if call.asked.accepted else None


def _accepted_meanwhile(w: EngineState, call: Call) -> Next | None:
    """Accept the callback of a caller who said yes while a phone rang that nobody answered."""
    if asking.possible(w, call.work):
        return callback_requests.accept(w, call)
    entry = call.asked is not None and call.asked.entry
    call.asked = None
    return go_on(w, call, entry=entry)


def go_on(w: EngineState, call: Call, *, entry: bool) -> Next | None:
    """Apply the rules of waiting calls, or (``entry``) those of a call that has just come and was asked first."""
    item = call.work
    triggered = limits.met(w, item, entry=entry)
    if triggered is None:
        limits.watch(w, item)
        return None
    if triggered.rule.action is OverflowAction.CALLBACK:
        asking.ask(w, call, triggered, entry=False)
        limits.watch(w, item)
        return None
    limits.tell(w, item, triggered)
    rule = triggered.rule
    if rule.action is OverflowAction.QUEUE:
        item.overflowed = (*item.overflowed, w.queue(item).id)
        limits.to_queue(w, item, QueueId(rule.target), f"overflow: {rule.trigger}")
        return while_waiting(w, call)
    give_up(w, call, Outcome.OVERFLOWED)
    return _send(call, rule)


def waited_too_long(w: EngineState, call: Call) -> Next | None:
    """Handle the OVERFLOW timer: the call has waited too long by some rule."""
    return while_waiting(w, call) if call.work.offer is None else None


def look_again(w: EngineState, call: Call) -> None:
    """Check the rules at once: they are new, or may have been met while the call was offered."""
    if w.queue(call.work).overflow or call.asked:
        w.timers.set(TimerKind.OVERFLOW, call.id, w.now)


def waiting_in(w: EngineState, queue: QueueId) -> list[Call]:
    """List the calls that wait in the queue and are not offered: they are checked when the queue opens or closes."""
    there = [w.calls[CallId(place.item)] for place in w.room if place.queue == queue]
    return [call for call in there if call.work.offer is None and call.stage is CallStage.WAITING]


def give_up(w: EngineState, call: Call, outcome: Outcome, by: str = "") -> None:
    """Take the call out of the queue; the caller is still there. ``by``: who ordered it."""
    places.withdraw_offer(w, call.work)
    places.forget_wait(w, call.work)
    call.asked = None
    places.leave_queue(w, call.work, outcome, by)
    call.decide(outcome, Party.LINE)


def _send(call: Call, rule: OverflowRule) -> LastWords | SendOut:
    """Send the call to a message and goodbye, or to an outside number; if nobody answers there, it waits again."""
    call.work.overflowed = (*call.work.overflowed, rule.tried)
    if rule.action is OverflowAction.MESSAGE:
        return LastWords((Prompt(rule.target), call.menus.prompts.goodbye), MESSAGE_S)
    return SendOut(rule.target)
