"""Advice about menus that callers would find tedious: no errors, and the line runs all the same.

The limits are house rules: a caller hears a list once and keeps about five things of it in mind, and whoever has
answered four questions wants a person.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ivr import Choice, Menu, Menus, NodeId
from ivr.references import ways_on

from .findings import MENUS, Finding

MOST_CHOICES = 5
DEEPEST = 4


def advise(menus: Menus) -> list[Finding]:
    """Find menus that are too long or too deep, in the order of the file."""
    return [*_long(menus), *_deep(menus)]


def _long(menus: Menus) -> Iterator[Finding]:
    for node in menus.nodes.values():
        choices = node.choices.values() if isinstance(node, Menu) else ()
        count = sum(_weighed(menus, choice) for choice in choices)
        if count > MOST_CHOICES:
            here = ("nodes", node.id, "choices")
            yield Finding(MENUS, here, f"{count} choices", f"at most {MOST_CHOICES}, for a caller to remember")


def _weighed(menus: Menus, choice: Choice) -> bool:
    """Tell whether callers compare the choice with the others. A way to a confidential number is for emergencies:
    callers who need it know it at once, others ignore it."""
    goal = menus.nodes.get(choice.goto)
    return goal is None or not goal.is_confidential


def _deep(menus: Menus) -> Iterator[Finding]:
    """Find the first menu that is too deep on each way; those behind it have the same cause."""
    for name, depth in _depths(menus).items():
        if depth == DEEPEST + 1 and isinstance(menus.nodes[name], Menu):
            found = f"question {depth} of a caller who knows the way"
            yield Finding(MENUS, ("nodes", name), found, f"an end after at most {DEEPEST} questions")


def _depths(menus: Menus) -> dict[NodeId, int]:
    """Count the menus on the shortest way to each node, itself included."""
    depths: dict[NodeId, int] = {}
    waiting = deque((entry.start, 0) for entry in menus.entries.values())
    while waiting:
        name, before = waiting.popleft()
        asks = isinstance(menus.nodes[name], Menu)
        if depths.get(name, before + asks + 1) <= before + asks:
            continue
        depths[name] = before + asks
        following = [(way, before + asks) for way in ways_on(menus.nodes[name])]
        # A node that asks nothing has no cost: visit its followers first, so that every depth is the least.
        (waiting.extend if asks else waiting.extendleft)(following)
    return depths
