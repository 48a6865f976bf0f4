"""Which classes the calls belong to: shares that forget slowly, at a fixed cost per call."""

from __future__ import annotations

from dataclasses import dataclass, field

from queues import CallClass

GROWTH = 1 + 1 / 2000
"""Each call weighs so much more than the one before: about the last two thousand count."""
HIGHEST = 1e100


@dataclass(slots=True)
class Demand:
    """Weights of the classes. Instead of letting all old weights fade, each new call weighs more."""

    seen: int = 0
    _next: float = 1.0
    _total: float = 0.0
    _weights: dict[CallClass, float] = field(default_factory=dict)

    def add(self, of: CallClass) -> None:
        """A call of this class came."""
        self.seen += 1
        self._weights[of] = self._weights.get(of, 0.0) + self._next
        self._total += self._next
        self._next *= GROWTH
        if self._next > HIGHEST:
            self._shrink()

    def share(self, of: CallClass) -> float:
        """The class's share of the calls, 0 to 1."""
        return self._weights.get(of, 0.0) / self._total if self._total else 0.0

    def _shrink(self) -> None:
        self._weights = {of: weight / HIGHEST for of, weight in self._weights.items()}
        self._total, self._next = self._total / HIGHEST, self._next / HIGHEST
