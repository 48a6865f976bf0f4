"""Agent selection that keeps flexible agents free: the group with the least breadth, then the longest idle."""

from __future__ import annotations

from dataclasses import dataclass

from acd.floor import Floor
from acd.policy import Groups, Plain
from calls import AgentId
from queues import CallClass, Place


@dataclass(frozen=True, slots=True)
class SpecialistsFirst(Plain):
    name = "specialists_first"

    def choose(self, floor: Floor, of: CallClass, place: Place, groups: Groups, now: float) -> AgentId | None:
        return min(groups, key=lambda group: (floor.breadth(group), group.ready[0])).ready[0][1]
