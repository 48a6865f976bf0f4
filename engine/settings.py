"""Everything the engine must be told, in one immutable value. A change of settings is a new value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from acd import Policy, policy_of
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

    def policies(self) -> dict[QueueId, Policy]:
        """The routing policy of each queue."""
        return {queue.id: policy_of(queue.policy, queue.policy_settings) for queue in self.queues.values()}
