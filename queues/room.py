"""The waiting room: every waiting call has one place, kept until the call is served or leaves.

Calls are held by class (equal requirements) for the distributor and by queue for positions. Both lists are sorted by
the one ordering key, ``(-priority, entered_at, number)``: higher priority first, then the longest wait, then arrival.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field

from calls import CallId, ContractError, QueueId, Requirement

Key = tuple[float, float, int]


@dataclass(frozen=True, slots=True)
class Place:
    """One call's place. ``entered_at`` is when it came to the queue; it never changes while the call waits."""

    call: CallId
    queue: QueueId
    requires: Requirement
    priority: int
    entered_at: float
    number: int

    @property
    def key(self) -> Key:
        return (-self.priority, self.entered_at, self.number)


Entry = tuple[Key, CallId]


@dataclass(slots=True)
class WaitingRoom:
    """All places of the line. A call that is being offered keeps its place but is not free to be chosen."""

    places: dict[CallId, Place] = field(default_factory=dict)
    free: dict[Requirement, list[Entry]] = field(default_factory=dict)
    by_queue: dict[QueueId, list[Entry]] = field(default_factory=dict)
    number: int = 0

    def enter(self, call: CallId, queue: QueueId, requires: Requirement, priority: int, now: float) -> Place:
        """Give the call a place at the end of its priority."""
        if call in self.places:
            raise ContractError(f"{call} waits already")
        self.number += 1
        place = Place(call, queue, requires, priority, now, self.number)
        self.places[call] = place
        insort(self.by_queue.setdefault(queue, []), (place.key, call))
        self.release(call)
        return place

    def leave(self, call: CallId) -> Place:
        """Give the place up."""
        place = self.place(call)
        self.reserve(call)
        _remove(self.by_queue[place.queue], (place.key, call))
        del self.places[call]
        return place

    def reserve(self, call: CallId) -> None:
        """The call is being offered: nobody else may choose it."""
        place = self.place(call)
        line = self.free.get(place.requires, [])
        _remove(line, (place.key, call))
        if not line:
            self.free.pop(place.requires, None)

    def release(self, call: CallId) -> None:
        """The call may be chosen (again), at its old place."""
        place = self.place(call)
        insort(self.free.setdefault(place.requires, []), (place.key, call))

    def place(self, call: CallId) -> Place:
        try:
            return self.places[call]
        except KeyError:
            raise ContractError(f"{call} does not wait") from None

    def is_free(self, call: CallId) -> bool:
        place = self.places.get(call)
        return place is not None and _find(self.free.get(place.requires, []), (place.key, call)) is not None

    def position(self, call: CallId) -> int:
        """1 for the next in its queue."""
        place = self.place(call)
        return bisect_left(self.by_queue[place.queue], (place.key, call)) + 1

    def waiting_in(self, queue: QueueId) -> int:
        return len(self.by_queue.get(queue, ()))

    def __iter__(self) -> Iterator[Place]:
        return iter(self.places.values())


def _find(line: list[Entry], entry: Entry) -> int | None:
    at = bisect_left(line, entry)
    return at if at < len(line) and line[at] == entry else None


def _remove(line: list[Entry], entry: Entry) -> None:
    at = _find(line, entry)
    if at is not None:
        del line[at]
