"""Supervisors' orders to the running line: a waiting call is moved, gets points, is taken out; a queue opens or closes;
a citizen is promised a call; the emergency banner goes on or off.

An order is a JSON object; it becomes one event of the engine, or is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from calls import CallId, CallStage, QueueId, mask
from calls import events as e
from engine import Line

from . import promises
from .promises import Wall

MOST_POINTS = 86_400.0
"""A day of head start either way."""


class Refused(ValueError):
    """An order that cannot be followed; the text says why."""


def obey(line: Line, step: Callable[[e.Event], object], wall: Wall, order: Mapping[str, Any]) -> dict[str, Any]:
    """``{"done": true}`` where the event was given to the engine, else ``{"refused": why}``.

    Of a new callback the id is told as ``call``. The order ``callbacks`` only asks: ``{"callbacks": [...],
    "now": ...}``, with the line's own local time.
    """
    if order == {"order": "callbacks"}:
        return {"callbacks": promises.listed(line, wall), "now": wall.local(wall.now()).isoformat(timespec="seconds")}
    try:
        event = event_of(line, wall, order)
    except Refused as refused:
        return {"refused": str(refused)}
    step(event)
    if isinstance(event, e.CallbackAsked):
        return {"done": True, "call": line.world.promised.get(event.number, "")}
    return {"done": True}


def event_of(line: Line, wall: Wall, order: Mapping[str, Any]) -> e.Event:
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
        case {"order": "banner", "prompt": str(prompt)}:
            return e.BannerSwitched(_banner(line, prompt))
        case {
            "order": "callback",
            "number": str(number),
            "queue": str(queue),
            "at": str(at),
            "language": str(language),
        }:
            dialled, wanted = _number(line, number), _queue(line, queue)
            return e.CallbackAsked(dialled, wanted, _language(line, language), _due(at, wall))
    raise Refused("not an order")


def _waiting(line: Line, name: str) -> CallId:
    call = line.world.calls.get(CallId(name))
    if call is None or call.stage not in (CallStage.WAITING, CallStage.PROMISED):
        raise Refused(f"{name} does not wait: {call.stage if call else 'no such call'}")
    return call.id


def _queue(line: Line, name: str) -> QueueId:
    queue = QueueId(name)
    if queue not in line.world.settings.queues:
        raise Refused(f"no queue {name}: one of {', '.join(line.world.settings.queues)}")
    return queue


def _banner(line: Line, prompt: str) -> str:
    known, now = line.world.settings.menus.banners, line.world.banner
    if prompt and prompt not in known:
        raise Refused(f"no banner {prompt}: one of {', '.join(known) or 'none'} (banners in line.yaml)")
    if prompt == now:
        raise Refused(f"the banner is {now or 'off'} already")
    return prompt


def _number(line: Line, said: str) -> str:
    """What is dialled. Not every number is: what a caller showed as his own is not proven."""
    rules, world = line.world.settings.callbacks, line.world
    if not rules.numbers:
        raise Refused("this line calls nobody back: callbacks in line.yaml, or trunk.contact in site.yaml, is empty")
    number = rules.dialled("".join(said.split()))
    if number is None:
        raise Refused(f"{said} may not be dialled: expected one of {', '.join(rules.numbers)} (callbacks in line.yaml)")
    if number in world.promised:
        raise Refused(f"{mask(number)} is promised a call already: {world.promised[number]}")
    return number


def _language(line: Line, said: str) -> str:
    menus = line.world.settings.menus
    if said and said not in menus.languages:
        raise Refused(f"no language {said}: one of {', '.join(menus.languages)}")
    return said or menus.default_language


def _due(said: str, wall: Wall) -> float | None:
    try:
        return promises.due(said, wall)
    except promises.BadTime as bad:
        raise Refused(str(bad)) from None
