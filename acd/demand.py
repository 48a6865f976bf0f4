"""The mix of work: each class's share of recent items, kept at a fixed cost per item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from queues import WorkClass

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


@dataclass(slots=True)
class ClassDemand:
    """Weights of the classes. Each new item weighs more, which spares reducing all old weights."""

    seen: int = 0
    _next: float = 1.0
    total: float = 0.0
    weights: dict[WorkClass, float] = field(default_factory=dict)

    def kept(self, numbers: Mapping[WorkClass, int]) -> KeptDemand:
        """Give what is kept; ``numbers`` are those of the classes in the room."""
        weights = tuple(KeptWeight(numbers[of], weight) for of, weight in self.weights.items())
        return KeptDemand(self.seen, self._next, self.total, weights)

    @classmethod
    def restored(cls, kept: KeptDemand, classes: Sequence[WorkClass]) -> ClassDemand:
        """Make the call mix again."""
        weights = {classes[known.of]: known.weight for known in kept.weights}
        return cls(kept.seen, kept.next, kept.total, weights)

    def add(self, of: WorkClass) -> None:
        """Count a new item of this class."""
        self.seen += 1
        self.weights[of] = self.weights.get(of, 0.0) + self._next
        self.total += self._next
        self._next *= GROWTH
        if self._next > HIGHEST:
            self._shrink()

    def share(self, of: WorkClass) -> float:
        """Give the class's share of the items, 0 to 1."""
        return self.weights.get(of, 0.0) / self.total if self.total else 0.0

    def _shrink(self) -> None:
        self.weights = {of: weight / HIGHEST for of, weight in self.weights.items()}
        self.total, self._next = self.total / HIGHEST, self._next / HIGHEST
