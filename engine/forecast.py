"""Questions about waits: what stands between a call and an agent, and how long it may take. Nothing is changed here."""

from __future__ import annotations

from typing import Final

from agents import Group, Standing
from calls import QueueId
from ivr import QueueLook
from queues import CallClass, Place, share

from .world import Call, World

_WORKING: Final = (
    Standing.AVAILABLE,
    Standing.RINGING,
    Standing.TALKING,
    Standing.WRAP_UP,
    Standing.LEG_CLOSING,
    Standing.RESTING,
)


def must_wait(w: World, call: Call) -> bool:
    """Whether nobody is free for the call, and anybody may be: only then a wait can be expected."""
    place = w.room.place(call.id)
    if place.kept_for is not None or not w.queue(call).estimate:
        return False
    return not w.distributor.floor.anybody_free(w.room.class_of(place))


def expectation(w: World, call: Call) -> tuple[int, float] | None:
    """(calls ahead, agents); None where somebody is free for the call, or it is kept for one agent."""
    if not must_wait(w, call):
        return None
    place = w.room.place(call.id)
    mine = w.room.class_of(place)
    found = share(mine, _ahead(w, mine, place), _groups(w, mine), lambda of: _handle_s(w, of))
    return found.ahead, found.servers


def _ahead(w: World, mine: CallClass, place: Place) -> dict[CallClass, int]:
    waiting = (of for of in w.room.classes.values() if of.free or of is mine)
    return {of: of.free.ahead_of(place, w.now) for of in waiting}


def _groups(w: World, mine: CallClass) -> list[tuple[int, list[CallClass]]]:
    floor = w.distributor.floor
    floor.groups(mine)
    return [(_working(group), floor.classes(group)) for group in w.roster.groups]


def _working(group: Group) -> int:
    members = group.members
    return sum([len(members[standing]) for standing in _WORKING])


def _handle_s(w: World, of: CallClass) -> float:
    return w.distributor.floor.figures.handle_s(of.queue)


def expected_wait_s(w: World, call: Call) -> float | None:
    """The likely wait of a call that stands in its queue, told or not; None where nothing is known."""
    ahead = expectation(w, call)
    forecast = w.estimator(w.queue(call).id).forecast(*ahead, w.now) if ahead is not None else None
    return forecast.mean_s if forecast else None


def look(w: World, queue_id: QueueId, language: str) -> QueueLook:
    """The queue as a caller who does not stand in it would find it."""
    queue = w.settings.queues[queue_id]
    of = w.room.class_for(queue_id, queue.needs(language))
    waiting, agents_in = w.room.waiting_in(queue_id), w.distributor.present(of)
    return QueueLook(w.takes_calls(queue_id), waiting, agents_in, _expected(w, of, waiting, agents_in))


def others_in(w: World, call: Call) -> int:
    """Calls that wait in the queue; not the call itself, which has its place already where it was asked first."""
    return w.room.waiting_in(w.queue(call).id) - (call.id in w.room.places)


def expected_at_entry(w: World, call: Call) -> float | None:
    """For a call that comes: behind all who wait in the queue, by all agents who could serve its class."""
    queue = w.queue(call)
    of = w.room.class_for(queue.id, queue.needs(w.language(call)))
    return _expected(w, of, others_in(w, call), w.distributor.present(of))


def _expected(w: World, of: CallClass, ahead: int, agents_in: int) -> float | None:
    if w.distributor.floor.anybody_free(of):
        return 0.0
    forecast = w.estimator(of.queue).forecast(ahead, agents_in, w.now)
    return forecast.mean_s if forecast else None


def nobody_can(w: World, call: Call) -> bool:
    """Whether nobody who is logged in, at a phone that is there, could ever take it, however far it relaxes."""
    widest = w.room.class_for(w.queue(call).id, w.queue(call).widest(w.language(call)))
    return w.distributor.present(widest) == 0
