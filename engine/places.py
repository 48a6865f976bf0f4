"""A call's place in a queue: taken, changed (relaxed, moved, kept for an agent), given up."""

from __future__ import annotations

from calls import AgentId, Outcome, Party, either, expression
from calls import events as e
from calls import facts as f
from queues import Place, QueueSettings, Relax, Waiter

from . import legs, reach
from .forecast import expectation, expected_wait_s, must_wait
from .history import remember
from .state import WAITING_TIMERS, Call, EngineState, Offer
from .timers import TimerKind


def enter(w: EngineState, call: Call, queue: QueueSettings) -> Place:
    """Give the call its place."""
    preferred_agent = _preferred_agent(w, call, queue)
    call.relaxing, call.relaxed = queue.relax, ()
    needs, at = queue.needs(w.language(call)), reach.home(w, call)
    place = w.room.enter(call.id, queue, needs, points(call, queue), w.now, preferred_agent=preferred_agent, node=at)
    if preferred_agent is not None:
        w.set_timer(TimerKind.PREFERRED, call.id, queue.last_agent_s)
    tell_queued(w, call, place)
    return place


def tell_queued(w: EngineState, call: Call, place: Place) -> None:
    """Tell that the call is queued, and which steps may still change its place."""
    if not w.explains:
        w.tell(f.Queued, call.id, place.queue)
        return
    agents_in = w.distributor.present(w.room.class_of(place))
    w.tell(
        f.Queued,
        call.id,
        place.queue,
        expression(place.requires),
        place.points,
        w.room.position(call.id, w.now),
        agents_in,
        tuple(_step(step, w.language(call)) for step in call.relaxing),
        place.preferred_agent,
    )


def points(call: Call, queue: QueueSettings) -> float:
    """Add up the call's points: of the queue, its role, its number, and a supervisor's."""
    return queue.points(call.known.role, call.dnis) + call.extra_points


def _preferred_agent(w: EngineState, call: Call, queue: QueueSettings) -> AgentId | None:
    """Give the agent this caller spoke with last, if the queue waits for them and they are at work.

    Not within one call: a caller who was sent on does not come back to the sender.
    """
    first_wait = call.spoke_with is None and queue.last_agent_s > 0
    agent = w.preferred_agents.get(call.ani) if call.ani and first_wait else None
    needs = queue.needs(w.language(call))
    return agent if agent is not None and w.distributor.can_serve(agent, needs, reach.home(w, call)) else None


def prefer(w: EngineState, call: Call, agent: AgentId, why: str, seconds: float) -> None:
    """Keep the call for this agent alone for ``seconds``."""
    change(w, call, w.room.place(call.id)._replace(preferred_agent=agent), why)
    w.set_timer(TimerKind.PREFERRED, call.id, seconds)


def preference_expired(w: EngineState, call: Call) -> None:
    """Handle the PREFERRED timer: other agents may take the call too."""
    place = w.room.place(call.id)
    if place.preferred_agent is not None:
        change(w, call, place._replace(preferred_agent=None), f"no longer kept for {place.preferred_agent}")


def expect(w: EngineState, call: Call) -> None:
    """Remember the forecast of a wait that is not over at once."""
    call.waiter = None
    if must_wait(w, call):
        estimator = w.estimator(w.queue(call).id)
        ahead = expectation(w, call) if estimator.asks_at_entry(w.now) else None
        call.waiter = Waiter(w.now) if ahead is None else estimator.enter(*ahead, w.now)


# -- a place that changes ---


def relax(w: EngineState, call: Call) -> None:
    """Take every step that is due (the RELAX timer fired, or the call has just come, or was told its position)."""
    due = [step for step in call.relaxing if _is_due(w, call, step)]
    for step in due:
        place = w.room.place(call.id)
        wider = either(place.requires, step.widened(w.language(call)))
        change(w, call, place._replace(requires=wider), _reason(step))
    call.relaxing = tuple(step for step in call.relaxing if step not in due)
    call.relaxed = (*call.relaxed, *due)
    times = [step.after_s for step in call.relaxing if step.after_s is not None]
    if times:
        w.timers.set(TimerKind.RELAX, call.id, w.room.place(call.id).entered_at + min(times))


def _is_due(w: EngineState, call: Call, step: Relax) -> bool:
    place = w.room.place(call.id)
    if step.after_s is not None:
        return w.now >= place.entered_at + step.after_s
    if step.ahead is not None:
        return w.room.position(call.id, w.now) > step.ahead
    forecast = expected_wait_s(w, call)
    return step.wait_s is not None and forecast is not None and forecast >= step.wait_s


def _reason(step: Relax) -> str:
    if step.after_s is not None:
        return f"{step.after_s:g} s waited"
    return f"{step.ahead} or more ahead" if step.ahead is not None else f"{step.wait_s:g} s expected"


def _step(step: Relax, language: str) -> str:
    return f"{_reason(step)}: {expression(step.widened(language))}"


def change(w: EngineState, call: Call, changed: Place, why: str, by: str = "") -> None:
    """Change the call's order or the agents who may take it. Entry time and number stay. ``by``: who ordered it."""
    place = w.room.change(w.room.place(call.id), changed)
    if w.explains:
        w.tell(f.PlaceChanged, call.id, place.queue, expression(place.requires), place.points, why, by)
    else:
        w.tell(f.PlaceChanged, call.id, place.queue)
    if w.room.is_free(call.id):
        w.distributor.item_free(place)


def prioritised(w: EngineState, call: Call, event: e.PrioritySet) -> None:
    """Set the call's priority on a supervisor's order."""
    call.extra_points = event.points
    if call.id not in w.room.places:
        foretell(w, call, "priority set", event.by)
        return
    place = w.room.place(call.id)._replace(points=points(call, w.queue(call)))
    change(w, call, place, "priority set", event.by)


def foretell(w: EngineState, call: Call, why: str, by: str) -> None:
    """Tell the place that a callback will have, while its time has not come. ``by``: who ordered the change."""
    queue = w.queue(call)
    needs = expression(queue.needs(w.language(call)))
    w.tell(f.PlaceChanged, call.id, queue.id, needs, points(call, queue), why, by)


def renewed(w: EngineState, call: Call, place: Place, queue: QueueSettings) -> Place:
    """Give the place by the queue's present settings."""
    return place._replace(
        queue=queue.id,
        requires=queue.needs(w.language(call)),
        points=points(call, queue),
        ageing=queue.ageing,
        due_at=min(place.entered_at + queue.cap_s, call.promised_at),
    )


def terms(place: Place) -> tuple[object, ...]:
    return place.requires, place.points, place.ageing, place.due_at, place.preferred_agent


def renewed_with_steps(w: EngineState, call: Call, place: Place) -> Place:
    """Give the place by the new settings with the steps already taken; drop a preferred agent who cannot serve it."""
    queue = w.queue(call)
    place_now = renewed(w, call, place, queue)
    call.relaxed = tuple(step for step in call.relaxed if step in queue.relax)
    call.relaxing = tuple(step for step in queue.relax if step not in call.relaxed)
    for step in call.relaxed:
        place_now = place_now._replace(requires=either(place_now.requires, step.widened(w.language(call))))
    kept_for, needs = place.preferred_agent, place_now.requires
    if kept_for is not None and not w.distributor.can_serve(kept_for, needs, place.node):
        w.timers.cancel(TimerKind.PREFERRED, call.id)
        place_now = place_now._replace(preferred_agent=None)
    return place_now


# -- given up ---


def give_up_place(w: EngineState, call: Call, outcome: Outcome, by: str = "") -> None:
    """Take the call out of the queue; the caller is still there. ``by``: who ordered it."""
    if call.offer is not None:
        legs.withdraw(w, w.offers[call.offer])
        call.offer = None
    forget_wait(w, call)
    w.leave_queue(call, outcome, by)
    w.decide(call, outcome, Party.LINE)


def forget_wait(w: EngineState, call: Call) -> None:
    """Forget a wait that the line ended: the caller neither abandoned nor was served."""
    if call.waiter is not None:
        w.estimator(w.queue(call).id).left(call.waiter, w.now)
        call.waiter = None


def connected(w: EngineState, call: Call, offer: Offer) -> None:
    """End the wait: the call is connected."""
    call.asked = None
    for kind in WAITING_TIMERS:
        w.timers.cancel(kind, call.id)
    if call.waiter is not None:
        w.estimator(offer.queue).served(call.waiter, w.now, offer.answered_at - offer.made_at)
        call.waiter = None
    if call.ani and w.queue(call).last_agent_s > 0:
        remember(w.preferred_agents, call.ani, offer.agent)
