"""Measures of replications with confidence intervals: one name and one formula for each figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan, nan, sqrt

import numpy as np
from scipy.special import stdtrit

from metrics import formulas

from .figures import ReplicationFigures, added, quantile

CONFIDENCE = 0.95
Measure = Callable[[ReplicationFigures], float]


@dataclass(frozen=True, slots=True)
class ConfidenceInterval:
    """The mean over replications and half of its 95 % interval (Student's t); nan of a single replication."""

    mean: float
    half_width: float

    @property
    def low(self) -> float:
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        return self.mean + self.half_width


def estimate(values: Sequence[float]) -> ConfidenceInterval:
    """Compute the interval of the mean; nan values (nothing to measure in that replication) do not count."""
    known = [value for value in values if not isnan(value)]
    if len(known) < 2:
        return ConfidenceInterval(known[0] if known else nan, nan)
    point = float(stdtrit(len(known) - 1, (1 + CONFIDENCE) / 2))
    return ConfidenceInterval(float(np.mean(known)), point * float(np.std(known, ddof=1)) / sqrt(len(known)))


def pooled(runs: Sequence[ReplicationFigures], measure: Measure) -> ConfidenceInterval:
    """Compute the measure of all replications pooled; its interval by leaving each out in turn (jackknife).

    If days differ much, the mean of the days' ratios is another figure: there a quiet day weighs as much as a busy one.
    """
    whole = added(runs)
    found, count = measure(whole), len(runs)
    if count < 2 or isnan(found):
        return ConfidenceInterval(found, nan)
    parts = estimate([count * found - (count - 1) * measure(added([whole], less=one)) for one in runs])
    return ConfidenceInterval(found, parts.half_width)


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else nan


def occupancy(figures: ReplicationFigures) -> float:
    """Give the occupancy of all agents together, 0 to 1."""
    talk, wrap, ring, ready, _ = figures.staff.sum(axis=0)
    known = formulas.occupancy(float(talk), float(wrap), float(ring), float(ready))
    return nan if known is None else known


def received(figures: ReplicationFigures) -> float:
    """Count the calls that came in: first calls and redials."""
    return figures.totals.get("first_calls", 0.0) + figures.totals.get("redials", 0.0)


def answered_calls(figures: ReplicationFigures) -> float:
    """Count answered calls; a call sent on to another topic is handled twice and answered once."""
    return float(figures.handled.sum()) - figures.totals.get("answered_again", 0.0)


MEASURES: dict[str, Measure] = {
    "received": received,
    "offered": lambda f: float(f.offered.sum()),
    "handled": lambda f: float(f.handled.sum()),
    "abandoned_calls": lambda f: float(f.abandoned.sum()),
    "service_level": ReplicationFigures.service_level,
    "in_time_of_all": lambda f: _share(float(f.in_time.sum()), float(f.offered.sum())),
    "answered": lambda f: _share(float(f.handled.sum()), float(f.offered.sum())),
    "answered_of_received": lambda f: _share(answered_calls(f) + f.totals.get("served_in_menus", 0), received(f)),
    "abandoned": lambda f: _share(float(f.abandoned.sum()), float(f.offered.sum())),
    "mean_wait_s": lambda f: _share(float(f.wait_s.sum()), float(f.offered.sum() - f.totals.get("unfinished", 0))),
    "asa_s": lambda f: _share(float(f.answer_s.sum()), float(f.handled.sum())),
    "p50_s": lambda f: quantile(f.waits.sum(axis=0), 0.50),
    "p95_s": lambda f: quantile(f.waits.sum(axis=0), 0.95),
    "p99_s": lambda f: quantile(f.waits.sum(axis=0), 0.99),
    "occupancy": occupancy,
    "redials": lambda f: f.totals.get("redials", 0.0),
    "tickets": lambda f: f.totals.get("tickets", 0.0),
    "missed_rings": lambda f: f.totals.get("rona", 0.0),
    "turned_away": lambda f: f.totals.get("turned_away", 0.0),
}
"""Counts are of a whole replication; ``mean_wait_s`` is of all offered callers, ``asa_s`` of the handled."""

BY_QUEUE: dict[str, Callable[[ReplicationFigures, int], float]] = {
    "offered": lambda f, q: float(f.offered[:, q].sum()),
    "answered": lambda f, q: _share(float(f.handled[:, q].sum()), float(f.offered[:, q].sum())),
    "service_level": lambda f, q: _share(
        float(f.in_time[:, q].sum()), float(f.offered[:, q].sum() - f.short[:, q].sum())
    ),
    "mean_wait_s": lambda f, q: _share(float(f.wait_s[:, q].sum()), float(f.queue_waits[q].sum())),
    "p95_s": lambda f, q: quantile(f.queue_waits[q], 0.95),
    "p99_s": lambda f, q: quantile(f.queue_waits[q], 0.99),
}

COUNTS_BY_QUEUE: dict[str, Callable[[ReplicationFigures, int], float]] = {
    "handled": lambda f, q: float(f.handled[:, q].sum()),
    "abandoned": lambda f, q: _share(float(f.abandoned[:, q].sum()), float(f.offered[:, q].sum())),
    "in_time": lambda f, q: float(f.in_time[:, q].sum()),
}
"""More that may be known of a queue, and is not shown for each. ``in_time``: calls answered within T."""


def known_of(name: str) -> Measure:
    """Find a measure by its name in a scenario's ``known``: of the line, or ``queue.measure``. Raises ``KeyError``."""
    if name in MEASURES:
        return MEASURES[name]
    queue, _, measure = name.rpartition(".")
    of = {**COUNTS_BY_QUEUE, **BY_QUEUE}[measure]
    return lambda figures: of(figures.of_queues, figures.queues.index(queue))
