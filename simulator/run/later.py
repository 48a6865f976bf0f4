"""What is planned for later, by time, kind and order of planning."""

from __future__ import annotations

from math import inf
from typing import Any, final


@final
class Planned:
    """Something that happens ``at`` an instant (s); ``subject`` and ``value`` are for who does it.

    ``below``, ``beside``: where it is in the heap: the last of those that are later, and the one before it among these.
    """

    def __init__(self, at: float, kind: int, sequence: int, subject: Any, value: Any) -> None:
        self.at: float = at
        self.kind = kind
        self.sequence = sequence
        self.subject = subject
        self.value = value
        self.below: Planned | None = None
        self.beside: Planned | None = None


def _comes_first(one: Planned, other: Planned) -> bool:
    """Tell which of two that happen at the same instant is first: by kind, then the order of planning."""
    if one.kind != other.kind:
        return one.kind < other.kind
    return one.sequence < other.sequence


def _joined(one: Planned, other: Planned) -> Planned:
    """Put the later of two below the other, and give this."""
    if other.at < one.at or (other.at == one.at and _comes_first(other, one)):
        one, other = other, one
    other.beside = one.below
    one.below = other
    return one


@final
class Later:
    """A heap, and beside it the ``roster``: what was known before all else, in order, so that the heap stays small.

    A pairing heap (Fredman, Sedgewick, Sleator, Tarjan 1986, Algorithmica 1, 111-129): its links are fields of what is
    planned, which cost a fifth of a list's places where the code is compiled. ``heapq`` compares tuples, which must be
    made first: as quick compiled, four times as quick uncompiled (counted by itself, not in a simulation).
    """

    def __init__(self) -> None:
        self.first: Planned | None = None
        self.roster: list[Planned] = []
        self.come = 0

    def begin(self) -> None:
        """Put the roster in order: nothing is added to it from now on."""
        self.roster.sort(key=lambda planned: (planned.at, planned.kind, planned.sequence))

    def next_at(self) -> float:
        """Tell when the next thing happens; infinite if nothing is planned."""
        if self.come < len(self.roster):
            entry, first = self.roster[self.come], self.first
            if first is None or entry.at < first.at or (entry.at == first.at and _comes_first(entry, first)):
                self.push(entry)
                self.come += 1
        return inf if self.first is None else self.first.at

    def push(self, planned: Planned) -> None:
        """Add something to the heap."""
        self.first = planned if self.first is None else _joined(self.first, planned)

    def pop(self) -> Planned:
        """Take out what happens next; ``next_at`` was asked before. Raises ``IndexError`` if nothing is planned."""
        first = self.first
        if first is None:
            raise IndexError("nothing is planned")
        rest, pairs = first.below, None
        while rest is not None:  # two by two ...
            one, other = rest, rest.beside
            if other is None:
                rest = None
            else:
                rest, one = other.beside, _joined(one, other)
            one.beside, pairs = pairs, one
        whole = None
        while pairs is not None:  # ... and then all of them, in the opposite order
            pair, pairs = pairs, pairs.beside
            whole = pair if whole is None else _joined(whole, pair)
        if whole is not None:
            whole.beside = None
        first.below = None
        self.first = whole
        return first
