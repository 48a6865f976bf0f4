"""A small M/M/s+M line with one queue: gives the estimator what the engine would give it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random

from queues import Waiter, WaitEstimate, WaitEstimator

ARRIVES, ENDS, LEAVES = 0, 1, 2


@dataclass(slots=True)
class Caller:
    waiter: Waiter
    said: WaitEstimate | None
    now: float


@dataclass(slots=True)
class Stream:
    """``rate`` and ``handle_s`` may depend on the time; ``servers`` is what the estimator is told."""

    servers: int
    rate: Callable[[float], float]
    handle_s: Callable[[float], float]
    patience_s: float
    random: Random
    known: WaitEstimator = field(default_factory=WaitEstimator)
    busy: int = 0
    line: deque[int] = field(default_factory=deque)
    callers: dict[int, Caller] = field(default_factory=dict)
    waits: list[tuple[WaitEstimate | None, float, float]] = field(default_factory=list)
    """(what was said at entry, when, how long the wait was) of those who waited and were served."""
    todo: list[tuple[float, int, int, float]] = field(default_factory=list)
    number: int = 0

    def run(self, until: float) -> None:
        heappush(self.todo, (0.0, ARRIVES, 0, 0.0))
        while self.todo[0][0] < until:
            now, kind, number, busy_s = heappop(self.todo)
            (self._arrives, self._ends, self._leaves)[kind](now, number, busy_s)

    def _arrives(self, now: float, _: int, __: float) -> None:
        self.number += 1
        heappush(self.todo, (now + self.random.expovariate(self.rate(now)), ARRIVES, 0, 0.0))
        if self.busy < self.servers:
            self._serve(now)
            return
        waiter = self.known.enter(len(self.line), self.servers, now)
        said = self.known.announce(Waiter(now), len(self.line), self.servers, now)
        self.callers[self.number] = Caller(waiter, said, now)
        self.line.append(self.number)
        heappush(self.todo, (now + self.random.expovariate(1 / self.patience_s), LEAVES, self.number, 0.0))

    def _serve(self, now: float) -> None:
        self.busy += 1
        busy_s = self.random.expovariate(1 / self.handle_s(now))
        heappush(self.todo, (now + busy_s, ENDS, 0, busy_s))

    def _ends(self, now: float, _: int, busy_s: float) -> None:
        self.known.handled(busy_s)
        self.busy -= 1
        if self.line:
            caller = self.callers.pop(self.line.popleft())
            self.known.served(caller.waiter, now)
            self.waits.append((caller.said, caller.now, now - caller.now))
            self._serve(now)

    def _leaves(self, now: float, number: int, _: float) -> None:
        if number in self.callers:
            ahead = self.line.index(number)
            self.known.abandoned(self.callers.pop(number).waiter, ahead, self.servers, now)
            self.line.remove(number)
