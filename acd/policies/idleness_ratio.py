"""Queue-and-idleness ratio: hold every class's share of the queue, and every group's share of the idleness, fixed.

I. Gurvich, W. Whitt, "Queue-and-idleness-ratio controls in many-server service systems", Mathematics of Operations
Research 34(2), 2009. A call goes to the group whose idle agents exceed its share of the agents most; a freed agent
takes from the class whose queue exceeds its share of the demand most.
"""

from __future__ import annotations

from typing import final

from acd.eligibility import Eligibility
from acd.link import Link
from acd.policy import Groups, Policy
from agents import Agent
from queues import Place


@final
class IdlenessRatio(Policy):
    def __init__(self) -> None:
        super().__init__("idleness_ratio")

    def choose(self, eligibility: Eligibility, link: Link, place: Place, groups: Groups, now: float) -> Agent | None:
        everybody = eligibility.roster.everybody
        idle, people = everybody.available, everybody.present
        best, most = groups[0], len(groups[0].ready) - idle * groups[0].present / people
        for group in groups[1:]:
            excess = len(group.ready) - idle * group.present / people
            if excess > most or (excess == most and best.ready[0].idle_longer(group.ready[0])):
                best, most = group, excess
        return best.ready[0]

    def urgency(self, eligibility: Eligibility, link: Link, place: Place, agent: Agent, now: float) -> float:
        return len(link.of.free) - eligibility.demand.share(link) * len(eligibility.room.places)
