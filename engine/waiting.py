"""Callers in a queue: their place, what they hear, and how they leave it without having been served."""

from __future__ import annotations

from collections.abc import Iterable

from calls import AgentId, Attribute, CallStage, Outcome, Party, QueueId, either, expression
from calls import events as e
from calls import facts as f
from calls.commands import Prompt
from ivr import ALL_KEYS
from queues import Minutes, Place, QueueSettings, Relax, Told, Waiter

from . import callbacks, limits, menus, offers
from .forecast import expectation, must_wait
from .history import remember
from .timers import TimerKind
from .world import WAITING_TIMERS, Call, Offer, World

# -- coming in ---


def join(w: World, call: Call, queue_id: QueueId, prompts: tuple[Prompt, ...], *, callback: bool = False) -> None:
    """The caller gets a place; he may be connected while the prompts are still being said.

    ``callback``: he is asked at once whether he would rather be called back, where that is possible.
    """
    call.stage, call.queue, call.told = CallStage.WAITING, queue_id, Told()
    if limits.at_entry(w, call):
        return
    if callback:
        callbacks.offer(w, call)
    queue = w.queue(call)
    place = _enter(w, call, queue)
    _expect(w, call)
    w.set_timer(TimerKind.ANNOUNCE, call.id, queue.announce_first_s)
    limits.watch(w, call)
    if call.asked:
        callbacks.say(w, call)
    elif prompts:
        w.play(call, prompts, ALL_KEYS)
    else:
        w.music(call)
    w.distributor.entered(place)
    relax(w, call)


def _enter(w: World, call: Call, queue: QueueSettings) -> Place:
    kept_for = _last_agent(w, call, queue)
    call.relaxing, call.relaxed = queue.relax, ()
    place = w.room.enter(call.id, queue, queue.needs(w.language(call)), points(call, queue), w.now, kept_for=kept_for)
    if kept_for is not None:
        w.set_timer(TimerKind.KEPT, call.id, queue.last_agent_s)
    tell_queued(w, call, place)
    return place


def tell_queued(w: World, call: Call, place: Place) -> None:
    """The call stands in the line, and what can still change its place."""
    if not w.explains:
        w.tell(f.Queued, call.id, place.queue)
        return
    agents_in = w.distributor.present(w.room.class_of(place))
    w.tell(
        f.Queued, call.id, place.queue, expression(place.requires), place.points, w.room.position(call.id, w.now),
        agents_in, tuple(_step(step, w.language(call)) for step in call.relaxing), place.kept_for,
    )  # fmt: skip


def points(call: Call, queue: QueueSettings) -> float:
    """The call's priority: the queue's, its role's, its number's, and what a supervisor added."""
    return queue.points(call.session.attributes.get(Attribute.ROLE), call.dnis) + call.extra_points


def _last_agent(w: World, call: Call, queue: QueueSettings) -> AgentId | None:
    """The agent this caller spoke with last, where the queue waits for him and he is at work.

    Not in the same call: who was sent on shall not come back to him who sent him.
    """
    first_wait = call.spoke_with is None and queue.last_agent_s > 0
    agent = w.last_agents.get(call.ani) if call.ani and first_wait else None
    return agent if agent is not None and w.distributor.can_serve(agent, queue.needs(w.language(call))) else None


def keep_for(w: World, call: Call, agent: AgentId, why: str, seconds: float) -> None:
    """Nobody else may take the call for so long."""
    _change(w, call, w.room.place(call.id)._replace(kept_for=agent), why)
    w.set_timer(TimerKind.KEPT, call.id, seconds)


def keep_no_longer(w: World, call: Call) -> None:
    """The KEPT timer fired: others may take the call as well."""
    place = w.room.place(call.id)
    if place.kept_for is not None:
        _change(w, call, place._replace(kept_for=None), f"no longer kept for {place.kept_for}")


def _expect(w: World, call: Call) -> None:
    """Remember what could be expected of a wait that is not over at once."""
    call.waiter = None
    if must_wait(w, call):
        estimator = w.estimator(w.queue(call).id)
        ahead = expectation(w, call) if estimator.asks_at_entry(w.now) else None
        call.waiter = Waiter(w.now) if ahead is None else estimator.enter(*ahead, w.now)


# -- a place that changes ---


def relax(w: World, call: Call) -> None:
    """Take every step that is due (the RELAX timer fired, or the call has just come, or was told its position)."""
    due = [step for step in call.relaxing if _is_due(w, call, step)]
    for step in due:
        place = w.room.place(call.id)
        wider = either(place.requires, step.widened(w.language(call)))
        _change(w, call, place._replace(requires=wider), _reason(step))
    call.relaxing = tuple(step for step in call.relaxing if step not in due)
    call.relaxed = (*call.relaxed, *due)
    times = [step.after_s for step in call.relaxing if step.after_s is not None]
    if times:
        w.timers.set(TimerKind.RELAX, call.id, w.room.place(call.id).entered_at + min(times))


def _is_due(w: World, call: Call, step: Relax) -> bool:
    place = w.room.place(call.id)
    if step.after_s is not None:
        return w.now >= place.entered_at + step.after_s
    if step.ahead is not None:
        return w.room.position(call.id, w.now) > step.ahead
    forecast = limits.expected_wait_s(w, call)
    return step.wait_s is not None and forecast is not None and forecast >= step.wait_s


def _reason(step: Relax) -> str:
    if step.after_s is not None:
        return f"{step.after_s:g} s waited"
    return f"{step.ahead} or more ahead" if step.ahead is not None else f"{step.wait_s:g} s expected"


def _step(step: Relax, language: str) -> str:
    return f"{_reason(step)}: {expression(step.widened(language))}"


def _change(w: World, call: Call, changed: Place, why: str) -> None:
    """Another place in the order, or for other agents. Entry time and number stay."""
    place = w.room.change(w.room.place(call.id), changed)
    if w.explains:
        w.tell(f.PlaceChanged, call.id, place.queue, expression(place.requires), place.points, why)
    if w.room.is_free(call.id):
        w.distributor.call_free(place)


def prioritised(w: World, call: Call, event: e.PrioritySet) -> None:
    """A supervisor's order."""
    call.extra_points = event.points
    if call.id not in w.room.places:
        _foretell(w, call, "priority set")
        return
    _change(w, call, w.room.place(call.id)._replace(points=points(call, w.queue(call))), "priority set")


def moved(w: World, call: Call, event: e.CallMoved) -> None:
    """A supervisor's order: another queue, the same time waited."""
    if event.queue not in w.settings.queues:
        w.tell(f.Unexpected, "CallMoved", call.id, f"no queue {event.queue}")
        return
    if call.id not in w.room.places:
        call.queue, call.relaxing, call.relaxed = event.queue, w.settings.queues[event.queue].relax, ()
        _foretell(w, call, "moved")
        return
    to_queue(w, call, event.queue, "moved")


def _foretell(w: World, call: Call, why: str) -> None:
    """A callback whose time has not come stands nowhere yet; this is what its place will be like."""
    queue = w.queue(call)
    needs = expression(queue.needs(w.language(call)))
    w.tell(f.PlaceChanged, call.id, queue.id, needs, points(call, queue), why)


def to_queue(w: World, call: Call, queue_id: QueueId, why: str) -> None:
    """From one queue to another. A phone that rings goes on ringing, for the new queue."""
    place, queue = w.room.place(call.id), w.settings.queues[queue_id]
    call.queue, call.relaxing, call.relaxed, call.waiter = queue_id, queue.relax, (), None
    if call.offer is not None:
        w.offers[call.offer].queue = queue_id
    for kind in (TimerKind.KEPT, TimerKind.RELAX, TimerKind.OVERFLOW):
        w.timers.cancel(kind, call.id)
    _change(w, call, _asking(w, call, place._replace(kept_for=None), queue), why)
    limits.watch(w, call)
    relax(w, call)


def _asking(w: World, call: Call, place: Place, queue: QueueSettings) -> Place:
    """The place by the queue's settings as they are now."""
    return place._replace(
        queue=queue.id, requires=queue.needs(w.language(call)), points=points(call, queue),
        ageing=queue.ageing, due_at=min(place.entered_at + queue.cap_s, call.promised_at),
    )  # fmt: skip


def take_settings(w: World) -> None:
    """New settings hold for callers who wait already; steps they have taken stay taken where they are still there."""
    waiting = [w.calls[place.call] for place in w.room]
    for call in waiting:
        place = w.room.place(call.id)
        asking = asking_still(w, call, place)
        if _asks(asking) != _asks(place):
            _change(w, call, asking, "new settings")
    for call in waiting:  # when every place is right: a step may ask for the position
        relax(w, call)
        limits.watch(w, call)
        limits.look_again(w, call)


def _asks(place: Place) -> tuple[object, ...]:
    return place.requires, place.points, place.ageing, place.due_at, place.kept_for


def asking_still(w: World, call: Call, place: Place) -> Place:
    """The same place by the new settings, with the steps taken before; not kept for one who could not take it."""
    queue = w.queue(call)
    asking = _asking(w, call, place, queue)
    call.relaxed = tuple(step for step in call.relaxed if step in queue.relax)
    call.relaxing = tuple(step for step in queue.relax if step not in call.relaxed)
    for step in call.relaxed:
        asking = asking._replace(requires=either(asking.requires, step.widened(w.language(call))))
    if place.kept_for is not None and not w.distributor.can_serve(place.kept_for, asking.requires):
        w.timers.cancel(TimerKind.KEPT, call.id)
        asking = asking._replace(kept_for=None)
    return asking


# -- going out ---


def withdrawn(w: World, call: Call, _: e.CallWithdrawn) -> None:
    """A supervisor's order."""
    give_up_place(w, call, Outcome.REFUSED)
    menus.say_goodbye(w, call)


def give_up_place(w: World, call: Call, outcome: Outcome) -> None:
    """The line takes the call out of the queue; the caller is still there."""
    if call.offer is not None:
        offers.withdraw(w, w.offers[call.offer])
        call.offer = None
    forget_wait(w, call)
    w.leave_queue(call, outcome)
    w.decide(call, outcome, Party.LINE)


def forget_wait(w: World, call: Call) -> None:
    """The line ends the wait: nobody gave up, nobody was served."""
    if call.waiter is not None:
        w.estimator(w.queue(call).id).left(call.waiter, w.now)
        call.waiter = None


def wait_left(w: World, call: Call, event: e.CallerLeft) -> None:
    """Abandoned: while waiting, while a phone rang, or at the very moment of answer."""
    if call.waiter is not None:
        estimator = w.estimator(w.queue(call).id)
        if not must_wait(w, call):
            estimator.left(call.waiter, w.now)
        else:
            # Only of a caller who was followed is anything learnt that what stood before him matters for.
            ahead = expectation(w, call) if call.waiter.forecasts else None
            estimator.abandoned(call.waiter, *(ahead or (0, 0.0)), w.now)
    if call.offer is not None:
        offers.withdraw(w, w.offers[call.offer])
    w.leave_queue(call, Outcome.ABANDONED)
    w.decide(call, Outcome.ABANDONED, w.caller_left(call, event))
    w.end_call(call)


def connected(w: World, call: Call, offer: Offer) -> None:
    """The wait is over in the best way."""
    call.asked = None
    for kind in WAITING_TIMERS:
        w.timers.cancel(kind, call.id)
    if call.waiter is not None:
        w.estimator(offer.queue).served(call.waiter, w.now, offer.answered_at - offer.made_at)
        call.waiter = None
    if call.ani and w.queue(call).last_agent_s > 0:
        remember(w.last_agents, call.ani, offer.agent)


def waited_too_long(w: World, call: Call) -> None:
    """The OVERFLOW timer fired."""
    if call.stage is CallStage.WAITING and call.offer is None:
        limits.while_waiting(w, call)


def switch_queue(w: World, event: e.QueueSwitched) -> None:
    """A queue opened or closed; those who wait in a closed one go where its rules say."""
    if event.queue not in w.settings.queues or event.open == (event.queue not in w.closed):
        w.tell(f.Unexpected, "QueueSwitched", event.queue, "open" if event.open else "closed")
        return
    (w.closed.discard if event.open else w.closed.add)(event.queue)
    w.tell(f.QueueOpen, event.queue, event.open)
    limits.all_in(w, event.queue)


# -- what is heard ---


def wait_key(w: World, call: Call, event: e.KeyPressed) -> None:
    """A key answers what the caller was asked; else it cuts what is being said, and means nothing more."""
    if call.asked:
        callbacks.key(w, call, event.key)
    elif call.saying:
        w.music(call)


def wait_prompt_ended(w: World, call: Call, event: e.PromptEnded) -> None:
    if event.play != call.play:
        return
    if call.asked:
        callbacks.heard(w, call)
    w.music(call)


def wait_again(w: World, call: Call, _: e.CallerBack) -> None:
    """The caller was out of our hands for a moment: music (or the question) again, at the old place."""
    if call.asked:
        callbacks.say(w, call)
    else:
        w.music(call)


def announce(w: World, call: Call) -> None:
    """The ANNOUNCE timer fired: position, and minutes where the estimate is good and not longer than told before."""
    queue = w.queue(call)
    w.set_timer(TimerKind.ANNOUNCE, call.id, queue.announce_every_s)
    if call.stage is not CallStage.WAITING or call.asked:
        return
    relax(w, call)
    if call.offer is None and limits.while_waiting(w, call):
        return
    position = w.room.position(call.id, w.now)
    minutes = _minutes(w, call, position) if queue.estimate else None
    w.play(call, tuple(_words(call, position, minutes)), ALL_KEYS)


def _words(call: Call, position: int, minutes: Minutes | None) -> Iterable[Prompt]:
    words = call.session.menus.prompts
    yield Prompt(words.position, position)
    if minutes is not None:
        yield Prompt(words.minutes, minutes.high)


def _minutes(w: World, call: Call, position: int) -> Minutes | None:
    """What may be told of the wait, and the fact of what was told."""
    queue, estimate = w.queue(call), None
    if call.waiter is not None and w.estimator(queue.id).asks_later(call.waiter):
        ahead = expectation(w, call)
        if ahead is not None:
            estimate = w.estimator(queue.id).announce(call.waiter, *ahead, w.now)
    minutes = call.told.say(estimate)
    low, high = (minutes.low * 60.0, minutes.high * 60.0) if minutes else (None, None)
    coverage = estimate.coverage if estimate and minutes else None
    w.tell(f.Announced, call.id, queue.id, position, high, low, coverage)
    return minutes
