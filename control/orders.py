"""Supervisors' orders to the running line: a waiting call is moved, gets points, is taken out; a queue opens or closes;
an agent is logged out or gets another state; a citizen is promised a call; the emergency banner goes on or off.

An order is a JSON object; it becomes one event of the engine that carries who gave it, or is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from calls import AgentAction, AgentId, CallId, CallStage, QueueId, mask
from calls import events as e
from engine import Line
from engine import Order as Ordered

from . import callback_requests, floor
from .callback_requests import SiteClock

MOST_POINTS = 86_400.0
"""A day of head start either way."""


class OrderRefused(ValueError):
    """An order that cannot be followed; the text says why."""


Order = Mapping[str, Any]


def execute(
    line: Line, step: Callable[[e.Event], object], wall: SiteClock, order: Order, by: str = ""
) -> dict[str, Any]:
    """``{"done": true}`` where the event was given to the engine, else ``{"refused": why}``. ``by``: who orders.

    Of a new callback the id is told as ``call``; of an agent's state the ``state`` they are in now, and ``wish`` where
    it was put off until their call is over. The orders ``callbacks``, ``calls`` and ``agents`` only ask: a list of that
    name, ``now`` with the line's own local time, and of calls the ``queues``.
    """
    if len(order) == 1 and order.get("order") in _LISTS:
        found = _LISTS[order["order"]](line, wall)
        return {**found, "now": wall.local(wall.now()).isoformat(timespec="seconds")}
    try:
        event = replace(event_of(line, wall, order), by=by)
    except OrderRefused as refused:
        return {"refused": str(refused)}
    step(event)
    return {"done": True, **_came_of(line, event)}


def _came_of(line: Line, event: Ordered) -> dict[str, Any]:
    match event:
        case e.CallbackAsked(number):
            return {"call": line.view.callback_to(number) or ""}
        case e.AgentAsked(name) if (agent := line.view.agent(name)) is not None:
            wish = {"wish": agent.pending.value} if agent.pending else {}
            return {"state": agent.state.value, "reason": agent.reason, **wish}
    return {}


_LISTS: dict[str, Callable[[Line, SiteClock], dict[str, Any]]] = {
    "callbacks": lambda line, wall: {"callbacks": callback_requests.listed(line, wall)},
    "calls": lambda line, wall: {"calls": floor.calls(line, wall.now()), "queues": floor.queues(line)},
    "agents": lambda line, wall: {"agents": floor.agents(line, wall.now())},
}


def event_of(line: Line, wall: SiteClock, order: Order) -> Ordered:
    """The event for an order. Raises ``OrderRefused``."""
    match order:
        case {"order": "move", "call": str(call), "queue": str(queue)}:
            return e.CallMoved(_waiting(line, call), _queue(line, queue))
        case {"order": "priority", "call": str(call), "points": int(points) | float(points)}:
            if not isfinite(points) or abs(points) > MOST_POINTS:
                raise OrderRefused(f"{points:g} points: expected {-MOST_POINTS:g} to {MOST_POINTS:g}")
            return e.PrioritySet(_waiting(line, call), float(points))
        case {"order": "withdraw", "call": str(call)}:
            return e.CallWithdrawn(_waiting(line, call))
        case {"order": "switch", "queue": str(queue), "open": bool(opened)}:
            return e.QueueSwitched(_queue(line, queue), opened)
        case {"order": "banner", "prompt": str(prompt)}:
            return e.BannerSwitched(_banner(line, prompt))
        case {"order": "agent", "agent": str(agent), "action": str(action), "reason": str(reason)}:
            return _agent(line, agent, action, reason)
        case {
            "order": "callback",
            "number": str(number),
            "queue": str(queue),
            "at": str(at),
            "language": str(language),
        }:
            dialled, wanted = _number(line, number), _queue(line, queue)
            return e.CallbackAsked(dialled, wanted, _language(line, language), _due(at, wall))
    raise OrderRefused("not an order")


def _waiting(line: Line, name: str) -> CallId:
    """The call of this id, or of the only id among those who wait that begins or ends so."""
    call = line.view.call(CallId(name))
    if call is None:
        found = [c for c in line.view.calls() if c.stage in _WAITING and _short_for(name, c.id)]
        if len(found) > 1:
            raise OrderRefused(f"{name} is not one call: {', '.join(sorted(one.id for one in found)[:5])}")
        call = found[0] if found else None
    if call is None or call.stage not in _WAITING:
        found_it = call.stage if call else "no such call (`line1555 calls` lists them)"
        raise OrderRefused(f"{name} does not wait: {found_it}")
    return call.id


_WAITING = (CallStage.WAITING, CallStage.PROMISED)


def _short_for(said: str, name: str) -> bool:
    return bool(said) and (name.startswith(said) or name.endswith(said))


def _agent(line: Line, name: str, action: str, reason: str) -> e.AgentAsked:
    """Order for an agent what they themselves may ask for, and nothing else: the table of states decides."""
    agent = line.view.agent(AgentId(name))
    if agent is None:
        raise OrderRefused(f"no agent {name} (`line1555 agents --all` lists them)")
    if action not in list(AgentAction):
        raise OrderRefused(f"{action}: one of {', '.join(AgentAction)}")
    wanted = AgentAction(action)
    reasons = sorted({code.reason for code in line.view.settings.codes.values() if code.reason})
    if (wanted is AgentAction.NOT_READY) != bool(reason) or (reason and reason not in reasons):
        raise OrderRefused(f"{reason or 'no reason'}: one of {', '.join(reasons) or 'none'} (codes in agents.yaml)")
    if wanted not in agent.possible:
        raise OrderRefused(f"{name} is {agent.state.value}: {action} is not possible")
    return e.AgentAsked(agent.id, wanted, reason)


def _queue(line: Line, name: str) -> QueueId:
    queue = QueueId(name)
    if queue not in line.view.settings.queues:
        raise OrderRefused(f"no queue {name}: one of {', '.join(line.view.settings.queues)}")
    return queue


def _banner(line: Line, prompt: str) -> str:
    known, now = line.view.settings.menus.banners, line.view.banner
    if prompt and prompt not in known:
        raise OrderRefused(f"no banner {prompt}: one of {', '.join(known) or 'none'} (banners in line.yaml)")
    if prompt == now:
        raise OrderRefused(f"the banner is {now or 'off'} already")
    return prompt


def _number(line: Line, said: str) -> str:
    """Give the number to be dialled. Not every one is: what a caller showed as their own is not proven."""
    rules = line.view.settings.callbacks
    if not rules.numbers:
        raise OrderRefused(
            "this line calls nobody back: callbacks in line.yaml, or trunk.contact in site.yaml, is empty"
        )
    number = rules.dialled("".join(said.split()))
    if number is None:
        raise OrderRefused(
            f"{said} may not be dialled: expected one of {', '.join(rules.numbers)} (callbacks in line.yaml)"
        )
    if (call := line.view.callback_to(number)) is not None:
        raise OrderRefused(f"{mask(number)} is promised a call already: {call}")
    return number


def _language(line: Line, said: str) -> str:
    menus = line.view.settings.menus
    if said and said not in menus.languages:
        raise OrderRefused(f"no language {said}: one of {', '.join(menus.languages)}")
    return said or menus.default_language


def _due(said: str, wall: SiteClock) -> float | None:
    try:
        return callback_requests.due(said, wall)
    except callback_requests.BadTime as bad:
        raise OrderRefused(str(bad)) from None
