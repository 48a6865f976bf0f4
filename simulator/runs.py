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
from .measures import MEASURES, Estimate, Measure, estimate
from .replication import replicate
from .scenario import Plan

FEWEST = 5
"""So many replications at least before an interval may stop the rest."""


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

    def against(self, other: Result, name: str) -> Estimate:
        """How much more than in the other, run by run on the same callers: much narrower than the two intervals."""
        measure = MEASURES[name]
        return estimate([measure(a) - measure(b) for a, b in zip(self.runs, other.runs, strict=False)])


@contextmanager
def workers(jobs: int, cluster: str = "") -> Iterator[Pool]:
    """``jobs`` processes here, or the workers of a Dask cluster at ``cluster`` (host:port of its scheduler)."""
    if cluster:
        from distributed import Client  # only here: it is slow to load

        with Client(cluster) as client:  # type: ignore[no-untyped-call]
            yield client
        return
    if jobs == 1:
        yield _Here()
        return
    # Forked children would inherit threads of the progress bar half way through a line.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield pool


class _Here:
    """This very process."""

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(function(*args))
        except Exception as error:
            done.set_exception(error)
        return done


def run(plan: Plan, order: Order, pool: Pool, ahead: int, told: Callable[[int], None] = lambda _: None) -> Result:
    """The replications of one plan. ``ahead``: how many are under way at once; ``told`` after each one."""
    under_way: deque[Any] = deque()
    figures: list[Figures] = []
    begun = 0
    while len(figures) < order.runs:
        while begun < order.runs and len(under_way) < ahead:
            under_way.append(pool.submit(replicate, plan, order.seed, begun))
            begun += 1
        figures.append(under_way.popleft().result())
        told(len(figures))
        if _narrow(figures, order):
            break
    for future in under_way:
        future.cancel()
    return Result(plan, order, tuple(figures))


def _narrow(figures: Sequence[Figures], order: Order) -> bool:
    if order.precision <= 0 or len(figures) < FEWEST:
        return False
    return estimate([one.service_level() for one in figures]).half_width <= order.precision
