"""What stands between a waiting call and an agent, as the wait estimate wants it: calls ahead, effective agents."""

from __future__ import annotations

from typing import Final

from agents import Group, Standing
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
