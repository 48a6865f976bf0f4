"""Results without a simulation: figures made up to say what a test wants, and a pool that makes them up on demand."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np

from simulator.ask import answer
from simulator.run.figures import STATES, WAIT_BINS, Floats, ReplicationFigures
from simulator.run.runs import Result, RunRequest
from simulator.scenario import Plan

CALLS = 1000
"""Offered in each half hour."""


def figures_of(plan: Plan, levels: Floats) -> ReplicationFigures:
    """One replication in which each half hour has this service level; who is late, gives up."""
    queues = tuple(plan.settings.queues)
    count, bins = len(levels), len(WAIT_BINS)
    offered = np.zeros((count, len(queues)), np.int64)
    offered[:, 0] = CALLS
    in_time = np.zeros_like(offered)
    in_time[:, 0] = np.round(CALLS * levels)
    waits = np.zeros((count, bins), np.int64)
    waits[:, 6], waits[:, 61] = in_time[:, 0], CALLS - in_time[:, 0]
    queue_waits = np.zeros((len(queues), bins), np.int64)
    queue_waits[0] = waits.sum(axis=0)
    staff = np.tile(np.array([900.0, 100.0, 0.0, 800.0, 200.0]), (count, 1))
    assert staff.shape[1] == len(STATES)
    none = np.zeros_like(offered)
    answer_s: Floats = (in_time * 5.5).astype(np.float64)
    wait_s: Floats = answer_s + (offered - in_time) * 60.5
    return ReplicationFigures(
        plan.scenario.target.within_s, queues, offered, in_time, offered - in_time, none, in_time, none,
        wait_s, answer_s, waits, queue_waits, staff, {"first_calls": 1.0},
    )  # fmt: skip


def result_of(plan: Plan, level: float, *, runs: int = 4, half_hours: int = 8, spread: float = 0.01) -> Result:
    """Replications around one service level, half of them ``spread`` above it and half below."""
    levels = [np.full(half_hours, level + (spread if run % 2 else -spread)) for run in range(runs)]
    return Result(plan, RunRequest(runs), tuple(figures_of(plan, each) for each in levels))


class MadeUp:
    """A pool whose replications have the service level ``of(seats, growth of the load)``, a little apart."""

    def __init__(self, of: Callable[[int, float], float]) -> None:
        self.of = of
        self.asked: list[tuple[int, float]] = []

    def submit(self, function: Callable[..., Any], /, plan: Plan, seed: int, run: int) -> Future[ReplicationFigures]:
        seats, growth = answer.seats(result_of(plan, 0.5, runs=0)), plan.scenario.demand.growth
        if run == 0:
            self.asked.append((seats, round(growth, 9)))
        level = min(0.99, max(0.01, self.of(seats, growth))) + (0.002 if run % 2 else -0.002)
        done: Future[ReplicationFigures] = Future()
        done.set_result(figures_of(plan, np.full(8, level)))
        return done
