"""The model of app_queue against sequences worked out by hand from apps/app_queue.c."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import pytest

from benchmarks.routing.app_queue import METRICS, RULES, AppQueue, Options, next_look
from benchmarks.routing.case import PRIMARY, SECONDARY, CallClass, Case, Seat, draw
from benchmarks.routing.cases import equal
from benchmarks.routing.floor import Floor

Skills = tuple[tuple[int, int], ...]


@dataclass
class House:
    """Drives the model by hand. Class 0 and 1 are two queues; callers are numbered as they come."""

    rule: AppQueue
    callers: int = 0

    def come(self, now: float, kind: int = 0) -> list[tuple[int, int]]:
        self.rule.arrived(self.callers, kind, now)
        self.callers += 1
        return list(self.rule.pairs(now))

    def free(self, now: float, *agents: int) -> None:
        """Nobody hears of it: a member who gets free makes nothing happen."""
        for agent in agents:
            self.rule.freed(agent, now)
            assert list(self.rule.pairs(now)) == []

    def served(self, until: float) -> list[tuple[float, int, int]]:
        """(at, caller, agent) that the callers' own looks bring."""
        found: list[tuple[float, int, int]] = []
        while (at := self.rule.next_at()) is not None and at <= until:
            self.rule.tick(at)
            found += [(round(at, 6), caller, agent) for caller, agent in self.rule.pairs(at)]
        return found


def house(options: Options, *skills: Skills, weights: tuple[int, int] = (0, 0)) -> House:
    classes = tuple(CallClass(f"q{n}", 1.0, weight=weight) for n, weight in enumerate(weights))
    seats = tuple(Seat(known) for known in skills)
    return House(AppQueue("aq", options, Case("case", "", classes, seats)))


BOTH: Skills = ((0, PRIMARY), (1, PRIMARY))
FIRST: Skills = ((0, PRIMARY),)
LATER: Skills = ((0, SECONDARY),)


def rounds(strategy: str, *skills: Skills, calls: int = 6) -> list[int]:
    """Give each call's agent, all being free each time; a call lasts 3 s, the next comes at the fourth."""
    room = house(Options(strategy), *skills)
    room.free(0.0, *range(len(skills)))
    chosen = []
    for n in range(calls):
        (pair,) = room.come(10.0 + 4 * n)
        chosen.append(pair[1])
        room.free(13.0 + 4 * n, pair[1])
    return chosen


def test_next_look_keeps_the_phase_of_the_entry() -> None:
    assert next_look(3.25, 3.25) == 4.25
    assert next_look(3.25, 5.0) == 5.25
    assert next_look(8.0, 5.0) == 8.0


def test_rrmemory_goes_round() -> None:
    assert rounds("rrmemory", FIRST, FIRST, FIRST) == [0, 1, 2, 0, 1, 2]


def test_rrmemory_goes_round_among_the_lowest_penalty_only() -> None:
    """After 1 the next best is 2 (of the higher penalty), so the round goes on from there: 1000 + 0 before 1000 + 1."""
    assert rounds("rrmemory", FIRST, FIRST, LATER) == [0, 1, 0, 1, 0, 1]


def test_rrmemory_passes_over_the_busy_and_remembers_where_it_was() -> None:
    room = house(Options("rrmemory"), FIRST, FIRST, FIRST)
    room.free(0.0, 0, 1, 2)
    assert room.come(1.0) == [(0, 0)]
    assert room.come(2.0) == [(1, 1)]
    room.free(3.0, 0)
    assert room.come(4.0) == [(2, 2)]
    room.free(5.0, 2)
    assert room.come(6.0) == [(3, 0)]


def test_leastrecent_takes_whose_last_call_ended_longest_ago() -> None:
    room = house(Options("leastrecent"), FIRST, FIRST)
    room.free(0.0, 0, 1)
    assert [room.come(10.0), room.come(11.0)] == [[(0, 1)], [(1, 0)]]
    room.free(20.0, 0)
    room.free(30.0, 1)
    assert room.come(40.0) == [(2, 0)]


def test_leastrecent_knows_whole_seconds_only() -> None:
    """Both ended in the same second: the last in the container, not the longer idle."""
    room = house(Options("leastrecent"), FIRST, FIRST)
    room.free(0.0, 0, 1)
    room.come(10.0)
    room.come(11.0)
    room.free(20.1, 0)
    room.free(20.9, 1)
    assert room.come(40.0) == [(2, 1)]


@pytest.mark.parametrize(("shared", "agent"), [(True, 1), (False, 0)])
def test_leastrecent_and_calls_of_other_queues(shared: bool, agent: int) -> None:
    """Agent 0 spoke last, but for the other queue: without shared_lastcall this one does not know."""
    room = house(Options("leastrecent", shared_lastcall=shared), BOTH, FIRST)
    room.free(0.0, 0)
    assert room.come(1.0, kind=1) == [(0, 0)]
    room.free(2.0, 1)
    assert room.come(3.0) == [(1, 1)]
    room.free(50.0, 1)
    room.free(60.0, 0)
    assert room.come(70.0) == [(2, agent)]


def test_fewestcalls() -> None:
    assert rounds("fewestcalls", FIRST, FIRST, FIRST) == [2, 1, 0, 2, 1, 0]


def test_linear_begins_at_the_first_each_time() -> None:
    assert rounds("linear", FIRST, FIRST, FIRST) == [0] * 6


def test_random_takes_everybody() -> None:
    assert set(rounds("random", FIRST, FIRST, FIRST, LATER, calls=60)) == {0, 1, 2}


@pytest.mark.parametrize("strategy", METRICS)
def test_the_lower_penalty_goes_first(strategy: str) -> None:
    room = house(Options(strategy), LATER, FIRST)
    room.free(0.0, 0, 1)
    assert [room.come(1.0), room.come(2.0)] == [[(0, 1)], [(1, 0)]]


def test_a_free_agent_waits_for_the_callers_own_second() -> None:
    room = house(Options("rrmemory"), FIRST)
    assert room.come(1.3) == []
    room.free(5.0, 0)
    assert room.served(9.0) == [(5.3, 0, 0)]


def test_only_so_many_of_the_first_may_try_as_members_are_free() -> None:
    """The second's look comes first, but it is not their turn."""
    room = house(Options("rrmemory"), FIRST)
    room.come(1.9)
    room.come(2.1)
    room.free(5.0, 0)
    assert room.served(9.0) == [(5.9, 0, 0)]


def test_with_two_free_members_the_second_may_be_faster() -> None:
    room = house(Options("rrmemory"), FIRST, FIRST)
    room.come(1.9)
    room.come(2.1)
    room.free(5.0, 0, 1)
    assert [caller for _, caller, _ in room.served(9.0)] == [1, 0]


def test_a_newcomer_of_the_same_queue_cannot_overtake_but_one_of_another_queue_can() -> None:
    room = house(Options("rrmemory"), BOTH)
    assert room.come(1.0) == []
    room.free(5.5, 0)
    assert room.come(5.6) == []
    assert room.come(5.7, kind=1) == [(2, 0)]


def test_of_two_queues_the_one_who_looks_first_gets_the_agent() -> None:
    room = house(Options("rrmemory"), BOTH)
    room.come(1.9)
    room.come(3.2, kind=1)
    room.free(10.0, 0)
    assert room.served(20.0) == [(10.2, 1, 0)]


def test_a_heavier_queue_is_preferred_and_the_refused_sleeps_retry() -> None:
    """At 10.2 the light queue is refused and sleeps to 15.2; the heavy one looks at 10.9."""
    room = house(Options("rrmemory", weights=True), BOTH, weights=(0, 1))
    room.come(2.2)
    room.come(3.9, kind=1)
    room.free(10.0, 0)
    assert room.served(12.0) == [(10.9, 1, 0)]
    room.free(12.5, 0)
    assert room.served(20.0) == [(15.2, 0, 0)]


def test_a_heavier_queue_with_members_to_spare_refuses_nobody() -> None:
    """`count >= num_available_members`: one caller, two members."""
    room = house(Options("rrmemory", weights=True), BOTH, ((1, PRIMARY),), weights=(0, 1))
    room.come(2.2)
    room.come(3.9, kind=1)
    room.free(10.0, 0, 1)
    assert [caller for _, caller, _ in room.served(10.5)] == [0]


@pytest.mark.parametrize(("retry_s", "at"), [(5.0, 15.2), (1.0, 11.2)])
def test_force_longest_waiting_caller_refuses_the_younger_who_then_sleeps(retry_s: float, at: float) -> None:
    room = house(Options("leastrecent", retry_s=retry_s, force_longest=True), BOTH, BOTH)
    room.come(1.9)
    room.come(3.2, kind=1)
    room.free(10.0, 0, 1)
    assert room.served(20.0) == [(10.9, 0, 1), (at, 1, 0)]


def test_a_sleeper_keeps_his_place_before_those_behind_him() -> None:
    """One member of this queue is free; its head sleeps in retry, so the second may not try either."""
    room = house(Options("rrmemory", weights=True), BOTH, weights=(0, 1))
    room.come(2.2)
    room.come(2.3)
    room.come(3.9, kind=1)
    room.free(10.0, 0)
    assert room.served(10.5) == []
    room.rule.abandoned(2, 10.6)
    assert room.served(20.0) == [(15.2, 0, 0)]


def test_who_gives_up_leaves_his_place() -> None:
    room = house(Options("rrmemory"), FIRST)
    room.come(1.9)
    room.come(2.1)
    room.rule.abandoned(0, 3.0)
    room.free(5.0, 0)
    assert room.served(9.0) == [(5.1, 1, 0)]


def test_an_agent_who_goes_home_is_not_counted() -> None:
    room = house(Options("rrmemory"), FIRST)
    room.free(0.0, 0)
    room.rule.gone(0, 1.0)
    assert room.come(2.0) == []
    assert room.rule.next_at() is None


@pytest.mark.parametrize("name", RULES)
def test_waits_are_whole_seconds_and_everybody_is_accounted_for(name: str) -> None:
    """At ring 0 a caller is served when they come or when they look."""
    case = replace(equal(), day_s=1200.0, warm_s=0.0)
    came = draw(case, 3, 0)
    booked = Floor(case.staff(), came, RULES[name](case)).run()
    served = [waited for waited, lost in zip(booked.waited, booked.lost, strict=True) if not lost]
    assert min(served) == 0.0
    assert all(abs(waited - round(waited)) < 1e-6 for waited in served)
    assert all(before <= after for before, after in pairwise(came.at))
