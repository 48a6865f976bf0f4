"""The waiting room: every waiting call has one place, kept until the call is served or leaves.

Free calls are held by class for the distributor (one queue, one requirement), all calls by queue for positions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from calls import AgentId, CallId, ContractError, QueueId, Requirement

from .order import OrderedPlaces, Place
from .settings import QueueSettings

ClassKey = tuple[QueueId, Requirement]


@dataclass(slots=True, eq=False)
class CallClass:
    """Free calls that are equal to the distributor. It lives as long as the room: others may keep it."""

    queue: QueueId
    requires: Requirement
    free: OrderedPlaces = field(default_factory=OrderedPlaces)


@dataclass(slots=True)
class WaitingRoom:
    """All places of the line. A call that is being offered keeps its place but is not free to be chosen.

    A call kept for one agent is in no class: it is in ``by_preferred_agent`` under their name. ``offered``: those
    that are not free.
    """

    places: dict[CallId, Place] = field(default_factory=dict)
    classes: dict[ClassKey, CallClass] = field(default_factory=dict)
    by_preferred_agent: dict[AgentId, OrderedPlaces] = field(default_factory=dict)
    by_queue: dict[QueueId, OrderedPlaces] = field(default_factory=dict)
    offered: set[CallId] = field(default_factory=set)
    number: int = 0

    def enter(
        self,
        call: CallId,
        queue: QueueSettings,
        requires: Requirement,
        points: float,
        now: float,
        *,
        promised_at: float = float("inf"),
        preferred_agent: AgentId | None = None,
    ) -> Place:
        """Give the call a place. It may be chosen at once."""
        due_at = min(now + queue.cap_s, promised_at)
        place = Place(call, queue.id, requires, points, queue.ageing, now, due_at, self.number + 1, preferred_agent)
        self.put_back(place)
        self.number += 1
        return place

    def put_back(self, place: Place) -> None:
        """A place that ``leave`` gave up for a while: entry time and number stay. It may be chosen at once."""
        if place.call in self.places:
            raise ContractError(f"{place.call} waits already")
        self._put(place)
        self._line(place).add(place)

    def leave(self, call: CallId) -> Place:
        """Give the place up."""
        place = self.place(call)
        if self.is_free(call):
            self._line(place).remove(place)
        self.offered.discard(call)
        self._take(place)
        return place

    def change(self, place: Place, changed: Place) -> Place:
        """Put ``changed`` where ``place`` was; free if that was free. Entry time and number stay."""
        free = self.is_free(place.call)
        self.leave(place.call)
        self._put(changed)
        if free:
            self._line(changed).add(changed)
        else:
            self.offered.add(changed.call)
        return changed

    def reserve(self, call: CallId) -> None:
        """The call is being offered: nobody else may choose it."""
        place = self.place(call)
        if self.is_free(call):
            self._line(place).remove(place)
            self.offered.add(call)

    def release(self, call: CallId) -> None:
        """The call may be chosen (again), at its old place."""
        place = self.place(call)
        if call in self.offered:
            self._line(place).add(place)
            self.offered.remove(call)

    def place(self, call: CallId) -> Place:
        """The place of a waiting call. Raises ``ContractError`` where it does not wait."""
        try:
            return self.places[call]
        except KeyError:
            raise ContractError(f"{call} does not wait") from None

    def is_free(self, call: CallId) -> bool:
        """Whether the call waits and is not being offered."""
        return call in self.places and call not in self.offered

    @property
    def anybody_free(self) -> bool:
        """Whether any call looks for an agent."""
        return len(self.places) > len(self.offered)

    def class_of(self, place: Place) -> CallClass:
        """The class of a place that is not kept for one agent."""
        return self.class_for(place.queue, place.requires)

    def class_for(self, queue: QueueId, requires: Requirement) -> CallClass:
        """The class of such calls, whether there are any or not."""
        known = self.classes.get((queue, requires))
        if known is None:
            known = self.classes[queue, requires] = CallClass(queue, requires)
        return known

    def longest_wait_s(self, queue: QueueId, now: float) -> float:
        """How long the call that came first has waited; 0 where nobody waits."""
        line = self.by_queue.get(queue)
        return now - min(entry[1] for entry in line.by_rank) if line else 0.0

    def position(self, call: CallId, now: float) -> int:
        """1 for the next in its queue."""
        place = self.place(call)
        return self.by_queue[place.queue].ahead_of(place, now) + 1

    def waiting_in(self, queue: QueueId) -> int:
        """Calls that wait in the queue, those that are being offered included."""
        return len(self.by_queue.get(queue, ()))

    def __iter__(self) -> Iterator[Place]:
        return iter(self.places.values())

    def _put(self, place: Place) -> None:
        self.places[place.call] = place
        line = self.by_queue.get(place.queue)
        if line is None:
            line = self.by_queue[place.queue] = OrderedPlaces()
        line.add(place)

    def _take(self, place: Place) -> None:
        self.by_queue[place.queue].remove(place)
        del self.places[place.call]

    def _line(self, place: Place) -> OrderedPlaces:
        """The list the place is in while it is free."""
        if place.preferred_agent is not None:
            return self.by_preferred_agent.setdefault(place.preferred_agent, OrderedPlaces())
        return self.class_of(place).free
