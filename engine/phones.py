"""Agents' phones. An agent who cannot be reached is not ready, is not counted, and comes back by themselves.

A lost phone gets no offers at once, but is gone only after a while: restarting a softphone changes nothing. After a
restart of Asterisk, or when it was out of reach, phones get time to register before any is gone. Conversations are
never touched; their agents become not ready after the wrap-up.
"""

from __future__ import annotations

from collections.abc import Iterable

from agents import Agent, AgentEvent
from calls import AgentId, AgentState, NotReady
from calls import events as e
from calls import facts as f

from . import reach, staff
from .node import Node
from .state import EngineState
from .timers import TimerKind


def reachable(w: EngineState, event: e.PhoneReachable) -> None:
    """Take a phone's registration state. A phone that an offer did not reach is back with its next registration."""
    set_phone(w, event.agent, reach.named(w, event.node), reachable=event.reachable)
    if event.reachable and event.agent in w.roster:
        _take_back(w, w.roster[event.agent])


def in_use(w: EngineState, event: e.PhoneInUse) -> None:
    """Note whether the agent's phone is in use at the event's node."""
    set_phone(w, event.agent, reach.named(w, event.node), in_use=event.in_use)


def set_phone(
    w: EngineState, agent_id: AgentId, node: Node, *, reachable: bool | None = None, in_use: bool | None = None
) -> None:
    """Note the phone's state at a node."""
    if agent_id not in w.roster:
        return
    if reachable is not None:
        (node.reachable.add if reachable else node.reachable.discard)(agent_id)
    if in_use is not None:
        (node.in_use.add if in_use else node.in_use.discard)(agent_id)
    judge(w, w.roster[agent_id])


def judge(w: EngineState, agent: Agent) -> None:
    """Work out from all nodes whether the phone can be rung, and is in use; a fact only if something changed."""
    regrouped, new = reach.regroup(w, agent), reach.phone(w, agent.id)
    if new == (agent.reachable, agent.in_use) and not regrouped:
        return
    was, (agent.reachable, agent.in_use) = agent.reachable, new
    w.tell(f.PhoneChanged, agent.id, agent.reachable, agent.in_use, reach.rings(w, agent.id))
    if was and not agent.reachable:
        watch(w, agent)
    elif agent.reachable and not was:
        _back(w, agent)
    staff.refresh(w, agent)


def calm(w: EngineState) -> None:
    """Give missing phones time to register, after a snapshot of Asterisk."""
    w.calm_at = w.now + w.settings.phones.grace_s
    for agent in w.roster:
        if not agent.reachable and not agent.gone:
            watch(w, agent)


def take_settings(w: EngineState, before: Iterable[AgentId]) -> None:
    """Forget agents who are not in the settings any more (``before``: all old ones); watch the phones of new ones."""
    for left in [agent for agent in before if agent not in w.roster]:
        _forget(w, left)
        w.timers.cancel(TimerKind.REST, left)
    for agent in w.roster:
        if not agent.reachable and not agent.gone and w.timers.at(TimerKind.PHONE_LOST, agent.id) is None:
            watch(w, agent)


def watch(w: EngineState, agent: Agent) -> None:
    """Set the timer after which a missing phone counts as gone."""
    w.timers.set(TimerKind.PHONE_LOST, agent.id, max(w.now + w.settings.phones.gone_after_s, w.calm_at))


def lost(w: EngineState, subject: AgentId) -> None:
    """Handle the PHONE_LOST timer: the phone counts as gone."""
    if _too_soon(w, TimerKind.PHONE_LOST, subject):
        return
    agent = w.roster[subject]
    agent.gone = True
    staff.refresh(w, agent)
    if agent.state is AgentState.READY:
        staff.move(w, agent, AgentEvent.PHONE_GONE, NotReady.UNREACHABLE)
    elif agent.state is AgentState.NOT_READY:
        w.set_timer(TimerKind.PHONE_AWAY, subject, w.settings.phones.log_out_after_s)


def away(w: EngineState, subject: AgentId) -> None:
    """Handle the PHONE_AWAY timer: log out an agent whose phone was gone for long."""
    if _too_soon(w, TimerKind.PHONE_AWAY, subject):
        return
    agent = w.roster[subject]
    if agent.state is AgentState.NOT_READY:
        staff.move(w, agent, AgentEvent.LOG_OUT, NotReady.UNREACHABLE)


def _too_soon(w: EngineState, kind: TimerKind, subject: AgentId) -> bool:
    """Tell whether it is too early to call the phone gone; if so, it is checked again later."""
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
    staff.refresh(w, agent)
    _take_back(w, agent)


def _take_back(w: EngineState, agent: Agent) -> None:
    """Make an agent ready again who was not because of the phone; after a long time they must ask for it."""
    if agent.state is not AgentState.NOT_READY or agent.reason != NotReady.UNREACHABLE:
        return
    if w.now - agent.since <= w.settings.phones.back_within_s:
        staff.move(w, agent, AgentEvent.PHONE_BACK)
    else:
        staff.move(w, agent, AgentEvent.NOT_READY, NotReady.PHONE_BACK)
