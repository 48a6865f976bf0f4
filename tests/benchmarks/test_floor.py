"""The virtual floor: what it asks of a rule, and the exact or published figures it has to meet (anchors of docs)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import inf, sqrt
from statistics import fmean

import pytest

from benchmarks.routing.baselines import Longest, Skilled
from benchmarks.routing.bounds import Pooled
from benchmarks.routing.case import PRIMARY, Case, Seat, draw
from benchmarks.routing.cases import erlang, limited, n_system, simple_msk
from benchmarks.routing.figures import Day, Result, day, half_width, result
from benchmarks.routing.floor import NOBODY, WAITING, Callers, Floor, Rule, Staff
from calls import ContractError

ALWAYS = ((0.0, inf),)


def days(case: Case, rule: Callable[[Case], Rule], count: int) -> Result:
    return result(case, [counted(case, rule, n) for n in range(count)])


def counted(case: Case, rule: Callable[[Case], Rule], n: int) -> Day:
    callers = draw(case, 7, n)
    return day(case, callers, Floor(case.staff(), callers, rule(case)).run())


def lasting(case: Case, hours: float, warm_s: float = 3600.0) -> Case:
    return replace(case, day_s=hours * 3600.0, warm_s=warm_s)


class Scripted:
    """Gives out the pairs it was told, at their time, and writes down what it hears."""

    name = "scripted"

    def __init__(self, *plan: tuple[float, int, int]) -> None:
        self.plan = sorted(plan)
        self.heard: list[tuple[str, int, float]] = []

    def arrived(self, caller: int, kind: int, now: float) -> None:
        self.heard.append(("arrived", caller, now))

    def abandoned(self, caller: int, now: float) -> None:
        self.heard.append(("abandoned", caller, now))

    def freed(self, agent: int, now: float) -> None:
        self.heard.append(("freed", agent, now))

    def gone(self, agent: int, now: float) -> None:
        self.heard.append(("gone", agent, now))

    def next_at(self) -> float | None:
        return self.plan[0][0] if self.plan else None

    def tick(self, now: float) -> None:
        self.heard.append(("tick", -1, now))

    def pairs(self, now: float) -> Iterable[tuple[int, int]]:
        if self.plan and self.plan[0][0] <= now:
            _, caller, agent = self.plan.pop(0)
            return [(caller, agent)]
        return ()


def callers(*at: float, patience_s: float = inf, work: float = 1.0) -> Callers:
    return Callers(at, [0] * len(at), [patience_s] * len(at), [work] * len(at))


def one_agent(*shifts: tuple[float, float]) -> Staff:
    return Staff([[10.0]], [shifts or ALWAYS])


def test_a_rule_hears_everything_in_order_and_timers_come_last() -> None:
    rule = Scripted((5.0, 0, 0))
    booked = Floor(one_agent(), callers(5.0, 6.0, patience_s=4.0), rule).run()
    assert rule.heard == [("freed", 0, 0.0), ("arrived", 0, 5.0), ("arrived", 1, 6.0), ("abandoned", 1, 10.0)]
    assert (booked.waited, booked.agent, booked.lost) == ([0.0, 4.0], [0, NOBODY], [False, True])


def test_a_timer_wakes_the_rule() -> None:
    rule = Scripted((3.5, 0, 0))
    assert Floor(one_agent(), callers(1.0), rule).run().waited == [2.5]
    assert ("tick", -1, 3.5) in rule.heard


def test_ringing_is_part_of_the_wait_and_nobody_gives_up_meanwhile() -> None:
    booked = Floor(one_agent(), callers(1.0, patience_s=2.0), Scripted((1.0, 0, 0)), ring_s=3.0).run()
    assert (booked.waited, booked.lost) == ([3.0], [False])


@pytest.mark.parametrize("plan", [[(1.0, 0, 1)], [(1.0, 1, 0)], [(1.0, 0, 0), (2.0, 0, 0)], [(1.0, 0, 0), (2.0, 1, 0)]])
def test_a_wrong_pair_is_refused(plan: list[tuple[float, int, int]]) -> None:
    staff = Staff([[10.0], [0.0]], [ALWAYS, ALWAYS])
    with pytest.raises(ContractError):
        Floor(staff, callers(1.0, 2.0), Scripted(*plan)).run()


def test_shifts_a_busy_agent_finishes_and_is_not_freed() -> None:
    rule = Scripted((1.0, 0, 0))
    Floor(one_agent((0.0, 5.0), (20.0, 30.0)), callers(1.0, 40.0, patience_s=50.0), rule).run()
    assert [word for word in rule.heard if word[0] in ("freed", "gone")] == [
        ("freed", 0, 0.0), ("freed", 0, 20.0), ("gone", 0, 30.0),
    ]  # fmt: skip


def test_a_caller_whom_nobody_will_serve_waits_still() -> None:
    assert Floor(one_agent((0.0, 1.0)), callers(2.0), Longest(erlang(1, seats=1))).run().waited == [WAITING]


def test_occupancy_counts_what_is_spoken_after_the_shift() -> None:
    case = replace(erlang(1, seats=2), warm_s=0.0, day_s=100.0)
    staff = (Seat(((0, PRIMARY),), shifts=((0.0, 50.0),)), Seat(((0, PRIMARY),)))
    case = replace(case, seats=staff)
    came = callers(40.0, work=0.25)
    booked = Floor(case.staff(), came, Scripted((40.0, 0, 0))).run()
    assert day(case, came, booked).agents == [(60.0, 100.0), (0.0, 100.0)]


def near(found: Iterable[float], exact: float, widths: float = 1.5) -> None:
    """The mean of the days is within so many half widths of its 95 % interval."""
    values = list(found)
    assert abs(fmean(values) - exact) < widths * half_width(values), (fmean(values), half_width(values), exact)


def test_erlang_c() -> None:
    """14 agents, 10 erlang: C 0.17413, so ASA = C 240/4; P(W <= 20 s) = 1 - C exp(-4 20/240)."""
    found = days(lasting(erlang(10, seats=14), 40), Longest, 6)
    near(found.waits, 0.17413193359505 * 60.0)
    assert found.total.within == pytest.approx(1 - 0.17413193359505 * 0.7165313105737893, abs=0.01)


def test_erlang_a_with_140_agents() -> None:
    """35 calls a minute, AHT 240 s, mean patience 600 s (published values in the anchors)."""
    found = days(lasting(erlang(140, patience_s=600.0), 8), Longest, 3)
    near(found.waits, 15.6694541156)
    assert found.total.lost == pytest.approx(0.0261157568594, abs=0.006)
    assert found.total.within == pytest.approx(0.660412652, abs=0.05)
    assert found.occupancy == pytest.approx(0.973884243141, abs=0.01)


def test_n_system() -> None:
    """Two agents, oldest compatible call, longest idle agent: solved exactly as a Markov chain."""
    case = replace(n_system(), day_s=10_000.0)
    runs = [result(case, [counted(case, Longest, n)]) for n in range(5)]
    near((run.classes["A"].wait for run in runs), 0.6908925732)
    near((run.classes["B"].wait for run in runs), 1.5864940571)


def test_simple_msk() -> None:
    """ContactCenters publish 1,000 days; here are 25, and the tolerance is three deviations of the mean of 25."""
    count = 25
    found = days(simple_msk(), Skilled, count)
    day_of_1000 = sqrt(1000) / 1.96
    assert found.total.handled / count == pytest.approx(4297.3, abs=3 * 27.2 * day_of_1000 / sqrt(count))
    assert found.total.abandoned / count == pytest.approx(910.3, abs=3 * 34.2 * day_of_1000 / sqrt(count))
    assert found.total.service_level == pytest.approx(0.501, abs=3 * 0.0075 * day_of_1000 / sqrt(count))


def test_limited_flexibility() -> None:
    """Mean wait 34.3 s with one skill each, 7.3-7.6 with two, 5.8 with all (anchors); two days, so wide."""
    waits = {skills: days(limited(skills), Longest, 2).total.wait for skills in (1, 2, 7)}
    assert waits[1] == pytest.approx(34.3, rel=0.1)
    assert waits[2] == pytest.approx(7.45, rel=0.25)
    assert waits[7] == pytest.approx(5.8, rel=0.25)
    assert waits[7] < waits[2] < waits[1]


def test_pooled_is_the_pooled_house() -> None:
    """Equal agents and equal means: the order among agents and the matrix do not matter."""
    case = replace(limited(2), day_s=3 * 3600.0)
    waits = days(case.pooled(), Pooled, 1).waits, days(replace(limited(7), day_s=case.day_s), Longest, 1).waits
    assert waits[0] == pytest.approx(waits[1])
