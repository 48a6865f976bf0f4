"""Paths of citizens through the menus: what they hear and press until they are in the queue of their topic.

Found by walking the real menus (``ivr.Session``) breadth first, so a changed menu changes the paths by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from calls import Attribute, QueueId
from ivr import Assignments, MenuPosition, Menus
from ivr.digits import example
from ivr.nodes.collect import CONFIRM
from ivr.nodes.fragment import DEEPEST
from ivr.nodes.ways import AwaitAgent, Doing, HearOut, LeaveMessage, Nothing, PressKey, TypeNumber, Way

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
    if here.reading_back:
        (typed,) = menus.nodes[here.node].ways()
        onward = _path(menus, typed.goto, here.known, goal, returns=here.returns)
        return None if onward is None else (CONFIRM, *onward)
    return _path(menus, here.node, here.known, goal, here.hidden, here.returns)


def may_surprise(menus: Menus) -> bool:
    """Tell whether branches, hours or dates can lead a caller another way than their keys say."""
    nodes = menus.nodes.values()
    return bool(menus.timed) or any(node.validity is not None or _decides(list(node.ways())) for node in nodes)


def _decides(ways: Sequence[Way]) -> bool:
    """Tell whether the node chooses among several ways by itself."""
    return len(ways) > 1 and any(isinstance(way.does, Nothing) for way in ways)


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
        for way in menus.nodes[spot.node].ways():
            if isinstance(way.does, AwaitAgent):
                if _arrived(menus, way.does.queue, dict(spot.known), goal):
                    return spot.path
            elif (spot is not start or not _is_hidden(way, hidden)) and (onward := _onward(spot, way, goal)):
                waiting.append(onward)
    return None


def _is_hidden(way: Way, hidden: frozenset[str]) -> bool:
    return isinstance(way.does, PressKey) and way.does.key in hidden


def _onward(spot: _Spot, way: Way, goal: CallerGoal) -> _Spot | None:
    """Give where a way leads; None for a choice that contradicts the goal, and for a return out of no fragment."""
    goto, returns = way.goto, spot.returns
    if isinstance(way.does, PressKey) and _contradicts(way.sets, goal):
        return None
    if way.returns:
        if not returns:
            return None
        goto, returns = returns[-1], returns[:-1]
    if way.back is not None:  # remembered to a depth, so that the search ends
        returns = (*returns[-DEEPEST:], way.back)
    return _Spot(goto, _with(spot, way.sets), (*spot.path, *_steps(way.does)), returns)


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


def _contradicts(sets: Assignments, goal: CallerGoal) -> bool:
    wanted: dict[str, str] = {
        Attribute.LANGUAGE: goal.language,
        Attribute.TOPIC: goal.topic,
        Attribute.ROLE: goal.role,
    }
    return any(wanted.get(name) and wanted[name] != value for name, value in sets)


def _arrived(menus: Menus, queue: QueueId | None, known: Mapping[str, str], goal: CallerGoal) -> bool:
    """Tell whether the caller is in the queue of the topic, with the wanted language."""
    if known[Attribute.LANGUAGE] != goal.language:
        return False
    if goal.role and known.get(Attribute.ROLE) != goal.role:
        return False
    if queue is not None:
        return queue == menus.queue_for(goal.topic)
    return known.get(Attribute.TOPIC) == goal.topic
