"""What a branch finds when the engine answers: queues as they are, and who has called before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls import CallId
from calls import events as e
from calls import facts as f
from engine import Line
from engine.history import MOST_KEPT, remember
from ivr import Branch, Case, Enqueue, Entry, Goodbye, Node, QueueState, When
from tests.line import GENERAL, PENSIONS, Hand, menus, only, settings


def hand(when: When) -> Hand:
    nodes: dict[str, Node] = {
        "b": Branch("b", (Case(when, "yes"),), "no"),
        "yes": Goodbye("yes"),
        "no": Enqueue("no", PENSIONS),
    }
    tree = replace(menus(), nodes=nodes, entries={"1555": Entry("1555", "b")})
    return Hand(Line(settings(menu=tree))).open()


def way(hand: Hand, call: str, ani: str = "6941234567") -> str:
    return only(f.NodeEntered, hand.call(call, "1555", ani))[-1].node


@pytest.mark.parametrize(
    ("asked", "ways"),
    [
        (QueueState(PENSIONS, waiting=2), ["no", "no", "yes"]),
        (QueueState(GENERAL, waiting=1), ["no", "no", "no"]),
        (QueueState(PENSIONS, agents_in=1), ["no", "no", "no"]),
    ],
)
def test_calls_that_wait(asked: QueueState, ways: list[str]) -> None:
    line = hand(When(queue=asked))
    assert [way(line, call) for call in ("c1", "c2", "c3")] == ways


def test_agents_at_work() -> None:
    line = hand(When(queue=QueueState(PENSIONS, agents_in=2)))
    assert way(line, "c1") == "no"
    line.ready("a1", "a2")
    assert way(line, "c2") == "yes"


def test_who_called_before() -> None:
    line = hand(When(called_within_s=3600.0))
    assert way(line, "c1") == "no"
    line.do(e.CallerLeft(CallId("c1")), 60.0)
    assert way(line, "c2") == "yes"
    assert way(line, "c3", "6940000000") == "no"
    assert way(line, "c4", "") == way(line, "c5", "") == "no", "whoever hides his number is nobody's second call"
    line.wait(3601.0)
    assert way(line, "c6") == "no"


def test_nothing_is_kept_of_callers_where_nobody_asks() -> None:
    line = hand(When(anonymous=True))
    way(line, "c1")
    assert line.line._state.last_calls == {}


def test_the_memory_is_bounded() -> None:
    memory: dict[str, int] = {}
    for number in range(MOST_KEPT + 2):
        remember(memory, str(number), number)
        remember(memory, "0", number)
    assert len(memory) == MOST_KEPT and "0" in memory and "1" not in memory
