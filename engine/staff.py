"""An agent's move to another state, and what follows from it: facts, what may be offered, the end of a wrap-up."""

from __future__ import annotations

from agents import Agent, AgentEvent
from calls import AgentId, AgentState
from calls import commands as c
from calls import facts as f

from .state import EngineState
from .timers import TimerKind


def move(w: EngineState, agent: Agent, event: AgentEvent, reason: str = "", by: str = "") -> None:
    """Move an agent by the state table, and tell it. Raises ``RequestRefused`` for an impossible request."""
    serving, left = agent.serving, w.roster.apply(agent, event, w.now, reason, by)
    if left is None:
        return
    w.tell(f.AgentChanged, agent.id, left, agent.state, agent.reason, agent.lasted_s, agent.moved_by)
    if left is AgentState.WRAP_UP:
        _wrapped_up(w, agent, agent.lasted_s)
    if serving != agent.serving:
        w.tell(c.Membership, agent.id, agent.serving)
    w.distributor.agent_free(agent)
    if not agent.row.serving:
        _release_preferred(w, agent.id)
    if agent.gone and agent.state is AgentState.NOT_READY:
        w.set_timer(TimerKind.PHONE_AWAY, agent.id, w.settings.phones.log_out_after_s)


def refresh(w: EngineState, agent: Agent) -> None:
    """Note that the agent's phone or leg changed: they may be available now."""
    w.roster.refresh(agent)
    w.distributor.agent_free(agent)


def _release_preferred(w: EngineState, agent: AgentId) -> None:
    """Release the items that were kept for this agent."""
    if agent in w.room.by_preferred_agent:
        for place in [place for place in w.room if place.preferred_agent == agent]:
            w.timers.set(TimerKind.PREFERRED, place.item, w.now)


def _wrapped_up(w: EngineState, agent: Agent, lasted_s: float) -> None:
    w.timers.cancel(TimerKind.WRAP_UP, agent.id)
    w.timers.cancel(TimerKind.RING_AHEAD, agent.id)
    work = w.wrap_ups.pop(agent.id)
    w.tell(f.WrapUpDone, work.call, agent.id, work.queue, lasted_s)
    w.distributor.handled(work.queue, agent, work.talked_s + lasted_s)
    if w.estimates:
        w.estimator(work.queue).handled(work.talked_s + lasted_s)
