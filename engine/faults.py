"""Failures on the line's own side (no port, no descriptor, a switch that refuses, a link that is down).

The agent is not to blame: they stay ready and rest for a moment, longer after each failure in a row, so that the line
does not ask an exhausted switch again and again. The call keeps its place.
"""

from __future__ import annotations

from typing import Final

from agents import Agent
from calls import AgentId, OfferResult

from .state import EngineState
from .timers import TimerKind

REST_S: Final = 1.0
"""Time for which an agent is not rung after the line itself could not ring them; doubled with each failure in a row."""
LONGEST_REST_S: Final = 30.0
SPARED: Final = 5
"""Failures of the line's own in a row that do not count as attempts to reach the citizen of a callback."""


def judged(agent: Agent, result: OfferResult) -> OfferResult:
    """Give the reason why the switch made no channel: the phone is known to be away, else the line has nothing left."""
    if result is not OfferResult.NO_CHANNEL:
        return result
    return OfferResult.FAILED if agent.reachable else OfferResult.UNREACHABLE


def rest(w: EngineState, agent: Agent) -> None:
    """Let the agent rest for a moment: the line could not ring them."""
    rest_s = min(REST_S * 2.0**agent.faults, LONGEST_REST_S)
    w.roster.rest(agent, True)
    agent.faults += 1
    w.set_timer(TimerKind.REST, agent.id, rest_s)


def rested(w: EngineState, subject: AgentId) -> None:
    """Handle the REST timer: the agent may be rung again."""
    if subject in w.roster:
        w.roster.rest(w.roster[subject], False)
        w.distributor.agent_free(w.roster[subject])
