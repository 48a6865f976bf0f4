"""Menus as chance makes them: the checker finds a loop exactly where a silent caller would never come out."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from calls import CallId
from calls.commands import Prompt
from ivr import ALL_KEYS, Choice, DialOut, Enqueue, Entry, Goodbye, Input, Menu, Menus, Node, Say, Session, WalkState
from sites.checker import check
from tests.sites.test_checker import GOOD, MENUS

HELLO = (Prompt("hello"),)
MOST = 12
names = st.integers(0, MOST - 1).map("n{}".format)
choices = st.builds(Choice, st.just("choice"), names)


@st.composite
def nodes(draw: st.DrawFn, name: str) -> Node:
    match draw(st.integers(0, 5)):
        case 0 | 1:
            return Say(name, HELLO, draw(names))
        case 2:
            return DialOut(name, "15900", draw(names))
        case 3:
            return Goodbye(name)
        case 4:
            return Enqueue(name)
    ways = draw(st.dictionaries(st.sampled_from("1234"), choices, min_size=1))
    return Menu(name, HELLO, ways, tries=draw(st.integers(1, 3)), silence=draw(st.none() | choices))


trees = st.tuples(*(nodes(f"n{n}") for n in range(MOST))).map(
    lambda made: replace(
        MENUS,
        nodes={node.id: node for node in made},
        entries={f"10{n}": Entry(f"10{n}", f"n{n}") for n in range(MOST)},
    )
)


def ends(menus: Menus, entry: Entry, keys: str = "") -> bool:
    """Tell whether a caller comes out who presses these keys, one whenever they may, and then nothing any more."""
    session, _ = Session.begin(CallId("c1"), menus, entry)
    pressed = iter(keys)
    for _ in range(len(keys) + MOST * 20):
        if session.state is WalkState.DONE:
            return True
        key = next(pressed, "")
        if key and session.feed(Input.KEY, key) is not None:
            continue
        for happened in (Input.SILENCE, Input.NOT_ANSWERED, Input.PROMPT_ENDED):
            if session.feed(happened) is not None:
                break
    return False


@given(trees)
@settings(max_examples=150)
def test_a_loop_is_found_exactly_where_a_silent_caller_stays(menus: Menus) -> None:
    loops = [finding for finding in check(replace(GOOD, menus=menus)) if "loop" in finding.found]
    assert all(ends(menus, entry) for entry in menus.entries.values()) is (loops == [])


@given(trees, st.text(ALL_KEYS, max_size=30))
@settings(max_examples=150)
def test_without_a_loop_every_caller_comes_out(menus: Menus, keys: str) -> None:
    if not any("loop" in finding.found for finding in check(replace(GOOD, menus=menus))):
        assert all(ends(menus, entry, keys) for entry in menus.entries.values())
