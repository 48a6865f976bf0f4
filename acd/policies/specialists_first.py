"""Agent selection that keeps flexible agents free: the group with the least breadth, then the longest idle."""

from __future__ import annotations

from dataclasses import dataclass

from acd.floor import Floor
from acd.policy import Groups
from agents import Agent
from calls import AgentId
from queues import CallClass, Place


@dataclass(frozen=True, slots=True)
class SpecialistsFirst:
    name: str = "specialists_first"
    keeps: bool = False

    def choose(self, floor: Floor, of: CallClass, place: Place, groups: Groups, now: float) -> AgentId | None:
        return min(groups, key=lambda group: (floor.breadth(group), group.ready[0])).ready[0][1]

    def ripe_in(self, floor: Floor, of: CallClass, place: Place, groups: Groups, now: float) -> float:
        return 0.0

    def urgency(self, floor: Floor, of: CallClass, place: Place, agent: Agent, now: float) -> float:
        return place.score(now)
