"""Agent selection that keeps flexible agents free: the group with the least breadth, then the longest idle."""

from __future__ import annotations

from dataclasses import dataclass

from acd.eligibility import Eligibility
from acd.policy import BasePolicy, Groups
from calls import AgentId
from queues import Place, WorkClass


@dataclass(frozen=True, slots=True)
class SpecialistsFirst(BasePolicy):
    name = "specialists_first"

    def choose(
        self, eligibility: Eligibility, of: WorkClass, place: Place, groups: Groups, now: float
    ) -> AgentId | None:
        return min(groups, key=lambda group: (eligibility.breadth(group), group.ready[0])).ready[0][1]
