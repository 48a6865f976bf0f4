"""Agent selection by fairness of load: the available agent with the lowest recent occupancy."""

from __future__ import annotations

from typing import final

from acd.eligibility import Eligibility
from acd.link import Link
from acd.policy import Groups, Policy
from agents import Agent
from queues import Place


@final
class LeastOccupied(Policy):
    def __init__(self) -> None:
        super().__init__("least_occupied")

    def choose(self, eligibility: Eligibility, link: Link, place: Place, groups: Groups, now: float) -> Agent | None:
        best = groups[0].rested()[0]
        for group in groups[1:]:
            if group.rested()[0].less_loaded(best):
                best = group.rested()[0]
        return best
