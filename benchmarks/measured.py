"""One measured run, in a process of its own, so that no run warms up or litters another.

    PYTHONPATH=TREE .venv/bin/python -P benchmarks/measured.py KIND SIZE [--seed 1555] [--count LIBRARY]

Runs the tree that PYTHONPATH names, this one or an older one, and prints a line of JSON (`Measured`). What is read from
files is read before; the callers are drawn within the measured part, as the peers draw theirs. No collection of cycles
while it runs, for nobody. ``--count``: the library of `benchmarks.instructions`, under callgrind.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from time import process_time
from typing import Any, NamedTuple

Run = Callable[[], tuple[int, float]]
"""What is measured: answers how many calls it had, and a figure of them: the mean wait, or the longest step (s)."""


class Measured(NamedTuple):
    """Calls, a figure of them (s), CPU seconds (user and system), the process's peak memory (MB)."""

    kind: str
    calls: int
    figure_s: float
    cpu_s: float
    peak_mb: float

    @property
    def us(self) -> float:
        """Give the CPU time of a call in microseconds."""
        return self.cpu_s / self.calls * 1e6


def engine(size: float, seed: int) -> Run:
    """The whole engine, M/M/140+M; ``size`` calls."""
    return _simulated("erlang-a", {"hours": size / 2100}, seed)


def week(size: float, seed: int) -> Run:
    """The default week: menus, shifts, breaks; ``size`` hours of it."""
    return _simulated("1555-week", {"days": None, "hours": size} if size < 168 else {}, seed)


def _simulated(name: str, update: dict[str, Any], seed: int) -> Run:
    files = _first_of("line1555.cli.scenario_files", "line1555.scenarios")
    replication = _first_of("simulator.run.replication", "simulator.replication").Replication
    read = files.load_scenario(files.SHIPPED / f"{name}.yaml", files.DIALPLANS)
    plan = type(read)(read.name, read.scenario.model_copy(update=update), read.settings)

    def run() -> tuple[int, float]:
        one = replication(plan, seed, 0)
        with counted():
            figures = one.run()
        return one.made, float(figures.wait_s.sum() / figures.offered.sum())

    return run


def router(size: float, seed: int) -> Run:
    """The router alone on the bare floor, M/M/140+M, longest idle; ``size`` calls."""
    return _router("router", int(size), seed)


def balanced(size: float, seed: int) -> Run:
    """The router alone, seven classes in a chain, the policy ``balanced``; ``size`` calls."""
    return _router("balanced", int(size), seed)


def _router(name: str, calls: int, seed: int) -> Run:
    systems: Any = import_module("benchmarks.simulator.systems")
    system = systems.SYSTEMS[name]
    one = systems.router(system)

    def run() -> tuple[int, float]:
        with counted():
            waits = one.run(system.columns(calls, seed))
        return calls, sum(waits) / calls

    return run


def _growing(name: str) -> Callable[[float, int], Run]:
    def kind(size: float, seed: int) -> Run:
        prepared: Run = getattr(import_module("benchmarks.growing"), name)(int(size), counted)
        return prepared

    return kind


def _peer(package: str, name: str) -> Callable[[float, int], Run]:
    """A peer's model; ``package`` is loaded before. Without one, loading it is part of what is measured."""

    def kind(size: float, seed: int) -> Run:
        if package:
            import_module(package)
        model = getattr(import_module("benchmarks.simulator.peers"), name)
        return lambda: (int(size), model(int(size), seed))

    return kind


def _first_of(*names: str) -> Any:
    """The module, under the name it has in that tree."""
    for name in names[:-1]:
        with suppress(ModuleNotFoundError):
            return import_module(name)
    return import_module(names[-1])


KINDS: dict[str, Callable[[float, int], Run]] = {
    "router": router, "balanced": balanced, "engine": engine, "week": week,
    "simpy": _peer("simpy", "simpy_erlang"), "ciw": _peer("ciw", "ciw_erlang"),
    "ciw_loaded": _peer("", "ciw_erlang"), "ciw_skills": _peer("ciw", "ciw_skills"),
    "agents": _growing("agents"), "waiting": _growing("waiting"), "announcements": _growing("announcements"),
    "queues": _growing("queues"),
}  # fmt: skip

_count: Any = None


@contextmanager
def counted() -> Iterator[None]:
    """Let callgrind count what is done here; without it nothing is counted."""
    if _count is not None:
        _count.count_start()
    yield
    if _count is not None:
        _count.count_stop()


def measure(kind: str, size: float, seed: int) -> Measured:
    run = KINDS[kind](size, seed)
    gc.collect()
    gc.disable()
    began = process_time()
    calls, figure_s = run()
    took = process_time() - began
    return Measured(kind, calls, figure_s, took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _only_this_tree() -> None:
    """Let nothing be found by way of the editable installation, which knows another tree than that of PYTHONPATH."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if "__editable__" not in getattr(finder, "__module__", "")]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("size", type=float)
    parser.add_argument("--seed", type=int, default=1555)
    parser.add_argument("--count", default="")
    asked = parser.parse_args()
    _only_this_tree()
    if asked.count:
        global _count
        _count = ctypes.CDLL(asked.count)
    print(json.dumps(measure(asked.kind, asked.size, asked.seed)._asdict()))


if __name__ == "__main__":
    main()
