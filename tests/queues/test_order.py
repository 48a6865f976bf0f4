"""The ordering key: its formula, who is due, and that time never changes the order of two calls of one line."""

from __future__ import annotations

from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from calls import ANYBODY, CallId, QueueId
from queues import OrderedPlaces, Place

QUARTERS = st.integers(0, 400).map(lambda n: n / 4)
AGEING = st.sampled_from((0.0, 0.5, 1.0, 2.0))


def place(points: float, entered_at: float, number: int, *, ageing: float = 1.0, due_at: float = inf) -> Place:
    return Place(CallId(f"c{number}"), QueueId("q"), ANYBODY, points, ageing, entered_at, due_at, number)


def test_the_score_is_points_and_age() -> None:
    one = place(60.0, 100.0, 7, ageing=2.0, due_at=160.0)
    assert one.score(130.0) == 60.0 + 2.0 * 30.0
    assert one.key(130.0) == (1.0, -120.0, 100.0, 7)
    assert (one.is_due(159.75), one.is_due(160.0)) == (False, True)
    assert one.key(160.0) == one.key(999.0) == (0.0, 160.0, 100.0, 7)


def test_a_minute_of_priority_is_a_minute_of_age() -> None:
    urgent, old = place(60.0, 60.0, 2), place(0.0, 0.0, 1)
    assert urgent.score(80.0) == old.score(80.0)
    assert old.key(80.0) < urgent.key(80.0), "equal scores: who came first"
    assert place(61.0, 60.0, 2).key(80.0) < old.key(80.0)


def test_who_is_due_goes_before_any_priority() -> None:
    low, high = place(-500.0, 0.0, 1, due_at=120.0), place(9000.0, 1.0, 2, due_at=121.0)
    assert high.key(119.75) < low.key(119.75)
    assert low.key(120.0) < high.key(120.0)
    assert low.key(121.0) < high.key(121.0), "both are due: the earlier"


@given(AGEING, st.tuples(QUARTERS, QUARTERS), st.tuples(QUARTERS, QUARTERS), QUARTERS, QUARTERS)
def test_time_does_not_change_the_order(
    ageing: float, one: tuple[float, float], two: tuple[float, float], now: float, later_s: float
) -> None:
    first, second = place(*one, 1, ageing=ageing), place(*two, 2, ageing=ageing)
    later = now + later_s
    assert (first.key(now) < second.key(now)) == (first.key(later) < second.key(later))
    ranks = (first.rank, first.entered_at, 1), (second.rank, second.entered_at, 2)
    assert (ranks[0] < ranks[1]) == (first.key(now) < second.key(now))


@given(AGEING, st.lists(st.tuples(QUARTERS, QUARTERS, QUARTERS), max_size=10), st.integers(0, 9), QUARTERS)
def test_a_list_keeps_the_order_of_the_keys(
    ageing: float, callers: list[tuple[float, float, float]], gone: int, now: float
) -> None:
    line, here = OrderedPlaces(), []
    for number, (points, entered_at, cap_s) in enumerate(callers):
        one = place(points, entered_at, number, ageing=ageing, due_at=entered_at + cap_s)
        line.add(one)
        here.append(one)
    if gone < len(here):
        line.remove(here[gone])
        line.remove(here[gone])  # twice is no harm
        assert here.pop(gone) not in line
    here.sort(key=lambda one: one.key(now))
    assert len(line) == len(here) and all(one in line for one in here)
    assert [line.ahead_of(one, now) for one in here] == list(range(len(here)))
    assert not here or line.head(now) is here[0]


def test_equal_rank_but_due() -> None:
    """Without ageing ranks are equal: a place that came later and is due comes first all the same."""
    line, mine = OrderedPlaces(), place(0.0, 0.0, 1, ageing=0.0, due_at=120.0)
    line.add(place(0.0, 5.0, 2, ageing=0.0, due_at=10.0))
    assert (line.ahead_of(mine, 9.0), line.ahead_of(mine, 10.0)) == (0, 1)


@given(st.lists(st.tuples(QUARTERS, QUARTERS), min_size=150, max_size=200), st.data())
@settings(max_examples=20)
def test_a_long_line_is_counted_from_either_end(callers: list[tuple[float, float]], data: st.DataObject) -> None:
    """Of long lines the head is given up in blocks, and who is due is counted on the shorter side."""
    line, here = OrderedPlaces(), []
    for number, (points, cap_s) in enumerate(callers):
        here.append(place(points, float(number), number, due_at=number + cap_s))
        line.add(here[-1])
    now = float(len(callers))
    for _ in range(data.draw(st.integers(0, len(callers) - 1))):
        served = line.head(now)
        line.remove(served)
        here.remove(served)
    here.sort(key=lambda one: one.key(now))
    assert [line.ahead_of(one, now) for one in here] == list(range(len(here)))
    assert line.head(now) is here[0] and line.oldest() is min(here, key=lambda one: one.number)


def test_what_goes_first_needs_no_key() -> None:
    old, urgent, due = place(0.0, 0.0, 1), place(60.0, 60.0, 2), place(0.0, 80.0, 3, due_at=90.0)
    for now in (80.0, 90.0, 200.0):
        for one in (old, urgent, due):
            for other in (old, urgent, due):
                assert one.before(other, now) == (one.key(now) < other.key(now))


def test_the_oldest_is_known_however_the_line_changes() -> None:
    line, (first, second, third) = OrderedPlaces(), (place(-9.0 * n, float(n), n) for n in range(3))
    line.add(second)
    assert line.oldest() is second
    line.add(first)
    line.add(third)
    assert line.oldest() is first
    line.remove(first)
    assert line.oldest() is second
