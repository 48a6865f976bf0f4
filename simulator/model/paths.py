"""Paths of citizens through the menus: what they hear and press until they are in the queue of their topic.

Found by walking the real menus (``ivr.Session``) breadth first, so a changed menu changes the paths by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from calls import Attribute
from ivr import (
    Assignments,
    Banner,
    Branch,
    Choice,
    Collect,
    Enqueue,
    Fragment,
    Lookup,
    Menu,
    MenuPosition,
    Menus,
    Node,
    Return,
    Say,
    Voicemail,
)
from ivr.digits import example
from ivr.session import CONFIRM, DEEPEST

LISTEN = ""
"""A step that is a prompt heard to its end; any other step is the keys pressed."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallerGoal:
    """What a citizen wants of the menus. ``role`` empty: they take the first that is offered."""

    number: str
    language: str
    topic: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class _Spot:
    node: str
    known: tuple[tuple[str, str], ...]
    path: Path = ()
    returns: tuple[str, ...] = ()
    """Where the fragments lead that the caller is in."""


def path_for(menus: Menus, goal: CallerGoal) -> Path | None:
    """Find the shortest path; None if there is none. A role that no menu asks for is ignored.

    Where a branch leads is not known before: every way of it counts as possible.
    """
    entry = menus.entries.get(goal.number)
    if entry is None:
        return None
    known: dict[str, str] = {Attribute.LANGUAGE: menus.default_language, **dict(entry.sets)}
    return _path(menus, entry.start, known, goal)


def path_on(menus: Menus, here: MenuPosition, goal: CallerGoal) -> Path | None:
    """Find the path from a caller's present position, as menus may have led them another way than expected."""
    node = menus.nodes[here.node]
    if here.reading_back and isinstance(node, Collect):
        onward = _path(menus, node.next, here.known, goal, returns=here.returns)
        return None if onward is None else (CONFIRM, *onward)
    return _path(menus, here.node, here.known, goal, here.hidden, here.returns)


def may_surprise(menus: Menus) -> bool:
    """Tell whether branches, hours or dates can lead a caller another way than their keys say."""
    nodes = menus.nodes.values()
    return bool(menus.timed) or any(
        node.validity is not None or isinstance(node, Branch | Lookup) or (isinstance(node, Enqueue) and node.closed)
        for node in nodes
    )


def _path(
    menus: Menus,
    start: str,
    known: Mapping[str, str],
    goal: CallerGoal,
    hidden: frozenset[str] = frozenset(),
    returns: tuple[str, ...] = (),
) -> Path | None:
    spot = _Spot(start, tuple(sorted(known.items())), (), returns)
    exact = _search(menus, spot, goal, hidden)
    return exact if exact is not None else _search(menus, spot, replace(goal, role=""), hidden)


def _search(menus: Menus, start: _Spot, goal: CallerGoal, hidden: frozenset[str]) -> Path | None:
    waiting, seen = deque([start]), set()
    while waiting:
        spot = waiting.popleft()
        if (spot.node, spot.known, spot.returns) in seen:
            continue
        seen.add((spot.node, spot.known, spot.returns))
        node = menus.nodes[spot.node]
        if isinstance(node, Enqueue) and _arrived(menus, node, dict(spot.known), goal):
            return spot.path
        gone = hidden if spot is start else frozenset[str]()
        waiting.extend(replace(onward, returns=_returns(node, spot)) for onward in _onward(node, spot, goal, gone))
    return None


def _onward(node: Node, spot: _Spot, goal: CallerGoal, hidden: frozenset[str]) -> Iterator[_Spot]:
    match node:
        case Say() | Banner():
            yield _Spot(node.next, spot.known, (*spot.path, LISTEN) if isinstance(node, Say) else spot.path)
        case Voicemail():
            yield _Spot(node.next, spot.known, (*spot.path, LISTEN))
        case Fragment():
            yield _Spot(node.start, spot.known, spot.path)
        case Return() if spot.returns:
            yield _Spot(spot.returns[-1], spot.known, spot.path)
        case Lookup():
            yield _Spot(node.next, spot.known, spot.path)
            yield _Spot(node.otherwise, spot.known, spot.path)
        case Collect():
            typed = example(node.kind, node.least) + ("#" if node.least < node.most else "")
            yield _Spot(node.next, spot.known, (*spot.path, typed, *((CONFIRM,) if node.confirm else ())))
        case Menu():
            for key, choice in node.choices.items():
                if key not in hidden and not _contradicts(choice, goal):
                    yield _Spot(choice.goto, _with(spot, choice.sets), (*spot.path, key))
        case Branch():
            for case in node.cases:
                yield _Spot(case.goto, _with(spot, case.sets), spot.path)
            yield _Spot(node.otherwise, spot.known, spot.path)
        case Enqueue() if node.closed is not None:
            yield _Spot(node.closed, spot.known, spot.path)


def _returns(node: Node, spot: _Spot) -> tuple[str, ...]:
    """Give the fragments' returns after this node; the search ends when they are nested too deeply."""
    if isinstance(node, Fragment):
        return (*spot.returns[-DEEPEST:], node.next)
    return spot.returns[:-1] if isinstance(node, Return) else spot.returns


def _with(spot: _Spot, sets: Assignments) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((dict(spot.known) | dict(sets)).items())) if sets else spot.known


def _contradicts(choice: Choice, goal: CallerGoal) -> bool:
    wanted: dict[str, str] = {
        Attribute.LANGUAGE: goal.language,
        Attribute.TOPIC: goal.topic,
        Attribute.ROLE: goal.role,
    }
    return any(wanted.get(name) and wanted[name] != value for name, value in choice.sets)


def _arrived(menus: Menus, node: Enqueue, known: Mapping[str, str], goal: CallerGoal) -> bool:
    """Tell whether the caller is in the queue of the topic, with the wanted language."""
    if known[Attribute.LANGUAGE] != goal.language:
        return False
    if goal.role and known.get(Attribute.ROLE) != goal.role:
        return False
    if node.queue is not None:
        return node.queue == menus.queue_for(goal.topic)
    return known.get(Attribute.TOPIC) == goal.topic
