"""The waiting room: order, places that are kept, positions."""

from __future__ import annotations

import pytest

from calls import CallId, ContractError, Need, QueueId, requirement
from queues import WaitingRoom

Q1, Q2 = QueueId("q1"), QueueId("q2")
EL, EN = requirement(Need("lang.el", 1)), requirement(Need("lang.en", 1))
A, B, C = CallId("a"), CallId("b"), CallId("c")


@pytest.fixture
def room() -> WaitingRoom:
    """``b`` is urgent; ``a`` came first, ``c`` at the same instant as ``b`` and in English."""
    room = WaitingRoom()
    room.enter(A, Q1, EL, 0, 1.0)
    room.enter(B, Q1, EL, 5, 2.0)
    room.enter(C, Q1, EN, 5, 2.0)
    return room


def order(room: WaitingRoom) -> list[str]:
    return [call for _, call in room.by_queue[Q1]]


def test_priority_then_age_then_arrival(room: WaitingRoom) -> None:
    assert order(room) == ["b", "c", "a"]
    assert [room.position(call) for call in (A, B, C)] == [3, 1, 2]
    assert room.place(B).key == (-5, 2.0, 2)


def test_the_free_are_held_by_class(room: WaitingRoom) -> None:
    assert {requires: [call for _, call in line] for requires, line in room.free.items()} == {EL: ["b", "a"], EN: ["c"]}


def test_an_offered_call_keeps_its_place_but_is_not_free(room: WaitingRoom) -> None:
    room.reserve(B)
    assert not room.is_free(B) and room.is_free(A)
    assert room.position(B) == 1
    room.release(B)
    assert room.is_free(B) and [call for _, call in room.free[EL]] == ["b", "a"]


def test_a_class_without_free_calls_is_gone(room: WaitingRoom) -> None:
    room.reserve(C)
    assert set(room.free) == {EL}
    room.reserve(C)  # reserving twice is no harm
    assert room.waiting_in(Q1) == 3


def test_leaving(room: WaitingRoom) -> None:
    place = room.leave(B)
    assert (place.call, place.entered_at) == (B, 2.0)
    assert order(room) == ["c", "a"] and room.position(A) == 2
    assert [p.call for p in room] == [A, C]
    assert not room.is_free(B)


def test_leaving_while_offered(room: WaitingRoom) -> None:
    room.reserve(B)
    room.leave(B)
    assert room.waiting_in(Q1) == 2 and [call for _, call in room.free[EL]] == ["a"]


def test_queues_count_apart(room: WaitingRoom) -> None:
    room.enter(CallId("d"), Q2, EL, 0, 3.0)
    assert (room.position(CallId("d")), room.waiting_in(Q2), room.waiting_in(QueueId("q3"))) == (1, 1, 0)


def test_nobody_enters_twice(room: WaitingRoom) -> None:
    with pytest.raises(ContractError, match="waits already"):
        room.enter(A, Q2, EL, 0, 9.0)
    assert order(room) == ["b", "c", "a"] and room.number == 3


@pytest.mark.parametrize("act", ["leave", "reserve", "release", "place", "position"])
def test_who_does_not_wait_has_no_place(room: WaitingRoom, act: str) -> None:
    with pytest.raises(ContractError, match="does not wait"):
        getattr(room, act)(CallId("nobody"))
