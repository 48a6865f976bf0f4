"""Questions about waits: what stands between a call and an agent, and how long it may take. Nothing is changed here."""

from __future__ import annotations

from typing import Final

from agents import AgentGroup, Availability
from calls import QueueId
from ivr import QueueLook
from queues import Place, WorkClass, share

from . import reach
from .state import Call, EngineState

_WORKING: Final = (
    Availability.AVAILABLE,
    Availability.RINGING,
    Availability.TALKING,
    Availability.WRAP_UP,
    Availability.LEG_CLOSING,
    Availability.RESTING,
)


def must_wait(w: EngineState, call: Call) -> bool:
    """Tell whether the call waits for any free agent, not for one in particular: only then is its wait estimated."""
    place = w.room.place(call.id)
    if place.preferred_agent is not None or not w.queue(call).estimate:
        return False
    return not w.distributor.eligibility.anybody_free(w.room.class_of(place))


def expectation(w: EngineState, call: Call) -> tuple[int, float] | None:
    """Give (calls ahead, agents); None if an agent is free for the call, or it is kept for one agent."""
    if not must_wait(w, call):
        return None
    place = w.room.place(call.id)
    mine = w.room.class_of(place)
    found = share(mine, _ahead(w, mine, place), _groups(w, mine), lambda of: _handle_s(w, of))
    return found.ahead, found.servers


def _ahead(w: EngineState, mine: WorkClass, place: Place) -> dict[WorkClass, int]:
    waiting = (of for of in w.room.classes.values() if of.free or of is mine)
    return {of: of.free.ahead_of(place, w.now) for of in waiting}


def _groups(w: EngineState, mine: WorkClass) -> list[tuple[int, list[WorkClass]]]:
    eligibility = w.distributor.eligibility
    eligibility.groups(mine)
    return [(_working(group), eligibility.classes(group)) for group in w.roster.groups]


def _working(group: AgentGroup) -> int:
    members = group.members
    return sum([len(members[availability]) for availability in _WORKING])


def _handle_s(w: EngineState, of: WorkClass) -> float:
    return w.distributor.eligibility.handle_times.handle_s(of.queue)


def expected_wait_s(w: EngineState, call: Call) -> float | None:
    """Estimate the wait (s) of a call in its queue, announced or not; None if unknown."""
    ahead = expectation(w, call)
    forecast = w.estimator(w.queue(call).id).forecast(*ahead, w.now) if ahead is not None else None
    return forecast.mean_s if forecast else None


def look(w: EngineState, queue_id: QueueId, language: str) -> QueueLook:
    """Describe the queue as a caller outside it would find it."""
    queue = w.settings.queues[queue_id]
    of = w.room.class_for(queue_id, queue.needs(language))
    waiting, agents_in = w.room.waiting_in(queue_id), w.distributor.present(of)
    return QueueLook(w.takes_calls(queue_id), waiting, agents_in, _expected(w, of, waiting, agents_in))


def others_in(w: EngineState, call: Call) -> int:
    """Count the calls in the queue without this one, which may have its place already if it was asked first."""
    return w.room.waiting_in(w.queue(call).id) - (call.id in w.room.places)


def expected_at_entry(w: EngineState, call: Call) -> float | None:
    """Estimate the wait (s) of a new call, behind all in the queue, served by all agents who can serve its class."""
    queue = w.queue(call)
    of = w.room.class_for(queue.id, queue.needs(w.language(call)), reach.home(w, call))
    return _expected(w, of, others_in(w, call), w.distributor.present(of))


def _expected(w: EngineState, of: WorkClass, ahead: int, agents_in: int) -> float | None:
    if w.distributor.eligibility.anybody_free(of):
        return 0.0
    forecast = w.estimator(of.queue).forecast(ahead, agents_in, w.now)
    return forecast.mean_s if forecast else None


def nobody_can(w: EngineState, call: Call) -> bool:
    """Tell whether no logged-in agent with a reachable phone could ever take the call, even fully relaxed."""
    needs = w.queue(call).widest(w.language(call))
    widest = w.room.class_for(w.queue(call).id, needs, reach.home(w, call))
    return w.distributor.present(widest) == 0
