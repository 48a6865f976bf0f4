"""A morning of the shipped line, played by hand and written to a journal."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from calls import CallId, events, facts
from engine import Line
from line1555.cli.default_site import DEFAULT_SITE
from records import Journal
from sites import load_site
from tests.line import Hand

FIRST, SECOND, THIRD = "n1-1780040001.1", "n1-1780040002.2", "n1-1780040003.3"
ANCHOR = 1_780_040_000.0
"""29 May 2026, 10:33:20 in Athens."""


def morning() -> Hand:
    """Two callers ask for pensions; a specialist is there, and somebody who knows a little about them.

    The second one waits. After 30 s the other agent may take the call, but does not answer; after 90 s the specialist
    is free again. The third one hangs up in the menus.
    """
    hand = Hand(Line(load_site(DEFAULT_SITE).line)).open().ready("agent071", "agent021", "agent119")
    ask_for_pensions(hand, FIRST, "6941234567")
    hand.talk(FIRST)
    ask_for_pensions(hand, SECOND, "2101234567")
    hand.do(events.CallerLeft(CallId(FIRST)), 50)
    hand.wait(41)
    hand.talk(SECOND)
    hand.do(events.CallerLeft(CallId(SECOND)), 60)
    hand.call(THIRD, "1555")
    hand.do(events.CallerLeft(CallId(THIRD)), 3)
    return hand


def ask_for_pensions(hand: Hand, call: str, ani: str) -> None:
    hand.call(call, "1555", ani)
    hand.heard(call)
    for key in "1121":
        hand.do(events.KeyPressed(CallId(call), key), 2)


def told(hand: Hand) -> list[tuple[float, events.Event | None, list[facts.Fact]]]:
    kinds = get_args(facts.Fact)
    return [(now, event, [o for o in outputs if isinstance(o, kinds)]) for now, event, outputs in hand.steps]


def journal_of(path: Path, hand: Hand, anchor: float = ANCHOR) -> Path:
    with Journal(path, node="n1", wall=lambda: anchor) as journal:
        for now, event, said in told(hand):
            journal.append(now, event, said)
    return path


if __name__ == "__main__":  # for a look: python -m tests.line1555.mornings DIR
    import sys

    journal_of(Path(sys.argv[1]) / "journal.db", morning())
