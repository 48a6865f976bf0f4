"""What agents ask for, by feature code or from a desk."""

from __future__ import annotations

from agents import Agent, AgentEvent, Refused
from calls import AgentAction
from calls import commands as c
from calls import events as e
from calls import facts as f
from calls.commands import Prompt

from .world import World

_EVENT = {
    AgentAction.LOG_IN: AgentEvent.LOG_IN,
    AgentAction.LOG_OUT: AgentEvent.LOG_OUT,
    AgentAction.READY: AgentEvent.READY,
    AgentAction.NOT_READY: AgentEvent.NOT_READY,
    AgentAction.END_WRAP_UP: AgentEvent.END_WRAP_UP,
}
_SAID = {
    AgentAction.LOG_IN: Prompt("agent.logged_in"),
    AgentAction.LOG_OUT: Prompt("agent.logged_out"),
    AgentAction.READY: Prompt("agent.ready"),
    AgentAction.NOT_READY: Prompt("agent.not_ready"),
    AgentAction.END_WRAP_UP: Prompt("agent.wrap_up_ended"),
}
LATER = Prompt("agent.after_call")
REFUSED = Prompt("agent.refused")
UNKNOWN_CODE = Prompt("agent.unknown_code")


def code_dialled(w: World, event: e.CodeDialled) -> None:
    """A feature code: do it and say so."""
    if event.agent not in w.roster:
        _refuse(w, event, w.settings.menus.default_language, UNKNOWN_CODE, "no such agent")
        return
    agent = w.roster[event.agent]
    code = w.settings.codes.get(event.code)
    if code is None:
        _refuse(w, event, agent.settings.language, UNKNOWN_CODE, "no such code")
        return
    try:
        later = _wish(w, agent, code.action, code.reason)
    except Refused as refused:
        _refuse(w, event, agent.settings.language, REFUSED, str(refused))
        return
    said = (_SAID[code.action], LATER) if later else (_SAID[code.action],)
    w.tell(c.Confirm(event.session, said, agent.settings.language))


def asked(w: World, event: e.AgentAsked) -> None:
    """The same from a desk, without a voice."""
    if event.agent not in w.roster:
        w.tell(f.CodeRefused(event.agent, event.action.value, "no such agent"))
        return
    try:
        _wish(w, w.roster[event.agent], event.action, event.reason)
    except Refused as refused:
        w.tell(f.CodeRefused(event.agent, event.action.value, str(refused)))


def _wish(w: World, agent: Agent, action: AgentAction, reason: str) -> bool:
    """Whether the wish was put off until the call is over."""
    w.move_agent(agent, _EVENT[action], reason)
    return agent.wish is not None


def _refuse(w: World, event: e.CodeDialled, language: str, said: Prompt, why: str) -> None:
    w.tell(f.CodeRefused(event.agent, event.code, why), c.Confirm(event.session, (said,), language))
