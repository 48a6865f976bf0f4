"""The waiting room: every waiting item has one place, kept until it is served or leaves.

Free items are held by class for the distributor (one queue, one requirement, one node), all items by queue for
positions.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import NamedTuple, final

from calls import AgentId, ContractError, QueueId, Requirement, WorkItemId

from .order import OrderedPlaces, Place, WorkClass
from .settings import QueueSettings


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


@final
class WaitingRoom:
    """All places of the line. An item that is being offered keeps its place but is not free to be chosen.

    An item kept for one agent is in no class's list: it is in ``by_preferred_agent`` under their name.
    """

    def __init__(self, number: int = 0) -> None:
        self.places: dict[WorkItemId, Place] = {}
        self.classes: list[WorkClass] = []
        """In the order in which they first came."""
        self.by_preferred_agent: dict[AgentId, OrderedPlaces] = {}
        self.by_queue: dict[QueueId, OrderedPlaces] = {}
        self.number = number
        self._classes_of: dict[QueueId, list[WorkClass]] = {}
        self._offered: int = 0

    def kept(self) -> KeptRoom:
        """Give what the rest can be worked out from."""
        offered = frozenset([place.item for place in self.places.values() if not place.free])
        classes = tuple([ClassName(of.queue, of.requires, of.node) for of in self.classes])
        return KeptRoom(tuple(self.places.values()), offered, classes, tuple(self.by_preferred_agent), self.number)

    @classmethod
    def restored(cls, kept: KeptRoom) -> WaitingRoom:
        """Make the room again, every list in its order."""
        room = cls(kept.number)
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
        promised_at: float = inf,
        preferred_agent: AgentId | None = None,
        node: str = "",
    ) -> Place:
        """Give the item a place. It may be chosen at once."""
        due_at = min(now + queue.cap_s, promised_at)
        number = self.number + 1
        place = Place(item, queue.id, requires, points, queue.ageing, now, due_at, number, preferred_agent, node)
        self.put_back(place)
        self.number = number
        return place

    def put_back(self, place: Place) -> None:
        """A place that ``leave`` gave up for a while: entry time and number stay. It may be chosen at once."""
        if place.item in self.places:
            raise ContractError(f"{place.item} waits already")
        place.free = True
        self._put(place)
        self._line(place).add(place)

    def leave(self, item: WorkItemId) -> Place:
        """Give the place up."""
        place = self.place(item)
        if place.free:
            self._line(place).remove(place)
        else:
            self._offered -= 1
        place.of.line.remove(place)
        del self.places[item]
        return place

    def change(self, place: Place, changed: Place) -> Place:
        """Put ``changed`` where ``place`` was; free if that was free. Entry time and number stay."""
        changed.free = place.free
        self.leave(place.item)
        self._put(changed)
        if changed.free:
            self._line(changed).add(changed)
        else:
            self._offered += 1
        return changed

    def reserve(self, item: WorkItemId) -> None:
        """The item is being offered: nobody else may choose it."""
        place = self.place(item)
        if place.free:
            self._line(place).remove(place)
            place.free = False
            self._offered += 1

    def release(self, item: WorkItemId) -> None:
        """The item may be chosen (again), at its old place."""
        place = self.place(item)
        if not place.free:
            place.free = True
            self._line(place).add(place)
            self._offered -= 1

    def place(self, item: WorkItemId) -> Place:
        """The place of a waiting item. Raises ``ContractError`` where it does not wait."""
        place = self.places.get(item)
        if place is None:
            raise ContractError(f"{item} does not wait")
        return place

    def is_free(self, item: WorkItemId) -> bool:
        """Whether the item waits and is not being offered."""
        place = self.places.get(item)
        return place is not None and place.free

    @property
    def anybody_free(self) -> bool:
        """Whether any item looks for an agent."""
        return len(self.places) > self._offered

    def class_for(self, queue: QueueId, requires: Requirement, node: str = "") -> WorkClass:
        """The class of such items, whether there are any or not."""
        known = self._classes_of.get(queue)
        if known is None:
            known = self._classes_of[queue] = []
        for of in known:  # a queue has few, and most requirements are the very same object again
            if (of.requires is requires or of.requires == requires) and of.node == node:
                return of
        line = self.by_queue.get(queue)
        if line is None:
            line = self.by_queue[queue] = OrderedPlaces()
        made = WorkClass(queue, requires, node, len(self.classes), line)
        self.classes.append(made)
        known.append(made)
        return made

    def longest_wait_s(self, queue: QueueId, now: float) -> float:
        """How long the item that came first has waited; 0 where nothing waits."""
        line = self.by_queue.get(queue)
        return now - line.oldest().entered_at if line else 0.0

    def position(self, item: WorkItemId, now: float) -> int:
        """1 for the next in its queue."""
        place = self.place(item)
        return place.of.line.ahead_of(place, now) + 1

    def waiting_in(self, queue: QueueId) -> int:
        """Items that wait in the queue, those that are being offered included."""
        line = self.by_queue.get(queue)
        return 0 if line is None else line.by_rank.count()

    def __iter__(self) -> Iterator[Place]:
        return iter(self.places.values())

    def _put(self, place: Place) -> None:
        place.of = self.class_for(place.queue, place.requires, place.node)
        place.of.line.add(place)
        self.places[place.item] = place

    def _line(self, place: Place) -> OrderedPlaces:
        """The list the place is in while it is free."""
        if place.preferred_agent is not None:
            line = self.by_preferred_agent.get(place.preferred_agent)
            if line is None:
                line = self.by_preferred_agent[place.preferred_agent] = OrderedPlaces()
            return line
        return place.of.free
