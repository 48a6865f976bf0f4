"""Supervisors' orders to the running line: a waiting call is moved, gets points, is taken out; a queue opens or closes;
an agent is logged out or gets another state; a citizen is promised a call; the emergency banner goes on or off.

An order is a JSON object; it becomes one event of the engine that carries who gave it, or is refused with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite
from typing import Any, Final

from calls import AgentAction, AgentId, CallId, QueueId, mask
from calls import events as e
from engine import Line
from engine import Order as Ordered

from . import callback_requests, floor
from .callback_requests import SiteClock
from .refusals import OrderRefused, Refusal, said

MOST_POINTS: Final = 86_400.0
"""A day of head start either way."""
MOST_NAMED: Final = 5
"""Calls that are listed where a short id means several."""

Order = Mapping[str, Any]

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "move": ("call", "queue"),
    "priority": ("call", "points"),
    "withdraw": ("call",),
    "switch": ("queue", "open"),
    "banner": ("prompt",),
    "agent": ("agent", "action", "reason"),
    "callback": ("number", "queue", "at", "language"),
    "callbacks": (),
    "calls": (),
    "agents": (),
    "publish": ("version",),
    "erase": ("numbers", "token", "by"),
    "stop": ("asterisk",),
}
"""What every order says, beside its name; the last three are carried out by the running line's own parts."""


def execute(
    line: Line, step: Callable[[e.Event], object], wall: SiteClock, order: Order, by: str = ""
) -> dict[str, Any]:
    """``{"done": true}`` where the event was given to the engine. ``by``: who orders. Raises ``OrderRefused``.

    Of a new callback the id is told as ``call``; of an agent's state the ``state`` they are in now, and ``wish`` where
    it was put off until their call is over. The orders ``callbacks``, ``calls`` and ``agents`` only ask: a list of that
    name, ``now`` with the line's own local time, and of calls the ``queues``.
    """
    match order:
        case {"order": str(name)} if len(order) == 1 and name in _LISTS:
            return {**_LISTS[name](line, wall), "now": wall.local(wall.now()).isoformat(timespec="seconds")}
    event = replace(event_of(line, wall, order), by=by)
    step(event)
    return {"done": True, **_came_of(line, event)}


def signed(order: Order, user: str) -> tuple[Order, str]:
    """The order without ``as``, and who gives it: the ``user`` that the kernel knows, and whom they say they act for.

    A desk serves many people as one user of the machine: it names them in ``as``. Raises ``OrderRefused``.
    """
    if "as" not in order:
        return order, user
    name = order["as"]
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        why = "as: expected the name of whoever orders: letters, digits and . _ @ -, at most 64"
        raise OrderRefused(Refusal.GIVER_MALFORMED, why, said=said(repr(name)))
    return {field: value for field, value in order.items() if field != "as"}, f"{name} via {user}"


_NAME: Final = re.compile(r"[\w.@-]{1,64}")


def _came_of(line: Line, event: Ordered) -> dict[str, Any]:
    match event:
        case e.CallbackAsked(number):
            return {"call": line.view.calls.callback_to(number) or ""}
        case e.AgentAsked(name) if (agent := line.view.agents.get(name)) is not None:
            wish = {"wish": agent.pending.value} if agent.pending else {}
            return {"state": agent.state.value, "reason": agent.reason, **wish}
    return {}


_LISTS: Final[dict[str, Callable[[Line, SiteClock], dict[str, Any]]]] = {
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
            return e.PrioritySet(_waiting(line, call), _points(points))
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
            return e.CallbackAsked(dialled, wanted, _language(line, language), callback_requests.due(said(at), wall))
    raise _not_an_order(order)


def _not_an_order(order: Order) -> OrderRefused:
    name = order.get("order")
    fields = FIELDS.get(name) if isinstance(name, str) else None
    if fields is None:
        return OrderRefused(Refusal.ORDER_UNKNOWN, "not an order", said=said(repr(name)), orders=list(FIELDS))
    expected = ", ".join(fields) or "nothing else"
    return OrderRefused(Refusal.ORDER_MALFORMED, f"not an order: {name} has {expected}", order=name, fields=fields)


def _waiting(line: Line, name: str) -> CallId:
    """The call of this id, or of the only id among those who wait that begins or ends so."""
    call, shown = line.view.calls.get(CallId(name)), said(name)
    if call is None:
        found = [c for c in line.view.calls.all() if c.stage in floor.WAITS and _short_for(name, c.id)]
        if len(found) > 1:
            several = sorted(one.id for one in found)[:MOST_NAMED]
            why = f"{shown} is not one call: {', '.join(several)}"
            raise OrderRefused(Refusal.CALL_AMBIGUOUS, why, call=shown, calls=several)
        call = found[0] if found else None
    if call is None:
        why = f"{shown} does not wait: no such call (`line1555 calls` lists them)"
        raise OrderRefused(Refusal.CALL_UNKNOWN, why, call=shown)
    if call.stage not in floor.WAITS:
        why = f"{shown} does not wait: {call.stage}"
        raise OrderRefused(Refusal.CALL_NOT_WAITING, why, call=call.id, stage=call.stage.value)
    return call.id


def _short_for(part: str, name: str) -> bool:
    return bool(part) and (name.startswith(part) or name.endswith(part))


def _points(points: float) -> float:
    if abs(points) > MOST_POINTS or not isfinite(points):
        why = f"{said(str(points))} points: expected {-MOST_POINTS:g} to {MOST_POINTS:g}"
        raise OrderRefused(Refusal.POINTS_OUT_OF_RANGE, why, least=-MOST_POINTS, most=MOST_POINTS)
    return float(points)


def _agent(line: Line, name: str, action: str, reason: str) -> e.AgentAsked:
    """Order for an agent what they themselves may ask for, and nothing else: the table of states decides."""
    agent, shown = line.view.agents.get(AgentId(name)), said(name)
    if agent is None:
        why = f"no agent {shown} (`line1555 agents --all` lists them)"
        raise OrderRefused(Refusal.AGENT_UNKNOWN, why, agent=shown)
    if action not in list(AgentAction):
        why = f"{said(action)}: one of {', '.join(AgentAction)}"
        raise OrderRefused(Refusal.ACTION_UNKNOWN, why, action=said(action), actions=list(AgentAction))
    wanted = AgentAction(action)
    reasons = sorted({code.reason for code in line.view.settings.codes.values() if code.reason})
    if (wanted is AgentAction.NOT_READY) != bool(reason) or (reason and reason not in reasons):
        why = f"{said(reason) or 'no reason'}: one of {', '.join(reasons) or 'none'} (codes in agents.yaml)"
        raise OrderRefused(Refusal.REASON_UNKNOWN, why, reason=said(reason), reasons=reasons)
    if wanted not in agent.possible:
        why, state = f"{name} is {agent.state.value}: {action} is not possible", agent.state.value
        raise OrderRefused(Refusal.AGENT_NOT_POSSIBLE, why, agent=name, state=state, possible=list(agent.possible))
    return e.AgentAsked(agent.id, wanted, reason)


def _queue(line: Line, name: str) -> QueueId:
    queue, known = QueueId(name), line.view.settings.queues
    if queue not in known:
        why = f"no queue {said(name)}: one of {', '.join(known)}"
        raise OrderRefused(Refusal.QUEUE_UNKNOWN, why, queue=said(name), queues=list(known))
    return queue


def _banner(line: Line, prompt: str) -> str:
    known, now = line.view.settings.menus.banners, line.view.banner
    if prompt and prompt not in known:
        why = f"no banner {said(prompt)}: one of {', '.join(known) or 'none'} (banners in line.yaml)"
        raise OrderRefused(Refusal.BANNER_UNKNOWN, why, banner=said(prompt), banners=list(known))
    if prompt == now:
        raise OrderRefused(Refusal.BANNER_UNCHANGED, f"the banner is {now or 'off'} already", banner=now)
    return prompt


def _number(line: Line, asked: str) -> str:
    """Give the number to be dialled. Not every one is: what a caller showed as their own is not proven."""
    rules = line.view.settings.callbacks
    if not rules.numbers:
        why = "this line calls nobody back: callbacks in line.yaml, or trunk.contact in site.yaml, is empty"
        raise OrderRefused(Refusal.CALLBACKS_OFF, why)
    number = rules.dialled("".join(asked.split()))
    if number is None:
        patterns = ", ".join(rules.numbers)
        why = f"{said(asked)} may not be dialled: expected one of {patterns} (callbacks in line.yaml)"
        raise OrderRefused(Refusal.NUMBER_NOT_DIALLED, why, numbers=list(rules.numbers))
    if (call := line.view.calls.callback_to(number)) is not None:
        why = f"{mask(number)} is promised a call already: {call}"
        raise OrderRefused(Refusal.NUMBER_PROMISED, why, number=mask(number), call=call)
    return number


def _language(line: Line, asked: str) -> str:
    menus = line.view.settings.menus
    if asked and asked not in menus.languages:
        why = f"no language {said(asked)}: one of {', '.join(menus.languages)}"
        raise OrderRefused(Refusal.LANGUAGE_UNKNOWN, why, language=said(asked), languages=list(menus.languages))
    return asked or menus.default_language
