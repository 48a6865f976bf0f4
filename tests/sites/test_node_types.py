"""Every type of node has all its parts: a file and a line here and in ``ivr/nodes``, and no other place knows types."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pytest
from pydantic import Field, create_model

from calls import Attribute, CallId
from ivr import BEEP, Choice, Enqueue, Entry, Fixed, Hours, Input, JoinQueue, Menu, Menus, Session, Speak
from ivr.graph import dot, edges
from ivr.nodes import NODES, Node, Walk
from ivr.nodes.refs import Ref
from ivr.nodes.steps import skip
from ivr.nodes.ways import AwaitAgent, HearOut, Nothing, Way
from ivr.references import RefKind, led_on, references
from ivr.walk import TABLE, Acts, Step, WalkState
from line1555.compiled import form
from simulator.model.paths import LISTEN, CallerGoal, path_for
from sites import checker, loader
from sites.nodes import TYPES, NodePart
from sites.nodes.base import NodeBase, Validities
from sites.schema import Id, Strict
from sites.schema_menus import MenusFile
from tests.line import PENSIONS, menus
from tests.sites.test_checker import with_node
from tests.sites.test_language_page import EXAMPLES, PAGE
from tests.sites.test_loader import written

ROOT = Path(__file__).resolve().parents[2]
CALL = CallId("c")
STRIKE = Fixed(banner="strike")
GOAL = CallerGoal("1", "el", "pensions")
KINDS = sorted(TYPES)
SHARED = {"__init__", "base", "refs", "steps", "stored", "ways"}
"""Files of ``nodes/`` that are no type."""


def nodes_of(folder: Path, text: str, model: type[Strict] = MenusFile) -> dict[str, Node]:
    """The nodes of a ``menus.yaml``."""
    read: Any = loader.load(written(folder, "menus.yaml", "nodes:\n" + textwrap.indent(text, "  ")), model).model
    return {name: part.node(name, {}) for name, part in read.nodes.items()}


def around(node: Node, **others: Node) -> Menus:
    """Menus that begin at the node; every way on from it leads to an agent."""
    goals = {ref.name for ref in references(node) if ref.kind is RefKind.NODE}
    nodes: dict[str, Node] = {goal: Enqueue(goal) for goal in goals} | others | {node.id: node}
    entries = {"1": Entry("1", node.id, ((Attribute.TOPIC, "pensions"),))}
    return replace(menus(), nodes=nodes, entries=entries, hours={"office": Hours()}, banners=(STRIKE.banner,))


@pytest.fixture
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Node:
    """The node of a type that the page of the language shows first."""
    kind = request.param
    text = next(text for text in EXAMPLES if re.search(rf"type: {kind}\b", text))
    named = re.search(rf"^(\w+):(?: *\{{|(?: +#.*)?\n  )type: {kind}\b", text, re.MULTILINE)
    assert named is not None, text
    return nodes_of(tmp_path, text)[named[1]]


of_each_type = pytest.mark.parametrize("example", KINDS, indirect=True)


def test_each_type_is_a_file_in_both_places_and_in_both_tables() -> None:
    models = {path.stem for path in (ROOT / "ivr" / "nodes").glob("*.py")} - SHARED
    assert {model.__module__.rpartition(".")[2] for model in NODES} == models and len(NODES) == len(models)
    forms = {path.stem.rstrip("_") for path in (ROOT / "sites" / "nodes").glob("*.py")} - SHARED - {"__init"}
    assert set(TYPES) == forms
    assert {part.MODEL for part in TYPES.values()} == set(NODES)


@pytest.mark.parametrize("kind", KINDS)
def test_it_has_a_form_a_model_an_entry_and_a_place_in_the_guide(kind: str) -> None:
    part = TYPES[kind]
    model: Any = part.MODEL
    assert "build" in vars(part)
    assert is_dataclass(part.MODEL) and model.__dataclass_params__.frozen
    assert {"names", "ways", "look"} <= vars(model).keys() and {"enter", "onward"} & vars(model).keys()
    assert f"**{kind}**" in PAGE.read_text("utf-8")


@of_each_type
def test_what_it_names_leads_somewhere_and_is_drawn(example: Node) -> None:
    tree = around(example)
    assert set(led_on(example)) <= tree.nodes.keys()
    ways = list(example.ways())
    assert {way.goto for way in ways if way.goto} <= {goal for _, goal, _ in edges(example)}
    assert dot(tree).count(example.look) >= 1


@of_each_type
def test_every_step_that_a_caller_can_bring_about_means_something(example: Node) -> None:
    """Walk on with every input that the table takes in the present state, three deep: a step without meaning raises."""
    waiting: list[tuple[tuple[Input, str], ...]] = [()]
    while waiting:
        done = waiting.pop()
        tree = around(example)
        session, _ = Session.begin(CALL, tree, tree.entries["1"], STRIKE)
        for happened, key in done:
            assert session.feed(happened, key) is not None
        if len(done) < 3 and session.node == example.id:
            keys = {happened: "15#" if happened is Input.KEY else " " for happened in TABLE[session.state]}
            waiting += [(*done, (happened, key.strip())) for happened in keys for key in keys[happened]]


@of_each_type
def test_it_goes_to_other_processes(example: Node) -> None:
    assert pickle.loads(pickle.dumps(example)) == example


@of_each_type
def test_the_simulators_callers_find_their_way_through_it(example: Node) -> None:
    ways = list(example.ways())
    path = path_for(around(example), GOAL)
    if not ways:  # the line has nothing more for them
        named = {ref.kind for ref in references(example)}
        assert path is None and (RefKind.NODE not in named or RefKind.NUMBER in named)  # a number always answers
        return
    if ways[0].returns:
        assert path is None
        return
    assert path is not None
    if any(isinstance(way.does, Nothing | AwaitAgent) for way in ways):
        assert path == ()  # the walk decides
        return
    tree = around(example)
    session, acts = Session.begin(CALL, tree, tree.entries["1"])
    for step in (*path, LISTEN):  # a message ends by itself
        for key in step or " ":
            acts = session.feed(Input.KEY if step else Input.PROMPT_ENDED, key.strip()) or acts
    assert [act for act in acts if isinstance(act, JoinQueue)] == [JoinQueue(PENSIONS)]


# --- a type of its own: nothing else need be touched ------------------------------------------------------------------


@dataclass(frozen=True)
class Chime(Node):
    """A sound so many times."""

    times: int
    next: str

    @property
    def look(self) -> str:
        return "shape=star"

    def enter(self, walk: Walk) -> Acts:
        walk.state = WalkState.SAYING
        return [Speak((BEEP,) * self.times)]

    def take(self, walk: Walk, step: Step, key: str) -> Acts | None:
        match step:
            case "proceed":
                return walk.go_to(self.next)
            case "skip":
                return skip(walk, self.next, key)
        return None

    def names(self) -> Iterator[Ref]:
        yield Ref(("next",), RefKind.NODE, self.next, by_itself=True)

    def ways(self) -> Iterator[Way]:
        yield Way(HearOut(), self.next)


class ChimePart(NodeBase):
    MODEL = Chime

    type: Literal["chime"]
    times: int
    next: Id

    def build(self, name: str, topics: Validities) -> Node:
        return Chime(name, self.times, self.next)


ANY: Any = Annotated[get_args(NodePart)[0] | ChimePart, Field(discriminator="type")]
WithChime = create_model("WithChime", __base__=Strict, nodes=(dict[str, ANY], ...))
TREE = "ding: {type: chime, times: 2, next: ask, hours: office, instead: ask}\n"


def test_a_new_type_is_read_walked_checked_drawn_and_simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if form() == "compiled":  # what is not compiled can have no compiled base: a new type is tried uncompiled
        me = f"{__file__}::{test_a_new_type_is_read_walked_checked_drawn_and_simulated.__name__}"
        plain = {**os.environ, "LINE1555_FORM": "plain"}
        subprocess.run([sys.executable, "-m", "pytest", "-q", me], cwd=ROOT, env=plain, check=True, timeout=120)
        return
    monkeypatch.setitem(TYPES, "chime", ChimePart)
    node = nodes_of(tmp_path, TREE, WithChime)["ding"]
    ask = Menu("ask", (), {"1": Choice("pensions", "agent", ((Attribute.TOPIC, "pensions"),))})
    tree = around(replace(node, validity=None), ask=ask, agent=Enqueue("agent"))
    session, acts = Session.begin(CALL, tree, tree.entries["1"], Fixed())
    assert acts == [Speak((BEEP, BEEP))]
    session.feed(Input.PROMPT_ENDED)
    assert session.node == "ask"
    assert path_for(tree, GOAL) == (LISTEN, "1")
    assert list(edges(node)) == [("ding", "ask", "not there"), ("ding", "ask", "")]
    assert "shape=star" in dot(tree)
    found = [
        (finding.keys[2:], finding.found)
        for finding in checker.check(with_node(Chime("ding", 1, "aks", validity=node.validity)))
    ]
    assert (("next",), "unknown node 'aks'") in found and (("hours",), "unknown hours 'office'") in found
