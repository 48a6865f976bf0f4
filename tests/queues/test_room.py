"""The waiting room: places that are kept, classes, positions against brute force."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import AgentId, CallId, ContractError, QueueId, Requirement, parse
from queues import Place, QueueSettings, WaitingRoom

EL, EN = parse("lang.el"), parse("lang.en")
Q1 = QueueSettings(QueueId("q1"), "", EL, ageing=0.0)
Q2 = QueueSettings(QueueId("q2"), "", EL, ageing=2.0, cap_s=60.0)
A, B, C = CallId("a"), CallId("b"), CallId("c")
A1 = AgentId("a1")
NOW = 5.0


@pytest.fixture
def room() -> WaitingRoom:
    """``b`` is urgent; ``a`` came first, ``c`` at the same instant as ``b`` and in English."""
    room = WaitingRoom()
    room.enter(A, Q1, EL, 0, 1.0)
    room.enter(B, Q1, EL, 5, 2.0)
    room.enter(C, Q1, EN, 5, 2.0)
    return room


def order(room: WaitingRoom) -> list[str]:
    return [place.item for place in room.by_queue[Q1.id].by_rank.all()]


def free(room: WaitingRoom, requires: Requirement) -> list[str]:
    return [place.item for place in room.class_for(Q1.id, requires).free.by_rank.all()]


def test_priority_then_age_then_arrival(room: WaitingRoom) -> None:
    assert order(room) == ["b", "c", "a"]
    assert [room.position(call, NOW) for call in (A, B, C)] == [3, 1, 2]
    assert room.place(B).key(NOW) == (1.0, -5.0, 2.0, 2)


def test_who_is_due_is_first(room: WaitingRoom) -> None:
    assert [room.position(call, 121.0) for call in (A, B, C)] == [1, 2, 3]
    assert room.class_for(Q1.id, EL).free.head(121.0).item == A
    assert room.place(A).key(121.0) == (0.0, 121.0, 1.0, 1)


def test_a_promise_may_be_due_before_the_cap(room: WaitingRoom) -> None:
    place = room.enter(CallId("d"), Q1, EL, -9, 3.0, promised_at=4.0)
    assert (place.due_at, room.position(place.item, 3.5), room.position(place.item, 4.0)) == (4.0, 4, 1)


def test_the_free_are_held_by_class(room: WaitingRoom) -> None:
    assert (free(room, EL), free(room, EN)) == (["b", "a"], ["c"])
    assert room.place(A).of is room.class_for(Q1.id, EL)


def test_an_offered_call_keeps_its_place_but_is_not_free(room: WaitingRoom) -> None:
    room.reserve(B)
    assert not room.is_free(B) and room.is_free(A)
    assert room.position(B, NOW) == 1
    room.release(B)
    room.release(B)  # releasing twice is no harm
    assert room.is_free(B) and free(room, EL) == ["b", "a"]


def test_a_class_without_free_calls_stays(room: WaitingRoom) -> None:
    of = room.class_for(Q1.id, EN)
    room.reserve(C)
    room.reserve(C)  # reserving twice is no harm
    assert not of.free and room.class_for(Q1.id, EN) is of
    assert room.waiting_in(Q1.id) == 3


def test_a_kept_call_is_in_no_class(room: WaitingRoom) -> None:
    place = room.enter(CallId("d"), Q1, EL, 9, 3.0, preferred_agent=A1)
    assert free(room, EL) == ["b", "a"] and room.by_preferred_agent[A1].head(NOW) is place
    assert room.is_free(place.item) and room.position(place.item, NOW) == 1
    room.change(place, place.kept_for(None))
    assert free(room, EL) == ["d", "b", "a"] and not room.by_preferred_agent[A1]


@pytest.mark.parametrize("offered", [False, True])
def test_a_change_keeps_entry_time_and_number(room: WaitingRoom, offered: bool) -> None:
    if offered:
        room.reserve(A)
    old = room.place(A)
    new = room.change(old, old.changed(requires=EN, points=9.0))
    assert (new.entered_at, new.number) == (old.entered_at, old.number)
    assert (order(room), room.is_free(A)) == (["a", "b", "c"], not offered)
    if offered:
        room.release(A)
    assert (free(room, EL), free(room, EN)) == (["b"], ["a", "c"])


def test_leaving(room: WaitingRoom) -> None:
    place = room.leave(B)
    assert (place.item, place.entered_at) == (B, 2.0)
    assert order(room) == ["c", "a"] and room.position(A, NOW) == 2
    assert [p.item for p in room] == [A, C]
    assert not room.is_free(B)


def test_leaving_while_offered(room: WaitingRoom) -> None:
    room.reserve(B)
    room.leave(B)
    assert room.waiting_in(Q1.id) == 2 and free(room, EL) == ["a"]


def test_queues_count_apart(room: WaitingRoom) -> None:
    room.enter(CallId("d"), Q2, EL, 0, 3.0)
    found = room.position(CallId("d"), NOW), room.waiting_in(Q2.id), room.waiting_in(QueueId("q3"))
    assert found == (1, 1, 0)


def test_the_longest_wait(room: WaitingRoom) -> None:
    assert [room.longest_wait_s(QueueId(q), NOW) for q in ("q1", "q2")] == [4.0, 0.0]


def test_a_place_put_back_is_the_old_one(room: WaitingRoom) -> None:
    place = room.leave(B)
    assert room.position(A, NOW) == 2 and B not in room.places
    room.put_back(place)
    assert order(room) == ["b", "c", "a"] and room.is_free(B) and room.place(B) is place
    with pytest.raises(ContractError, match="waits already"):
        room.put_back(place)


def test_nobody_enters_twice(room: WaitingRoom) -> None:
    with pytest.raises(ContractError, match="waits already"):
        room.enter(A, Q2, EL, 0, 9.0)
    assert order(room) == ["b", "c", "a"] and room.number == 3


@pytest.mark.parametrize("act", ["leave", "reserve", "release", "place"])
def test_who_does_not_wait_has_no_place(room: WaitingRoom, act: str) -> None:
    with pytest.raises(ContractError, match="does not wait"):
        getattr(room, act)(CallId("nobody"))
    with pytest.raises(ContractError, match="does not wait"):
        room.position(CallId("nobody"), NOW)


QUARTERS = st.integers(0, 400).map(lambda n: n / 4)
CALLERS = st.lists(st.tuples(st.sampled_from((Q1, Q2)), QUARTERS, QUARTERS, QUARTERS), max_size=12)


@given(CALLERS, QUARTERS, st.sets(st.integers(0, 11)))
def test_a_position_is_what_counting_gives(
    callers: list[tuple[QueueSettings, float, float, float]], now: float, offered: set[int]
) -> None:
    room = WaitingRoom()
    for n, (queue, points, at, promise_s) in enumerate(callers):
        room.enter(CallId(f"c{n}"), queue, EL, points, at, promised_at=at + promise_s)
        if n in offered:
            room.reserve(CallId(f"c{n}"))
    for place in room:
        before = [other for other in _of(room, place.queue) if other.key(now) < place.key(now)]
        assert room.position(place.item, now) == len(before) + 1
    for of in room.classes:
        if of.free:
            mine = [place for place in _of(room, of.queue) if room.is_free(place.item)]
            assert of.free.head(now) is min(mine, key=lambda place: place.key(now))


@given(CALLERS, QUARTERS)
def test_ahead_in_a_line_that_ages_otherwise(
    callers: list[tuple[QueueSettings, float, float, float]], now: float
) -> None:
    room = WaitingRoom()
    for n, (queue, points, at, promise_s) in enumerate(callers):
        room.enter(CallId(f"c{n}"), queue, EL, points, at, promised_at=at + promise_s)
    for place in room:
        for of in room.classes:
            before = [other for other in _of(room, of.queue) if other.key(now) < place.key(now)]
            assert of.free.ahead_of(place, now) == len(before)


def _of(room: WaitingRoom, queue: QueueId) -> list[Place]:
    return [place for place in room if place.queue == queue]
