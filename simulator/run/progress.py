"""Progress of running replications, shared between processes, so that a bar moves within a replication.

Each worker process has a slot in shared memory. Whoever is no worker, and waits for nobody, tells nothing.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from multiprocessing.context import BaseContext
from typing import Any

STEPS = 100
"""Times that a replication reports its progress."""


class Shared:
    """A slot for each worker: the share (0 to 1) done of its replication."""

    def __init__(self, context: BaseContext, workers: int) -> None:
        self.slots: Any = context.Array("d", workers)
        self.taken: Any = context.Value("i", 0)

    @property
    def under_way(self) -> float:
        """Give the sum of all slots, in replications."""
        return float(sum(self.slots))


_tell: Callable[[float], None] | None = None


def work(shared: Shared) -> None:
    """Start a worker process: it takes its own slot and ignores Ctrl-C; its parent ends it."""
    global _tell
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with shared.taken.get_lock():
        slot = shared.taken.value % len(shared.slots)
        shared.taken.value += 1

    def told(share: float) -> None:
        shared.slots[slot] = share

    _tell = told


def here(told: Callable[[float], None] | None) -> None:
    """Set the listener to the replications that this process runs."""
    global _tell
    _tell = told


def tell(share: float) -> None:
    """Report the share of the replication that is done."""
    if _tell is not None:
        _tell(share)
