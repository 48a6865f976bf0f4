"""Menus that are right and tedious."""

from __future__ import annotations

from dataclasses import replace

from calls.commands import Prompt
from ivr import Choice, DialOut, Enqueue, Entry, Menu, Menus, Node, Say
from sites import Finding
from sites.advice import advise
from tests.sites.test_checker import MENUS


def asking(name: str, *ways: str) -> Menu:
    return Menu(name, (Prompt("hello"),), {str(key): Choice(way, way) for key, way in enumerate(ways, 1)})


def tree(*nodes: Node, **entries: str) -> Menus:
    starts = {number: Entry(number, start) for number, start in entries.items()}
    return replace(MENUS, nodes={node.id: node for node in (*nodes, Enqueue("end"))}, entries=starts)


def said(menus: Menus) -> list[tuple[object, ...]]:
    return [(*finding.keys, finding.found) for finding in advise(menus)]


def test_five_choices_are_enough() -> None:
    assert said(tree(asking("a", *["end"] * 5), n="a")) == []
    assert advise(tree(asking("a", *["end"] * 6), n="a")) == [
        Finding("menus.yaml", ("nodes", "a", "choices"), "6 choices", "at most 5, for a caller to remember")
    ]


def test_the_way_to_a_confidential_number_is_no_choice_to_remember() -> None:
    sos = DialOut("sos", "15900", "end", confidential=True)
    assert said(tree(asking("a", *["end"] * 5, "sos"), sos, n="a")) == []
    assert said(tree(asking("a", *["end"] * 5, "sos"), replace(sos, confidential=False), n="a")) != []


def test_four_questions_are_enough_and_only_the_first_too_many_is_told() -> None:
    four = [asking(f"q{n}", f"q{n + 1}") for n in range(1, 4)]
    assert said(tree(*four, asking("q4", "end"), n="q1")) == []
    more = [*four, asking("q4", "q5"), asking("q5", "q6"), asking("q6", "end")]
    assert said(tree(*more, n="q1")) == [("nodes", "q5", "question 5 of a caller who knows the way")]


def test_the_shortest_way_counts_and_announcements_do_not() -> None:
    nodes = [asking(f"q{n}", f"q{n + 1}") for n in range(1, 5)]
    last = (Say("s", (Prompt("hello"),), "q5"), asking("q5", "end"))
    assert said(tree(*nodes, *last, n="q1")) != []
    assert said(tree(*nodes, *last, n="q1", m="s")) == []


def test_a_way_back_costs_nothing() -> None:
    assert said(tree(asking("a", "b"), asking("b", "a", "s"), Say("s", (Prompt("hello"),), "a"), n="a")) == []
