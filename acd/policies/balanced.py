"""The default, which needs no tuning: the least needed agent serves; short calls go first, within the cap.

*Agent selection.* Taking an agent from a group hurts each class they could have served: the more, the more calls it
has and the fewer idle agents are left for it. The price of a group is the sum of ``share x beta ^ idle`` over its
classes (``share`` of the line's calls, ``idle`` agents now available to the class): with Poisson arrivals the chance of
running out falls about geometrically with the agents left. The group with the lowest price gives the agent: of its
longest idle ones the quickest.

*Queue selection.* Serving short calls first makes the mean wait shortest (the c-mu rule: Cox, Smith, "Queues", 1961);
the generalised rule (van Mieghem 1995) weighs that with the wait. Here the score is multiplied by ``mu ^ power``, mu
relative to the line's mean: a third power comes within a few percent of the fixed order "shortest first" where handle
times are far apart, and has almost no effect if they are nearly equal.
"""

from __future__ import annotations

from typing import ClassVar, Final, final

from acd.eligibility import Eligibility
from acd.link import Link
from acd.policy import Groups, Policy
from agents import Agent, AgentGroup
from queues import Place

MOST_POWER: Final = 10.0
LOOKED_AT: Final = 8
"""Number of a group's longest idle agents that are compared by pace."""


@final
class Balanced(Policy):
    """``power``: of mu in the urgency. ``beta``: factor on the chance to run out per additional idle agent."""

    NUMBERS: ClassVar = ("power", "beta")

    def __init__(self, power: float = 3.0, beta: float = 0.8) -> None:
        super().__init__("balanced")
        if not (0 <= power <= MOST_POWER and 0 < beta <= 1):
            raise ValueError(f"power {power:g}, beta {beta:g}: power 0 to {MOST_POWER:g}, beta above 0, to 1")
        self.power = float(power)
        self.beta = float(beta)
        self._powers: list[float] = []
        """``beta ^ idle`` by ``idle``."""

    def choose(self, eligibility: Eligibility, link: Link, place: Place, groups: Groups, now: float) -> Agent | None:
        ready = (self._cheapest(eligibility, groups) if len(groups) > 1 else groups[0]).ready
        best = ready[0]
        for agent in ready[:LOOKED_AT]:
            if agent.pace_tenths < best.pace_tenths:  # of about equal pace the longest idle
                best = agent
        return best

    def _cheapest(self, eligibility: Eligibility, groups: Groups) -> AgentGroup:
        """Give the group with the lowest price; of equal ones that with the longest idle agent."""
        eligibility.choices += 1
        best, lowest = groups[0], self._price(eligibility, groups[0])
        for group in groups[1:]:
            price = self._price(eligibility, group)
            if price < lowest or (price == lowest and group.ready[0].idle_longer(best.ready[0])):
                best, lowest = group, price
        return best

    def _price(self, eligibility: Eligibility, group: AgentGroup) -> float:
        """Add up what an agent of the group would be missed by each class. A class has one price in a choice."""
        choice, total, price = eligibility.choices, eligibility.demand.total or 1.0, 0.0
        for link in eligibility.served(group):
            if link.priced_at != choice:
                link.priced_at = choice
                link.price = link.weight / total * self._left(link.agents.available)
            price += link.price
        return price

    def _left(self, idle: int) -> float:
        """Give ``beta ^ idle``."""
        while len(self._powers) <= idle:
            self._powers.append(pow(self.beta, float(len(self._powers))))
        return self._powers[idle]

    def urgency(self, eligibility: Eligibility, link: Link, place: Place, agent: Agent, now: float) -> float:
        score = place.score(now) + 1.0
        times = eligibility.handle_times
        quick: float = pow(times.typical_s / times.handle_s(link.of.queue), self.power)
        return score * quick if score > 0 else score / quick
