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

from dataclasses import dataclass
from math import fsum
from typing import Final

from acd.eligibility import Eligibility
from acd.policy import BasePolicy, Groups
from agents import Agent, AgentGroup
from calls import AgentId
from queues import Place, WorkClass

MOST_POWER: Final = 10.0
LOOKED_AT: Final = 8
"""Number of a group's longest idle agents that are compared by pace."""


@dataclass(frozen=True, slots=True)
class Balanced(BasePolicy):
    """``power``: of mu in the urgency. ``beta``: factor on the chance to run out per additional idle agent."""

    power: float = 3.0
    beta: float = 0.8
    name = "balanced"

    def __post_init__(self) -> None:
        if not (0 <= self.power <= MOST_POWER and 0 < self.beta <= 1):
            raise ValueError(f"power {self.power:g}, beta {self.beta:g}: power 0 to {MOST_POWER:g}, beta above 0, to 1")

    def choose(
        self, eligibility: Eligibility, of: WorkClass, place: Place, groups: Groups, now: float
    ) -> AgentId | None:
        best = self._cheapest(eligibility, groups) if len(groups) > 1 else groups[0]
        return min(best.ready[:LOOKED_AT], key=lambda entry: (_pace(eligibility, entry[1]), entry))[1]

    def _cheapest(self, eligibility: Eligibility, groups: Groups) -> AgentGroup:
        """Give the group with the lowest price; of equal ones that with the longest idle agent."""
        price, served = _Prices(eligibility, self.beta).__getitem__, eligibility.served()
        prices = [fsum(map(price, served[group])) for group in groups]  # sum() differs between Pythons
        lowest = min(prices)
        return min((g for g, asked in zip(groups, prices, strict=True) if asked == lowest), key=lambda g: g.ready[0])

    def urgency(self, eligibility: Eligibility, of: WorkClass, place: Place, agent: Agent, now: float) -> float:
        score = place.score(now) + 1.0
        quick = pow(eligibility.handle_times.typical_s / eligibility.handle_times.handle_s(of.queue), self.power)
        return float(score * quick if score > 0 else score / quick)


def _pace(eligibility: Eligibility, agent: AgentId) -> float:
    """Give the pace in steps of a tenth, so that agents of about equal pace are ordered by idle time."""
    return round(eligibility.handle_times.pace(agent), 1)


class _Prices(dict[WorkClass, float]):
    """Prices of classes at one moment, each worked out when first needed: few are, but often."""

    __slots__ = ("beta", "idle", "total", "weights")

    def __init__(self, eligibility: Eligibility, beta: float) -> None:
        self.weights, self.total = eligibility.demand.weights, eligibility.demand.total or 1.0
        self.idle, self.beta = eligibility.idle(), beta

    def __missing__(self, of: WorkClass) -> float:
        price = self[of] = self.weights.get(of, 0.0) / self.total * self.beta ** self.idle[of]
        return price
