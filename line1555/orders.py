"""Supervisors' orders to the running line: a waiting call is moved, gets points, is taken out; a queue opens or closes.

An order is a JSON object; it becomes one event of the engine, or is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from calls import CallId, CallStage, QueueId
from calls import events as e
from engine import Line

MOST_POINTS = 86_400.0
"""A day of head start either way."""


class Refused(ValueError):
    """An order that cannot be followed; the text says why."""


def obey(line: Line, step: Callable[[e.Event], object], order: Mapping[str, Any]) -> dict[str, Any]:
    """``{"done": true}`` where the event was given to the engine, else ``{"refused": why}``."""
    try:
        event = event_of(line, order)
    except Refused as refused:
        return {"refused": str(refused)}
    step(event)
    return {"done": True}


def event_of(line: Line, order: Mapping[str, Any]) -> e.Event:
    """The event for an order. Raises ``Refused``."""
    match order:
        case {"order": "move", "call": str(call), "queue": str(queue)}:
            return e.CallMoved(_waiting(line, call), _queue(line, queue))
        case {"order": "priority", "call": str(call), "points": int(points) | float(points)}:
            if not isfinite(points) or abs(points) > MOST_POINTS:
                raise Refused(f"{points:g} points: expected {-MOST_POINTS:g} to {MOST_POINTS:g}")
            return e.PrioritySet(_waiting(line, call), float(points))
        case {"order": "withdraw", "call": str(call)}:
            return e.CallWithdrawn(_waiting(line, call))
        case {"order": "switch", "queue": str(queue), "open": bool(opened)}:
            return e.QueueSwitched(_queue(line, queue), opened)
    raise Refused("not an order")


def _waiting(line: Line, name: str) -> CallId:
    call = line.world.calls.get(CallId(name))
    if call is None or call.stage is not CallStage.WAITING:
        raise Refused(f"{name} does not wait: {call.stage if call else 'no such call'}")
    return call.id


def _queue(line: Line, name: str) -> QueueId:
    queue = QueueId(name)
    if queue not in line.world.settings.queues:
        raise Refused(f"no queue {name}: one of {', '.join(line.world.settings.queues)}")
    return queue
