"""Agent selection by level: the group that is best at what the call needs, then the longest idle."""

from __future__ import annotations

from dataclasses import dataclass

from acd.eligibility import Eligibility
from acd.policy import BasePolicy, Groups
from agents import AgentGroup
from calls import AgentId, Requirement, satisfies
from queues import Place, WorkClass


@dataclass(frozen=True, slots=True)
class BestSkilled(BasePolicy):
    """A group's level is the lowest of its levels among the skills of an alternative of the requirement."""

    name = "best_skilled"

    def choose(
        self, eligibility: Eligibility, of: WorkClass, place: Place, groups: Groups, now: float
    ) -> AgentId | None:
        return min(groups, key=lambda group: (-_level(group, of.requires), group.ready[0])).ready[0][1]


def _level(group: AgentGroup, needed: Requirement) -> int:
    able = (needs for needs in needed if satisfies(group.skills, (needs,)))
    return max((min((group.skills[need.skill] for need in needs), default=0) for needs in able), default=0)
