"""A queue's limits: which of its overflow rules an item has met, as it comes and while it waits.

What becomes of a caller then is in ``overflow.py``.
"""

from __future__ import annotations

from calls import CallId, QueueId
from calls import facts as f
from queues import OverflowAction, OverflowRule, OverflowTrigger, TriggeredRule, first_triggered

from . import asking, places
from .forecast import expected_at_entry, nobody_can, others_in
from .state import EngineState
from .timers import TimerKind
from .work import WorkItem


def met(w: EngineState, item: WorkItem, *, entry: bool) -> TriggeredRule | None:
    """Give the first rule that applies to the item; ``entry``: it comes to the queue, and is not counted in it."""
    queue = w.queue(item)
    rules = [rule for rule in (queue.at_entry if entry else queue.while_waiting) if _open(w, item, rule)]
    if not rules:
        return None
    return first_triggered(rules, lambda limit: _measure(w, item, limit, entry=entry), item.overflowed)


def watch(w: EngineState, item: WorkItem) -> None:
    """Set the timer for when the item will have waited too long, by a rule that has not been applied to it."""
    entered_at = w.room.place(item.id).entered_at
    rules = [rule for rule in w.queue(item).overflow if rule.trigger is OverflowTrigger.WAITED and _open(w, item, rule)]
    times = [entered_at + rule.at for rule in rules if rule.tried not in item.overflowed]
    if times:
        w.timers.set(TimerKind.OVERFLOW, item.id, max(min(times), w.now))


def to_queue(w: EngineState, item: WorkItem, queue: QueueId, why: str, by: str = "") -> None:
    """Move the item to another queue, whose limits and steps hold from now on."""
    places.move(w, item, w.settings.queues[queue], why, by)
    watch(w, item)
    places.relax(w, item)


def tell(w: EngineState, item: WorkItem, triggered: TriggeredRule) -> None:
    """Tell that a rule applies to the item."""
    rule = triggered.rule
    w.tell(f.Overflowed, CallId(item.id), w.queue(item).id, rule.trigger, triggered.found, rule.action, rule.target)


def notice_nobody(w: EngineState, item: WorkItem) -> None:
    """Tell it if nobody at work could ever take the item."""
    if nobody_can(w, item):
        rules = [rule for rule in w.queue(item).overflow if rule.trigger is OverflowTrigger.NOBODY]
        told = f"{rules[0].action} {rules[0].target}".strip() if rules else "waits: no rule"
        w.tell(f.NobodyCan, CallId(item.id), w.queue(item).id, told)


def _open(w: EngineState, item: WorkItem, rule: OverflowRule) -> bool:
    """Tell whether the rule can apply to this item."""
    if rule.trigger is OverflowTrigger.WAITED and item.unattended and item.served_by is None:
        return False
    return rule.action is not OverflowAction.CALLBACK or asking.possible(w, item)


def _measure(w: EngineState, item: WorkItem, limit: OverflowTrigger, *, entry: bool) -> float | None:
    queue = w.queue(item).id
    match limit:
        case OverflowTrigger.LENGTH:
            return others_in(w, item)
        case OverflowTrigger.LONGEST_WAIT:
            return w.room.longest_wait_s(queue, w.now)
        case OverflowTrigger.EXPECTED_WAIT:
            return expected_at_entry(w, item)
        case OverflowTrigger.WAITED:
            return w.now - w.room.place(item.id).entered_at
        case OverflowTrigger.NOBODY:
            return float(nobody_can(w, item))
        case OverflowTrigger.OFFERED:
            return None
        case OverflowTrigger.CLOSED:
            # After the opening hours waiting items are still served, unless a supervisor closes the queue.
            return float(not w.takes_calls(queue) if entry else queue in w.closed)
