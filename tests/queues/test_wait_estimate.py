"""The wait estimate: exact values, shared agents, a range that holds, silence, and never a longer wait than told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from itertools import pairwise
from math import fsum, inf
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import queues
from queues import MinuteRange, Pool, Share, WaitAnnouncements, Waiter, WaitEstimate, WaitEstimator, expected_wait_s
from queues.censored import Survival
from queues.wait_estimate import EVERY, KEPT_WAITS, LEAST_HANDLED
from queues.wait_formula import moments
from tests.kept import again, written

from . import plain_shares
from .stream import Stream

few = settings(max_examples=40, deadline=None)
numbers = st.integers(0, 100_000)
servers = st.floats(0.1, 500)
patience = st.sampled_from([30.0, 600.0, 1e7, inf])


# The formula


@pytest.mark.parametrize(("ahead", "wait_s"), [(0, 1.714286), (5, 10.213006), (20, 35.009907), (50, 81.726074)])
def test_known_values(ahead: int, wait_s: float) -> None:
    assert expected_wait_s(ahead, 140, 240.0, 600.0) == pytest.approx(wait_s, abs=5e-7)


@pytest.mark.parametrize("ahead", [0, 31, 63, 64, 65, 1_000, 20_000])
@pytest.mark.parametrize("patience_s", [5.0, 600.0, 1e9, inf])
@pytest.mark.parametrize("agents", [0.5, 140.0])
def test_the_closed_form_is_the_sum(ahead: int, patience_s: float, agents: float) -> None:
    steps = [1 / (agents / 240 + j / patience_s) for j in range(ahead + 1)]
    wait = moments(ahead, agents, 240.0, patience_s)
    assert wait.mean_s == pytest.approx(sum(steps), rel=1e-9)
    assert wait.variance == pytest.approx(sum(step * step for step in steps), rel=1e-8)


def test_the_same_on_every_python() -> None:
    """Before 3.12 ``sum`` made 85.84415584415584 of these."""
    steps = [1 / (8 / 240 + j * (1 / 600)) for j in range(3)]
    assert expected_wait_s(2, 8, 240.0, 600.0) == fsum(steps) == 85.84415584415585


def test_nobody_serves() -> None:
    assert expected_wait_s(0, 0, 240.0) == inf


@few
@given(numbers, servers, patience)
def test_longer_with_more_ahead_and_shorter_with_more_agents(ahead: int, agents: float, patience_s: float) -> None:
    wait_s = expected_wait_s(ahead, agents, 240.0, patience_s)
    assert wait_s > 0
    assert expected_wait_s(ahead + 1, agents, 240.0, patience_s) > wait_s
    assert expected_wait_s(ahead, agents + 1, 240.0, patience_s) < wait_s


# Cut waits


def test_without_cut_waits_the_shares_are_plain() -> None:
    steps = Survival([float(n) for n in range(10, 0, -1)], [])
    assert steps.quantile(0.1) == 1.0 and steps.quantile(0.9) == 9.0
    assert steps.share_above(0.5) == 1.0 and steps.share_above(4.0) == pytest.approx(0.7)


def test_a_cut_wait_counts_until_it_was_cut() -> None:
    """Kaplan and Meier by hand: 1 of 4; one cut at 2; 1 of 2; one cut."""
    steps = Survival([3.0, 1.0], [4.0, 2.0])
    assert steps.values == [1.0, 3.0] and steps.shares == pytest.approx([0.75, 0.375])
    assert steps.quantile(0.9) is None


def test_at_equal_values_a_complete_wait_comes_first() -> None:
    assert Survival([2.0, 5.0], [2.0]).shares == pytest.approx([2 / 3, 0.0])


# Shared agents

classes = st.sampled_from("abcd")
lines = st.dictionaries(classes, st.integers(0, 40))
houses = st.lists(st.tuples(st.integers(0, 9), st.frozensets(classes)), min_size=1, max_size=5)


def share(
    mine: str,
    ahead: Mapping[str, int],
    house: Iterable[tuple[int, Collection[str]]],
    handle_s: Callable[[str], float] = lambda _: 1.0,
) -> Share:
    """What an item has before it, of classes with names: as the plainest form says, and as the quick one does."""
    names = [mine, *(name for name, count in ahead.items() if count and name != mine)]
    pools = [Pool(agents, [n for n, name in enumerate(names) if name in serves]) for agents, serves in house]
    found = queues.share(0, [ahead.get(name, 0) for name in names], pools, [handle_s(name) for name in names])
    assert found == plain_shares.share(mine, ahead, house, handle_s)
    return found


def pace(line: Share) -> float:
    return (line.ahead + 1) / line.servers if line.servers else inf


def test_one_class_is_plain() -> None:
    assert share("a", {"a": 7}, [(3, "a"), (2, "ab"), (9, "b")]) == Share(7, 5.0)


def test_apart_is_apart() -> None:
    assert share("a", {"a": 7, "b": 90}, [(3, "a"), (9, "b")]) == Share(7, 3.0)


def test_what_is_shared_goes_where_the_wait_is_longer() -> None:
    """Two of each and two who do both: the long line gets all, then both are one line."""
    house = [(2, "a"), (2, "b"), (2, "ab")]
    assert share("a", {"a": 1, "b": 39}, house) == Share(1, 2.0)
    assert share("b", {"a": 1, "b": 39}, house) == Share(39, 4.0)
    assert share("a", {"a": 19, "b": 20}, house) == Share(39, 6.0)


def test_longer_calls_of_others_count_as_more_agents_gone() -> None:
    """One of mine (100 s) and one of theirs (300 s) for four agents: 100 s of work each, as mine with two agents."""
    known = {"a": 100.0, "b": 300.0}
    assert share("a", {"b": 1}, [(4, "ab")], known.__getitem__) == Share(1, 2.0)


def test_nobody_for_the_class() -> None:
    assert share("a", {"a": 3, "b": 2}, [(5, "b")]).servers == 0


@few
@given(lines, houses, st.fixed_dictionaries(dict.fromkeys("abcde", st.integers(1, 900))))
def test_where_calls_differ_in_length(
    ahead: dict[str, int], house: list[tuple[int, str]], known: dict[str, int]
) -> None:
    found = share("a", ahead, house, lambda name: float(known.get(name, 60)))
    assert 0 <= found.ahead <= sum(ahead.values()) and found.servers >= 0


@few
@given(st.lists(st.integers(0, 30), min_size=12, max_size=12), st.lists(st.integers(0, 5), min_size=12, max_size=12))
def test_where_everybody_is_linked_by_neighbours(waiting: list[int], agents: list[int]) -> None:
    names = [chr(ord("a") + n) for n in range(12)]
    house = [(count, {names[n], names[(n + 1) % 12]}) for n, count in enumerate(agents)]
    found = share("a", dict(zip(names, waiting, strict=True)), house)
    assert 0 <= found.ahead <= sum(waiting)


@few
@given(lines, houses, st.data())
def test_one_agent_more_is_never_worse(
    ahead: dict[str, int], house: list[tuple[int, str]], data: st.DataObject
) -> None:
    n = data.draw(st.integers(0, len(house) - 1))
    more = [*house, (1, house[n][1])]
    before = share("a", ahead, house)
    assert 0 <= before.ahead <= sum(ahead.values())
    assert pace(share("a", ahead, more)) <= pace(before) * (1 + 1e-12)


@few
@given(lines, houses, classes)
def test_one_caller_more_ahead_is_never_better(ahead: dict[str, int], house: list[tuple[int, str]], key: str) -> None:
    longer = ahead | {key: ahead.get(key, 0) + 1}
    assert pace(share("a", longer, house)) >= pace(share("a", ahead, house)) * (1 - 1e-12)


@few
@given(lines, houses)
def test_the_longest_wait_is_as_short_as_can_be(ahead: dict[str, int], house: list[tuple[int, str]]) -> None:
    """No set of classes can be served faster than all agents who serve any of them allow: max over sets (max flow)."""
    waiting = {key for key, count in ahead.items() if count} | {"a"}
    calls = {key: ahead.get(key, 0) + (key == "a") for key in waiting}
    sets = [{k for n, k in enumerate(sorted(waiting)) if bits >> n & 1} for bits in range(1, 2 ** len(waiting))]
    slowest = max(_load(one, calls, house) for one in sets)
    with_a = [_load(one, calls, house) for one in sets if "a" in one]
    assert pace(share("a", ahead, house)) <= slowest * (1 + 1e-9)
    if max(with_a) == slowest:
        assert pace(share("a", ahead, house)) == pytest.approx(slowest)


def _load(one: set[str], calls: dict[str, int], house: list[tuple[int, str]]) -> float:
    agents = sum(count for count, serves in house if one & set(serves))
    return sum(calls[key] for key in one) / agents if agents else inf


# The learner


def stream(seed: int, hours: float, agents: int = 20, erlang: float = 21.0, slower: float = 1.0) -> Stream:
    """M/M/s+M, handle 240 s, patience 600 s. ``slower``: from the tenth hour on the calls last so much longer."""
    line = Stream(
        agents, lambda _: erlang / 240, lambda now: 240.0 * (slower if now > 10 * 3600 else 1.0), 600.0, Random(seed)
    )
    line.run(hours * 3600)
    return line


@cache
def stationary() -> Stream:
    return stream(1, 25)


def test_it_learns_what_is() -> None:
    known = stationary().known
    assert known.handle.value == pytest.approx(240, rel=0.15)
    assert known.patience_s == pytest.approx(600, rel=0.15)
    assert known.correction == pytest.approx(1.0, rel=0.15)


def test_the_range_holds_as_often_as_it_should_and_as_it_says() -> None:
    told = [(said, waited_s) for said, _, waited_s in stationary().waits if said]
    held = sum(said.low_s <= waited_s <= said.high_s for said, waited_s in told) / len(told)
    measured = sum(said.coverage for said, _ in told) / len(told)
    assert 0.72 <= held <= 0.88
    assert measured == pytest.approx(held, abs=0.06)


def test_it_is_not_silent_without_cause_and_nearly_unbiased() -> None:
    waits = stationary().waits
    told = [(said, waited_s) for said, _, waited_s in waits if said]
    assert len(told) > 0.8 * len(waits)
    mean_s = sum(waited_s for _, waited_s in told) / len(told)
    assert abs(sum(said.likely_s - waited_s for said, waited_s in told)) / len(told) < 0.15 * mean_s


def test_callers_who_give_up_do_not_make_it_hopeful() -> None:
    """Patience 60 s: most give up. The ratio from those who were served alone would be far too low."""
    line = Stream(5, lambda _: 12 / 240, lambda _: 240.0, 60.0, Random(5))
    line.run(30 * 3600)
    assert line.known.correction == pytest.approx(1.0, rel=0.12)
    assert line.known.patience_s == pytest.approx(60, rel=0.12)


def test_agents_who_are_counted_and_do_not_work_are_learnt() -> None:
    """The engine counts 20, 16 work: without patience to end waits the ratio must come to 20 / 16."""
    known, random, now = WaitEstimator(), Random(3), 0.0
    for _ in range(LEAST_HANDLED):
        known.handled(240.0)
    for _ in range(2_000):
        waiter = known.enter(9, 20, now)
        now += 100.0 + sum(random.expovariate(16 / 240) for _ in range(10))
        known.served(Waiter(waiter.entered_at + 100.0, waiter.forecasts), now - 100.0)
    assert known.correction == pytest.approx(1.25, rel=0.1)


def test_silent_after_a_sudden_change_until_it_is_learnt() -> None:
    line = stream(2, 24, slower=3.0)
    before, after, late = (_told(line, *hours) for hours in ((8, 10), (11, 12), (22, 24)))
    assert before > 0.9 and after < 0.1 and late > 0.9


def _told(line: Stream, since_h: float, until_h: float) -> float:
    said = [said for said, at, _ in line.waits if since_h * 3600 <= at < until_h * 3600]
    return sum(one is not None for one in said) / len(said)


def test_silent_while_little_is_known() -> None:
    known = WaitEstimator()
    waiter = known.enter(3, 5, 0.0)
    assert not waiter.forecasts and known.announce(waiter, 3, 5, 10.0) is None
    known.served(waiter, 20.0)
    for _ in range(LEAST_HANDLED):
        known.handled(200.0)
    assert known.forecast(3, 5, 30.0) is not None
    assert known.announce(known.enter(3, 5, 30.0), 3, 5, 40.0) is None


def test_silent_where_nobody_serves() -> None:
    known = again(WaitEstimator, stationary().known)
    assert known.trusted
    assert known.announce(Waiter(0.0), 3, 0, 0.0) is None
    known.abandoned(Waiter(0.0), 3, 0, 10.0)
    known.left(known.enter(3, 0, 0.0), 10.0)


def test_the_ring_is_a_part_of_the_wait() -> None:
    known = again(WaitEstimator, stationary().known)
    plain = known.announce(Waiter(0.0), 5, 20, 0.0)
    for _ in range(2_000):
        known.served(Waiter(0.0), 8.0, rang_s=8.0)
    rung = known.announce(Waiter(0.0), 5, 20, 0.0)
    assert plain is not None and rung is not None
    assert rung.low_s > plain.low_s + 7 and rung.high_s > plain.high_s + 7


def test_memory_is_bounded() -> None:
    known = stationary().known
    assert len(known.outcomes) == KEPT_WAITS and known.fresh < EVERY
    assert len(written(WaitEstimator, known)) < 10_000
    waiter = Waiter(0.0)
    for n in range(50):
        known.announce(waiter, 5, 20, float(n))
    assert len(waiter.forecasts) <= 2


def test_stored_and_read_again_it_says_the_same() -> None:
    first, now = stationary().known, 1e6
    second = again(WaitEstimator, first)
    assert written(WaitEstimator, second) == written(WaitEstimator, first)
    for known in (first, second):
        known.served(known.enter(9, 20, now), now + 55.5)
        known.handled(300.0)
    assert written(WaitEstimator, second) == written(WaitEstimator, first)
    assert second.announce(Waiter(0.0), 9, 20, now) == first.announce(Waiter(0.0), 9, 20, now)


@few
@given(st.integers(0, 5_000), st.floats(0.1, 200))
def test_a_told_range_is_one(ahead: int, agents: float) -> None:
    known = stationary().known
    said, further = (known.announce(Waiter(0.0), n, agents, 0.0) for n in (ahead, ahead + 1))
    if said is not None:
        assert 0 <= said.low_s <= said.likely_s <= said.high_s < inf
    if said is not None and further is not None:
        assert further.likely_s >= said.likely_s and further.high_s >= said.high_s


# What is told


def minutes(low_s: float, high_s: float) -> WaitEstimate:
    return WaitEstimate(low_s, (low_s + high_s) / 2, high_s, 0.8)


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (None, None),
        (minutes(2, 20), MinuteRange(0, 1)),
        (minutes(61, 150), MinuteRange(1, 3)),
        (minutes(500, 700), MinuteRange(8, 15)),
        (minutes(800, 1_300), MinuteRange(10, 25)),
        (minutes(1_000, 1_900), None),
    ],
)
def test_whole_minutes(estimate: WaitEstimate | None, said: MinuteRange | None) -> None:
    assert WaitAnnouncements().say(estimate) == said


def test_a_longer_range_is_not_told_but_the_old_one_may_still_be_true() -> None:
    told = WaitAnnouncements()
    assert told.say(minutes(61, 170)) == MinuteRange(1, 3)
    assert told.say(minutes(100, 230)) == MinuteRange(1, 3)
    assert told.say(minutes(200, 400)) is None
    assert told.say(minutes(50, 100)) == MinuteRange(0, 2)


@few
@given(st.lists(st.tuples(st.floats(0, 3_000), st.floats(0, 2_000))))
def test_never_longer_than_before(ranges: list[tuple[float, float]]) -> None:
    told = WaitAnnouncements()
    said = [one for low_s, width_s in ranges if (one := told.say(minutes(low_s, low_s + width_s))) is not None]
    assert all(0 <= one.low <= one.high for one in said)
    assert all(later.high <= one.high and later.low <= one.low for one, later in pairwise(said))


def test_a_caller_who_left_at_once_teaches_no_patience() -> None:
    known = WaitEstimator()
    for _ in range(20):
        known.handled(100.0)
    known.abandoned(known.enter(0, 1.0, 5.0), 0, 1.0, 5.0)
    assert known.patience_s == inf
    known.abandoned(known.enter(0, 1.0, 6.0), 0, 1.0, 6.0)
