"""The mix of work: each class's share of recent items, kept at a fixed cost per item."""

from __future__ import annotations

from typing import Final, NamedTuple, final

from .link import Link

GROWTH: Final = 1 + 1 / 2000
"""Factor by which each item weighs more than the one before: about the last two thousand count."""
HIGHEST: Final = 1e100


class KeptWeight(NamedTuple):
    """The weight of a class, by its number in the room."""

    of: int
    weight: float


class KeptDemand(NamedTuple):
    """What is kept of the call mix."""

    seen: int
    next: float
    total: float
    weights: tuple[KeptWeight, ...]


@final
class ClassDemand:
    """Weights of the classes, each in its link. A new item weighs more, which spares reducing all old weights."""

    def __init__(self) -> None:
        self.seen: int = 0
        self.total: float = 0.0
        self._next: float = 1.0

    def kept(self, links: list[Link]) -> KeptDemand:
        """Give what is kept."""
        weights = tuple([KeptWeight(link.of.number, link.weight) for link in links if link.weight])
        return KeptDemand(self.seen, self._next, self.total, weights)

    @classmethod
    def restored(cls, kept: KeptDemand, links: list[Link]) -> ClassDemand:
        """Make the call mix again."""
        demand = cls()
        demand.seen, demand._next, demand.total = kept.seen, kept.next, kept.total
        for known in kept.weights:
            links[known.of].weight = known.weight
        return demand

    def add(self, link: Link, links: list[Link]) -> None:
        """Count a new item of the class; ``links``: of all classes."""
        self.seen += 1
        link.weight += self._next
        self.total += self._next
        self._next *= GROWTH
        if self._next > HIGHEST:
            for one in links:
                one.weight /= HIGHEST
            self.total, self._next = self.total / HIGHEST, self._next / HIGHEST

    def share(self, link: Link) -> float:
        """Give the class's share of the items, 0 to 1."""
        return link.weight / self.total if self.total else 0.0
