"""Agent selection that keeps flexible agents free: the group with the least breadth, then the longest idle."""

from __future__ import annotations

from typing import final

from acd.eligibility import Eligibility
from acd.link import Link
from acd.policy import Groups, Policy, longest_idle
from agents import Agent
from queues import Place


@final
class SpecialistsFirst(Policy):
    def __init__(self) -> None:
        super().__init__("specialists_first")

    def choose(self, eligibility: Eligibility, link: Link, place: Place, groups: Groups, now: float) -> Agent | None:
        breadths = [eligibility.breadth(group) for group in groups]
        least = min(breadths)
        return longest_idle([group for group, breadth in zip(groups, breadths, strict=True) if breadth == least])
