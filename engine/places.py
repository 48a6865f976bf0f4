"""An item's place in a queue: taken, changed (relaxed, moved, kept for an agent), given up. Of whatever kind it is."""

from __future__ import annotations

from calls import AgentId, CallId, Outcome, either, expression
from calls import facts as f
from queues import Place, QueueSettings, Relax, Waiter

from . import legs, reach
from .forecast import expectation, expected_wait_s, must_wait
from .history import remember
from .state import WAITING_TIMERS, EngineState, Offer
from .timers import TimerKind
from .work import WorkItem


def enter(w: EngineState, item: WorkItem, preferred_agent: AgentId | None = None) -> Place:
    """Give the item its place, behind all that wait with equal points; at first for the preferred agent alone."""
    queue = w.queue(item)
    item.relaxing, item.relaxed = queue.relax, ()
    place = w.room.enter(
        item.id,
        queue,
        item.needs(queue),
        item.points(queue),
        w.now,
        promised_at=item.promised_at,
        preferred_agent=preferred_agent,
        node=reach.home(w, item),
    )
    if preferred_agent is not None:
        w.set_timer(TimerKind.PREFERRED, item.id, queue.last_agent_s)
    return place


def tell_queued(w: EngineState, item: WorkItem, place: Place) -> None:
    """Tell that the item is queued, and which steps may still change its place."""
    if not w.explains:
        w.tell(f.Queued, CallId(item.id), place.queue)
        return
    agents_in = w.distributor.present(place.of)
    w.tell(
        f.Queued,
        CallId(item.id),
        place.queue,
        expression(place.requires),
        place.points,
        w.room.position(item.id, w.now),
        agents_in,
        tuple(_step(step, item.language) for step in item.relaxing),
        place.preferred_agent,
    )


def last_agent(w: EngineState, item: WorkItem) -> AgentId | None:
    """Give the agent this citizen spoke with last, if the queue waits for them and they are at work.

    Not for an item that was served: who was sent on does not come back to the sender.
    """
    queue = w.queue(item)
    first_wait = item.served_by is None and queue.last_agent_s > 0
    agent = w.preferred_agents.get(item.ani) if item.ani and first_wait else None
    needs = item.needs(queue)
    return agent if agent is not None and w.distributor.can_serve(agent, needs, reach.home(w, item)) else None


def prefer(w: EngineState, item: WorkItem, agent: AgentId, why: str, seconds: float) -> None:
    """Keep the item for this agent alone for ``seconds``."""
    change(w, item, w.room.place(item.id).kept_for(agent), why)
    w.set_timer(TimerKind.PREFERRED, item.id, seconds)


def prefer_nobody(w: EngineState, item: WorkItem) -> None:
    """Let other agents have the item too."""
    place = w.room.place(item.id)
    if place.preferred_agent is not None:
        change(w, item, place.kept_for(None), f"no longer kept for {place.preferred_agent}")


def expect(w: EngineState, item: WorkItem) -> None:
    """Remember the forecast of a wait that is not over at once."""
    item.waiter = None
    if w.estimates and must_wait(w, item):
        estimator = w.estimator(w.queue(item).id)
        ahead = expectation(w, item) if estimator.asks_at_entry(w.now) else None
        item.waiter = Waiter(w.now) if ahead is None else estimator.enter(*ahead, w.now)


# -- a place that changes ---


def relax(w: EngineState, item: WorkItem) -> None:
    """Take every step that is due (the RELAX timer fired, or the item has just come, or was told its position)."""
    due = [step for step in item.relaxing if _is_due(w, item, step)]
    for step in due:
        place = w.room.place(item.id)
        wider = either(place.requires, step.widened(item.language))
        change(w, item, place.changed(requires=wider), _reason(step))
    item.relaxing = tuple(step for step in item.relaxing if step not in due)
    item.relaxed = (*item.relaxed, *due)
    times = [step.after_s for step in item.relaxing if step.after_s is not None]
    if times:
        w.timers.set(TimerKind.RELAX, item.id, w.room.place(item.id).entered_at + min(times))


def _is_due(w: EngineState, item: WorkItem, step: Relax) -> bool:
    place = w.room.place(item.id)
    if step.after_s is not None:
        return w.now >= place.entered_at + step.after_s
    if step.ahead is not None:
        return w.room.position(item.id, w.now) > step.ahead
    forecast = expected_wait_s(w, item)
    return step.wait_s is not None and forecast is not None and forecast >= step.wait_s


def _reason(step: Relax) -> str:
    if step.after_s is not None:
        return f"{step.after_s:g} s waited"
    return f"{step.ahead} or more ahead" if step.ahead is not None else f"{step.wait_s:g} s expected"


def _step(step: Relax, language: str) -> str:
    return f"{_reason(step)}: {expression(step.widened(language))}"


def change(w: EngineState, item: WorkItem, changed: Place, why: str, by: str = "") -> None:
    """Change the item's order or the agents who may take it. Entry time and number stay. ``by``: who ordered it."""
    place = w.room.change(w.room.place(item.id), changed)
    if w.explains:
        w.tell(f.PlaceChanged, CallId(item.id), place.queue, expression(place.requires), place.points, why, by)
    else:
        w.tell(f.PlaceChanged, CallId(item.id), place.queue)
    if w.room.is_free(item.id):
        w.distributor.item_free(place)


def prioritise(w: EngineState, item: WorkItem, points: float, by: str) -> None:
    """Set the item's priority: ``points`` beyond those of its queue. ``by``: who ordered it."""
    item.extra_points = points
    if item.id not in w.room.places:
        foretell(w, item, "priority set", by)
        return
    change(w, item, w.room.place(item.id).changed(points=item.points(w.queue(item))), "priority set", by)


def move(w: EngineState, item: WorkItem, queue: QueueSettings, why: str, by: str) -> None:
    """Move the item to another queue. The time waited stays; a phone that rings goes on ringing, for the new queue."""
    item.queue, item.relaxing, item.relaxed, item.waiter = queue.id, queue.relax, (), None
    if item.offer is not None:
        w.offers[item.offer].queue = queue.id
    for kind in (TimerKind.PREFERRED, TimerKind.RELAX, TimerKind.OVERFLOW):
        w.timers.cancel(kind, item.id)
    place = w.room.place(item.id).kept_for(None)
    change(w, item, renewed(item, place, queue), why, by)


def foretell(w: EngineState, item: WorkItem, why: str, by: str) -> None:
    """Tell the place that an item will have, while its time has not come. ``by``: who ordered the change."""
    queue = w.queue(item)
    w.tell(f.PlaceChanged, CallId(item.id), queue.id, expression(item.needs(queue)), item.points(queue), why, by)


def renewed(item: WorkItem, place: Place, queue: QueueSettings) -> Place:
    """Give the place by the queue's present settings."""
    return place.changed(
        queue=queue.id,
        requires=item.needs(queue),
        points=item.points(queue),
        ageing=queue.ageing,
        due_at=item.due_at(queue, place.entered_at),
    )


def terms(place: Place) -> tuple[object, ...]:
    """Give what new settings may change in a place, to tell whether they did."""
    return place.requires, place.points, place.ageing, place.due_at, place.preferred_agent


def renewed_with_steps(w: EngineState, item: WorkItem, place: Place) -> Place:
    """Give the place by the new settings with the steps already taken; drop a preferred agent who cannot serve it."""
    queue = w.queue(item)
    place_now = renewed(item, place, queue)
    item.relaxed = tuple(step for step in item.relaxed if step in queue.relax)
    item.relaxing = tuple(step for step in queue.relax if step not in item.relaxed)
    for step in item.relaxed:
        place_now = place_now.changed(requires=either(place_now.requires, step.widened(item.language)))
    kept_for, needs = place.preferred_agent, place_now.requires
    if kept_for is not None and not w.distributor.can_serve(kept_for, needs, place.node):
        w.timers.cancel(TimerKind.PREFERRED, item.id)
        place_now = place_now.kept_for(None)
    return place_now


# -- given up ---


def leave_queue(w: EngineState, item: WorkItem, outcome: Outcome, by: str = "") -> None:
    """Take an item that nobody has served out of its queue. ``by``: who ordered it.

    Its offer must have been withdrawn before.
    """
    place, item.aside = item.aside or w.room.leave(item.id), None
    w.timers.cancel_those(WAITING_TIMERS, item.id)
    w.tell(f.QueueLeft, CallId(item.id), place.queue, outcome, w.now - place.entered_at, by)


def withdraw_offer(w: EngineState, item: WorkItem) -> None:
    """Stop offering the item: a phone that rings for it, or was just answered, is let go."""
    if item.offer is not None:
        legs.withdraw(w, w.offers[item.offer])
        item.offer = None


def forget_wait(w: EngineState, item: WorkItem) -> None:
    """Forget a wait that the line ended: the caller neither abandoned nor was served."""
    if item.waiter is not None:
        w.estimator(w.queue(item).id).left(item.waiter, w.now)
        item.waiter = None


def served(w: EngineState, item: WorkItem, offer: Offer) -> None:
    """End the wait: an agent has the item."""
    w.timers.cancel_those(WAITING_TIMERS, item.id)
    if item.waiter is not None:
        w.estimator(offer.queue).served(item.waiter, w.now, offer.answered_at - offer.made_at)
        item.waiter = None
    if item.ani and w.queue(item).last_agent_s > 0:
        remember(w.preferred_agents, item.ani, offer.agent)
