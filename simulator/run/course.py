"""The course of a replication: the virtual clock, what is planned, and what all who act in it share."""

from __future__ import annotations

from collections import deque
from heapq import heappush
from typing import Any

from calls import events as e
from engine import LineView

from .collector import Collector

# What is planned for later, in the order of law at the same instant.
ENDED, ANSWERS, GIVES_UP, DUTY, HEARD, KEY, WRAPPED, COMES_BACK, CALLS, TOLD = range(10)


class Course:
    """What happens outside the engine: at once (``soon``), and later, by time, kind and order of planning.

    ``view``: what may be asked of the line, there once the line is; ``collector`` counts.
    """

    view: LineView

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.now, self.sequence = 0.0, 0
        self.soon: deque[e.Event] = deque()
        self.later: list[tuple[float, int, int, Any, Any]] = []

    def do(self, event: e.Event) -> None:
        """Let something happen at once, after what is happening now."""
        self.soon.append(event)

    def plan(self, after_s: float, kind: int, first: Any, second: Any = 0) -> None:
        """Let something happen after some seconds; ``first`` and ``second`` are for who does it."""
        self.sequence += 1
        heappush(self.later, (self.now + after_s, kind, self.sequence, first, second))
