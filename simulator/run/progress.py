"""How far the replications under way are, told across processes while they run: so that a bar moves within one.

Each worker process has a slot in shared memory. Whoever is no worker, and waits for nobody, tells nothing.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from multiprocessing.context import SpawnContext
from typing import Any

STEPS = 100
"""A replication tells so many times how far it is."""


class Shared:
    """Slots for so many workers: shares (0 to 1) of what each has under way."""

    def __init__(self, context: SpawnContext, workers: int) -> None:
        self.slots: Any = context.Array("d", workers)
        self.taken: Any = context.Value("i", 0)

    @property
    def under_way(self) -> float:
        """All of them together, in replications."""
        return float(sum(self.slots))


_tell: Callable[[float], None] | None = None


def work(shared: Shared) -> None:
    """A worker process begins: Ctrl-C is its parent's, which ends it; it takes a slot of its own."""
    global _tell
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with shared.taken.get_lock():
        slot = shared.taken.value % len(shared.slots)
        shared.taken.value += 1

    def told(share: float) -> None:
        shared.slots[slot] = share

    _tell = told


def here(told: Callable[[float], None] | None) -> None:
    """Listeners to the replications that this very process runs."""
    global _tell
    _tell = told


def tell(share: float) -> None:
    """So much of the replication is done."""
    if _tell is not None:
        _tell(share)
