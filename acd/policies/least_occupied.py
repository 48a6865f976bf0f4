"""Agent selection by fairness of load: the available agent with the lowest recent occupancy."""

from __future__ import annotations

from dataclasses import dataclass

from acd.floor import Floor
from acd.policy import Groups
from agents import Agent
from calls import AgentId
from queues import CallClass, Place


@dataclass(frozen=True, slots=True)
class LeastOccupied:
    name: str = "least_occupied"
    keeps: bool = False

    def choose(self, floor: Floor, of: CallClass, place: Place, groups: Groups, now: float) -> AgentId | None:
        return min(group.rested[0] for group in groups)[1]

    def ripe_in(self, floor: Floor, of: CallClass, place: Place, groups: Groups, now: float) -> float:
        return 0.0

    def urgency(self, floor: Floor, of: CallClass, place: Place, agent: Agent, now: float) -> float:
        return place.score(now)
