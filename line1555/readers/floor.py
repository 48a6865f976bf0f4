"""The line now as supervisors need it to give orders: calls, queues, agents. JSON-ready; numbers are masked."""

from __future__ import annotations

from typing import Any

from agents import Agent
from calls import AgentState, Attribute, CallStage, QueueId, mask
from engine import Call, Line
from queues import QueueSettings

WAITS = (CallStage.WAITING, CallStage.PROMISED)


def calls(line: Line, now: float) -> list[dict[str, Any]]:
    """All calls: first those that wait, as they stand in their queues, then the others by their arrival."""
    world = line.state
    rows = [_call(line, call, now) for call in world.calls.values()]
    return sorted(
        rows, key=lambda row: (row["position"] is None, row["queue"], row["position"] or 0, -row["on_line_s"])
    )


def _call(line: Line, call: Call, now: float) -> dict[str, Any]:
    world = line.state
    place = world.room.places.get(call.id)
    offer = world.offers.get(call.offer) if call.offer else None
    said = call.session.attributes
    return {
        "call": call.id,
        "number": mask(call.ani),
        "stage": call.stage.value,
        "queue": call.queue or "",
        "language": said[Attribute.LANGUAGE],
        "topic": said.get(Attribute.TOPIC, ""),
        "role": said.get(Attribute.ROLE, ""),
        "waited_s": round(now - place.entered_at, 1) if place else None,
        "position": world.room.position(call.id, now) if place else None,
        "on_line_s": round(now - call.arrived_at, 1),
        "agent": offer.agent if offer else None,
    }


def queues(line: Line) -> list[dict[str, Any]]:
    """Every queue: ``open``, ``closed`` (by a supervisor) or ``out_of_hours``, and how many wait in it."""
    return [_queue(line, queue) for queue in line.state.settings.queues.values()]


def _queue(line: Line, queue: QueueSettings) -> dict[str, Any]:
    waiting = line.state.room.waiting_in(queue.id)
    return {"queue": queue.id, "label": queue.label, "state": _door(line, queue.id), "waiting": waiting}


def _door(line: Line, queue: QueueId) -> str:
    if queue in line.state.closed:
        return "closed"
    return "open" if line.state.takes_calls(queue) else "out_of_hours"


def agents(line: Line, now: float) -> list[dict[str, Any]]:
    """All agents, by name."""
    return [_agent(line, agent, now) for agent in sorted(line.state.roster, key=lambda agent: agent.id)]


def _agent(line: Line, agent: Agent, now: float) -> dict[str, Any]:
    offer = line.state.offers.get(agent.offer) if agent.offer else None
    return {
        "agent": agent.id,
        "name": agent.settings.name,
        "state": agent.state.value,
        "reason": agent.reason,
        "for_s": round(now - agent.since, 1),
        "phone": _phone(agent),
        "offer": offer.state.value if offer and agent.state is not AgentState.LOGGED_OUT else None,
        "call": offer.call if offer else None,
        "queue": offer.queue if offer else None,
        "wish": agent.pending[0].value if agent.pending else None,
    }


def _phone(agent: Agent) -> str:
    """``unreachable``, ``in_use`` (by a call that is none of the line's) or ``free``."""
    if not agent.reachable:
        return "unreachable"
    return "in_use" if agent.in_use else "free"
