"""What is planned for later, by time, kind and order of planning."""

from __future__ import annotations

from math import inf
from typing import Any, final


@final
class Planned:
    """Something that happens ``at`` an instant (s); ``subject`` and ``value`` are for who does it."""

    def __init__(self, at: float, kind: int, sequence: int, subject: Any, value: Any) -> None:
        self.at: float = at
        self.kind = kind
        self.sequence = sequence
        self.subject = subject
        self.value = value


def _before(one: Planned, other: Planned) -> bool:
    if one.at != other.at:
        return one.at < other.at
    if one.kind != other.kind:
        return one.kind < other.kind
    return one.sequence < other.sequence


@final
class Later:
    """A heap, and beside it the ``roster``: what was known before all else, in order, so that the heap stays small.

    A heap of objects with an order of their own costs a third of one of tuples where the code is compiled.
    """

    def __init__(self) -> None:
        self.heap: list[Planned] = []
        self.roster: list[Planned] = []
        self.come = 0

    def begin(self) -> None:
        """Put the roster in order: nothing is added to it from now on."""
        self.roster.sort(key=lambda planned: (planned.at, planned.kind, planned.sequence))

    def next_at(self) -> float:
        """Tell when the next thing happens; infinite if nothing is planned."""
        if self.come < len(self.roster):
            entry = self.roster[self.come]
            if not self.heap or _before(entry, self.heap[0]):
                self.push(entry)
                self.come += 1
        return self.heap[0].at if self.heap else inf

    def push(self, planned: Planned) -> None:
        """Add something to the heap."""
        self.heap.append(planned)
        self._rise(planned, len(self.heap) - 1)

    def pop(self) -> Planned:
        """Take out what happens next; ``next_at`` was asked before.

        The gap goes down to the end along the earlier of each two, and the last one up from there: it comes from the
        end, so it seldom goes far, and each level costs one comparison.
        """
        heap = self.heap
        first, last = heap[0], heap.pop()
        size, place, below = len(heap), 0, 1
        if size == 0:
            return first
        while below + 1 < size:
            earlier = heap[below]
            if _before(heap[below + 1], earlier):
                below += 1
                earlier = heap[below]
            heap[place] = earlier
            place, below = below, 2 * below + 1
        if below < size:
            heap[place] = heap[below]
            place = below
        self._rise(last, place)
        return first

    def _rise(self, planned: Planned, place: int) -> None:
        """Put something into the gap at this place, or above it."""
        heap = self.heap
        while place > 0:
            above = (place - 1) >> 1
            other = heap[above]
            if not _before(planned, other):
                break
            heap[place] = other
            place = above
        heap[place] = planned
