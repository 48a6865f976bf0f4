"""A line that starts again remembers: state and figures of the day come back from the journal alone."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import get_args

import pytest

from calls import CallId, facts
from calls import events as e
from engine import Line
from line1555.memory import Memory, remember
from metrics import LineState
from records import Journal
from tests.line import Hand, settings

_FACTS = get_args(facts.Fact)


def keep(memory: Memory, hand: Hand, since: int = 0) -> None:
    for now, event, out in hand.steps[since:]:
        memory.append(now, event, [fact for fact in out if isinstance(fact, _FACTS)])


def busy_hand(line: Line) -> Hand:
    hand = Hand(line).open().ready("a1", "a2")
    hand.call("c1")
    hand.talk("c1")
    hand.call("c2", "1555")
    hand.do(e.KeyPressed(CallId("c2"), "1"))
    hand.call("c3")
    hand.wait(20.0)
    hand.call("c4")
    return hand


@pytest.mark.parametrize("checkpointed", [False, True])
def test_the_state_comes_back(tmp_path: Path, checkpointed: bool) -> None:
    wanted = settings(2)
    with Journal(tmp_path / "journal.db") as journal:
        memory, last = remember(journal, wanted, LineState(), "1")
        assert last == 0.0
        hand = busy_hand(memory.line)
        half = len(hand.steps) // 2 if not checkpointed else len(hand.steps)
        keep(memory, hand)
        if checkpointed:
            memory.checkpoint(hand.now)
            hand.call("c5")
            keep(memory, hand, half)
        before = memory.state.snapshot(hand.now)
    with Journal(tmp_path / "journal.db") as journal:
        again, last = remember(journal, wanted, LineState(), "1")
    assert last == memory.line.world.now
    assert set(again.line.world.calls) == set(memory.line.world.calls)
    assert [c.stage for c in again.line.world.calls.values()] == [c.stage for c in memory.line.world.calls.values()]
    assert again.state.snapshot(hand.now) == before
    assert again.line.next_deadline() == memory.line.next_deadline()


def test_another_versions_state_is_not_taken_up(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Journal(tmp_path / "journal.db") as journal:
        memory, _ = remember(journal, settings(2), LineState(), "1")
        hand = busy_hand(memory.line)
        keep(memory, hand)
        memory.checkpoint(hand.now)
    with caplog.at_level(logging.ERROR), Journal(tmp_path / "journal.db") as journal:
        again, last = remember(journal, settings(2), LineState(), "2")
    assert not again.line.world.calls and last == hand.now
    assert "starting empty" in caplog.text
