"""The output of one replication: counts by half hour and queue; the formulas are in ``metrics``.

A call counts in the half hour in which it was offered (its first queue entry); only what was offered in the counted
time counts. Arrays: ``[half hour, queue]``, or ``[half hour]`` of the whole line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calls import AgentState
from metrics import formulas

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
INTERVAL_S = 1800.0
LONGEST_S = 400 * 86_400.0
WAIT_BINS = np.concatenate((
    [0.0, 1e-6], np.arange(1.0, 120.0, 1.0), np.arange(120.0, 600.0, 5.0), np.arange(600.0, 7230.0, 30.0),
    np.geomspace(7230.0, LONGEST_S, 420),
))  # fmt: skip
"""Lower bounds (s) of the histogram of waits: no wait at all, seconds to two minutes, then wider; beyond two
hours by 2 % each, as far as the longest scenario."""
STATES = (AgentState.TALKING, AgentState.WRAP_UP, AgentState.RINGING, AgentState.READY, AgentState.NOT_READY)
"""Talk and hold are one state."""


@dataclass(slots=True)
class ReplicationFigures:
    """One replication, each offering of a call to the line once, in the column of its first queue.

    Waits count from the first queue entry; ``in_time``, ``short``: handled, abandoned within T.
    """

    t_s: float
    queues: tuple[str, ...]
    offered: Counts
    handled: Counts
    abandoned: Counts
    elsewhere: Counts
    """Calls that left the line another way: overflowed, refused, rescued, lost."""
    in_time: Counts
    short: Counts
    wait_s: Floats
    """Sum of the waits (s) of all offered calls."""
    answer_s: Floats
    """Sum of the waits (s) of the handled calls."""
    waits: NDArray[np.integer[Any]]
    """``[half hour, bin]``: histogram of the waits of all, by WAIT_BINS; in small numbers: it is large."""
    queue_waits: Counts
    """``[queue, bin]``."""
    staff: Floats
    """``[half hour, state]``: agents' seconds by STATES."""
    totals: dict[str, float] = field(default_factory=dict)
    """``first_calls``, ``redials``, ``served_in_menus``, ``lost_in_menus``, ``rona``, ``tickets``, ``sent_on``, ..."""
    spoken: ReplicationFigures | None = None
    """The same calls with the callers' languages in place of queues, and one interval: the whole run. None: there is
    but one language."""
    stays: ReplicationFigures | None = None
    """Each stay in a queue instead, in the half hour of its entry. None: nobody was moved, so it is the same."""

    @property
    def of_queues(self) -> ReplicationFigures:
        """Give the figures by queue, which count each queue's own entries."""
        return self if self.stays is None else self.stays

    def service_level(self) -> float:
        """Give the service level of the whole run, 0 to 1."""
        level = formulas.service_level(int(self.in_time.sum()), int(self.offered.sum()), int(self.short.sum()))
        return float("nan") if level is None else level


def added(runs: Sequence[ReplicationFigures], less: ReplicationFigures | None = None) -> ReplicationFigures:
    """Add up replications of one plan, without one of them; not by language."""
    (first, *others), without = runs, [less] if less is not None else []
    names = [field.name for field in fields(ReplicationFigures) if field.name not in _NO_ARRAYS]
    arrays = {
        name: sum((getattr(one, name) for one in others), _wide(getattr(first, name)))
        - sum(getattr(one, name) for one in without)
        for name in names
    }
    totals = {
        name: sum(one.totals.get(name, 0.0) for one in runs) - sum(one.totals.get(name, 0.0) for one in without)
        for name in {name for one in runs for name in one.totals}
    }
    stays = None
    if any(one.stays is not None for one in (*runs, *without)):
        stays = added([one.of_queues for one in runs], less.of_queues if less is not None else None)
    return ReplicationFigures(t_s=first.t_s, queues=first.queues, totals=totals, stays=stays, **arrays)


def smallest(counts: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    """Give the same counts in the least room."""
    kind = np.int16 if counts.max(initial=0) <= np.iinfo(np.int16).max else np.int64
    return counts.astype(kind)


def _wide(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Give the array in numbers that a sum fits into."""
    return array.astype(np.int64) if array.dtype == np.int16 else array


_NO_ARRAYS = ("t_s", "queues", "totals", "spoken", "stays")


def quantile(histogram: Counts, share: float) -> float:
    """Give the wait (s) that ``share`` of the calls do not exceed, linear within a bin; nan without calls."""
    total = int(histogram.sum())
    if total == 0:
        return float("nan")
    reached = np.cumsum(histogram)
    at = int(np.searchsorted(reached, share * total))
    below = int(reached[at - 1]) if at else 0
    width = float(WAIT_BINS[at + 1] - WAIT_BINS[at]) if at + 1 < len(WAIT_BINS) else 30.0
    return float(WAIT_BINS[at]) + width * (share * total - below) / int(histogram[at])
