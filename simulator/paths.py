"""How a citizen comes through the menus: what he hears and presses until he stands in the queue of his topic.

Found by walking the real menus (``ivr.Session``) breadth first, so a changed menu changes the paths by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from calls import Attribute
from ivr import Choice, DialOut, Enqueue, Entry, Goodbye, Menu, Menus, Say

LISTEN = ""
"""A step that is a prompt heard to its end; any other step is the key pressed."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a citizen wants of the menus. ``role`` empty: he takes the first that is offered."""

    number: str
    language: str
    topic: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class _Spot:
    node: str
    known: tuple[tuple[Attribute, str], ...]
    path: Path


def path_for(menus: Menus, wish: Wish) -> Path | None:
    """The shortest way; None where the menus have none. A role that no menu asks for is no hindrance."""
    exact = _search(menus, wish)
    return exact if exact is not None else _search(menus, Wish(wish.number, wish.language, wish.topic))


def _search(menus: Menus, wish: Wish) -> Path | None:
    entry = menus.entries.get(wish.number)
    if entry is None:
        return None
    waiting, seen = deque([_start(menus, entry)]), set()
    while waiting:
        spot = waiting.popleft()
        if (spot.node, spot.known) in seen:
            continue
        seen.add((spot.node, spot.known))
        node = menus.nodes[spot.node]
        if isinstance(node, Enqueue):
            if _arrived(menus, node, dict(spot.known), wish):
                return spot.path
            continue
        waiting.extend(_onward(node, spot, wish))
    return None


def _start(menus: Menus, entry: Entry) -> _Spot:
    known = {Attribute.LANGUAGE: menus.default_language} | dict(entry.sets)
    return _Spot(entry.start, tuple(sorted(known.items())), ())


def _onward(node: Say | Menu | DialOut | Goodbye, spot: _Spot, wish: Wish) -> Iterator[_Spot]:
    match node:
        case Say():
            yield _Spot(node.next, spot.known, (*spot.path, LISTEN))
        case Menu():
            for key, choice in node.choices.items():
                if not _contradicts(choice, wish):
                    known = dict(spot.known) | dict(choice.sets)
                    yield _Spot(choice.goto, tuple(sorted(known.items())), (*spot.path, key))


def _contradicts(choice: Choice, wish: Wish) -> bool:
    wanted = {Attribute.LANGUAGE: wish.language, Attribute.TOPIC: wish.topic, Attribute.ROLE: wish.role}
    return any(wanted[attribute] and wanted[attribute] != value for attribute, value in choice.sets)


def _arrived(menus: Menus, node: Enqueue, known: dict[Attribute, str], wish: Wish) -> bool:
    """In the queue that answers the topic, with the wanted language."""
    if known[Attribute.LANGUAGE] != wish.language:
        return False
    if wish.role and known.get(Attribute.ROLE) != wish.role:
        return False
    if node.queue is not None:
        return node.queue == menus.queue_for(wish.topic)
    return known.get(Attribute.TOPIC) == wish.topic
