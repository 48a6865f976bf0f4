"""The line now as supervisors need it: calls, queues, agents. JSON-ready; numbers are masked."""

from __future__ import annotations

from typing import Any

from calls import AgentState, Attribute, CallStage, mask
from engine import AgentView, CallView, Line, QueueView
from metrics import LineState, view

from .hiding import Confidential

WAITS = (CallStage.WAITING, CallStage.PROMISED)
OF_THE_LINE = ("time", "node", "version", "edition", "link", "nodes", "trunk", "banner")
"""What a follower is told of the line as a whole, of all that ``line1555 status`` shows."""


def present(line: Line, fold: LineState, now: float, confidential: Confidential) -> dict[str, Any]:
    """The whole floor, for a follower who has seen nothing; ``fold`` has the facts of every step so far."""
    whole = view.line(fold, fold.settle(now))
    return {
        **{name: whole[name] for name in OF_THE_LINE},
        "queues": queues(line),
        "agents": agents(line, now),
        "calls": [{**call, "topic": confidential.shown(call["topic"])} for call in calls(line, now)],
    }


def calls(line: Line, now: float) -> list[dict[str, Any]]:
    """All calls: first those that wait, as they stand in their queues, then the others by their arrival."""
    rows = [_call(call, line.view.calls.queue_position(call.id, now), now) for call in line.view.calls.all()]
    return sorted(
        rows, key=lambda row: (row["position"] is None, row["queue"], row["position"] or 0, -row["on_line_s"])
    )


def _call(call: CallView, position: int | None, now: float) -> dict[str, Any]:
    known = dict(call.known)
    return {
        "call": call.id,
        "number": mask(call.ani),
        "stage": call.stage.value,
        "queue": call.queue or "",
        "language": known[Attribute.LANGUAGE],
        "topic": known.get(Attribute.TOPIC, ""),
        "role": known.get(Attribute.ROLE, ""),
        "waited_s": None if call.waits_since is None else round(now - call.waits_since, 1),
        "position": position,
        "on_line_s": round(now - call.arrived_at, 1),
        "agent": call.agent,
    }


def queues(line: Line) -> list[dict[str, Any]]:
    """Every queue: ``open``, ``closed`` (by a supervisor) or ``out_of_hours``, and how many wait in it."""
    return [
        {"queue": queue.id, "label": queue.label, "state": _door(queue), "waiting": queue.waiting}
        for queue in line.view.queues()
    ]


def _door(queue: QueueView) -> str:
    if queue.closed:
        return "closed"
    return "open" if queue.takes_calls else "out_of_hours"


def agents(line: Line, now: float) -> list[dict[str, Any]]:
    """All agents, by name."""
    return [_agent(agent, now) for agent in sorted(line.view.agents.all(), key=lambda agent: agent.id)]


def _agent(agent: AgentView, now: float) -> dict[str, Any]:
    offer = agent.offer
    return {
        "agent": agent.id,
        "name": agent.name,
        "state": agent.state.value,
        "reason": agent.reason,
        "for_s": round(now - agent.since, 1),
        "phone": _phone(agent),
        "offer": offer.state.value if offer and agent.state is not AgentState.LOGGED_OUT else None,
        "call": offer.call if offer else None,
        "queue": offer.queue if offer else None,
        "wish": agent.pending.value if agent.pending else None,
    }


def _phone(agent: AgentView) -> str:
    """``unreachable``, ``in_use`` (by a call that is none of the line's) or ``free``."""
    if not agent.reachable:
        return "unreachable"
    return "in_use" if agent.in_use else "free"
