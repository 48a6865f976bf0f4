"""The generalised c-mu rule: the call whose cost grows fastest for each second of this agent's work.

J. van Mieghem, "Dynamic scheduling with convex delay costs: the generalized c-mu rule", Annals of Applied Probability
5(3), 1995. With cost growing as the square of the wait the index is score x mu; mu is one over the expected handle
time of the pair. A call looks for the quickest agent, then for the longest idle.
"""

from __future__ import annotations

from dataclasses import dataclass

from acd.eligibility import Eligibility
from acd.policy import BasePolicy, Groups
from agents import Agent
from calls import AgentId
from queues import Place, WorkClass


@dataclass(frozen=True, slots=True)
class GeneralisedCmu(BasePolicy):
    name = "cmu"

    def choose(
        self, eligibility: Eligibility, of: WorkClass, place: Place, groups: Groups, now: float
    ) -> AgentId | None:
        heads = (entry for group in groups for entry in group.ready)
        return min(heads, key=lambda entry: (eligibility.handle_times.pace(entry[1]), entry))[1]

    def urgency(self, eligibility: Eligibility, of: WorkClass, place: Place, agent: Agent, now: float) -> float:
        return place.score(now) * eligibility.handle_times.typical_s / eligibility.handle_times.handle_s(of.queue)
