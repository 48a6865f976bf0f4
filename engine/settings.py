"""Everything the engine must be told, in one immutable value. A change of settings is a new value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agents import AgentSettings, Code
from calls import AgentId, QueueId
from ivr import Menus
from queues import QueueSettings


@dataclass(frozen=True, slots=True)
class LineSettings:
    """Menus, queues, agents and feature codes of one line."""

    menus: Menus
    queues: Mapping[QueueId, QueueSettings]
    agents: Mapping[AgentId, AgentSettings]
    codes: Mapping[str, Code]
