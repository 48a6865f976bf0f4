"""The default, which needs no tuning: quick calls first within the cap, flexible agents kept free."""

from __future__ import annotations

from dataclasses import dataclass

from acd.floor import Floor
from acd.policy import Groups
from agents import Agent
from calls import AgentId
from queues import CallClass, Place


@dataclass(frozen=True, slots=True)
class Balanced:
    power: float = 3.0
    name: str = "balanced"
    keeps: bool = False

    def choose(self, floor: Floor, of: CallClass, place: Place, groups: Groups, now: float) -> AgentId | None:
        return min(groups, key=lambda group: (floor.breadth(group), group.ready[0])).ready[0][1]

    def ripe_in(self, floor: Floor, of: CallClass, place: Place, groups: Groups, now: float) -> float:
        return 0.0

    def urgency(self, floor: Floor, of: CallClass, place: Place, agent: Agent, now: float) -> float:
        score = place.score(now) + 1.0
        quick = pow(floor.figures.typical_s / floor.figures.handle_s(of.queue), self.power)
        return float(score * quick if score > 0 else score / quick)
