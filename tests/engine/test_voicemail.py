"""A message on the tape: how it begins, how it ends, and what is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from calls import CallId, Outcome
from calls import commands as c
from calls import events as e
from calls import facts as f
from calls.commands import Prompt
from ivr import BEEP, Voicemail
from sites import loader, schema_menus
from tests.line import Hand, one, only
from tests.sites.test_loader import complaints, written

C1 = CallId("n1-17.1")


def taping() -> Hand:
    hand = Hand().open()
    hand.call("n1-17.1", "1555")
    hand.do(e.KeyPressed(C1, "1"))
    assert one(c.Play, hand.do(e.KeyPressed(C1, "6"))).prompts == (Prompt("tape"), BEEP)
    out = hand.heard("n1-17.1")
    assert one(c.Record, out) == c.Record(C1, 4, "night/n1-17.1-4", 60.0)
    return hand


def test_a_message_of_twenty_seconds() -> None:
    hand = taping()
    hand.wait(20.0)
    assert hand.do(e.KeyPressed(C1, "#")) == []
    out = hand.heard("n1-17.1")
    assert one(f.MessageLeft, out) == f.MessageLeft(C1, "tape", "night/n1-17.1-4", 20.0)
    assert one(c.Play, out).prompts == (Prompt("hours"),)


def test_whoever_hangs_up_has_left_it_all_the_same() -> None:
    hand = taping()
    out = hand.do(e.CallerLeft(C1), 7.0)
    assert one(f.MessageLeft, out).length_s == 7.0
    assert one(f.CallEnded, out).outcome is Outcome.INFORMED


def test_a_key_leads_to_the_beep_at_once() -> None:
    hand = Hand().open()
    hand.call("n1-17.1", "1555")
    for key in "16":
        hand.do(e.KeyPressed(C1, key))
    assert one(c.Play, hand.do(e.KeyPressed(C1, "1"))).prompts == (BEEP,)
    assert one(c.Record, hand.heard("n1-17.1"))


def test_a_tape_that_does_not_run_is_no_dead_end() -> None:
    hand = taping()
    out = hand.do(e.CommandFailed("Record", C1, None, "no folder for messages"))
    assert one(f.CommandLost, out).done == "counted as heard"
    assert only(c.Play, out)


def test_who_was_away_for_a_moment_begins_anew() -> None:
    hand = taping()
    out = hand.do(e.CallerBack(C1), 3.0)
    assert one(f.MessageLeft, out).length_s == 3.0
    assert one(c.Play, out).prompts == (Prompt("tape"), BEEP)


def test_voicemail_of_the_files(tmp_path: Path) -> None:
    text = "nodes:\n  a: {type: voicemail, box: night, prompts: [x], next: b, max_s: 30}\n  b: {type: goodbye}\n"
    tree = loader.load(written(tmp_path, "m.yaml", text), schema_menus.MenusFile)
    assert tree.model and not tree.problems
    assert tree.model.nodes["a"].node("a", {}) == Voicemail("a", "night", "b", (Prompt("x"),), 30.0)


@pytest.mark.parametrize(("old", "new"), [("max_s: 30", "max_s: 3000"), ("box: night", "box: ../night")])
def test_voicemail_that_cannot_be_read(tmp_path: Path, old: str, new: str) -> None:
    text = "nodes:\n  a: {type: voicemail, box: night, prompts: [x], next: b, max_s: 30}\n  b: {type: goodbye}\n"
    assert len(complaints(tmp_path, text.replace(old, new))) == 1
