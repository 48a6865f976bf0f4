"""The generalised c-mu rule: the call whose cost grows fastest for each second of this agent's work.

J. van Mieghem, "Dynamic scheduling with convex delay costs: the generalized c-mu rule", Annals of Applied Probability
5(3), 1995. With cost growing as the square of the wait the index is score x mu; mu is one over the expected handle
time of the pair. A call looks for the quickest agent, then for the longest idle.
"""

from __future__ import annotations

from typing import final

from acd.eligibility import Eligibility
from acd.link import Link
from acd.policy import Groups, Policy
from agents import Agent
from queues import Place


@final
class GeneralisedCmu(Policy):
    def __init__(self) -> None:
        super().__init__("cmu")

    def choose(self, eligibility: Eligibility, link: Link, place: Place, groups: Groups, now: float) -> Agent | None:
        best = groups[0].ready[0]
        for group in groups:
            for agent in group.ready:
                if agent.pace < best.pace or (agent.pace == best.pace and agent.idle_longer(best)):
                    best = agent
        return best

    def urgency(self, eligibility: Eligibility, link: Link, place: Place, agent: Agent, now: float) -> float:
        times = eligibility.handle_times
        return place.score(now) * times.typical_s / times.handle_s(link.of.queue)
