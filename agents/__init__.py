"""Agents: who they are, what they can, what they are doing. Knows the vocabulary only."""

from .agent import Agent, AgentGroup, Headcount, Members
from .roster import KeptRoster, RequestRefused, Roster
from .settings import AgentSettings, Code
from .standing import Availability
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
    "Members",
    "RequestRefused",
    "Roster",
]
