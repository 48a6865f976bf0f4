"""Agents: who they are, what they can, what they are doing. Knows the vocabulary only."""

from .roster import ABSENT, SERVING, Agent, Change, Group, Refused, Roster, Standing
from .settings import AgentSettings, Code
from .state import TABLE, Action, AgentEvent

__all__ = [
    "ABSENT",
    "SERVING",
    "TABLE",
    "Action",
    "Agent",
    "AgentEvent",
    "AgentSettings",
    "Change",
    "Code",
    "Group",
    "Refused",
    "Roster",
    "Standing",
]
