"""What is not always there: choices, nodes, topics; from the YAML through the checker to what a caller hears."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from calls import CallId, QueueId
from calls.commands import Prompt
from ivr import (
    Acts,
    Choice,
    Enqueue,
    Entry,
    Fixed,
    Goodbye,
    Hours,
    Input,
    JoinQueue,
    Leave,
    Menu,
    Menus,
    Node,
    QueueLook,
    Session,
    Speak,
    Validity,
)
from sites import Finding, loader, schema_line, schema_menus
from sites.checker import check
from sites.findings import CheckInput, QueueRules
from tests.line import menus
from tests.sites.test_checker import GOOD, HELLO, MENUS, with_menus, with_rules
from tests.sites.test_loader import complaints, written

C1 = CallId("c1")
DECEMBER = Validity(begins=datetime(2026, 12, 1))
BEFORE, AFTER = datetime(2026, 11, 30, 23, 59), datetime(2026, 12, 1)
NEW, OLD = Prompt("new"), Prompt("old")


def tree(*nodes: Node, **more: object) -> Menus:
    named = {node.id: node for node in nodes}
    return replace(menus(), nodes=named, entries={"1": Entry("1", nodes[0].id)}, **more)  # type: ignore[arg-type]


def begin(tree: Menus, at: datetime, look: QueueLook | None = None) -> tuple[Session, Acts]:
    return Session.begin(C1, tree, tree.entries["1"], Fixed(at, look=look or QueueLook()))


ASK = Menu(
    "m", (Prompt("ask"),), {"1": Choice("old", "bye", prompts=(OLD,)), "2": Choice("new", "soon", prompts=(NEW,))}
)
SOON = Goodbye("soon", HELLO, validity=DECEMBER)
BYE = Goodbye("bye")


@pytest.mark.parametrize(
    "ask", [ASK, replace(ASK, choices={**ASK.choices, "2": replace(ASK.choices["2"], validity=DECEMBER)})]
)
def test_a_choice_that_is_not_there_yet_is_neither_said_nor_taken(ask: Menu) -> None:
    nodes = tree(ask, SOON if ask is ASK else replace(SOON, validity=None), BYE)
    session, acts = begin(nodes, BEFORE)
    assert acts == [Speak((Prompt("ask"), OLD))]
    assert session.feed(Input.KEY, "2") == [Speak((Prompt("common.invalid"), Prompt("ask"), OLD))]
    assert session.feed(Input.KEY, "1") == [Leave()]
    session, acts = begin(nodes, AFTER)
    assert acts == [Speak((Prompt("ask"), OLD, NEW))]
    assert session.feed(Input.KEY, "2") == [Speak(HELLO)]


@pytest.mark.parametrize("begins_s", [0, 30])
def test_a_choice_comes_at_the_very_second_it_is_said_to(begins_s: int) -> None:
    """One tree for all callers, as on the line: what is remembered of a minute must not hide what comes within it."""
    december = Validity(begins=datetime(2026, 12, 1, 0, 0, begins_s))
    nodes = tree(ASK, replace(SOON, validity=december), BYE)
    assert nodes.in_whole_minutes is (begins_s == 0)
    for second in range(-61, 62):
        at = AFTER + timedelta(seconds=second)
        session, _ = begin(nodes, at)
        assert session.hidden == (frozenset() if second >= begins_s else {"2"}), at


def test_what_was_said_is_taken_although_its_time_ends_meanwhile() -> None:
    session, _ = begin(tree(ASK, SOON, BYE), AFTER)
    session.outside = Fixed(BEFORE)
    assert session.feed(Input.KEY, "2") == [Speak(HELLO)]


def test_a_node_that_is_not_there_leads_elsewhere() -> None:
    way = tree(
        Goodbye("a", (NEW,), validity=DECEMBER, fallback="b"),
        Goodbye("b", validity=DECEMBER, fallback="c"),
        Goodbye("c", HELLO),
    )
    assert begin(way, BEFORE)[1] == [Speak(HELLO)]
    assert begin(way, AFTER)[1] == [Speak((NEW,))]


@pytest.mark.parametrize(("is_open", "acts"), [(True, [JoinQueue(QueueId("general"))]), (False, [Leave()])])
def test_a_closed_queue_has_a_way_of_its_own(is_open: bool, acts: Acts) -> None:
    assert begin(tree(Enqueue("q", closed="bye"), BYE), AFTER, QueueLook(open=is_open))[1] == acts


# --- the YAML ---------------------------------------------------------------------------------------------------------

LINE = """\
languages: [el]
numbers: {"1555": {start: m}}
topics:
  pay: pay
  tax: {queue: pay, from: 2026-12-01T07:00, until: 2026-12-24}
operator_queue: pay
hours:
  office:
    week: {mon-fri: ["08:00-13:00", "14:00-24:00"], sat: []}
    closed: [holidays, 2026-12-24]
    dates: {2026-12-31: ["08:00-12:00"]}
  always: {}
"""
TREE = """\
nodes:
  m:
    type: menu
    prompts: [ask]
    choices:
      "1": {goto: q, sets: {topic: tax}, prompts: [tax]}
      "2": {goto: q, sets: {topic: tax}, prompts: [tax], from: 2027-01-01}
      "3": {goto: q, sets: {topic: pay}}
  q: {type: queue, hours: office, instead: bye, closed: bye}
  bye: {type: goodbye}
"""


def test_times_of_the_files(tmp_path: Path) -> None:
    line = loader.load(written(tmp_path, "line.yaml", LINE), schema_line.LineFile)
    nodes = loader.load(written(tmp_path, "menus.yaml", TREE), schema_menus.MenusFile)
    assert line.problems == nodes.problems == ()
    assert line.model and nodes.model
    built = loader.menus(line.model, nodes.model)
    menu = built.nodes["m"]
    assert isinstance(menu, Menu)
    tax = Validity(datetime(2026, 12, 1, 7), datetime(2026, 12, 25))
    assert [choice.validity for choice in menu.choices.values()] == [tax, Validity(datetime(2027, 1, 1)), None]
    assert built.topics == {"pay": "pay", "tax": "pay"}
    assert built.nodes["q"] == Enqueue("q", None, closed="bye", validity=Validity(hours="office"), fallback="bye")
    workday = ((480, 780), (840, 1440))
    assert built.hours["office"] == Hours(
        (workday,) * 5 + ((), ()), True, frozenset({date(2026, 12, 24)}), {date(2026, 12, 31): ((480, 720),)}
    )
    assert built.hours["always"].open_at(datetime(2026, 12, 25, 23, 59))
    assert built.timed == {"m"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("mon-fri", "fri-mon", "found 'fri-mon', expected days in the order of the week, e.g. mon-fri"),
        ("mon-fri", "monday", "office.week.monday: found 'monday', expected days of the week: mon, or mon-fri"),
        ("08:00-13:00", "13:00-08:00", "found '13:00-08:00', expected an end after the beginning; over midnight: two spans, to 24:00 and from 00:00"),  # noqa: E501
        ("08:00-13:00", "8-13", "found '8-13', expected a span of a day in quotes: \"08:00-16:00\""),
        ("2026-12-24]", "2026-02-30]", "found '2026-02-30', expected a day that the calendar has, e.g. 2026-12-24"),
        ("T07:00", "T25:00", "found '2026-12-01T25:00', expected a time that the calendar has, e.g. 2026-12-01T07:00"),
        ("from: 2026-12-01T07:00", "from: tomorrow", "found 'tomorrow', expected a day, or a local time such as 2026-12-01T07:00"),  # noqa: E501
    ],
)  # fmt: skip
def test_times_that_cannot_be_read(tmp_path: Path, old: str, new: str, expected: str) -> None:
    (problem,) = complaints(tmp_path, LINE.replace(old, new, 1), schema_line.LineFile)
    assert expected in problem


TIMED = replace(MENUS.nodes["bye"], validity=DECEMBER)
NO_PROMPTS = "prompts of its own: the choice is not always there"


def subject(*nodes: Node, **more: object) -> CheckInput:
    return with_menus(nodes={**MENUS.nodes, **{node.id: node for node in nodes}}, **more)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (
            subject(TIMED),
            Finding("menus.yaml", ("nodes", "ask", "choices", "3", "prompts"), "nothing", NO_PROMPTS),
        ),
        (
            subject(replace(MENUS.nodes["agent"], validity=Validity(hours="ofice"), fallback="bye"),
            hours={"office": Hours()}),
            Finding("menus.yaml", ("nodes", "agent", "hours"), "unknown hours 'ofice'", "one of office (line.yaml)"),
        ),
        (
            subject(replace(MENUS.nodes["hello"], validity=DECEMBER)),
            Finding(
                "menus.yaml",
                ("nodes", "hello", "instead"),
                "nothing, while line.yaml leads here at any time (numbers.1555.start)",
                "the node to go to when this one is not there",
            ),
        ),
        (
            subject(replace(MENUS.nodes["bye"], fallback="by")),
            Finding(
                "menus.yaml", ("nodes", "bye", "instead"), "unknown node 'by'", "one of bye, agent, ask, hello, sos"
            ),
        ),
        (
            subject(replace(MENUS.nodes["bye"], fallback="bye")),
            Finding(
                "menus.yaml",
                ("nodes", "bye"),
                "a loop without exit: bye -> bye",
                "a menu that asks again, a queue or an end on the way",
            ),
        ),
        (
            replace(with_rules(QueueRules(hours="office")), menus=replace(MENUS, hours={"office": Hours()})),
            Finding(
                "queues.yaml",
                ("queues", "pay", "overflow"),
                "no rule for closed, while it has hours",
                "where callers go then: {when: closed, ...}",
            ),
        ),
        (
            with_rules(QueueRules(hours="office", closes=True)),
            Finding("queues.yaml", ("queues", "pay", "hours"), "unknown hours 'office'", "nothing here (line.yaml)"),
        ),
    ],
)  # fmt: skip
def test_times_that_make_no_sense(given: CheckInput, found: Finding) -> None:
    assert found in check(given)


def test_times_that_make_sense() -> None:
    ask = MENUS.nodes["ask"]
    assert isinstance(ask, Menu)
    said = replace(ask, choices={**ask.choices, "3": replace(ask.choices["3"], prompts=HELLO)})
    assert check(subject(TIMED, said)) == []
    agent = replace(MENUS.nodes["agent"], validity=Validity(hours="office"), fallback="bye")
    hours = subject(agent, hours={"office": Hours()})
    assert [finding.keys[-2] for finding in check(hours)] == ["1"], "a choice leads there as well"
    assert check(GOOD) == []
