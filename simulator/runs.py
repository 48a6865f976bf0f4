"""Many replications: in parallel, in order, until the interval is narrow enough. The same seed gives the same result.

How many processes work, and which of them is done first, changes nothing: results are taken in the order of their runs,
and what was begun beyond the last one needed is thrown away.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Protocol

from .figures import Figures
from .measures import MEASURES, Estimate, Measure, estimate, known_of, pooled
from .replication import replicate
from .scenario import Plan

FEWEST = 5
"""So many replications at least before an interval may stop the rest."""


CLUSTER_ANSWERS_S = 10
Told = Callable[[int], None]


class ClusterError(Exception):
    """There is no cluster at that address."""


class Pool(Protocol):
    """What runs a function elsewhere: this machine's processes, or a Dask cluster."""

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Order:
    """``runs`` replications at most; ``precision``: stop once the service level's half width is that narrow."""

    runs: int = 10
    seed: int = 1555
    precision: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """A plan and what its replications gave."""

    plan: Plan
    order: Order
    runs: tuple[Figures, ...]

    def of(self, measure: Measure) -> Estimate:
        return estimate([measure(figures) for figures in self.runs])

    def __getitem__(self, name: str) -> Estimate:
        return self.of(MEASURES[name])

    def known(self, name: str) -> Estimate:
        """What the scenario knows, as these replications have it."""
        measure = known_of(name)
        return pooled(self.runs, measure) if self.plan.scenario.known[name].pooled else self.of(measure)

    def against(self, other: Result, of: str | Measure) -> Estimate:
        """How much more than in the other, run by run on the same callers: much narrower than the two intervals."""
        measure = MEASURES[of] if isinstance(of, str) else of
        return estimate([measure(a) - measure(b) for a, b in zip(self.runs, other.runs, strict=False)])


@contextmanager
def workers(jobs: int, cluster: str = "") -> Iterator[Pool]:
    """``jobs`` processes here, or the workers of a Dask cluster at ``cluster`` (host:port of its scheduler).

    Raises ``ClusterError`` where there is no cluster.
    """
    if cluster:
        with _client(cluster) as client:
            yield _Cluster(client)
        return
    if jobs == 1:
        yield _Here()
        return
    # Forked children would inherit threads of the progress bar half way through a line.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield pool


def _client(address: str) -> Any:
    try:
        from distributed import Client  # only here: it is slow to load
    except ModuleNotFoundError:
        raise ClusterError("distributed is not installed: pip install 'line1555[cluster]'") from None
    try:
        return Client(address, timeout=CLUSTER_ANSWERS_S)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address}: {error or type(error).__name__}") from error


def ahead(pool: Pool, jobs: int) -> int:
    """How many replications to have under way at once, so that no worker waits for the next."""
    if isinstance(pool, _Here):
        return 1
    return 2 * (pool.cores() if isinstance(pool, _Cluster) else jobs)


class _Here:
    """This very process."""

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(function(*args))
        except Exception as error:
            done.set_exception(error)
        return done


class _Cluster:
    """A Dask client. Every submission is a task of its own: one that was cancelled must not answer for a later one."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Any:
        return self._client.submit(function, *args, pure=False)

    def cores(self) -> int:
        """Of all workers that are there now; at least one, for those that come later."""
        return max(1, sum(int(cores) for cores in self._client.ncores().values()))


def run(plan: Plan, order: Order, pool: Pool, at_once: int, told: Told = lambda _: None) -> Result:
    """The replications of one plan. ``at_once``: how many are under way at a time; ``told`` how many are done."""
    (result,) = run_all([plan], order, pool, at_once, told)
    return result


def run_all(plans: Sequence[Plan], order: Order, pool: Pool, at_once: int, told: Told = lambda _: None) -> list[Result]:
    """The replications of several plans, which share the workers: nobody idles while one plan ends.

    ``told`` how many of all replications are done; those that a narrow interval spared count as done.
    """
    figures: list[list[Figures]] = [[] for _ in plans]
    spared: set[int] = set()
    to_begin = ((number, run) for number in range(len(plans)) for run in range(order.runs))
    under_way: deque[tuple[int, Any]] = deque()
    while True:
        for number, run in to_begin:
            if number not in spared:
                under_way.append((number, pool.submit(replicate, plans[number], order.seed, run)))
            if len(under_way) >= at_once:
                break
        if not under_way:
            return [Result(plan, order, tuple(runs)) for plan, runs in zip(plans, figures, strict=True)]
        number, future = under_way.popleft()
        if number in spared:
            future.cancel()
            continue
        figures[number].append(future.result())
        if _narrow(figures[number], order):
            spared.add(number)
        told(sum(order.runs if n in spared else len(runs) for n, runs in enumerate(figures)))


def _narrow(figures: Sequence[Figures], order: Order) -> bool:
    if order.precision <= 0 or len(figures) < FEWEST:
        return False
    return estimate([one.service_level() for one in figures]).half_width <= order.precision
