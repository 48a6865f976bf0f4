"""How long will it take? A plain position-aware estimate of the wait, silent where nothing is known yet."""

from __future__ import annotations

from dataclasses import dataclass

WEIGHT = 0.1
"""Weight of the newest handle time in the running mean: about the last twenty calls count."""
LEAST_CALLS = 3
"""Below so many handled calls the mean says nothing."""


@dataclass(slots=True)
class HandleTime:
    """Running mean of a queue's handle time (talk + hold + wrap-up, seconds)."""

    mean_s: float = 0.0
    calls: int = 0

    def add(self, handle_s: float) -> None:
        self.calls += 1
        weight = max(WEIGHT, 1 / self.calls)
        self.mean_s += weight * (handle_s - self.mean_s)

    def wait_s(self, position: int, agents: int) -> float | None:
        """Expected wait of the caller at ``position``: each of ``agents`` frees up every mean handle time.

        position * mean / agents, the all-busy wait of M/M/s without abandonment. None where unknown.
        """
        if agents < 1 or self.calls < LEAST_CALLS:
            return None
        return position * self.mean_s / agents
