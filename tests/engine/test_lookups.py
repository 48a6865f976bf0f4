"""A service is asked for a caller: what it is told, what its answer is good for, and what becomes of it too late."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from calls import CallId, Named
from calls import commands as c
from calls import events as e
from calls import facts as f
from calls.commands import Prompt
from engine import Line
from ivr import Branch, Case, Enqueue, Entry, Goodbye, Lookup, Node, When
from ivr.graph import edges
from sites import loader, schema_menus
from sites.checker import check
from tests.line import Hand, menus, one, only, settings
from tests.sites.test_checker import GOOD, HELLO, with_node
from tests.sites.test_loader import complaints, written

C1 = CallId("c1")
WAIT = Prompt("please_wait")
ASK = Lookup(
    "ask",
    "tickets",
    "known",
    "agent",
    (("afm", "afm"), ("phone", "caller"), ("to", "dialled"), ("lang", "language"), ("topic", "topic")),
    (("ticket", "state"), ("since", "since")),
    (WAIT,),
    within_s=4.0,
)


def hand(ask: Lookup = ASK) -> Hand:
    known = Branch("known", (Case(When(variables=(("ticket", ("open",)),)), "bye"),), "agent")
    nodes: dict[str, Node] = {node.id: node for node in (ask, known, Enqueue("agent"), Goodbye("bye", HELLO))}
    sets = (("afm", "123456783"),)
    tree = replace(menus(), nodes=nodes, entries={"1555": Entry("1555", "ask", sets)})
    hand = Hand(Line(settings(menu=tree))).open()
    hand.call("c1", "1555", "+306941234567")
    return hand


def answer(hand: Hand, state: str, number: int = 1) -> list[object]:
    return list(hand.do(e.LookedUp(C1, number, (Named("state", state), Named("more", "x"))), 0.5))


def test_the_service_is_told_what_the_node_says_while_the_caller_hears_it() -> None:
    line = hand()
    asked = one(c.Lookup, line.out)
    assert (asked.call, asked.number, asked.name, asked.wanted) == (C1, 1, "tickets", ("state", "since"))
    assert asked.send == (
        Named("afm", "123456783"), Named("phone", "6941234567"), Named("to", "1555"), Named("lang", "el"),
        Named("topic", ""),
    )  # fmt: skip
    assert one(c.Play, line.out).prompts == (WAIT,)
    assert one(c.Music, line.heard("c1")).music == "default"
    assert "123456783" not in repr(asked)


def test_without_prompts_there_is_music_at_once() -> None:
    line = hand(replace(ASK, prompts=()))
    assert only(c.Play, line.out) == [] and one(c.Music, line.out)


@pytest.mark.parametrize(("state", "node"), [("open", "bye"), ("closed", "agent"), ("", "agent")])
def test_a_branch_looks_at_the_answer(state: str, node: str) -> None:
    line = hand()
    out = answer(line, state)
    assert one(f.LookupEnded, out) == f.LookupEnded(C1, "ask", "tickets", "", 0.5)
    assert only(f.NodeEntered, out)[-1].node == node
    assert line.line._state.calls[C1].work.known.variables == {"afm": "123456783", "ticket": state, "since": ""}


def test_a_failure_leads_elsewhere() -> None:
    out = hand().do(e.LookupFailed(C1, 1, "HTTP 500, 2 tries"), 0.5)
    assert one(f.LookupEnded, out).error == "HTTP 500, 2 tries"
    assert only(f.NodeEntered, out)[-1].node == "agent"


def test_a_service_that_says_nothing_is_not_waited_for() -> None:
    line = hand()
    line.wait(3.9)
    assert not line.all(f.LookupEnded)
    line.do(e.KeyPressed(C1, "1"))
    line.wait(0.1)
    assert one(f.LookupEnded, line.out).error == "no answer in time"
    assert line.all(f.NodeEntered)[-1].node == "agent"
    assert answer(line, "open") == [], "late answers are no news, and no oddity"


def test_an_older_questions_answer_is_not_taken_for_this_ones() -> None:
    line = hand()
    line.do(e.CallerBack(C1))
    assert [asked.number for asked in line.all(c.Lookup)] == [1, 2]
    assert answer(line, "open", 1) == []
    assert only(f.NodeEntered, answer(line, "open", 2))[-1].node == "bye"


def test_what_cannot_be_asked_is_a_failure() -> None:
    out = hand().do(e.CommandFailed("Lookup", C1, None, "no lookup tickets in site.yaml"))
    assert one(f.CommandLost, out).done == "went on without an answer"
    assert only(f.NodeEntered, out)[-1].node == "agent"


def test_a_caller_who_hangs_up_meanwhile_is_gone() -> None:
    line = hand()
    assert one(f.CallEnded, line.do(e.CallerLeft(C1)))
    line.wait(10.0)
    assert not line.all(f.LookupEnded) and line.line.next_deadline() is None


def test_an_answer_survives_the_journal_and_a_restart() -> None:
    line = hand()
    again = line.again()
    event = e.LookedUp(C1, 1, (Named("state", "open"),))
    assert again.handle(event, line.now) == line.line.handle(event, line.now)


# --- the YAML ---------------------------------------------------------------------------------------------------------

TREE = """\
nodes:
  a: {type: lookup, lookup: tickets, send: {phone: caller}, values: {ticket: state}, prompts: [wait], next: bye,
      otherwise: bye, within_s: 5}
  bye: {type: goodbye}
"""


def test_a_lookup_of_the_files(tmp_path: Path) -> None:
    tree = loader.load(written(tmp_path, "m.yaml", TREE), schema_menus.MenusFile)
    assert tree.model and not tree.problems
    node = tree.model.nodes["a"].node("a", {})
    send, values = (("phone", "caller"),), (("ticket", "state"),)
    assert node == Lookup("a", "tickets", "bye", "bye", send, values, (Prompt("wait"),), 5.0)
    assert list(edges(node)) == [("a", "bye", "answered"), ("a", "bye", "otherwise")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{ticket: state}", "{caller: state}", "expected a name other than caller, dialled, language, topic, role"),
        ("within_s: 5", "within_s: 60", "found 60, expected at most 30.0"),
        ("lookup: tickets", "lookup: http://x", "expected a name of small letters, digits and _"),
    ],
)
def test_lookups_that_cannot_be_read(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert any(expected in told for told in complaints(tmp_path, TREE.replace(old, new, 1)))


def test_lookups_that_make_no_sense() -> None:
    ask = Lookup("hello", "ticket", "ask", "ask", (("afm", "amf"),), (("ticket", "state"),), HELLO)
    found = check(replace(with_node(ask), lookups=("tickets",)))
    assert [(finding.keys[2:], finding.found) for finding in found] == [
        (("lookup",), "unknown lookup 'ticket'"),
        (("send", "afm"), "variable 'amf', which nothing sets"),
    ]
    right = replace(ask, lookup="tickets", send=(("ticket", "ticket"), ("phone", "caller")))
    assert check(replace(with_node(right), lookups=("tickets",))) == check(GOOD) == []
