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

from typing import Final, final

from calls import AgentId, QueueId, Requirement, WorkItemId

LEAST_GONE: Final = 64
"""Places given up at the head of a list stay in it until they are so many, and half of the list."""

Key = tuple[float, float, float, int]


@final
class Place:
    """One item's place. ``entered_at`` and ``number`` never change while the item waits, whatever else is changed.

    ``preferred_agent``: only this agent may take it (for a time); ``due_at`` may be infinite. ``node``: the only
    switch at which an agent can take it; empty: any. A place never changes but for what the room notes in it.
    """

    item: WorkItemId
    queue: QueueId
    requires: Requirement
    points: float
    ageing: float
    entered_at: float
    due_at: float
    number: int
    preferred_agent: AgentId | None
    node: str

    def __init__(
        self,
        item: WorkItemId,
        queue: QueueId,
        requires: Requirement,
        points: float,
        ageing: float,
        entered_at: float,
        due_at: float,
        number: int,
        preferred_agent: AgentId | None = None,
        node: str = "",
    ) -> None:
        self.item = item
        self.queue = queue
        self.requires = requires
        self.points = points
        self.ageing = ageing
        self.entered_at = entered_at
        self.due_at = due_at
        self.number = number
        self.preferred_agent = preferred_agent
        self.node = node
        self.rank: float = ageing * entered_at - points
        """Constant order among places of one ageing; the lower goes first."""
        self.free: bool = True
        """Whether it may be chosen: it is not being offered."""
        self.of: WorkClass
        """Its class, from when it stands in the room."""

    def changed(
        self,
        *,
        item: WorkItemId | None = None,
        queue: QueueId | None = None,
        requires: Requirement | None = None,
        points: float | None = None,
        ageing: float | None = None,
        due_at: float | None = None,
        node: str | None = None,
    ) -> Place:
        """Give a copy in which these are changed; None: as it was."""
        return Place(
            self.item if item is None else item,
            self.queue if queue is None else queue,
            self.requires if requires is None else requires,
            self.points if points is None else points,
            self.ageing if ageing is None else ageing,
            self.entered_at,
            self.due_at if due_at is None else due_at,
            self.number,
            self.preferred_agent,
            self.node if node is None else node,
        )

    def kept_for(self, agent: AgentId | None) -> Place:
        """Give a copy that only this agent may take; None: any agent may."""
        changed = self.changed()
        changed.preferred_agent = agent
        return changed

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

    def value(self, now: float) -> float:
        """The second part of its key: what orders it among those that are due, or are not due, as it."""
        return self.due_at if now >= self.due_at else self.ageing * -now + self.rank

    def before(self, other: Place, now: float) -> bool:
        """Whether its key is lower than the other's; no key is made for it."""
        due = now >= self.due_at
        if due != (now >= other.due_at):
            return due
        mine, theirs = self.value(now), other.value(now)
        return mine < theirs if mine != theirs else self.came_before(other)

    def came_before(self, other: Place) -> bool:
        """Whether it was taken before the other."""
        if self.entered_at != other.entered_at:
            return self.entered_at < other.entered_at
        return self.number < other.number


class PlaceList:
    """Places in the order of one figure, equal ones in the order in which they came. Quick at both ends.

    The first ``_gone`` have been given up: to take each out at once would move all that stand behind it.
    """

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._gone: int = 0

    def figure(self, place: Place) -> float:
        """Give what the places are ordered by, the lowest first."""
        raise NotImplementedError

    def count(self) -> int:
        """Count the places."""
        return len(self._places) - self._gone

    def all(self) -> list[Place]:
        """List the places in order."""
        return self._places[self._gone :]

    def first(self) -> Place:
        """Give the first place. The list must not be empty."""
        return self._places[self._gone]

    def add(self, place: Place) -> None:
        """Insert the place; most are the last."""
        places, figure = self._places, self.figure(place)
        if len(places) > self._gone and not self._goes_before(places[-1], figure, place):
            places.insert(self._at(figure, place), place)
        else:
            places.append(place)

    def remove(self, place: Place) -> None:
        """Take the place out, most are the first; no harm where it is not there."""
        places, gone = self._places, self._gone
        if len(places) > gone and places[gone] is place:
            self._gone = gone + 1
            if gone >= LEAST_GONE and 2 * gone >= len(places):
                del places[: gone + 1]
                self._gone = 0
            return
        at = self._at(self.figure(place), place)
        if at < len(places) and places[at] is place:
            del places[at]

    def has(self, place: Place) -> bool:
        """Tell whether the place is here."""
        at = self._at(self.figure(place), place)
        return at < len(self._places) and self._places[at] is place

    def ahead_of(self, figure: float, place: Place) -> int:
        """Count the places before one of this figure that came when ``place`` did."""
        return self._at(figure, place) - self._gone

    def _at(self, figure: float, place: Place) -> int:
        low, high, places = self._gone, len(self._places), self._places
        while low < high:
            middle = (low + high) >> 1
            if self._goes_before(places[middle], figure, place):
                low = middle + 1
            else:
                high = middle
        return low

    def _goes_before(self, one: Place, figure: float, place: Place) -> bool:
        other = self.figure(one)
        return other < figure if other != figure else one.came_before(place)


@final
class ByRank(PlaceList):
    """Places of one ageing by rank: the highest score first."""

    def figure(self, place: Place) -> float:
        return place.rank

    def due_among(self, start: int, end: int, now: float) -> int:
        """Count those that are due from the place of number ``start`` to before that of number ``end``."""
        due = 0
        for place in self._places[self._gone + start : self._gone + end]:
            if place.due_at <= now:
                due += 1
        return due


@final
class ByDue(PlaceList):
    """Places by due time."""

    def figure(self, place: Place) -> float:
        return place.due_at

    def due(self, now: float) -> int:
        """Count those that are due."""
        low, high, places = self._gone, len(self._places), self._places
        while low < high:
            middle = (low + high) >> 1
            if places[middle].due_at <= now:
                low = middle + 1
            else:
                high = middle
        return low - self._gone


@final
class ByEntry(PlaceList):
    """Places by when they were taken."""

    def figure(self, place: Place) -> float:
        return place.entered_at


@final
class OrderedPlaces:
    """Places with one ``ageing``, in the order of their keys: by rank, and by due time."""

    def __init__(self) -> None:
        self.by_rank = ByRank()
        self.by_due = ByDue()
        self._by_entry: ByEntry | None = None

    def __len__(self) -> int:
        return self.by_rank.count()

    def __bool__(self) -> bool:  # compiled code does not ask the length
        return self.by_rank.count() > 0

    def add(self, place: Place) -> None:
        """Insert the place into both orders."""
        self.by_rank.add(place)
        self.by_due.add(place)
        if self._by_entry is not None:
            self._by_entry.add(place)

    def remove(self, place: Place) -> None:
        """Take it out; no harm where it is not there."""
        self.by_rank.remove(place)
        self.by_due.remove(place)
        if self._by_entry is not None:
            self._by_entry.remove(place)

    def __contains__(self, place: Place) -> bool:
        return self.by_rank.has(place)

    def head(self, now: float) -> Place:
        """The place with the lowest key. The list must not be empty."""
        first = self.by_due.first()
        return first if first.due_at <= now else self.by_rank.first()

    def oldest(self) -> Place:
        """The place that was taken first. The list must not be empty."""
        if self._by_entry is None:  # few lines are asked: theirs is kept from then on
            self._by_entry = ByEntry()
            for place in self.by_rank.all():
                self._by_entry.add(place)
        return self._by_entry.first()

    def ahead_of(self, place: Place, now: float) -> int:
        """How many places have a lower key."""
        if place.is_due(now):
            return self.by_due.ahead_of(place.due_at, place)
        ahead = self.by_rank.ahead_of(self._rank_here(place, now), place)
        return ahead + self._due_from(ahead, now)

    def _due_from(self, behind: int, now: float) -> int:
        """How many are due of those from this number on, in the order of rank.

        Those before or behind are looked at, whichever are fewer: a long line of items that are due costs no more.
        """
        due, count = self.by_due.due(now), self.by_rank.count()
        if not due:
            return 0
        if behind < count - behind:
            return due - self.by_rank.due_among(0, behind, now)
        return self.by_rank.due_among(behind, count, now)

    def _rank_here(self, place: Place, now: float) -> float:
        """The rank of the same score at ``now`` among places that age otherwise."""
        ageing = self.by_rank.first().ageing if self.by_rank.count() else place.ageing
        return place.rank if ageing == place.ageing else ageing * now - place.score(now)


@final
class WorkClass:
    """Free items that are equal to the distributor. It lives as long as the room: others may keep it.

    ``number``: by which others find what they know of the class, from 0 in the order in which the classes came.
    ``line``: all that waits in the queue, with what is being offered and what is kept for an agent.
    """

    def __init__(self, queue: QueueId, requires: Requirement, node: str, number: int, line: OrderedPlaces) -> None:
        self.queue = queue
        self.requires = requires
        self.node = node
        self.number = number
        self.line = line
        self.free = OrderedPlaces()
