"""Simulates seats: replications of a plan with these people at work, and the service level per half hour.

The same seed in every round: the same callers meet other seats, so seats are not bought for noise. Then, since these
callers chose the seats, the result meets others before anything is promised (``checked``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, log

import numpy as np
from scipy.special import stdtrit

from simulator.model.distributions import Distribution
from simulator.model.people import staffed
from simulator.run.figures import ReplicationFigures
from simulator.run.measures import CONFIDENCE
from simulator.run.runs import Pool, Result, RunRequest, run
from simulator.scenario import Plan
from simulator.scenario.schema import Target as ScenarioTarget

from .requirements import Bools, Floats, Ints
from .targets import StaffingTarget

INSTANT_S = 0.001
"""Longest wait (s) that counts as none: the precision of arithmetic on seconds of a week."""

ReplicationCallback = Callable[[int, float], None]
"""Round (from 1; 0, -1, ...: the checks), replications done in it."""


@dataclass(frozen=True, slots=True)
class Where:
    """What runs replications: a pool, and how many at once."""

    pool: Pool
    at_once: int = 1


@dataclass(frozen=True, slots=True)
class Level:
    """Per half hour, shape (H,): calls seen in all replications, service level (nan: too few), half width."""

    calls: Ints
    mean: Floats
    half_width: Floats


def timed(plan: Plan, target: StaffingTarget) -> Plan:
    """Set the plan's T to the target's. ``no-wait``: an agent is free at once; their phone rings for the mean time."""
    within_s, scenario = target.within_s, plan.scenario
    people = scenario.people
    if not within_s:
        ring_s = people.pick_up_s.mean_s if people else 0.0
        within_s = ring_s + INSTANT_S
        people = people.model_copy(update={"pick_up_s": Distribution(constant=ring_s)}) if people else None
    wanted = ScenarioTarget(share=target.share, within_s=within_s)
    return replace(plan, scenario=scenario.model_copy(update={"target": wanted, "people": people}))


def fewest_calls(share: float, confidence: float) -> int:
    """Give the fewest calls that, if all are in time, show that the level is at least ``share``."""
    return ceil(log(1 - confidence) / log(share))


def level_of(runs: Sequence[ReplicationFigures], share: float, confidence: float) -> Level:
    """Compute handled within T / (offered - abandoned within T) per half hour, of all replications' calls together.

    The interval is that of a ratio of two means (delta method), each replication one observation. Half hours with
    fewer calls than ``fewest_calls`` have no level: nothing could be said of them.
    """
    in_time = np.array([figures.in_time.sum(axis=1) for figures in runs], dtype=np.float64)
    counted = np.array([(figures.offered - figures.short).sum(axis=1) for figures in runs], dtype=np.float64)
    total = counted.sum(axis=0)
    known = total >= fewest_calls(share, confidence)
    shown = np.where(total > 0, total, 1.0)
    mean = in_time.sum(axis=0) / shown
    spread = (in_time - mean * counted).std(axis=0, ddof=1) * np.sqrt(len(runs)) / shown
    half_width = float(stdtrit(len(runs) - 1, (1 + CONFIDENCE) / 2)) * spread
    return Level(total.astype(np.int64), np.where(known, mean, np.nan), np.where(known, half_width, np.nan))


@dataclass(slots=True)
class SeatTrial:
    """``simulate`` for the correction: seats per half hour -> level and half width, on the same callers every time."""

    plan: Plan
    target: StaffingTarget
    order: RunRequest
    where: Where
    confidence: float = 0.95
    told: ReplicationCallback = lambda number, done: None
    called: Bools | None = None
    """Half hours with callers whom no closed queue sends away; others have no level."""
    rounds: int = field(default=0)

    def __call__(self, seats: Ints) -> tuple[Floats, Floats]:
        self.rounds += 1
        level = self.judge(self.run(seats, self.order, self.rounds))
        return level.mean, level.half_width

    def run(self, seats: Ints, order: RunRequest, number: int) -> Result:
        """Simulate the plan with these seats, shape (half hours,). ``number``: the round, as ``told`` hears it."""
        plan = staffed(timed(self.plan, self.target), seats.tolist())
        return run(plan, order, self.where.pool, self.where.at_once, lambda done: self.told(number, done))

    def judge(self, result: Result) -> Level:
        """Give level and half width of each half hour; nan outside ``called``."""
        level = level_of(result.runs, self.target.share, self.confidence)
        if self.called is None:
            return level
        mean, half = (np.where(self.called, figure, np.nan) for figure in (level.mean, level.half_width))
        return replace(level, mean=mean, half_width=half)


def others(order: RunRequest, number: int = 0) -> RunRequest:
    """Request twice as many replications with other callers, different ones for each number."""
    return replace(order, runs=2 * order.runs, seed=order.seed + 1 + number)
