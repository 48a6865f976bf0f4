"""Requests of agents, by feature code or from a desk."""

from __future__ import annotations

from typing import Final

from agents import Agent, AgentEvent, RequestRefused
from calls import AgentAction, AgentId, AgentState
from calls import commands as c
from calls import events as e
from calls import facts as f
from calls.commands import Prompt

from . import staff
from .settings import AGENT_EXTRAS
from .state import EngineState

REQUEST: Final = {
    AgentAction.LOG_IN: AgentEvent.LOG_IN,
    AgentAction.LOG_OUT: AgentEvent.LOG_OUT,
    AgentAction.READY: AgentEvent.READY,
    AgentAction.NOT_READY: AgentEvent.NOT_READY,
    AgentAction.END_WRAP_UP: AgentEvent.END_WRAP_UP,
}
"""The event of the agent's state table for each thing an agent may ask for."""
_SAID: Final = {
    AgentAction.LOG_IN: Prompt("agent.logged_in"),
    AgentAction.LOG_OUT: Prompt("agent.logged_out"),
    AgentAction.READY: Prompt("agent.ready"),
    AgentAction.NOT_READY: Prompt("agent.not_ready"),
    AgentAction.END_WRAP_UP: Prompt("agent.wrap_up_ended"),
}
LATER: Final = Prompt("agent.after_call")
REFUSED: Final = Prompt("agent.refused")
UNKNOWN_CODE: Final = Prompt("agent.unknown_code")
MISSED, NO_PHONE = Prompt("agent.missed"), Prompt("agent.no_phone")


def code_dialled(w: EngineState, event: e.CodeDialled) -> None:
    """Carry out a feature code and confirm it by voice."""
    if event.agent not in w.roster:
        w.tell(f.CodeRefused, event.agent, event.code, "no such agent")
        w.tell(c.Confirm, event.session, (UNKNOWN_CODE,), w.settings.menus.default_language)
        return
    agent = w.roster[event.agent]
    code = w.settings.codes.get(event.code)
    if code is None:
        _refuse(w, event, agent, UNKNOWN_CODE, "no such code")
        return
    try:
        later = _wish(w, agent, code.action, code.reason)
    except RequestRefused as refused:
        _refuse(w, event, agent, REFUSED, str(refused))
        return
    said = [_SAID[code.action], LATER] if later else [_SAID[code.action]]
    if code.action is AgentAction.READY and agent.state is AgentState.NOT_READY:
        said.append(NO_PHONE)
    _confirm(w, event, agent, *said)


def asked(w: EngineState, event: e.AgentAsked) -> None:
    """Carry out a request from a desk; nothing is said."""
    wished(w, event.agent, event.action, event.reason, event.by)


def wished(w: EngineState, name: AgentId, action: AgentAction, reason: str, by: str = "") -> None:
    """Carry out an agent's request, if there is such an agent and it can be."""
    agent = w.roster.get(name)
    if agent is None:
        w.tell(f.CodeRefused, name, action.value, "no such agent", by)
        return
    try:
        _wish(w, agent, action, reason, by)
    except RequestRefused as refused:
        w.tell(f.CodeRefused, name, action.value, str(refused), by)


def _wish(w: EngineState, agent: Agent, action: AgentAction, reason: str, by: str = "") -> bool:
    """Make the request. Returns whether it was put off until the call is over."""
    staff.move(w, agent, REQUEST[action], reason, by)
    return agent.pending is not None


def _refuse(w: EngineState, event: e.CodeDialled, agent: Agent, said: Prompt, why: str) -> None:
    w.tell(f.CodeRefused, event.agent, event.code, why)
    _confirm(w, event, agent, said)


def _confirm(w: EngineState, event: e.CodeDialled, agent: Agent, *said: Prompt) -> None:
    """Say the prompts. An agent who missed a call is told so first, once."""
    missed, agent.missed = agent.missed, False
    all_said = (MISSED, *said) if missed else said
    extras = {Prompt(name) for name in AGENT_EXTRAS - w.settings.agent_extras}
    prompts = tuple(prompt for prompt in all_said if prompt not in extras)
    w.tell(c.Confirm, event.session, prompts, agent.settings.language)
