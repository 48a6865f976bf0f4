"""Agents' phones. Whoever cannot be reached is not ready, counts for nothing, and comes back by themselves.

A phone is lost at once (no call is offered), gone only after a while: a softphone that is started anew changes nothing.
Asterisk that was started anew, or was out of reach, knows nothing of phones at first: then nobody is gone until its
phones have had the time to register. Talks are never touched; whoever talks becomes not ready after the wrap-up.
"""

from __future__ import annotations

from collections.abc import Iterable

from agents import Agent, AgentEvent
from calls import AgentId, AgentState, NotReady
from calls import events as e
from calls import facts as f

from .state import EngineState
from .timers import TimerKind


def reachable(w: EngineState, event: e.PhoneReachable) -> None:
    """Asterisk tells of a phone's registration. A phone that an offer did not reach is back with the next one."""
    set_phone(w, event.agent, reachable=event.reachable)
    if event.reachable and event.agent in w.roster:
        _take_back(w, w.roster[event.agent])


def in_use(w: EngineState, event: e.PhoneInUse) -> None:
    set_phone(w, event.agent, in_use=event.in_use)


def set_phone(w: EngineState, agent_id: AgentId, *, reachable: bool | None = None, in_use: bool | None = None) -> None:
    """Note what the agent's phone is like; news only where it changed."""
    if agent_id not in w.roster:
        return
    agent = w.roster[agent_id]
    new = (agent.reachable if reachable is None else reachable, agent.in_use if in_use is None else in_use)
    if new == (agent.reachable, agent.in_use):
        return
    was, (agent.reachable, agent.in_use) = agent.reachable, new
    w.tell(f.PhoneChanged, agent.id, agent.reachable, agent.in_use)
    if was and not agent.reachable:
        watch(w, agent)
    elif agent.reachable and not was:
        _back(w, agent)
    w.refresh(agent)


def calm(w: EngineState) -> None:
    """Asterisk was taken stock of: phones that are not there get the time to register."""
    w.calm_at = w.now + w.settings.phones.grace_s
    for agent in w.roster:
        if not agent.reachable and not agent.gone:
            watch(w, agent)


def take_settings(w: EngineState, before: Iterable[AgentId]) -> None:
    """People who are new in the settings: nobody has told of their phones yet. Those of ``before`` may be gone."""
    for left in [agent for agent in before if agent not in w.roster]:
        _forget(w, left)
        w.timers.cancel(TimerKind.REST, left)
    for agent in w.roster:
        if not agent.reachable and not agent.gone and w.timers.at(TimerKind.PHONE_LOST, agent.id) is None:
            watch(w, agent)


def watch(w: EngineState, agent: Agent) -> None:
    """The phone is not there: from when on it counts as gone."""
    w.timers.set(TimerKind.PHONE_LOST, agent.id, max(w.now + w.settings.phones.gone_after_s, w.calm_at))


def lost(w: EngineState, subject: AgentId) -> None:
    """The PHONE_LOST timer fired."""
    if _too_soon(w, TimerKind.PHONE_LOST, subject):
        return
    agent = w.roster[subject]
    agent.gone = True
    w.refresh(agent)
    if agent.state is AgentState.READY:
        w.move_agent(agent, AgentEvent.PHONE_GONE, NotReady.UNREACHABLE)
    elif agent.state is AgentState.NOT_READY:
        w.set_timer(TimerKind.PHONE_AWAY, subject, w.settings.phones.log_out_after_s)


def away(w: EngineState, subject: AgentId) -> None:
    """The PHONE_AWAY timer fired: nobody has been at this seat for long."""
    if _too_soon(w, TimerKind.PHONE_AWAY, subject):
        return
    agent = w.roster[subject]
    if agent.state is AgentState.NOT_READY:
        w.move_agent(agent, AgentEvent.LOG_OUT, NotReady.UNREACHABLE)


def _too_soon(w: EngineState, kind: TimerKind, subject: AgentId) -> bool:
    """Whether nobody can say yet that the phone is gone: it is looked at again later."""
    if w.linked and w.now >= w.calm_at:
        return False
    w.timers.set(kind, subject, w.calm_at if w.linked else w.now + w.settings.phones.grace_s)
    return True


def _forget(w: EngineState, agent: AgentId) -> None:
    for kind in (TimerKind.PHONE_LOST, TimerKind.PHONE_AWAY):
        w.timers.cancel(kind, agent)


def _back(w: EngineState, agent: Agent) -> None:
    agent.gone = False
    _forget(w, agent.id)
    w.refresh(agent)
    _take_back(w, agent)


def _take_back(w: EngineState, agent: Agent) -> None:
    """Ready again whoever was not because of the phone; after long they have to say so themselves."""
    if agent.state is not AgentState.NOT_READY or agent.reason != NotReady.UNREACHABLE:
        return
    if w.now - agent.since <= w.settings.phones.back_within_s:
        w.move_agent(agent, AgentEvent.PHONE_BACK)
    else:
        w.move_agent(agent, AgentEvent.NOT_READY, NotReady.PHONE_BACK)
