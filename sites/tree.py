"""The tree of nodes as a whole: loops, ends of fragments, what is not always there, what may follow a conversation.

Knows the model alone. ``TreeFinding`` names a place by the keys of its file, what was found there and what was
expected.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ivr import Menus, NodeId
from ivr.nodes import FOLLOW_CALLS, NODES
from ivr.references import Keys, RefKind, led_on, references, ways_on

from .nodes import TYPES
from .rings import rings

LINE, MENUS = "line.yaml", "menus.yaml"


class TreeFinding(NamedTuple):
    """Something wrong at ``keys``."""

    keys: Keys
    found: str
    expected: str


def loops(menus: Menus) -> Iterator[TreeFinding]:
    """Find rings of nodes that go on by themselves: a caller who does nothing would hear them for ever.

    A menu ends at an agent, unless its ``silence`` leads back: that is never counted as a miss.
    """
    ways = {node.id: [name for name in led_on(node) if name in menus.nodes] for node in menus.nodes.values()}
    for start, *others in rings(menus.nodes, ways.__getitem__):
        shown = others if len(others) < 10 else [*others[:8], "..."]
        found = f"a loop without exit: {' -> '.join((start, *shown, start))}"
        yield TreeFinding(("nodes", start), found, "a menu that asks again, a queue or an end on the way")


def come_and_go(menus: Menus) -> Iterator[TreeFinding]:
    """Check what is not always there: it needs a fallback for ways that are no choices."""
    for keys, file, goto in _led(menus):
        goal = menus.nodes.get(goto)
        if goal is not None and goal.validity is not None and goal.fallback is None:
            here: Keys = ("nodes", goal.id, "instead")
            found = f"nothing, while {file} leads here at any time ({'.'.join(map(str, keys))})"
            yield TreeFinding(here, found, "the node to go to when this one is not there")


def _led(menus: Menus) -> Iterator[tuple[Keys, str, NodeId]]:
    """List every way that is no choice of a menu: it cannot be left out."""
    for number, entry in menus.entries.items():
        yield ("numbers", number, "start"), LINE, entry.start
    if menus.after_call is not None:
        yield ("after_call",), LINE, menus.after_call
    for node in menus.nodes.values():
        for ref in references(node):
            if ref.kind is RefKind.NODE and ref.keys[0] != "choices":
                yield ("nodes", node.id, *ref.keys), MENUS, ref.name


def returns(menus: Menus) -> Iterator[TreeFinding]:
    """Find returns that callers reach outside any fragment."""
    nodes, reached, waiting = menus.nodes, set[NodeId](), starts(menus)
    while waiting:
        name = waiting.pop()
        node = nodes.get(name)
        if node is None or name in reached:
            continue
        reached.add(name)
        ways = list(node.ways())
        if any(way.returns for way in ways):
            expected = "ways that lead here from within a fragment only"
            yield TreeFinding(("nodes", name), "an end of a fragment that callers reach who are in none", expected)
        within = {way.goto for way in ways if way.back is not None}
        waiting += [name for name in ways_on(node) if name not in within]


def after_call(menus: Menus) -> Iterator[TreeFinding]:
    """Check what follows a conversation: questions and announcements, but no second wait and no endless loop."""
    reached = set(filter(None, [menus.after_call]))
    waiting = list(reached)
    while waiting:
        node = menus.nodes.get(waiting.pop())
        if node is None:
            continue
        if not isinstance(node, FOLLOW_CALLS):
            found = f"{node.id!r}, which is nothing for after a call"
            yield TreeFinding(("after_call",), found, f"a way of nodes of type {', '.join(_after_call_types())}")
            continue
        new = [name for name in ways_on(node) if name not in reached]
        reached.update(new)
        waiting += new


def _after_call_types() -> list[str]:
    """List the types of nodes that may follow a conversation; a fragment might lead anywhere."""
    return [kind for model in NODES if model in FOLLOW_CALLS for kind, part in TYPES.items() if part.MODEL is model]


def starts(menus: Menus) -> list[NodeId]:
    """List the nodes where callers start."""
    starts = [entry.start for entry in menus.entries.values()]
    return starts if menus.after_call is None else [*starts, menus.after_call]
