"""The product's distributor on the floor: exact values, and what its policies promise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf, nan

import pytest

from benchmarks.exact import Figure, System, rows, run, systems
from benchmarks.routing import figures
from benchmarks.routing.case import PRIMARY, CallClass, Case, Seat, draw
from benchmarks.routing.cases import COMPARED, erlang, n_system
from benchmarks.routing.floor import NOBODY, Callers, Floor
from benchmarks.routing.ours import RULES, Ours


def test_erlang_c() -> None:
    """14 agents, 10 erlang: P(W > 0) 0.17413193359505 (anchor)."""
    case = replace(erlang(10.0, seats=14), day_s=40 * 3600.0)
    results = [run(System(case, "longest_idle"), seed, 1) for seed in range(8)]
    waiting = [_waited(result) for result in results]
    assert figures.half_width(waiting) < 0.05
    assert sum(waiting) / 8 == pytest.approx(0.17413193359505, abs=1.5 * figures.half_width(waiting))


def _waited(result: figures.Result) -> float:
    """Erlang C from the mean wait: C = E[W] (n mu - lambda)."""
    return result.total.wait * (14 / 240 - 10 / 240)


def test_n_system() -> None:
    case = replace(n_system(), day_s=4_000.0)
    results = [run(System(case, "longest_idle"), seed, 1) for seed in range(10)]
    for name, exact in (("A", 0.6908925732), ("B", 1.5864940571)):
        values = [result.classes[name].wait for result in results]
        assert sum(values) / 10 == pytest.approx(exact, abs=1.5 * figures.half_width(values))


def test_a_wrong_figure_is_told() -> None:
    case = replace(n_system(), day_s=2_000.0)
    results = [run(System(case, "longest_idle"), seed, 1) for seed in range(4)]
    good, bad = 0.6908925732, 99.0
    told = [row[-1] for row in rows({"n": results}, {"n": 1}, _figures(good, bad, nan))]
    assert told[0] == "inside" and told[1].startswith("off by") and told[2] == "not published"


def _figures(*known: float) -> Iterator[Figure]:
    return (Figure("n", "E[W_A]", value, lambda r: r.classes["A"].wait) for value in known)


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_policy_serves_everybody_it_should(name: str) -> None:
    case = _busy()
    callers = draw(case, 3, 0)
    booked = Floor(case.staff(), callers, RULES[name](case)).run()
    assert all(lost or agent != NOBODY for lost, agent in zip(booked.lost, booked.agent, strict=True))
    assert sum(booked.lost) < 0.1 * len(callers.at)


def _busy() -> Case:
    return COMPARED["two_languages"]().lasting(0.2)


def test_the_second_group_is_asked_only_after_the_delay() -> None:
    case = replace(_busy(), classes=_busy().classes)
    rule = Ours(case, "best_skilled", {}, inf, "", {0: 12.0})
    callers = draw(case, 3, 0)
    booked = Floor(case.staff(), callers, rule).run()
    second = {n for n, level in case.levels(0).items() if level == 1}
    early = [
        waited
        for waited, agent, kind in zip(booked.waited, booked.agent, callers.kind, strict=True)
        if kind == 0 and agent in second and waited < 12.0
    ]
    assert not early


def test_points_go_before_age() -> None:
    """While the one agent speaks to the first, a caller of each class comes: the later one has the points."""
    case = Case("two", "", (CallClass("a", 1.0), CallClass("b", 1.0)), (Seat(((0, PRIMARY), (1, PRIMARY))),))
    callers = Callers([0.0, 1.0, 2.0], [0, 0, 1], [inf] * 3, [1.0] * 3)
    booked = Floor(case.staff(), callers, Ours(case, "best_skilled", {}, inf, "", points={1: 1000.0})).run()
    assert booked.waited == [0.0, 479.0, 238.0]


def test_simple_msk_with_the_delay() -> None:
    """Type 0 served within 20 s: 1,000.8 a day where its rank is kept (published), far fewer by age."""
    known = systems(0.0)
    ranked, by_age = (run(known[name], 0, 2) for name in ("SimpleMSK, 12 s", "SimpleMSK FIFO, 12 s"))
    in_time = [found.classes["type0"].within * found.classes["type0"].offered / 2 for found in (ranked, by_age)]
    assert in_time[0] == pytest.approx(1000.8, abs=100.0)
    assert in_time[1] < in_time[0] - 100.0
    assert ranked.total.service_level > by_age.total.service_level + 0.04
