"""A queue's limits: measured when a call comes, while it waits, and when the queue closes; and what is done then."""

from __future__ import annotations

from typing import Final

from calls import CallStage, Outcome, QueueId
from calls import facts as f
from calls.commands import Prompt
from ivr import QueueLook
from queues import Broken, CallClass, Limit, Overflow, Way, first_broken

from . import callbacks, menus, waiting
from .forecast import expectation
from .timers import TimerKind
from .world import Call, World

MESSAGE_S: Final = 120.0
"""So long may a message take that a caller hears who cannot be kept."""

_AT_ENTRY: Final = frozenset(Limit) - {Limit.WAITED, Limit.OFFERED}
_WHILE_WAITING: Final = frozenset({Limit.WAITED, Limit.NOBODY, Limit.CLOSED})


def at_entry(w: World, call: Call) -> bool:
    """Whether the call went another way instead of taking a place. Queues are tried in turn, each once."""
    queue = w.queue(call)
    _notice_nobody(w, call)
    broken = _broken(w, call, _AT_ENTRY)
    if broken is None:
        return False
    if broken.rule.way is Way.CALLBACK:
        callbacks.ask(w, call, broken, entry=True)
        return False
    _tell(w, call, broken)
    w.tell(f.QueueLeft, call.id, queue.id, Outcome.OVERFLOWED, 0.0)  # it was offered all the same
    rule = broken.rule
    if rule.way is Way.QUEUE:
        call.overflowed = (*call.overflowed, queue.id)
        waiting.join(w, call, QueueId(rule.target), ())
    else:
        w.decide(call, Outcome.OVERFLOWED, call.by)
        _send(w, call, rule)
    return True


def while_waiting(w: World, call: Call) -> bool:
    """Whether a limit took the waiting call out of its queue. Nothing is decided while the caller is being asked."""
    if call.asked is not None:
        return callbacks.accepted_meanwhile(w, call)
    return go_on(w, call, entry=False)


def go_on(w: World, call: Call, *, entry: bool) -> bool:
    """The same by the rules that hold for a call that waits, or for one that has just come and was asked first."""
    broken = _broken(w, call, _AT_ENTRY if entry else _WHILE_WAITING)
    if broken is None:
        watch(w, call)
        return False
    if broken.rule.way is Way.CALLBACK:
        callbacks.ask(w, call, broken, entry=False)
        watch(w, call)
        return False
    _tell(w, call, broken)
    rule = broken.rule
    if rule.way is Way.QUEUE:
        call.overflowed = (*call.overflowed, w.queue(call).id)
        waiting.to_queue(w, call, QueueId(rule.target), f"overflow: {rule.limit}")
        return while_waiting(w, call)
    waiting.give_up_place(w, call, Outcome.OVERFLOWED)
    _send(w, call, rule)
    return True


def all_in(w: World, queue: QueueId) -> None:
    """The queue opened or closed: look at everybody who waits in it and is not being offered."""
    for place in [place for place in w.room if place.queue == queue]:
        call = w.calls[place.call]
        if call.offer is None and call.stage is CallStage.WAITING:
            while_waiting(w, call)


def watch(w: World, call: Call) -> None:
    """Wake up when the call will have waited too long, by a rule it has not followed yet."""
    entered_at = w.room.place(call.id).entered_at
    rules = [rule for rule in w.queue(call).overflow if rule.limit is Limit.WAITED and _open(w, call, rule)]
    times = [entered_at + rule.at for rule in rules if rule.tried not in call.overflowed]
    if times:
        w.timers.set(TimerKind.OVERFLOW, call.id, max(min(times), w.now))


def look_again(w: World, call: Call) -> None:
    """Limits may have been passed while nobody looked (the call was being offered, or they are new): look at once."""
    if w.queue(call).overflow or call.asked:
        w.timers.set(TimerKind.OVERFLOW, call.id, w.now)


def expected_wait_s(w: World, call: Call) -> float | None:
    """The likely wait of a call that stands in its queue, told or not; None where nothing is known."""
    ahead = expectation(w, call)
    forecast = w.estimator(w.queue(call).id).forecast(*ahead, w.now) if ahead is not None else None
    return forecast.mean_s if forecast else None


def _tell(w: World, call: Call, broken: Broken) -> None:
    rule = broken.rule
    w.tell(f.Overflowed, call.id, w.queue(call).id, rule.limit, broken.found, rule.way, rule.target)


def _send(w: World, call: Call, rule: Overflow) -> None:
    """The caller hears a message and goodbye, or is sent to an outside number; where nobody answers he waits again."""
    call.overflowed = (*call.overflowed, rule.tried)
    if rule.way is Way.MESSAGE:
        menus.say_last(w, call, (Prompt(rule.target), call.session.menus.prompts.goodbye), MESSAGE_S)
    else:
        menus.send_out(w, call, rule.target)


def _broken(w: World, call: Call, looked_at: frozenset[Limit]) -> Broken | None:
    rules = [rule for rule in w.queue(call).overflow if rule.limit in looked_at and _open(w, call, rule)]
    if not rules:
        return None
    return first_broken(rules, lambda limit: _measure(w, call, limit, entry=looked_at is _AT_ENTRY), call.overflowed)


def _open(w: World, call: Call, rule: Overflow) -> bool:
    """Whether the rule can do anything for this caller. Whom the line called itself has not waited in music."""
    if rule.limit is Limit.WAITED and call.callback and call.spoke_with is None:
        return False
    return rule.way is not Way.CALLBACK or callbacks.possible(w, call)


def _measure(w: World, call: Call, limit: Limit, *, entry: bool) -> float | None:
    queue = w.queue(call).id
    match limit:
        case Limit.LENGTH:
            return _others_in(w, call)
        case Limit.LONGEST_WAIT:
            return w.room.longest_wait_s(queue, w.now)
        case Limit.EXPECTED_WAIT:
            return _expected_at_entry(w, call)
        case Limit.WAITED:
            return w.now - w.room.place(call.id).entered_at
        case Limit.NOBODY:
            return float(_nobody(w, call))
        case Limit.OFFERED:
            return None
        case Limit.CLOSED:
            # The end of the hours closes the door: who waits already is served, unless a supervisor closes the queue.
            return float(not w.takes_calls(queue) if entry else queue in w.closed)


def look(w: World, queue_id: QueueId, language: str) -> QueueLook:
    """The queue as a caller who does not stand in it would find it."""
    queue = w.settings.queues[queue_id]
    of = w.room.class_for(queue_id, queue.needs(language))
    waiting, agents_in = w.room.waiting_in(queue_id), w.distributor.present(of)
    return QueueLook(w.takes_calls(queue_id), waiting, agents_in, _expected(w, of, waiting, agents_in))


def _others_in(w: World, call: Call) -> int:
    """Calls that wait in the queue; not the call itself, which has its place already where it was asked first."""
    return w.room.waiting_in(w.queue(call).id) - (call.id in w.room.places)


def _expected_at_entry(w: World, call: Call) -> float | None:
    """For a call that comes: behind all who wait in the queue, by all agents who could serve its class."""
    queue = w.queue(call)
    of = w.room.class_for(queue.id, queue.needs(w.language(call)))
    return _expected(w, of, _others_in(w, call), w.distributor.present(of))


def _expected(w: World, of: CallClass, ahead: int, agents_in: int) -> float | None:
    if w.distributor.floor.anybody_free(of):
        return 0.0
    forecast = w.estimator(of.queue).forecast(ahead, agents_in, w.now)
    return forecast.mean_s if forecast else None


def _nobody(w: World, call: Call) -> bool:
    """Whether nobody who is logged in, at a phone that is there, could ever take it, however far it relaxes."""
    widest = w.room.class_for(w.queue(call).id, w.queue(call).widest(w.language(call)))
    return w.distributor.present(widest) == 0


def _notice_nobody(w: World, call: Call) -> None:
    if _nobody(w, call):
        rules = [rule for rule in w.queue(call).overflow if rule.limit is Limit.NOBODY]
        told = f"{rules[0].way} {rules[0].target}".strip() if rules else "waits: no rule"
        w.tell(f.NobodyCan, call.id, w.queue(call).id, told)
