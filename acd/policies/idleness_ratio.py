"""Queue-and-idleness ratio: hold every class's share of the queue, and every group's share of the idleness, fixed.

I. Gurvich, W. Whitt, "Queue-and-idleness-ratio controls in many-server service systems", Mathematics of Operations
Research 34(2), 2009. A call goes to the group whose idle agents exceed its share of the agents most; a freed agent
takes from the class whose queue exceeds its share of the demand most.
"""

from __future__ import annotations

from dataclasses import dataclass

from acd.eligibility import Eligibility
from acd.policy import BasePolicy, Groups
from agents import Agent, Availability
from calls import AgentId
from queues import Place, WorkClass


@dataclass(frozen=True, slots=True)
class IdlenessRatio(BasePolicy):
    name = "idleness_ratio"

    def choose(
        self, eligibility: Eligibility, of: WorkClass, place: Place, groups: Groups, now: float
    ) -> AgentId | None:
        idle = eligibility.roster.availability[Availability.AVAILABLE]
        people = eligibility.roster.present
        return max(groups, key=lambda g: (len(g.ready) - idle * g.present / people, g.ready[0])).ready[0][1]

    def urgency(self, eligibility: Eligibility, of: WorkClass, place: Place, agent: Agent, now: float) -> float:
        return len(of.free) - eligibility.demand.share(of) * len(eligibility.room.places)
