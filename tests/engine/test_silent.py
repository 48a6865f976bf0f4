"""Whoever presses nothing at all is with an agent after ``silent_s``, wherever keys are asked for, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

from calls import CallId, CallStage
from calls import commands as c
from calls import events as e
from calls import facts as f
from calls.commands import Prompt
from engine import Line
from ivr import Collect, Digits, Enqueue, Entry, Goodbye, Menus, Node, Say, Voicemail
from tests.line import GENERAL, Hand, menus, one, rings, settings

C1 = CallId("c1")
ANYWAY = (Prompt("common.agent_anyway"),)


def hand(*nodes: Node, silent_s: float = 36.0) -> Hand:
    """An agent is ready. ``nodes``: where callers of 1555 come, instead of the ordinary menus."""
    tree: Menus = replace(menus(), silent_s=silent_s)
    if nodes:
        known = {**tree.nodes, **{node.id: node for node in nodes}}
        tree = replace(tree, nodes=known, entries={"1555": Entry("1555", nodes[0].id)})
    return Hand(Line(settings(menu=tree))).open().ready("a1")


def come(line: Hand) -> None:
    line.call("c1", "1555")


def stage(line: Hand) -> CallStage:
    return line.line._state.calls[C1].stage


def test_a_silent_caller_is_rung_to_an_agent() -> None:
    line = hand()
    come(line)
    assert rings(line.wait(35.9)) == []
    out = line.wait(0.2)
    assert rings(out) == [("c1", "a1")] and one(c.Play, out).prompts == ANYWAY
    assert one(f.Queued, out).queue == GENERAL


def test_also_in_the_middle_of_a_question_and_of_waiting_for_a_key() -> None:
    line = hand()
    come(line)
    line.heard("c1")  # the language; silence is Greek
    line.wait(6)
    line.heard("c1")  # the topic
    line.wait(6)
    out = line.wait(30)
    assert one(f.Queued, out).queue == GENERAL
    assert not [fact for fact in line.wait(60) if isinstance(fact, f.Unexpected)], "no timer is left over"


def test_who_has_pressed_a_key_can_do_so() -> None:
    line = hand()
    come(line)
    line.do(e.KeyPressed(C1, "1"), 3.0)
    assert rings(line.wait(60)) == []


def test_what_is_being_said_is_heard_to_its_end_and_then_no_question_is_asked() -> None:
    line = hand(Say("news", (Prompt("news"),), "topic"))
    come(line)
    assert rings(line.wait(50)) == []
    assert rings(line.heard("c1")) == [("c1", "a1")]


def test_who_presses_a_key_after_all_is_asked() -> None:
    line = hand(Say("news", (Prompt("news"),), "topic"))
    come(line)
    line.wait(50)
    line.do(e.KeyPressed(C1, "8"))
    assert stage(line) is CallStage.MENU


def test_a_number_is_not_waited_for_either() -> None:
    line = hand(Collect("ask", (Prompt("ask"),), Digits.AFM, "afm", "by_topic", "bye"))
    come(line)
    assert rings(line.wait(37)) == [("c1", "a1")]


def test_where_no_key_is_asked_for_silence_means_nothing() -> None:
    for node in (
        Goodbye("closed", (Prompt("hours"),)),
        Voicemail("night", "night", "bye", (Prompt("tape"),), 60.0),
        Say("news", (Prompt("news"),), "bye"),
    ):
        line = hand(node)
        come(line)
        line.wait(50)
        line.heard("c1")
        assert stage(line) is not CallStage.WAITING and rings(line.wait(50)) == []


def test_who_waits_already_stays_where_he_is() -> None:
    line = hand(Enqueue("by_topic"))
    come(line)
    out = line.wait(60)
    assert not [fact for fact in out if isinstance(fact, f.Queued | f.Unexpected)]


def test_it_can_be_switched_off() -> None:
    line = hand(silent_s=0)
    come(line)
    assert rings(line.wait(300)) == []
