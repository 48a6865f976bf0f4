"""Agents: who they are, what they can, what they are doing. Knows the vocabulary only."""

from .agent import Agent, AgentGroup, Availability, Headcount
from .roster import KeptRoster, RequestRefused, Roster, StateChange
from .settings import AgentSettings, Code
from .state import SERVING, TABLE, Action, AgentEvent

__all__ = [
    "SERVING",
    "TABLE",
    "Action",
    "Agent",
    "AgentEvent",
    "AgentGroup",
    "AgentSettings",
    "Availability",
    "Code",
    "Headcount",
    "KeptRoster",
    "RequestRefused",
    "Roster",
    "StateChange",
]
