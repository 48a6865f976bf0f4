"""The weighted index of Chan, Koole, L'Ecuyer: q + a x wait + b x idle for each pair of class and group.

W. Chan, G. Koole, P. L'Ecuyer, "Dynamic call center routing policies using call waiting and agent idle times",
Manufacturing & Service Operations Management 16(4), 2014. The pair with the highest index is joined; while all are
negative the agents are held back. Here ``q = -keep_s x breadth of the group``.
"""

from __future__ import annotations

from math import inf
from typing import ClassVar, Final, final

from acd.eligibility import Eligibility
from acd.link import Link
from acd.policy import Groups, Policy
from agents import Agent, AgentGroup
from queues import Place

MOST: Final = 3600.0


@final
class WeightedIndex(Policy):
    """``keep_s``: longest hold-back (s), of a group that can serve every call; ``wait``, ``idle``: weights."""

    NUMBERS: ClassVar = ("keep_s", "wait", "idle")

    def __init__(self, keep_s: float = 20.0, wait: float = 1.0, idle: float = 1.0) -> None:
        super().__init__("weighted_index", holds_back=keep_s > 0)
        if not (0 <= keep_s <= MOST and 0 <= wait <= MOST and 0 <= idle <= MOST):
            raise ValueError(f"keep_s, wait and idle: 0 to {MOST:g}")
        self.keep_s = float(keep_s)
        self.wait = float(wait)
        self.idle = float(idle)

    def choose(self, eligibility: Eligibility, link: Link, place: Place, groups: Groups, now: float) -> Agent | None:
        best, highest = groups[0], self._index_of(eligibility, place, groups[0], now)
        for group in groups[1:]:
            index = self._index_of(eligibility, place, group, now)
            if index > highest or (index == highest and best.ready[0].idle_longer(group.ready[0])):
                best, highest = group, index
        return None if highest < 0 and not place.is_due(now) else best.ready[0]

    def holdback_left_s(self, eligibility: Eligibility, link: Link, place: Place, groups: Groups, now: float) -> float:
        missing = min([-self._index_of(eligibility, place, group, now) for group in groups])
        slope = self.wait * place.ageing + self.idle
        left_s = missing / slope if slope > 0 else inf
        return max(0.0, min(left_s, place.due_at - now))

    def urgency(self, eligibility: Eligibility, link: Link, place: Place, agent: Agent, now: float) -> float:
        return self._index(eligibility, place, agent.group, agent.idle_since, now)

    def _index_of(self, eligibility: Eligibility, place: Place, group: AgentGroup, now: float) -> float:
        """Give the index of the item and the group's longest idle agent."""
        return self._index(eligibility, place, group, group.ready[0].idle_since, now)

    def _index(self, eligibility: Eligibility, place: Place, group: AgentGroup, idle_since: float, now: float) -> float:
        q = -self.keep_s * eligibility.breadth(group)
        return q + self.wait * place.score(now) + self.idle * max(0.0, now - idle_since)
