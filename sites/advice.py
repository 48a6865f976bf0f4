"""What a caller would find tedious: no mistake, and nothing that keeps a dialplan from running.

The limits are house rules: a caller hears a list once and keeps about five things of it in mind, and whoever has
answered four questions wants a person.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ivr import Choice, DialOut, Menu, Menus, NodeId
from ivr.references import ways_on

from .findings import MENUS, Finding

MOST_CHOICES = 5
DEEPEST = 4


def advise(menus: Menus) -> list[Finding]:
    """Menus that are too long or too deep, in the order of the file."""
    return [*_long(menus), *_deep(menus)]


def _long(menus: Menus) -> Iterator[Finding]:
    for node in menus.nodes.values():
        choices = node.choices.values() if isinstance(node, Menu) else ()
        count = sum(_weighed(menus, choice) for choice in choices)
        if count > MOST_CHOICES:
            here = ("nodes", node.id, "choices")
            yield Finding(MENUS, here, f"{count} choices", f"at most {MOST_CHOICES}, for a caller to remember")


def _weighed(menus: Menus, choice: Choice) -> bool:
    """Whether callers weigh it against the others. A way to a confidential number is for emergencies: who needs it
    knows at once, and nobody else keeps it in mind."""
    goal = menus.nodes.get(choice.goto)
    return not (isinstance(goal, DialOut) and goal.confidential)


def _deep(menus: Menus) -> Iterator[Finding]:
    """Only the first menu that is too deep on each way: what follows is so for the same reason."""
    for name, depth in _depths(menus).items():
        if depth == DEEPEST + 1 and isinstance(menus.nodes[name], Menu):
            found = f"question {depth} of a caller who knows his way"
            yield Finding(MENUS, ("nodes", name), found, f"an end after at most {DEEPEST} questions")


def _depths(menus: Menus) -> dict[NodeId, int]:
    """How many menus a caller has met at a node, itself included, who comes by the shortest way."""
    depths: dict[NodeId, int] = {}
    waiting = deque((entry.start, 0) for entry in menus.entries.values())
    while waiting:
        name, before = waiting.popleft()
        asks = isinstance(menus.nodes[name], Menu)
        if depths.get(name, before + asks + 1) <= before + asks:
            continue
        depths[name] = before + asks
        following = [(way, before + asks) for way in ways_on(menus.nodes[name])]
        # A node that asks nothing costs nothing: its followers come first, so that every depth is the least.
        (waiting.extend if asks else waiting.extendleft)(following)
    return depths
