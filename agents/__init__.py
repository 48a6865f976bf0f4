"""Agents: who they are, what they can, what they are doing. Knows the vocabulary only."""

from .roster import ABSENT, SERVING, Agent, AgentGroup, Availability, KeptRoster, RequestRefused, Roster, StateChange
from .settings import AgentSettings, Code
from .state import TABLE, Action, AgentEvent

__all__ = [
    "ABSENT",
    "SERVING",
    "TABLE",
    "Action",
    "Agent",
    "AgentEvent",
    "AgentGroup",
    "AgentSettings",
    "Availability",
    "Code",
    "KeptRoster",
    "RequestRefused",
    "Roster",
    "StateChange",
]
