"""Finds seats per half hour: Erlang A, the correction by simulation, and a check with other callers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from simulator.run.runs import Result, RunRequest
from simulator.scenario import Plan

from .correction import Trust, corrected
from .needs import requirement_of
from .requirements import Floats, Ints, Offered, Requirement
from .skills import Cover, cover_of_seats
from .targets import StaffingTarget
from .trial import Level, ReplicationCallback, SeatTrial, Where, others

CHECKS = 2
"""Checks on other callers: after the first, half hours in doubt get a twentieth more seats, one at least."""


class HalfHourVerdict(StrEnum):
    """What is known of one half hour."""

    HOLDS = "holds"
    """With the wanted confidence."""
    OPEN = "open"
    """Neither this nor the opposite is sure: more runs would tell."""
    FAILS = "fails"
    """With the wanted confidence the target is not held."""
    FEW = "few"
    """Too few calls were seen to say anything: the seats are those of Erlang A."""


@dataclass(frozen=True, slots=True)
class SeatsRequest:
    """What a planner asks for. ``rounds`` 0: Erlang A only, nothing is simulated."""

    target: StaffingTarget
    trust: Trust
    rounds: int = 5
    least: int = 1
    most: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Seats on callers who did not choose them: level and verdict of each half hour."""

    level: Level
    confidence: Floats
    """Per half hour, that the target holds; 1 where too few calls were seen."""
    wanted: float
    result: Result

    @property
    def verdicts(self) -> list[HalfHourVerdict]:
        """Give the verdict of each half hour."""
        return [
            _verdict(float(sure), bool(np.isnan(mean)), self.wanted)
            for sure, mean in zip(self.confidence, self.level.mean, strict=True)
        ]

    def count(self, verdict: HalfHourVerdict) -> int:
        """Count the half hours with this verdict."""
        return self.verdicts.count(verdict)


@dataclass(frozen=True, slots=True, eq=False)
class Seats:
    """The answer: seats per half hour, and how sure they are (``simulated`` is None where nothing was simulated)."""

    plan: Plan
    wanted: SeatsRequest
    offered: Offered
    requirement: Requirement
    seats: Ints
    rounds: int = 0
    simulated: Simulated | None = None

    @property
    def hours(self) -> float:
        """Give the seat hours of the whole time."""
        return float(self.seats.sum()) / 2

    @property
    def covers(self) -> list[Cover]:
        return cover_of_seats(self.plan, self.requirement, self.seats)


def find_seats(
    plan: Plan,
    wanted: SeatsRequest,
    order: RunRequest,
    where: Where,
    told: ReplicationCallback = lambda number, done: None,
) -> Seats:
    """Find the seats. Raises ValueError for figures Erlang A cannot use, and a target that no seats can meet."""
    offered, requirement = requirement_of(plan, wanted.target, wanted.least)
    seats = requirement.seats if wanted.most is None else np.minimum(requirement.seats, wanted.most)
    if not wanted.rounds:
        return Seats(plan, wanted, offered, requirement, seats)
    trial = SeatTrial(
        plan, wanted.target, order, where, wanted.trust.confidence, told, offered.calls.sum(axis=(1, 2)) > 0
    )
    found = corrected(requirement, trial, wanted.trust, rounds=wanted.rounds, least=wanted.least, most=wanted.most)
    seats, simulated = _checked(trial, wanted, found.seats)
    return Seats(plan, wanted, offered, requirement, seats, found.rounds, simulated)


def _checked(trial: SeatTrial, wanted: SeatsRequest, seats: Ints) -> tuple[Ints, Simulated]:
    """Check the seats with other callers; half hours that fail get more, and are checked with others again."""
    for number in range(CHECKS):
        simulated = check(trial, wanted, trial.run(seats, others(trial.order, number), -number))
        doubtful = np.array(
            [verdict in (HalfHourVerdict.OPEN, HalfHourVerdict.FAILS) for verdict in simulated.verdicts]
        )
        more = np.minimum(seats + doubtful * np.maximum(1, seats // 20), wanted.most or np.inf).astype(np.int64)
        if number == CHECKS - 1 or (more == seats).all():
            break
        seats = more
    return seats, simulated


def check(trial: SeatTrial, wanted: SeatsRequest, result: Result) -> Simulated:
    """Give the verdicts on a simulation with other callers."""
    level, trust = trial.judge(result), Trust(wanted.trust.confidence, runs=len(result.runs))
    sure = trust.that_holds(level.mean, level.half_width, wanted.target.share)
    return Simulated(level, sure, trust.confidence, result)


def _verdict(sure: float, few: bool, confidence: float) -> HalfHourVerdict:
    if few:
        return HalfHourVerdict.FEW
    if sure >= confidence:
        return HalfHourVerdict.HOLDS
    return HalfHourVerdict.FAILS if sure <= 1 - confidence else HalfHourVerdict.OPEN
