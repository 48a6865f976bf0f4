"""Paths of citizens through the menus: what they hear and press until they are in the queue of their topic.

Found by walking the real menus (``ivr.Session``) breadth first, so a changed menu changes the paths by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from calls import Attribute, QueueId
from ivr import Assignments, MenuPosition, Menus
from ivr.digits import example
from ivr.nodes.collect import CONFIRM
from ivr.nodes.fragment import DEEPEST
from ivr.nodes.ways import AwaitAgent, Doing, HearOut, LeaveMessage, Nothing, PressKey, TypeNumber, Way

LISTEN = ""
"""A step that is a prompt heard to its end; any other step is the keys pressed."""
UNSURE = ""
"""In place of a node: the caller has to look where they are."""

Path = tuple[str, ...]


class Route(NamedTuple):
    """A path, and the node at which each step is taken; empty where the node alone does not tell the way on."""

    path: Path
    nodes: tuple[str, ...]


NOWHERE = Route((), ())
"""The route of those who only listen."""


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
    route: Route = NOWHERE
    returns: tuple[str, ...] = ()
    """Where the fragments lead that the caller is in."""


def path_for(menus: Menus, goal: CallerGoal) -> Path | None:
    """Find the shortest path; None if there is none. A role that no menu asks for is ignored.

    Where a branch leads is not known before: every way of it counts as possible.
    """
    route = route_for(menus, goal)
    return None if route is None else route.path


def route_for(menus: Menus, goal: CallerGoal) -> Route | None:
    """Find the shortest path, with its nodes; None if there is none."""
    entry = menus.entries.get(goal.number)
    if entry is None:
        return None
    known: dict[str, str] = {Attribute.LANGUAGE: menus.default_language, **dict(entry.sets)}
    return _route(menus, entry.start, known, goal)


def route_on(menus: Menus, here: MenuPosition, goal: CallerGoal) -> Route | None:
    """Find the path from a caller's present position, as menus may have led them another way than expected."""
    if here.reading_back:
        (typed,) = menus.nodes[here.node].ways()
        onward = _route(menus, typed.goto, here.known, goal, returns=here.returns)
        return None if onward is None else Route((CONFIRM, *onward.path), (UNSURE, *onward.nodes))
    return _route(menus, here.node, here.known, goal, here.hidden, here.returns)


def may_surprise(menus: Menus) -> bool:
    """Tell whether branches, hours or dates can lead a caller another way than their keys say."""
    nodes = menus.nodes.values()
    return bool(menus.timed) or any(node.validity is not None or _decides(list(node.ways())) for node in nodes)


def tell_by_node(menus: Menus) -> bool:
    """Tell whether callers at one node of their path have always the same ways on: no branch sets what is known."""
    ways = [list(node.ways()) for node in menus.nodes.values()]
    return not any(_decides(some) and any(way.sets for way in some) for some in ways)


def _decides(ways: Sequence[Way]) -> bool:
    """Tell whether the node chooses among several ways by itself."""
    return len(ways) > 1 and any(isinstance(way.does, Nothing) for way in ways)


def _route(
    menus: Menus,
    start: str,
    known: Mapping[str, str],
    goal: CallerGoal,
    hidden: frozenset[str] = frozenset(),
    returns: tuple[str, ...] = (),
) -> Route | None:
    spot = _Spot(start, tuple(sorted(known.items())), returns=returns)
    exact = _search(menus, spot, goal, hidden, goal.role)
    return exact if exact is not None else _search(menus, spot, goal, hidden, "")


def _search(menus: Menus, start: _Spot, goal: CallerGoal, hidden: frozenset[str], role: str) -> Route | None:
    """Find the shortest route. ``role``: the one that the caller insists on; empty: they take what is offered."""
    waiting, seen = deque([start]), set()
    while waiting:
        spot = waiting.popleft()
        if (spot.node, spot.known, spot.returns) in seen:
            continue
        seen.add((spot.node, spot.known, spot.returns))
        for way in menus.nodes[spot.node].ways():
            if isinstance(way.does, AwaitAgent):
                if _arrived(menus, way.does.queue, dict(spot.known), goal, role):
                    return spot.route
            elif (spot is not start or not _is_hidden(way, hidden)) and (onward := _onward(spot, way, goal, role)):
                waiting.append(onward)
    return None


def _is_hidden(way: Way, hidden: frozenset[str]) -> bool:
    return isinstance(way.does, PressKey) and way.does.key in hidden


def _onward(spot: _Spot, way: Way, goal: CallerGoal, role: str) -> _Spot | None:
    """Give where a way leads; None for a choice that contradicts the goal, and for a return out of no fragment."""
    goto, returns = way.goto, spot.returns
    if isinstance(way.does, PressKey) and _contradicts(way.sets, goal, role):
        return None
    if way.returns:
        if not returns:
            return None
        goto, returns = returns[-1], returns[:-1]
    if way.back is not None:  # remembered to a depth, so that the search ends
        returns = (*returns[-DEEPEST:], way.back)
    return _Spot(goto, _with(spot, way.sets), _taken(spot, _steps(way.does), goal), returns)


def _taken(spot: _Spot, steps: Path, goal: CallerGoal) -> Route:
    """Add what is done at a node to the route.

    A second step at it begins in another state of the walk; and whoever had to take another role looks for theirs.
    """
    if not steps:
        return spot.route
    path, nodes = spot.route
    other_role = bool(goal.role) and dict(spot.known).get(Attribute.ROLE, goal.role) != goal.role
    here = UNSURE if other_role or spot.node in nodes[-1:] else spot.node
    return Route((*path, *steps), (*nodes, here, *(UNSURE for _ in steps[1:])))


def _steps(does: Doing) -> Path:
    """Give the steps of a caller who does this."""
    match does:
        case HearOut() | LeaveMessage():
            return (LISTEN,)
        case PressKey(key):
            return (key,)
        case TypeNumber(kind, least, most, confirm):
            return (example(kind, least) + ("#" if least < most else ""), *((CONFIRM,) if confirm else ()))
        case Nothing() | AwaitAgent():
            return ()


def _with(spot: _Spot, sets: Assignments) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((dict(spot.known) | dict(sets)).items())) if sets else spot.known


def _contradicts(sets: Assignments, goal: CallerGoal, role: str) -> bool:
    wanted: dict[str, str] = {
        Attribute.LANGUAGE: goal.language,
        Attribute.TOPIC: goal.topic,
        Attribute.ROLE: role,
    }
    return any(wanted.get(name) and wanted[name] != value for name, value in sets)


def _arrived(menus: Menus, queue: QueueId | None, known: Mapping[str, str], goal: CallerGoal, role: str) -> bool:
    """Tell whether the caller is in the queue of the topic, with the wanted language."""
    if known[Attribute.LANGUAGE] != goal.language:
        return False
    if role and known.get(Attribute.ROLE) != role:
        return False
    if queue is not None:
        return queue == menus.queue_for(goal.topic)
    return known.get(Attribute.TOPIC) == goal.topic
