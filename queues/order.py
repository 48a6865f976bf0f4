"""Order waiting items: the one ordering key of the line, and lists that keep items in it.

    key(now) = (0, due_at, entered_at, number)     once now >= due_at
             = (1, -score(now), entered_at, number)     before
    score(now) = points + ageing x (now - entered_at)
    due_at = min(entered_at + cap, a promised time)

The lower key goes first. An item that is due goes before all that are not, in the order of their due times, so no
priority can hold it back for longer. Within one queue ``ageing`` is one number, so scores of two items never change
their order and a sorted list stays sorted: by ``rank = ageing x entered_at - points = ageing x now - score``.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from calls import AgentId, QueueId, Requirement, WorkItemId

Key = tuple[float, float, float, int]


class Place(NamedTuple):
    """One item's place. ``entered_at`` and ``number`` never change while the item waits, whatever else is changed.

    ``preferred_agent``: only this agent may take it (for a time); ``due_at`` may be infinite. ``node``: the only
    switch at which an agent can take it; empty: any.
    """

    item: WorkItemId
    queue: QueueId
    requires: Requirement
    points: float
    ageing: float
    entered_at: float
    due_at: float
    number: int
    preferred_agent: AgentId | None = None
    node: str = ""

    @property
    def rank(self) -> float:
        """Constant order among places of one ageing; the lower goes first."""
        return self.ageing * self.entered_at - self.points

    def score(self, now: float) -> float:
        """Points, the higher the more urgent."""
        return self.points + self.ageing * (now - self.entered_at)

    def is_due(self, now: float) -> bool:
        """Whether it goes before all that are not due."""
        return now >= self.due_at

    def key(self, now: float) -> Key:
        """The ordering key; lower goes first."""
        if now >= self.due_at:
            return (0.0, self.due_at, self.entered_at, self.number)
        return (1.0, self.ageing * -now + self.rank, self.entered_at, self.number)


@dataclass(slots=True)
class OrderedPlaces:
    """Places with one ``ageing``, in the order of their keys: by rank, and by due time."""

    by_rank: list[tuple[float, float, int, Place]] = field(default_factory=list)
    by_due: list[tuple[float, float, int, Place]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.by_rank)

    def __bool__(self) -> bool:  # compiled code does not ask the length
        return bool(self.by_rank)

    def add(self, place: Place) -> None:
        """Insert the place into both orders."""
        entered_at, number = place.entered_at, place.number
        insort(self.by_rank, (place.rank, entered_at, number, place))
        insort(self.by_due, (place.due_at, entered_at, number, place))

    def remove(self, place: Place) -> None:
        """Take it out; no harm where it is not there."""
        _remove(self.by_rank, place.rank, place)
        _remove(self.by_due, place.due_at, place)

    def __contains__(self, place: Place) -> bool:
        at = bisect_left(self.by_rank, (place.rank, place.entered_at, place.number))
        return at < len(self.by_rank) and self.by_rank[at][3] is place

    def head(self, now: float) -> Place:
        """The place with the lowest key. The list must not be empty."""
        first = self.by_due[0]
        return first[3] if first[0] <= now else self.by_rank[0][3]

    def ahead_of(self, place: Place, now: float) -> int:
        """How many places have a lower key."""
        if place.is_due(now):
            return bisect_left(self.by_due, (place.due_at, place.entered_at, place.number))
        mine = (self._rank_here(place, now), place.entered_at, place.number)
        due = bisect_left(self.by_due, (now, inf))
        behind_but_due = sum((entry[3].rank, entry[1], entry[2]) > mine for entry in self.by_due[:due])
        return bisect_left(self.by_rank, mine) + behind_but_due

    def _rank_here(self, place: Place, now: float) -> float:
        """The rank of the same score at ``now`` among places that age otherwise."""
        ageing = self.by_rank[0][3].ageing if self.by_rank else place.ageing
        return place.rank if ageing == place.ageing else ageing * now - place.score(now)


def _remove(line: list[tuple[float, float, int, Place]], first: float, place: Place) -> None:
    if line and line[0][3] is place:
        del line[0]
        return
    at = bisect_left(line, (first, place.entered_at, place.number))
    if at < len(line) and line[at][3] is place:
        del line[at]
