"""Ours and the peers' models by name, and one timed run of one of them."""

from __future__ import annotations

import resource
from collections.abc import Callable
from time import process_time
from typing import NamedTuple

from benchmarks.routing.case import Case, draw
from benchmarks.routing.cases import equal, erlang
from benchmarks.routing.floor import Floor
from benchmarks.routing.ours import Ours
from line1555.cli.scenario_files import DIALPLANS, SHIPPED, load_scenario
from simulator.run.replication import replicate

from . import peers


class Timed(NamedTuple):
    """One run: callers, the mean wait (s), CPU seconds, peak memory (MB)."""

    calls: int
    wait_s: float
    cpu_s: float
    peak_mb: float

    @property
    def per_second(self) -> float:
        return self.calls / self.cpu_s


def router_erlang(calls: int, seed: int, policy: str = "longest_idle") -> tuple[int, float]:
    case = erlang(140.0, 600.0).lasting(calls / 2100)
    return _floor(case, seed, policy)


def router_skills(calls: int, seed: int) -> tuple[int, float]:
    return _floor(equal().lasting(calls / 1980), seed, "balanced")


def _floor(case: Case, seed: int, policy: str) -> tuple[int, float]:
    callers = draw(case, seed, 0)
    booked = Floor(case.staff(), callers, Ours(case, policy, {}, float("inf"), "")).run()
    return len(callers.at), sum(booked.waited) / len(callers.at)


def engine_erlang(calls: int, seed: int) -> tuple[int, float]:
    plan = load_scenario(SHIPPED / "erlang-a.yaml", DIALPLANS)
    scenario = plan.scenario.model_copy(update={"hours": calls / 2100})
    figures = replicate(type(plan)(plan.name, scenario, plan.settings), seed, 0)
    return int(figures.offered.sum()), float(figures.wait_s.sum() / figures.offered.sum())


def engine_week(_: int, seed: int) -> tuple[int, float]:
    plan = load_scenario(SHIPPED / "1555-week.yaml", DIALPLANS)
    figures = replicate(plan, seed, 0)
    return int(figures.totals["first_calls"]), float(figures.wait_s.sum() / figures.offered.sum())


def _peer(run: Callable[[int, int], float]) -> Callable[[int, int], tuple[int, float]]:
    return lambda calls, seed: (calls, run(calls, seed))


MODELS: dict[str, Callable[[int, int], tuple[int, float]]] = {
    "M/M/140+M, router": router_erlang,
    "M/M/140+M, engine": engine_erlang,
    "M/M/140+M, SimPy": _peer(peers.simpy_erlang),
    "M/M/140+M, Ciw": _peer(peers.ciw_erlang),
    "skills, router": router_skills,
    "skills, Ciw": _peer(peers.ciw_skills),
    "1555-week, engine": engine_week,
}


def timed(name: str, calls: int, seed: int) -> Timed:
    began = process_time()
    count, wait_s = MODELS[name](calls, seed)
    took = process_time() - began
    return Timed(count, wait_s, took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
