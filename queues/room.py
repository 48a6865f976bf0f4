"""The waiting room: every waiting item has one place, kept until it is served or leaves.

Free items are held by class for the distributor (one queue, one requirement, one node), all items by queue for
positions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from calls import AgentId, ContractError, QueueId, Requirement, WorkItemId

from .order import OrderedPlaces, Place
from .settings import QueueSettings

ClassKey = tuple[QueueId, Requirement, str]


@dataclass(slots=True, eq=False)
class WorkClass:
    """Free items that are equal to the distributor. It lives as long as the room: others may keep it."""

    queue: QueueId
    requires: Requirement
    node: str = ""
    free: OrderedPlaces = field(default_factory=OrderedPlaces)


class ClassName(NamedTuple):
    """What tells a class of work items from the others."""

    queue: QueueId
    requires: Requirement
    node: str = ""


class KeptRoom(NamedTuple):
    """What is kept of a room. ``classes`` and ``preferred`` agents: in the order in which they first came."""

    places: tuple[Place, ...]
    offered: frozenset[WorkItemId]
    classes: tuple[ClassName, ...]
    preferred: tuple[AgentId, ...]
    number: int


@dataclass(slots=True)
class WaitingRoom:
    """All places of the line. An item that is being offered keeps its place but is not free to be chosen.

    An item kept for one agent is in no class: it is in ``by_preferred_agent`` under their name. ``offered``: those
    that are not free.
    """

    places: dict[WorkItemId, Place] = field(default_factory=dict)
    classes: dict[ClassKey, WorkClass] = field(default_factory=dict)
    by_preferred_agent: dict[AgentId, OrderedPlaces] = field(default_factory=dict)
    by_queue: dict[QueueId, OrderedPlaces] = field(default_factory=dict)
    offered: set[WorkItemId] = field(default_factory=set)
    number: int = 0

    def kept(self) -> KeptRoom:
        """Give what the rest can be worked out from."""
        classes = tuple(ClassName(*key) for key in self.classes)
        preferred = tuple(self.by_preferred_agent)
        return KeptRoom(tuple(self.places.values()), frozenset(self.offered), classes, preferred, self.number)

    @classmethod
    def restored(cls, kept: KeptRoom) -> WaitingRoom:
        """Make the room again, every list in its order."""
        room = cls(number=kept.number)
        for name in kept.classes:
            room.class_for(name.queue, name.requires, name.node)
        for agent in kept.preferred:
            room.by_preferred_agent[agent] = OrderedPlaces()
        for place in kept.places:
            room.put_back(place)
            if place.item in kept.offered:
                room.reserve(place.item)
        return room

    def enter(
        self,
        item: WorkItemId,
        queue: QueueSettings,
        requires: Requirement,
        points: float,
        now: float,
        *,
        promised_at: float = float("inf"),
        preferred_agent: AgentId | None = None,
        node: str = "",
    ) -> Place:
        """Give the item a place. It may be chosen at once."""
        due_at = min(now + queue.cap_s, promised_at)
        number = self.number + 1
        place = Place(item, queue.id, requires, points, queue.ageing, now, due_at, number, preferred_agent, node)
        self.put_back(place)
        self.number += 1
        return place

    def put_back(self, place: Place) -> None:
        """A place that ``leave`` gave up for a while: entry time and number stay. It may be chosen at once."""
        if place.item in self.places:
            raise ContractError(f"{place.item} waits already")
        self._put(place)
        self._line(place).add(place)

    def leave(self, item: WorkItemId) -> Place:
        """Give the place up."""
        place = self.place(item)
        if self.is_free(item):
            self._line(place).remove(place)
        self.offered.discard(item)
        self._take(place)
        return place

    def change(self, place: Place, changed: Place) -> Place:
        """Put ``changed`` where ``place`` was; free if that was free. Entry time and number stay."""
        free = self.is_free(place.item)
        self.leave(place.item)
        self._put(changed)
        if free:
            self._line(changed).add(changed)
        else:
            self.offered.add(changed.item)
        return changed

    def reserve(self, item: WorkItemId) -> None:
        """The item is being offered: nobody else may choose it."""
        place = self.place(item)
        if self.is_free(item):
            self._line(place).remove(place)
            self.offered.add(item)

    def release(self, item: WorkItemId) -> None:
        """The item may be chosen (again), at its old place."""
        place = self.place(item)
        if item in self.offered:
            self._line(place).add(place)
            self.offered.remove(item)

    def place(self, item: WorkItemId) -> Place:
        """The place of a waiting item. Raises ``ContractError`` where it does not wait."""
        try:
            return self.places[item]
        except KeyError:
            raise ContractError(f"{item} does not wait") from None

    def is_free(self, item: WorkItemId) -> bool:
        """Whether the item waits and is not being offered."""
        return item in self.places and item not in self.offered

    @property
    def anybody_free(self) -> bool:
        """Whether any item looks for an agent."""
        return len(self.places) > len(self.offered)

    def class_of(self, place: Place) -> WorkClass:
        """The class of a place that is not kept for one agent."""
        return self.class_for(place.queue, place.requires, place.node)

    def class_for(self, queue: QueueId, requires: Requirement, node: str = "") -> WorkClass:
        """The class of such items, whether there are any or not."""
        known = self.classes.get((queue, requires, node))
        if known is None:
            known = self.classes[queue, requires, node] = WorkClass(queue, requires, node)
        return known

    def longest_wait_s(self, queue: QueueId, now: float) -> float:
        """How long the item that came first has waited; 0 where nothing waits."""
        line = self.by_queue.get(queue)
        return now - min(entry[1] for entry in line.by_rank) if line else 0.0

    def position(self, item: WorkItemId, now: float) -> int:
        """1 for the next in its queue."""
        place = self.place(item)
        return self.by_queue[place.queue].ahead_of(place, now) + 1

    def waiting_in(self, queue: QueueId) -> int:
        """Items that wait in the queue, those that are being offered included."""
        return len(self.by_queue.get(queue, ()))

    def __iter__(self) -> Iterator[Place]:
        return iter(self.places.values())

    def _put(self, place: Place) -> None:
        self.places[place.item] = place
        line = self.by_queue.get(place.queue)
        if line is None:
            line = self.by_queue[place.queue] = OrderedPlaces()
        line.add(place)

    def _take(self, place: Place) -> None:
        self.by_queue[place.queue].remove(place)
        del self.places[place.item]

    def _line(self, place: Place) -> OrderedPlaces:
        """The list the place is in while it is free."""
        if place.preferred_agent is not None:
            return self.by_preferred_agent.setdefault(place.preferred_agent, OrderedPlaces())
        return self.class_of(place).free
