"""Validation of the simulation against real calls of the same callers, by figure and by caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Waits = Mapping[int, tuple[float, bool]]
"""By caller who came into a queue: the wait (s, ring included), and whether they were handled."""


def figures(waits: Waits, within_s: float) -> dict[str, float]:
    """Compute the figures of all callers who came into a queue. Waits in seconds, shares 0 to 1."""
    seconds = np.array([wait for wait, _ in waits.values()] or [0.0])
    handled = np.array([handled for _, handled in waits.values()] or [False])
    count = max(1, len(waits))
    return {
        "offered": float(len(waits)),
        "abandoned": float(count - handled.sum()) / count if waits else 0.0,
        "within": float((handled & (seconds <= within_s)).sum()) / count,
        "mean_wait_s": float(seconds.mean()),
        "p50_s": float(np.quantile(seconds, 0.5)),
        "p95_s": float(np.quantile(seconds, 0.95)),
        "longest_s": float(seconds.max()),
    }


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One figure of both. ``low``, ``high``: the simulation's with every arrival a little late or early."""

    name: str
    real: float
    simulated: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """Give real minus simulated, in the unit of the figure."""
        return self.real - self.simulated


@dataclass(frozen=True, slots=True)
class Agreement:
    """Real calls against the simulation of the same callers. ``moved``: simulated with the arrivals moved a little."""

    real: Waits
    simulated: Waits
    moved: Sequence[Waits]
    within_s: float = 20.0

    def rows(self) -> list[AgreementRow]:
        """Give a row for each figure. Without ``moved``, ``low`` and ``high`` are the simulation's figure itself."""
        real, simulated = figures(self.real, self.within_s), figures(self.simulated, self.within_s)
        others = [figures(waits, self.within_s) for waits in self.moved] or [simulated]
        return [
            AgreementRow(name, real[name], simulated[name], min(o[name] for o in others), max(o[name] for o in others))
            for name in real
        ]

    def apart_s(self, share: float) -> float:
        """Give the quantile ``share`` of the difference (s) of a caller's two waits, for callers handled both times."""
        pairs = [(self.real[row][0], self.simulated[row][0]) for row in self._both() if self._handled(row)]
        return float(np.quantile([abs(real - simulated) for real, simulated in pairs], share)) if pairs else 0.0

    def same_end(self) -> float:
        """Give the share of the callers who were handled both times, or gave up both times."""
        both = self._both()
        return sum(self.real[row][1] == self.simulated[row][1] for row in both) / len(both) if both else 1.0

    def _both(self) -> list[int]:
        return sorted(self.real.keys() & self.simulated.keys())

    def _handled(self, row: int) -> bool:
        return self.real[row][1] and self.simulated[row][1]
