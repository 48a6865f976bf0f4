"""Branches: each condition alone, cases in their order, and what the YAML may say of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from calls import Attribute, CallId, QueueId
from calls import facts as f
from ivr import (
    Branch,
    Case,
    Enqueue,
    Entry,
    Fixed,
    Goodbye,
    Hours,
    JoinQueue,
    Leave,
    Menus,
    Node,
    QueueLook,
    QueueState,
    Session,
    Validity,
    When,
)
from ivr.conditions import CallerContext, holds
from ivr.graph import edges
from sites import Finding, loader, schema_line, schema_menus
from sites.checker import check
from tests.line import menus
from tests.sites.test_checker import with_node
from tests.sites.test_loader import complaints, written

NOON = datetime(2026, 11, 26, 12)
OFFICE = Hours(week=(((480, 960),),) * 7)
CLOSED = Hours()
BUSY = QueueLook(True, 5, 2, 300.0)
PAY = QueueId("pay")

CONDITIONS: list[tuple[When, Fixed, bool]] = [
    (When(), Fixed(), True),
    (When(callers=("69########", "21########")), Fixed(ani="+306941234567"), True),
    (When(callers=("69########",)), Fixed(ani="2101234567"), False),
    (When(callers=("69########",)), Fixed(), False),
    (When(anonymous=True), Fixed(), True),
    (When(anonymous=True), Fixed(ani="2101234567"), False),
    (When(anonymous=False), Fixed(ani="2101234567"), True),
    (When(dialled=("11320",)), Fixed(dnis="11320"), True),
    (When(dialled=("11320",)), Fixed(dnis="1555"), False),
    (When(attributes=((Attribute.LANGUAGE, ("en", "el")),)), Fixed(), True),
    (When(attributes=((Attribute.ROLE, ("insured",)),)), Fixed(), False),
    (When(variables=(("ticket", ("open",)),)), Fixed(), True),
    (When(variables=(("ticket", ("closed",)),)), Fixed(), False),
    (When(variables=(("other", ("", "x")),)), Fixed(), True),
    (When(validity=Validity(hours="office")), Fixed(NOON), True),
    (When(validity=Validity(hours="never")), Fixed(NOON), False),
    (When(closed="never"), Fixed(NOON), True),
    (When(closed="office"), Fixed(NOON), False),
    (When(validity=Validity(begins=NOON)), Fixed(NOON), True),
    (When(validity=Validity(ends=NOON)), Fixed(NOON), False),
    (When(queue=QueueState(PAY, waiting=5)), Fixed(look=BUSY), True),
    (When(queue=QueueState(PAY, waiting=6)), Fixed(look=BUSY), False),
    (When(queue=QueueState(agents_in=2, expected_wait_s=300.0)), Fixed(look=BUSY), True),
    (When(queue=QueueState(agents_in=3, expected_wait_s=300.0)), Fixed(look=BUSY), False),
    (When(queue=QueueState(expected_wait_s=1.0)), Fixed(), False),
    (When(called_within_s=3600.0), Fixed(before_s=3600.0), True),
    (When(called_within_s=3600.0), Fixed(before_s=3601.0), False),
    (When(called_within_s=3600.0), Fixed(), False),
    (When(anonymous=True, dialled=("11320",)), Fixed(dnis="1555"), False),
]


@pytest.mark.parametrize(("when", "outside", "expected"), CONDITIONS)
def test_conditions(when: When, outside: Fixed, expected: bool) -> None:
    known = CallerContext(
        {Attribute.LANGUAGE: "el"}, {"ticket": "open"}, {"office": OFFICE, "never": CLOSED}, menus().queue_for, outside
    )
    assert holds(when, known) is expected


def tree(*cases: Case, more: tuple[Branch, ...] = ()) -> Menus:
    ends: tuple[Node, ...] = (Goodbye("bye"), Enqueue("agent"))
    nodes = {node.id: node for node in (Branch("b", cases, "bye"), *more, *ends)}
    return replace(menus(), nodes=nodes, entries={"1": Entry("1", "b")})


def begin(menus: Menus) -> tuple[Session, list[object]]:
    session, acts = Session.begin(CallId("c1"), menus, menus.entries["1"], Fixed(NOON, ani="2101234567"))
    return session, list(acts)


NO, YES = When(anonymous=True), When(anonymous=False)


def test_the_first_case_that_holds_is_taken() -> None:
    sets = ((Attribute.TOPIC, "pensions"), ("asked", "yes"))
    session, acts = begin(tree(Case(NO, "bye"), Case(YES, "agent", sets), Case(YES, "bye")))
    assert acts == [JoinQueue(QueueId("pensions"))]
    assert session.known.variables == {"asked": "yes"}
    assert session.take_facts() == [
        f.NodeEntered(CallId("c1"), "b"),
        f.AttributeSet(CallId("c1"), Attribute.TOPIC, "pensions"),
        f.NodeEntered(CallId("c1"), "agent"),
    ]


def test_otherwise() -> None:
    assert begin(tree(Case(NO, "agent")))[1] == [Leave()]


def test_a_thousand_branches_in_a_row() -> None:
    row = tuple(Branch(f"b{n}", (Case(YES, f"b{n + 1}"),), "bye") for n in range(2000))
    assert begin(tree(Case(YES, "b0"), more=(*row, Branch("b2000", (Case(YES, "agent"),), "bye"))))[1] == [
        JoinQueue(QueueId("general"))
    ]


# --- the YAML ---------------------------------------------------------------------------------------------------------

LINE = """\
languages: [el]
numbers: {"1555": {start: b, sets: {variables: {came: straight}}}}
topics: {pay: pay}
operator_queue: pay
hours: {office: {}}
"""
TREE = """\
nodes:
  b:
    type: branch
    cases:
      - when:
          caller: ["69########"]
          anonymous: false
          dialled: ["1555"]
          language: [el]
          topic: [pay]
          variables: {came: [straight]}
          hours: office
          from: 2026-12-01
          until: 2026-12-24T16:00
          closed: office
          queue: {name: pay, waiting: 3, agents_in: 1, expected_wait_s: 60}
          called_within_h: 24
        goto: bye
        sets: {topic: pay, variables: {seen: "yes"}}
    otherwise: bye
  bye: {type: goodbye}
"""


def test_a_branch_of_the_files(tmp_path: Path) -> None:
    line = loader.load(written(tmp_path, "line.yaml", LINE), schema_line.LineFile)
    nodes = loader.load(written(tmp_path, "menus.yaml", TREE), schema_menus.MenusFile)
    assert line.problems == nodes.problems == ()
    assert line.model and nodes.model
    built = loader.menus(line.model, nodes.model)
    when = When(
        callers=("69########",),
        anonymous=False,
        dialled=("1555",),
        attributes=((Attribute.LANGUAGE, ("el",)), (Attribute.TOPIC, ("pay",))),
        variables=(("came", ("straight",)),),
        validity=Validity(datetime(2026, 12, 1), datetime(2026, 12, 24, 16), "office"),
        closed="office",
        queue=QueueState(PAY, 3, 1, 60.0),
        called_within_s=86_400.0,
    )
    sets = ((Attribute.TOPIC, "pay"), ("seen", "yes"))
    assert built.nodes["b"] == Branch("b", (Case(when, "bye", sets),), "bye")
    assert built.remembers
    assert list(edges(built.nodes["b"])) == [("b", "bye", "case 1"), ("b", "bye", "otherwise")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{when: {}, goto: bye}", "nodes.b.cases.0.when: found no condition, expected one of "),
        ("{when: {caller: []}, goto: bye}", "nodes.b.cases.0.when: found no condition, expected one of "),
        ("{when: {queue: {name: pay}}, goto: bye}", "nodes.b.cases.0.when.queue: found no condition, expected one of waiting, agents_in, expected_wait_s"),  # noqa: E501
        ("{goto: bye}", "nodes.b.cases.0.when: found nothing, expected this key"),
        ("{when: {anonymous: true}, goto: bye, sets: {variables: {topic: x}}}", "expected a name other than caller, dialled, language, topic, role"),  # noqa: E501
        ("{when: {anonimous: true}, goto: bye}", "nodes.b.cases.0.when.anonimous: found an unknown key, expected one of caller, anonymous, "),  # noqa: E501
    ],
)  # fmt: skip
def test_branches_that_cannot_be_read(tmp_path: Path, text: str, expected: str) -> None:
    tree = f"nodes:\n  b: {{type: branch, cases: [{text}], otherwise: bye}}\n  bye: {{type: goodbye}}\n"
    assert any(expected in told for told in complaints(tmp_path, tree))


def one_case(when: When, goto: str = "bye") -> Branch:
    return Branch("hello", (Case(when, goto),), "ask")


@pytest.mark.parametrize(
    ("branch", "keys", "found"),
    [
        (one_case(YES, "by"), ("goto",), "unknown node 'by'"),
        (one_case(When(dialled=("99",))), ("when", "dialled", 0), "unknown number '99'"),
        (one_case(When(attributes=((Attribute.TOPIC, ("py",)),))), ("when", "topic"), "unknown topic 'py'"),
        (one_case(When(variables=(("x", ("1",)),))), ("when", "variables", "x"), "variable 'x', which nothing sets"),
        (one_case(When(closed="ofice")), ("when", "closed"), "unknown hours 'ofice'"),
        (one_case(When(queue=QueueState(QueueId("py"), 1))), ("when", "queue", "name"), "unknown queue 'py'"),
    ],
)
def test_branches_that_make_no_sense(branch: Branch, keys: tuple[str | int, ...], found: str) -> None:
    (finding,) = check(with_node(branch))
    assert (finding.keys, finding.found) == (("nodes", "hello", "cases", 0, *keys), found)


def test_a_branch_that_leads_back_to_itself_is_a_loop() -> None:
    ring = with_node(Branch("hello", (Case(YES, "again"),), "ask"), Branch("again", (Case(YES, "hello"),), "ask"))
    assert Finding(
        "menus.yaml",
        ("nodes", "again"),
        "a loop without exit: again -> hello -> again",
        "a menu that asks again, a queue or an end on the way",
    ) in check(ring)
