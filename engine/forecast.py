"""Questions about waits: what stands between a call and an agent, and how long it may take. Nothing is changed here."""

from __future__ import annotations

from typing import Final

from agents import AgentGroup, Availability
from calls import QueueId
from ivr import QueueLook
from queues import CallClass, Place, share

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
    """Whether nobody is free for the call, and anybody may be: only then a wait can be expected."""
    place = w.room.place(call.id)
    if place.preferred_agent is not None or not w.queue(call).estimate:
        return False
    return not w.distributor.eligibility.anybody_free(w.room.class_of(place))


def expectation(w: EngineState, call: Call) -> tuple[int, float] | None:
    """(calls ahead, agents); None where somebody is free for the call, or it is kept for one agent."""
    if not must_wait(w, call):
        return None
    place = w.room.place(call.id)
    mine = w.room.class_of(place)
    found = share(mine, _ahead(w, mine, place), _groups(w, mine), lambda of: _handle_s(w, of))
    return found.ahead, found.servers


def _ahead(w: EngineState, mine: CallClass, place: Place) -> dict[CallClass, int]:
    waiting = (of for of in w.room.classes.values() if of.free or of is mine)
    return {of: of.free.ahead_of(place, w.now) for of in waiting}


def _groups(w: EngineState, mine: CallClass) -> list[tuple[int, list[CallClass]]]:
    eligibility = w.distributor.eligibility
    eligibility.groups(mine)
    return [(_working(group), eligibility.classes(group)) for group in w.roster.groups]


def _working(group: AgentGroup) -> int:
    members = group.members
    return sum([len(members[availability]) for availability in _WORKING])


def _handle_s(w: EngineState, of: CallClass) -> float:
    return w.distributor.eligibility.handle_times.handle_s(of.queue)


def expected_wait_s(w: EngineState, call: Call) -> float | None:
    """The likely wait of a call that stands in its queue, told or not; None where nothing is known."""
    ahead = expectation(w, call)
    forecast = w.estimator(w.queue(call).id).forecast(*ahead, w.now) if ahead is not None else None
    return forecast.mean_s if forecast else None


def look(w: EngineState, queue_id: QueueId, language: str) -> QueueLook:
    """The queue as a caller who does not stand in it would find it."""
    queue = w.settings.queues[queue_id]
    of = w.room.class_for(queue_id, queue.needs(language))
    waiting, agents_in = w.room.waiting_in(queue_id), w.distributor.present(of)
    return QueueLook(w.takes_calls(queue_id), waiting, agents_in, _expected(w, of, waiting, agents_in))


def others_in(w: EngineState, call: Call) -> int:
    """Calls that wait in the queue; not the call itself, which has its place already where it was asked first."""
    return w.room.waiting_in(w.queue(call).id) - (call.id in w.room.places)


def expected_at_entry(w: EngineState, call: Call) -> float | None:
    """For a call that comes: behind all who wait in the queue, by all agents who could serve its class."""
    queue = w.queue(call)
    of = w.room.class_for(queue.id, queue.needs(w.language(call)))
    return _expected(w, of, others_in(w, call), w.distributor.present(of))


def _expected(w: EngineState, of: CallClass, ahead: int, agents_in: int) -> float | None:
    if w.distributor.eligibility.anybody_free(of):
        return 0.0
    forecast = w.estimator(of.queue).forecast(ahead, agents_in, w.now)
    return forecast.mean_s if forecast else None


def nobody_can(w: EngineState, call: Call) -> bool:
    """Whether nobody who is logged in, at a phone that is there, could ever take it, however far it relaxes."""
    widest = w.room.class_for(w.queue(call).id, w.queue(call).widest(w.language(call)))
    return w.distributor.present(widest) == 0
