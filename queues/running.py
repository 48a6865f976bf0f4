"""Running figures that forget: plain numbers, no history."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class RunningMean:
    """Mean of the newest values: a plain mean at first, then the newest value weighs ``weight``."""

    weight: float
    value: float = 0.0
    count: int = 0

    def add(self, value: float) -> None:
        """Take one value in; the first ones weigh equally."""
        self.count += 1
        self.value += max(self.weight, 1 / self.count) * (value - self.value)


@dataclass(slots=True)
class RunningRatio:
    """Sum of ``top`` over sum of ``bottom``, both fading by ``weight`` with each addition."""

    weight: float
    top: float = 0.0
    bottom: float = 0.0

    def add(self, top: float, bottom: float) -> None:
        """Add to both sums, which forget alike."""
        self.top += top - self.weight * self.top
        self.bottom += bottom - self.weight * self.bottom
