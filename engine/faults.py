"""Failures on the line's own side (no port, no descriptor, a switch that refuses, a link that is down).

They say nothing against the agent, who stays ready and rests for a moment, longer after each failure in a row, so that
the line does not ask a switch that has nothing left again and again. The call keeps its place.
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
    """Why the switch made no channel: a phone that is known to be away has none, else the line has nothing left."""
    if result is not OfferResult.NO_CHANNEL:
        return result
    return OfferResult.FAILED if agent.reachable else OfferResult.UNREACHABLE


def rest(w: EngineState, agent: Agent) -> None:
    """The line could not ring the agent: nobody does for a moment."""
    rest_s = min(REST_S * 2.0**agent.faults, LONGEST_REST_S)
    w.roster.rest(agent, True)
    agent.faults += 1
    w.set_timer(TimerKind.REST, agent.id, rest_s)


def rested(w: EngineState, subject: AgentId) -> None:
    """The REST timer fired."""
    if subject in w.roster:
        w.roster.rest(w.roster[subject], False)
        w.distributor.agent_free(subject)
