"""Agent selection by level: the group that is best at what the call needs, then the longest idle."""

from __future__ import annotations

from typing import final

from acd.eligibility import Eligibility
from acd.link import Link
from acd.policy import Groups, Policy, longest_idle
from agents import Agent, AgentGroup
from calls import Requirement, satisfies
from queues import Place


@final
class BestSkilled(Policy):
    """A group's level is the lowest of its levels among the skills of an alternative of the requirement."""

    def __init__(self) -> None:
        super().__init__("best_skilled")

    def choose(self, eligibility: Eligibility, link: Link, place: Place, groups: Groups, now: float) -> Agent | None:
        levels = [_level(group, link.of.requires) for group in groups]
        best = max(levels)
        return longest_idle([group for group, level in zip(groups, levels, strict=True) if level == best])


def _level(group: AgentGroup, needed: Requirement) -> int:
    able = [needs for needs in needed if satisfies(group.skills, (needs,))]
    return max([min([group.skills[need.skill] for need in needs], default=0) for needs in able], default=0)
