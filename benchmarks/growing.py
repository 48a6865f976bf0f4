"""What `benchmarks.growth` runs: the engine with more agents, more callers in the line, more queues.

Each case is prepared first and gives what is measured, as the kinds of `benchmarks/measured.py` do.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from time import thread_time

from calls import commands as c
from simulator.run.replication import Replication

from .engine import Bench
from .simulator.systems import System

Run = Callable[[], tuple[int, float]]
Counted = Callable[[], AbstractContextManager[None]]

CALLS = 80
"""Calls that are measured: 16 s of the line."""
FIRST_TOLD_S = 20.0
"""After so long all callers in the line have heard their first announcement, and the second is not due for 16 s more:
announcements are counted apart."""
PER_AGENT = 1.05
"""Load (erlang) for each agent of the house with many queues: in all of them callers wait and are told how long."""


def agents(count: int, counted: Counted) -> Run:
    """Whole calls in a house of so many agents, nine in ten of them talking; nobody waits."""
    return _calls(_full(count, 0), counted)


def waiting(count: int, counted: Counted) -> Run:
    """Whole calls while so many callers stand in the line, for whom nobody is there; 140 agents."""
    bench = _full(140, count)
    bench.until(bench.now + FIRST_TOLD_S)
    bench.spent.clear()
    return _calls(bench, counted)


def _full(people: int, in_line: int) -> Bench:
    bench = Bench(people, in_line)
    for _ in range(bench.most_talking):
        bench.call()
    bench.spent.clear()
    return bench


def _calls(bench: Bench, counted: Counted) -> Run:
    def run() -> tuple[int, float]:
        with counted():
            for _ in range(CALLS):
                bench.call()
        return CALLS, max(bench.spent) / 1e9

    return run


def announcements(count: int, counted: Counted) -> Run:
    """Announcements to so many callers who wait, due at one instant; the figure is the longest step (s)."""
    bench = _full(140, count)
    line = bench.line

    def run() -> tuple[int, float]:
        made, longest_s, begun = 0, 0.0, bench.now
        with counted():
            while (at := line.next_deadline()) is not None and at <= begun + 60.0:
                began = thread_time()
                outputs = line.tick(max(at, bench.now))
                longest_s = max(longest_s, thread_time() - began)
                bench.now = max(at, bench.now)
                made += sum(isinstance(output, c.Play) for output in outputs)
        return made, longest_s

    return run


def queues(count: int, counted: Counted) -> Run:
    """The simulated line of a thousand agents with so many queues, whose callers are told how long they will wait."""
    system = System(count, "balanced", PER_AGENT * 1000, 600.0, skills=2, agents=1000, estimates=True)
    plan = system.plan(0.5)

    def run() -> tuple[int, float]:
        one = Replication(plan, 1555, 0)
        with counted():
            figures = one.run()
        return one.made, float(figures.wait_s.sum() / figures.offered.sum())

    return run


__all__ = ["agents", "announcements", "queues", "waiting"]
