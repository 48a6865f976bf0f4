"""Shared parts of the menus: in, and back to whoever sent the caller in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from calls import CallId
from calls.commands import Prompt
from ivr import (
    Acts,
    Choice,
    Entry,
    Fragment,
    Goodbye,
    Input,
    Leave,
    Menu,
    Menus,
    Node,
    Return,
    Say,
    Session,
    Speak,
)
from ivr.graph import edges
from simulator.model.paths import CallerGoal, path_for
from sites import loader, schema_menus
from sites.checker import check
from tests.line import menus
from tests.sites.test_checker import GOOD, HELLO, with_node
from tests.sites.test_loader import complaints, written

SAID = (Prompt("said"),)


def tree(*nodes: Node) -> Menus:
    own: tuple[Node, ...] = (
        Menu("ask", SAID, {"1": Choice("one", "first"), "2": Choice("two", "second")}),
        Fragment("first", "shared", "one"),
        Fragment("second", "outer", "two"),
        Fragment("outer", "shared", "back"),
        Say("shared", SAID, "back"),
        Return("back"),
        Goodbye("one", (Prompt("one"),)),
        Goodbye("two", (Prompt("two"),)),
        *nodes,
    )
    return replace(menus(), nodes={node.id: node for node in own}, entries={"1": Entry("1", "ask")})


def walk(plan: Menus, keys: str) -> tuple[Session, Acts]:
    session, acts = Session.begin(CallId("c1"), plan, plan.entries["1"])
    for key in keys:
        happened = Input.PROMPT_ENDED if key == "." else Input.KEY
        acts = session.feed(happened, "" if key == "." else key) or []
    return session, acts


@pytest.mark.parametrize(("keys", "end"), [("1.", "one"), ("2.", "two")])
def test_whoever_sent_the_caller_in_gets_him_back(keys: str, end: str) -> None:
    session, acts = walk(tree(), keys)
    assert acts == [Speak((Prompt(end),))]
    assert session.returns == []


def test_who_goes_back_into_a_fragment_comes_out_of_it_where_he_did_before() -> None:
    asks = Menu("shared", SAID, {"1": Choice("c", "back")})
    after = Menu("one", SAID, {"1": Choice("d", "two")})
    session, _ = walk(tree(asks, after), "11*")
    assert (session.node, session.returns) == ("shared", ["one"])
    session, _ = walk(tree(asks, after), "11**")
    assert (session.node, session.returns) == ("ask", [])
    session, acts = walk(tree(asks, after), "11*11")
    assert acts == [Speak((Prompt("two"),))]


def test_an_end_of_no_fragment_leads_to_an_agent() -> None:
    session, acts = walk(tree(Menu("ask", SAID, {"1": Choice("c", "back")})), "1")
    assert session.node == "back" and acts != [Leave()]


def test_fragments_without_end_are_not_remembered_for_ever() -> None:
    again = Menu("shared", SAID, {"1": Choice("c", "first")})
    session, _ = walk(tree(again), "1" * 200)
    assert len(session.returns) <= 21


def test_citizens_of_the_simulator_find_their_way() -> None:
    nodes = {**menus().nodes, "news": Fragment("news", "said", "by_topic"), "said": Say("said", SAID, "back")}
    plan = replace(menus(), nodes={**nodes, "back": Return("back")})
    assert path_for(plan, CallerGoal("1555", "el", "pensions")) == ("1", "1", "")


def test_fragments_of_the_files(tmp_path: Path) -> None:
    text = "nodes:\n  a: {type: fragment, start: b, next: b}\n  b: {type: return}\n"
    tree = loader.load(written(tmp_path, "m.yaml", text), schema_menus.MenusFile)
    assert tree.model and not tree.problems
    nodes = [part.node(name, {}) for name, part in tree.model.nodes.items()]
    assert nodes == [Fragment("a", "b", "b"), Return("b")]
    assert [way for node in nodes for way in edges(node)] == [("a", "b", "in"), ("a", "b", "then")]


def test_silence_is_always_there(tmp_path: Path) -> None:
    menu = "{type: menu, prompts: [a], choices: {}, silence: {goto: a, from: 2026-12-01, prompts: [a]}}"
    told = complaints(tmp_path, f"nodes:\n  a: {menu}\n")
    assert [line.partition(": found ")[0].split(": ")[1] for line in told] == [
        "nodes.a.silence.from", "nodes.a.silence.prompts",
    ]  # fmt: skip


def test_fragments_that_make_no_sense() -> None:
    right = with_node(Fragment("hello", "in", "ask"), Say("in", HELLO, "back"), Return("back"))
    assert check(right) == check(GOOD) == []
    (found,) = check(with_node(Goodbye("bye", HELLO, fallback="back"), Return("back")))
    assert (found.keys, found.found) == (("nodes", "back"), "an end of a fragment that callers reach who are in none")
    ring = check(with_node(Fragment("hello", "in", "ask"), Say("in", HELLO, "hello")))
    assert [finding.found for finding in ring] == ["a loop without exit: hello -> in -> hello"]
