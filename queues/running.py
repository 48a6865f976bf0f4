"""Running figures that forget: plain numbers, no history."""

from __future__ import annotations

from typing import final


@final
class RunningMean:
    """Mean of the newest values: a plain mean at first, then the newest value weighs ``weight``."""

    weight: float
    value: float
    count: int

    def __init__(self, weight: float, value: float = 0.0, count: int = 0) -> None:
        self.weight = weight
        self.value = value
        self.count = count

    def add(self, value: float) -> None:
        """Take one value in; the first ones weigh equally."""
        self.count += 1
        part = 1 / self.count
        self.value += (self.weight if self.weight > part else part) * (value - self.value)


@final
class RunningRatio:
    """Sum of ``top`` over sum of ``bottom``, both fading by ``weight`` with each addition."""

    weight: float
    top: float
    bottom: float

    def __init__(self, weight: float, top: float = 0.0, bottom: float = 0.0) -> None:
        self.weight = weight
        self.top = top
        self.bottom = bottom

    def add(self, top: float, bottom: float) -> None:
        """Add to both sums, which forget alike."""
        self.top += top - self.weight * self.top
        self.bottom += bottom - self.weight * self.bottom
