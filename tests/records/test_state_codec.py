"""Values as plain data and back by their annotations, and the erasure of a number in what was written."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from math import inf
from pathlib import Path
from typing import Any, NamedTuple, NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import CallId, ContractError
from records import Journal, StateCodec
from records.erasure import Others, erase
from records.person import Person, new_token
from records.state_codec import MAGIC

Name = NewType("Name", str)
Other = NewType("Other", str)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Size(IntEnum):
    SMALL = 1


class Point(NamedTuple):
    x: float
    label: str = ""


@dataclass
class Leaf:
    count: int = 0
    colour: Colour = Colour.RED


@dataclass(eq=False)
class Wire:
    volts: float


@dataclass
class Tree:
    name: Name | Other
    leaves: dict[Name, Leaf] = field(default_factory=dict)
    point: Point | None = None
    pair: tuple[Size, str] | None = None
    points: tuple[Point, ...] = ()
    colours: set[Colour] = field(default_factory=set)
    frozen: frozenset[str] = frozenset()
    newest: deque[float] = field(default_factory=lambda: deque(maxlen=3))
    levels: Mapping[str, int] = field(default_factory=dict)
    by_time: dict[float, list[Leaf]] = field(default_factory=dict)
    due: float = inf
    wire: Wire | None = None


CODEC = StateCodec(Tree, {}, {(Tree, "wire"): lambda: None})
TEXT = st.text(st.characters(codec="utf-8"))
LEAVES = st.builds(Leaf, st.integers(-(2**60), 2**60), st.sampled_from(Colour))
POINTS = st.builds(Point, st.floats(allow_nan=False), TEXT)
TREES = st.builds(
    Tree,
    TEXT,
    st.dictionaries(TEXT, LEAVES),
    st.none() | POINTS,
    st.none() | st.tuples(st.sampled_from(Size), TEXT),
    st.lists(POINTS).map(tuple),
    st.sets(st.sampled_from(Colour)),
    st.frozensets(TEXT),
    st.lists(st.floats(allow_nan=False)).map(lambda values: deque(values, 3)),
    st.dictionaries(TEXT, st.integers(0, 9)),
    st.dictionaries(st.floats(allow_nan=False), st.lists(LEAVES)),
    st.floats(allow_nan=False),
)


@given(TREES)
def test_what_is_written_is_read(tree: Tree) -> None:
    found = CODEC.decode(CODEC.encode(tree, "1"))
    assert found.state == tree and found.by == "1" and found.ignored == ()
    assert found.state.newest.maxlen == 3 and type(found.state.points) is tuple
    assert all(type(point) is Point for point in found.state.points)
    assert CODEC.encode(found.state, "1") == CODEC.encode(tree, "1")


def test_what_is_wired_is_not_written() -> None:
    wired = CODEC.encode(Tree(Name("a"), wire=Wire(1.5)), "1")
    assert wired == CODEC.encode(Tree(Name("a")), "1") and CODEC.decode(wired).state.wire is None


class Road:
    """A plain class, as the engine's state has them: ``length_m`` is worked out, ``lanes`` has a default."""

    begin: Point
    end: Point
    lanes: int = 1
    names: dict[str, Colour]

    def __init__(self, begin: Point, end: Point, names: dict[str, Colour]) -> None:
        self.begin, self.end, self.names = begin, end, names
        self.length_m: float = abs(end.x - begin.x)


def test_a_plain_class_keeps_what_its_body_declares() -> None:
    codec = StateCodec(Road, {}, {})
    road = Road(Point(1.0), Point(4.0, "there"), {"a": Colour.BLUE})
    road.lanes, road.length_m = 3, 0.0
    data = codec.encode(road, "1")
    assert b"length_m" not in data
    again = codec.decode(data).state
    assert (again.begin, again.end, again.lanes, again.names) == (road.begin, road.end, 3, road.names)
    assert again.length_m == 3.0


def test_a_lone_surrogate_from_outside_does_not_stop_the_line() -> None:
    tree = Tree(Name("a\udc80"), {Name("b\ud800"): Leaf(7)})
    assert CODEC.decode(CODEC.encode(tree, "1")).state == Tree(Name("a?"), {Name("b?"): Leaf(7)})


@dataclass
class Odd:
    what: Any


@pytest.mark.parametrize("hint", [object, Leaf | Point, dict[Point, int]])
def test_an_annotation_that_says_nothing_is_refused_at_once(hint: Any) -> None:
    with pytest.raises(TypeError, match="written"):
        StateCodec(hint, {}, {})
    with pytest.raises(TypeError, match="written"):
        StateCodec(Odd, {}, {})


def test_a_newer_format_is_refused_in_words() -> None:
    newer = StateCodec(Tree, {1: dict, 2: dict}, {(Tree, "wire"): lambda: None}).encode(Tree(Name("a")), "2.5")
    with pytest.raises(ContractError, match=r"format 3, written by version 2\.5: this version reads up to 1"):
        CODEC.decode(newer)


@pytest.mark.parametrize("data", [b"", b"\x80\x05N.", MAGIC, MAGIC + b"\x81", MAGIC + b"\x01", MAGIC + b"\x80"])
def test_what_is_no_state_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(ContractError, match="state"):
        CODEC.decode(data)


NUMBER = "6941234567"
PADDINGS = ("", "x" * 21, "x" * 38, "x" * 45, "x" * 300)
"""So that the length of the text looks like a digit, too."""


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("before", ["", "+30", "0030", "sip:"])
def test_a_number_in_a_checkpoint_becomes_its_token(tmp_path: Path, padding: str, before: str) -> None:
    """As a value, as a key, at either end of a longer text; and the numbers of others stay, as figures do."""
    person, token, path = Person.of(NUMBER), new_token(NUMBER), tmp_path / "journal.db"
    said = f"{before}{NUMBER}{padding}"
    tree = Tree(
        Name(said),
        {Name(said): Leaf(int(NUMBER)), Name(NUMBER): Leaf(48), Name("1" + NUMBER): Leaf(5)},
        Point(float(NUMBER), said),
        (Size.SMALL, NUMBER),
        newest=deque([49.0, 6.941234567e9], 3),
    )
    with Journal(path) as journal:
        journal.checkpoint(1.0, CODEC.encode(tree, "1"), "1")
        erase(path, person, [CallId("c1")], token, Others(lambda kind, length: "0" * length))
        state = journal.restore().checkpoint
    assert state is not None
    found, erased = CODEC.decode(state).state, said.replace(NUMBER, token)
    leaves = {Name(erased): Leaf(int(NUMBER)), Name(token): Leaf(48), Name("1" + NUMBER): Leaf(5)}
    assert found == Tree(Name(erased), leaves, Point(float(NUMBER), erased), (Size.SMALL, token), newest=tree.newest)
    with closing(sqlite3.connect(path)) as db:
        kept = db.execute("SELECT state FROM checkpoint").fetchone()[0]
    assert NUMBER.encode() not in kept.replace(b"1" + NUMBER.encode(), b"")
