"""The distributor under a virtual clock against values known exactly, or published: `python -m benchmarks.exact`.

The same `acd`, `queues` and `agents` code that routes the live calls, on the floor of `benchmarks.routing`. Prints for
each figure the value, its 95 % interval over independent runs, the known one, and whether it lies inside. Sources:
Erlang C and A and the N-system computed in two independent ways; SimpleMSK published with ContactCenters
(github.com/umontreal-simul/contactcenters, doc/examples/SimpleMSK.res and SimpleMSKWithRerouting.res).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from math import inf, isnan, nan
from statistics import fmean
from time import perf_counter

from benchmarks.routing import figures
from benchmarks.routing.case import Case, draw
from benchmarks.routing.cases import erlang, n_system, simple_msk
from benchmarks.routing.floor import Floor
from benchmarks.routing.ours import Ours

RUNS = 20
FIRST, SECOND = 2 * 86_400.0, 86_400.0
"""Points that no wait of a day outweighs: strict priority."""

Measure = Callable[[figures.Result], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one system. ``published``: an interval to lie inside (overlap counts), else an exact value.

    ``daily``: a count of all days, to be told of one. ``known`` is nan where nobody has published it.
    """

    system: str
    name: str
    known: float
    measure: Measure
    published: float = 0.0
    daily: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """A case, the policy it is run with, the class whose second group must wait, and the classes' points."""

    case: Case
    policy: str
    second_after_s: tuple[tuple[int, float], ...] = ()
    points: tuple[tuple[int, float], ...] = ()


def systems(calls: float) -> dict[str, System]:
    """Each with about so many calls over all runs (the N-system and SimpleMSK in proportion).

    The text of SimpleMSK with the delay tells of the oldest call ("FIFO" here). The program its figures come from takes
    type 0 before type 1 in group 0, and in group 1 type 1, once it has waited 12 s, before type 2.
    """
    hours = calls / RUNS / 1950
    return {
        "M/M/140, 130 erl": System(_long(erlang(130.0), hours), "longest_idle"),
        "M/M/140, 135 erl": System(_long(erlang(135.0), hours), "longest_idle"),
        "M/M/140+M, 140 erl": System(_long(erlang(140.0, 600.0), hours), "longest_idle"),
        "N-system": System(replace(n_system(), day_s=calls / RUNS / 1.3), "longest_idle"),
        "SimpleMSK": System(simple_msk(), "best_skilled"),
        "SimpleMSK, 12 s": System(simple_msk(), "best_skilled", ((1, 12.0),), ((0, FIRST), (1, SECOND))),
        "SimpleMSK FIFO, 12 s": System(simple_msk(), "best_skilled", ((1, 12.0),)),
    }


def _long(case: Case, hours: float) -> Case:
    return replace(case, day_s=hours * 3600.0, warm_s=3600.0)


def run(system: System, seed: int, days: int) -> figures.Result:
    """``days`` days, each an independent run, together."""
    return figures.result(system.case, [_day(system, seed, seed * days + day) for day in range(days)])


def _day(system: System, seed: int, day: int) -> figures.Day:
    callers = draw(system.case, 1555, day)
    rule = Ours(system.case, system.policy, {}, inf, "", dict(system.second_after_s), dict(system.points))
    return figures.day(system.case, callers, Floor(system.case.staff(), callers, rule).run())


def _msk(system: str, served: float, abandoned: float, level: float, *in_time: tuple[float, float]) -> Iterator[Figure]:
    """``in_time``: of each type, served within 20 s; the sums of the published periods and of their half widths."""
    yield Figure(system, "served", served, lambda r: r.total.handled, 27.2, daily=True)
    yield Figure(system, "abandoned", abandoned, lambda r: r.total.abandoned, 34.2, daily=True)
    yield Figure(system, "SL", level, lambda r: r.total.service_level, 0.008)
    for n, (known, half) in enumerate(in_time):
        yield Figure(system, f"type {n} in 20 s", known, partial(_in_time, f"type{n}"), half, daily=True)


def _in_time(name: str, result: figures.Result) -> float:
    return result.classes[name].within * result.classes[name].offered


FIGURES = (
    Figure("M/M/140, 130 erl", "ASA s", 6.92767772447, lambda r: r.total.wait),
    Figure("M/M/140, 130 erl", "P(W<=20)", 0.874551819660, lambda r: r.total.within),
    Figure("M/M/140, 135 erl", "ASA s", 27.2577196370, lambda r: r.total.wait),
    Figure("M/M/140, 135 erl", "P(W<=20)", 0.625637577680, lambda r: r.total.within),
    Figure("M/M/140+M, 140 erl", "mean wait s", 15.6694541156, lambda r: r.total.wait),
    Figure("M/M/140+M, 140 erl", "P(abandon)", 0.0261157568594, lambda r: r.total.abandoned / r.total.offered),
    Figure("M/M/140+M, 140 erl", "served in 20 s", 0.660412652, lambda r: r.total.within),
    Figure("M/M/140+M, 140 erl", "occupancy", 0.973884243141, lambda r: r.occupancy),
    Figure("N-system", "E[W_A]", 0.6908925732, lambda r: r.classes["A"].wait),
    Figure("N-system", "E[W_B]", 1.5864940571, lambda r: r.classes["B"].wait),
    *_msk("SimpleMSK", 4297.3, 910.3, 0.501, (785.0, 12.7), (809.3, 17.1), (898.4, 18.5)),
    *_msk("SimpleMSK, 12 s", 4274.4, 933.2, 0.579, (1000.8, 8.8), (1008.7, 12.1), (872.9, 18.5)),
    *_msk("SimpleMSK FIFO, 12 s", nan, nan, nan),
)


def rows(
    results: dict[str, list[figures.Result]], days: dict[str, int], of: Iterable[Figure] = FIGURES
) -> Iterator[tuple[str, ...]]:
    """A row per figure: value, half width, known value, verdict."""
    for figure in of:
        if figure.system not in results:
            continue
        per_day = 1 / days[figure.system] if figure.daily else 1.0
        values = [figure.measure(result) * per_day for result in results[figure.system]]
        mean, half = fmean(values), figures.half_width(values)
        verdict = _verdict(figure, mean, half)
        yield figure.system, figure.name, f"{mean:.5g}", f"{half:.2g}", f"{figure.known:.6g}", verdict


def _verdict(figure: Figure, mean: float, half: float) -> str:
    if isnan(figure.known):
        return "not published"
    inside = abs(mean - figure.known) <= half + figure.published
    return "inside" if inside else f"off by {mean / figure.known - 1:+.2%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=float, default=1e6, help="calls of each Erlang system over all runs")
    parser.add_argument("--msk-days", type=int, default=1000, help="days of SimpleMSK over all runs")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="systems whose name contains this")
    asked = parser.parse_args()
    results: dict[str, list[figures.Result]] = {}
    days: dict[str, int] = {}
    with ProcessPoolExecutor(asked.jobs) as pool:
        for name, system in systems(asked.calls).items():
            if asked.only in name:
                began = perf_counter()
                days[name] = max(1, asked.msk_days // RUNS) if "MSK" in name else 1
                results[name] = list(pool.map(partial(run, system, days=days[name]), range(RUNS)))
                offered = sum(result.total.offered for result in results[name])
                print(f"{name}: {offered:,} calls in {perf_counter() - began:.0f} s", flush=True)
    print(f"{'system':20} {'figure':16} {'value':>10} {'+-':>8} {'known':>10}")
    for system_name, figure, value, half, known, verdict in rows(results, days):
        print(f"{system_name:20} {figure:16} {value:>10} {half:>8} {known:>10}  {verdict}")


if __name__ == "__main__":
    main()
