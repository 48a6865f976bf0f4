"""Agent selection by fairness of load: the available agent with the lowest recent occupancy."""

from __future__ import annotations

from dataclasses import dataclass

from acd.eligibility import Eligibility
from acd.policy import BasePolicy, Groups
from calls import AgentId
from queues import Place, WorkClass


@dataclass(frozen=True, slots=True)
class LeastOccupied(BasePolicy):
    name = "least_occupied"

    def choose(
        self, eligibility: Eligibility, of: WorkClass, place: Place, groups: Groups, now: float
    ) -> AgentId | None:
        return min(group.rested[0] for group in groups)[1]
