"""Many plans on the same workers: nobody idles, and every plan gets what it would get alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from simulator.ask import vary
from simulator.run import runs
from simulator.run.figures import ReplicationFigures
from simulator.scenario import Plan
from tests.simulator.made_up import MadeUp
from tests.simulator.scenarios import SHORT, plan_of

from .test_replication import same

FACTORS = (0.9, 1.0, 1.1)


def plans_of(tmp_path: Path) -> list[Plan]:
    plan = plan_of(tmp_path, SHORT)
    return [vary.changed(plan, {"load": factor}) for factor in FACTORS]


def alone(plans: list[Plan], order: runs.RunRequest) -> list[runs.Result]:
    with runs.workers(1) as pool:
        return [runs.run(plan, order, pool, 1) for plan in plans]


def all_same(some: list[runs.Result], others: list[runs.Result]) -> bool:
    pairs = [pair for two in zip(some, others, strict=True) for pair in zip(two[0].runs, two[1].runs, strict=True)]
    return all(same(*pair) for pair in pairs)


def test_together_is_as_alone(tmp_path: Path) -> None:
    plans, order = plans_of(tmp_path), runs.RunRequest(3, 1)
    with runs.workers(2) as pool:
        together = runs.run_all(plans, order, pool, runs.ahead(pool, 2))
    assert all_same(together, alone(plans, order))


def test_the_next_plan_begins_before_the_last_one_ends(tmp_path: Path) -> None:
    class Watched(MadeUp):
        begun: list[tuple[float, int]]

        def submit(self, function: Any, /, plan: Plan, seed: int, run: int) -> Future[ReplicationFigures]:
            self.begun.append((round(plan.scenario.demand.growth, 6), run))
            return super().submit(function, plan, seed, run)

    pool = Watched(lambda seats, growth: 0.8)
    pool.begun = []
    told: list[float] = []
    under_way: list[float] = []

    def tell(done: float) -> None:
        told.append(done)
        under_way.append(len(pool.begun) - done + 1)

    runs.run_all(plans_of(tmp_path), runs.RunRequest(3, 1), pool, 4, tell)
    assert pool.begun == [(factor, run) for factor in FACTORS for run in range(3)]
    assert told == list(range(1, 10))
    assert under_way == [4, 4, 4, 4, 4, 4, 3, 2, 1]


def test_a_narrow_interval_spares_the_rest_of_its_own_plan_only(tmp_path: Path) -> None:
    order, told = runs.RunRequest(40, 1, precision=0.01), list[float]()
    pool = MadeUp(lambda seats, growth: 0.8)
    results = runs.run_all(plans_of(tmp_path), order, pool, 16, told.append)
    assert [len(result.runs) for result in results] == [runs.FEWEST] * 3
    assert told[-1] == 120 and told == sorted(told)


def test_so_many_at_once(tmp_path: Path) -> None:
    with runs.workers(1) as pool:
        assert runs.ahead(pool, 1) == 1, "what one process begins early it may throw away"
    assert runs.ahead(MadeUp(lambda seats, growth: 0.8), 3) == 6


def test_no_cluster_there() -> None:
    with pytest.raises(runs.ClusterError, match="no Dask scheduler"), runs.workers(1, "nonsense://nowhere"):
        pass


@pytest.fixture
def cluster() -> Iterator[str]:
    """Two worker processes, on the loopback only, without a dashboard."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as started:  # type: ignore[no-untyped-call]  # fmt: skip
        yield started.scheduler_address


@pytest.mark.services
@pytest.mark.timeout(240)
def test_a_cluster_gives_the_same_figures(tmp_path: Path, cluster: str) -> None:
    plans, order = plans_of(tmp_path), runs.RunRequest(4, 1)
    with runs.workers(1, cluster) as pool:
        assert runs.ahead(pool, 1) == 4, "of the cluster's cores"
        there = runs.run_all(plans, order, pool, 4)
        again = runs.run(plans[0], order, pool, 4)
    here = alone(plans, order)
    assert all_same(there, here) and all_same([again], here[:1])
