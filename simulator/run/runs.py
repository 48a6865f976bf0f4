"""Many replications: in parallel, in order, until the interval is narrow enough. The same seed gives the same result.

How many processes work, and which of them is done first, changes nothing: results are taken in the order of their runs,
and what was begun beyond the last one needed is thrown away.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.forkserver import ensure_running
from threading import current_thread, main_thread
from typing import Any, Protocol

from simulator.scenario import Plan

from .figures import ReplicationFigures
from .measures import MEASURES, ConfidenceInterval, Measure, estimate, known_of, pooled
from .progress import Shared, here, work
from .replication import replicate
from .seed import SEED

FEWEST = 5
"""Least number of replications before an interval may stop the rest."""


CLUSTER_ANSWERS_S = 10
TICK_S = 0.25
"""Interval (s) of progress reports while waiting for the next replication."""
ProgressCallback = Callable[[float], None]
"""Called with the replications done, those under way in part."""


class Stopped(Exception):
    """Ctrl-C. ``results``: of the plans that have a replication, in their order; the last one has not all."""

    def __init__(self, results: list[Result]) -> None:
        super().__init__("stopped")
        self.results = results


class ClusterError(Exception):
    """There is no cluster at that address."""


class Pool(Protocol):
    """Runs functions elsewhere: in processes of this machine, or in a Dask cluster."""

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Any:
        """Start the function with these arguments. Returns a future of what it returns or raises."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """``runs`` replications at most; ``precision``: stop once the service level's half width is that narrow."""

    runs: int = 10
    seed: int = SEED
    precision: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """A plan and what its replications gave."""

    plan: Plan
    order: RunRequest
    runs: tuple[ReplicationFigures, ...]
    stopped: bool = False
    """Whether the run was stopped by hand before all replications were done."""

    def of(self, measure: Measure) -> ConfidenceInterval:
        """Estimate the measure over all replications."""
        return estimate([measure(figures) for figures in self.runs])

    def __getitem__(self, name: str) -> ConfidenceInterval:
        return self.of(MEASURES[name])

    def known(self, name: str) -> ConfidenceInterval:
        """Give the simulated figure of a known one of the scenario."""
        measure = known_of(name)
        return pooled(self.runs, measure) if self.plan.scenario.known[name].pooled else self.of(measure)

    def against(self, other: Result, of: str | Measure) -> ConfidenceInterval:
        """Compute the increase over the other, run by run with the same callers: far narrower than both intervals."""
        measure = MEASURES[of] if isinstance(of, str) else of
        return estimate([measure(a) - measure(b) for a, b in zip(self.runs, other.runs, strict=False)])


@contextmanager
def workers(jobs: int, cluster: str = "") -> Iterator[Pool]:
    """Start ``jobs`` processes here, or use a Dask cluster at ``cluster`` (host:port of its scheduler).

    Raises ``ClusterError`` where there is no cluster.
    """
    if cluster:
        with _client(cluster) as client:
            yield _Cluster(client)
        return
    if jobs == 1:
        yield _Here()
        return
    processes = _Processes(jobs)
    try:
        yield processes
    except BaseException:
        processes.end()
        raise
    processes.pool.shutdown()


def end(pool: Pool) -> None:
    """End all work in processes of this machine at once; the pool cannot be used again."""
    if isinstance(pool, _Processes):
        pool.end()


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
    """Give the number of replications to have under way at once, so that no worker waits."""
    if isinstance(pool, _Here):
        return 1
    return 2 * (pool.cores() if isinstance(pool, _Cluster) else jobs)


def warm_up(jobs: int) -> None:
    """Start what processes of this machine begin as, so that it loads its modules while others are loaded here."""
    if jobs > 1:
        _server()


def _server() -> ForkServerContext:
    """Start the process that all workers are forked from, once: each begins with its modules loaded.

    Children forked from this process would inherit threads of the progress bar half way through a line.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload(["simulator.run.replication"])
    if current_thread() is main_thread():
        with _keys_wait():
            ensure_running()
    return context


class _Processes:
    """Processes of this machine, which tell how far they are."""

    def __init__(self, jobs: int) -> None:
        context, self.others = _server(), set(active_children())
        self.shared = Shared(context, jobs)
        self.pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=work, initargs=(self.shared,))

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Any:
        if current_thread() is not main_thread():
            return self.pool.submit(function, *args)
        with _keys_wait():
            return self.pool.submit(function, *args)

    def end(self) -> None:
        """End this pool's processes at once, whatever is under way; other child processes stay."""
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in set(active_children()) - self.others:
            process.kill()


@contextmanager
def _keys_wait() -> Iterator[None]:
    """Hold back Ctrl-C; it takes effect at the end. A process that begins in between inherits that it gets none.

    Ignoring it instead would lose a key that is pressed just then.
    """
    pressed = list[int]()
    usual = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, usual)
    if pressed:
        signal.raise_signal(signal.SIGINT)


class _Here:
    """This very process. ``told``: hears how far a replication is."""

    told: Callable[[float], None] | None = None

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
        done: Future[Any] = Future()
        here(self.told)
        try:
            done.set_result(function(*args))
        except Exception as error:
            done.set_exception(error)
        finally:
            here(None)
        return done


class _Cluster:
    """A Dask client. Every submission is a task of its own: one that was cancelled must not answer for a later one."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Any:
        return self._client.submit(function, *args, pure=False)

    def cores(self) -> int:
        """Count the cores of all workers that are there now; at least one, for those that come later."""
        return max(1, sum(int(cores) for cores in self._client.ncores().values()))


def run(plan: Plan, order: RunRequest, pool: Pool, at_once: int, told: ProgressCallback = lambda _: None) -> Result:
    """Run the replications of one plan. ``at_once``: how many are under way at a time; ``told`` how many are done."""
    (result,) = run_all([plan], order, pool, at_once, told)
    return result


def run_all(
    plans: Sequence[Plan], order: RunRequest, pool: Pool, at_once: int, told: ProgressCallback = lambda _: None
) -> list[Result]:
    """Run the replications of several plans, which share the workers, so that none is idle while a plan ends.

    ``told`` how many of all replications are done; those that a narrow interval spared count as done. Raises
    ``Stopped`` with what is done by then at Ctrl-C.
    """
    figures: list[list[ReplicationFigures]] = [[] for _ in plans]
    try:
        _run_all(plans, order, pool, at_once, _Counter(pool, order, figures, told))
    except KeyboardInterrupt:
        done = [(plan, runs) for plan, runs in zip(plans, figures, strict=True) if runs]
        results = [Result(plan, order, tuple(runs), stopped=len(runs) < order.runs) for plan, runs in done]
        raise Stopped(results) from None
    return [Result(plan, order, tuple(runs)) for plan, runs in zip(plans, figures, strict=True)]


class _Counter:
    """What is done of several plans' replications, for a bar."""

    def __init__(
        self, pool: Pool, order: RunRequest, figures: list[list[ReplicationFigures]], told: ProgressCallback
    ) -> None:
        self.pool, self.order, self.figures, self.told = pool, order, figures, told
        self.spared: set[int] = set()
        self.most = 0.0
        if isinstance(pool, _Here):
            pool.told = self.tell

    def tell(self, under_way: float = 0.0) -> None:
        """Report progress, never backwards: a replication done out of turn counts when its turn comes."""
        done = sum(self.order.runs if n in self.spared else len(runs) for n, runs in enumerate(self.figures))
        self.most = max(self.most, min(done + under_way, self.order.runs * len(self.figures)))
        self.told(self.most)

    def result(self, future: Any) -> ReplicationFigures:
        """Wait for a replication's figures, and report the progress of all meanwhile."""
        while isinstance(self.pool, _Processes) and not wait([future], TICK_S).done:
            self.tell(self.pool.shared.under_way)
        figures: ReplicationFigures = future.result()
        return figures


def _run_all(plans: Sequence[Plan], order: RunRequest, pool: Pool, at_once: int, counter: _Counter) -> None:
    figures, spared = counter.figures, counter.spared
    to_begin = ((number, run) for number in range(len(plans)) for run in range(order.runs))
    under_way: deque[tuple[int, Any]] = deque()
    while True:
        for number, run in to_begin:
            if number not in spared:
                under_way.append((number, pool.submit(replicate, plans[number], order.seed, run)))
            if len(under_way) >= at_once:
                break
        if not under_way:
            return
        number, future = under_way.popleft()
        if number in spared:
            future.cancel()
            continue
        figures[number].append(counter.result(future))
        if _narrow(figures[number], order):
            spared.add(number)
        counter.tell()


def _narrow(figures: Sequence[ReplicationFigures], order: RunRequest) -> bool:
    if order.precision <= 0 or len(figures) < FEWEST:
        return False
    return estimate([one.service_level() for one in figures]).half_width <= order.precision
