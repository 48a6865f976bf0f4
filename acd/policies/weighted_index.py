"""The weighted index of Chan, Koole, L'Ecuyer: q + a x wait + b x idle for each pair of class and group.

W. Chan, G. Koole, P. L'Ecuyer, "Dynamic call center routing policies using call waiting and agent idle times",
Manufacturing & Service Operations Management 16(4), 2014. The pair with the highest index is joined; while all are
negative the agents are held back. Here ``q = -keep_s x breadth of the group``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Final

from acd.eligibility import Eligibility
from acd.policy import Groups
from agents import Agent, AgentGroup
from calls import AgentId
from queues import Place, WorkClass

MOST: Final = 3600.0


@dataclass(frozen=True, slots=True)
class WeightedIndex:
    """``keep_s``: longest hold-back (s), of a group that can serve every call; ``wait``, ``idle``: weights."""

    keep_s: float = 20.0
    wait: float = 1.0
    idle: float = 1.0
    name = "weighted_index"

    def __post_init__(self) -> None:
        if not all(0 <= value <= MOST for value in (self.keep_s, self.wait, self.idle)):
            raise ValueError(f"keep_s, wait and idle: 0 to {MOST:g}")

    @property
    def holds_back(self) -> bool:
        return self.keep_s > 0

    def choose(
        self, eligibility: Eligibility, of: WorkClass, place: Place, groups: Groups, now: float
    ) -> AgentId | None:
        best = max(
            groups, key=lambda group: (self._index(eligibility, place, group, group.ready[0][0], now), group.ready[0])
        )
        kept = self._index(eligibility, place, best, best.ready[0][0], now) < 0
        return None if kept and not place.is_due(now) else best.ready[0][1]

    def holdback_left_s(
        self, eligibility: Eligibility, of: WorkClass, place: Place, groups: Groups, now: float
    ) -> float:
        missing = min(-self._index(eligibility, place, group, group.ready[0][0], now) for group in groups)
        slope = self.wait * place.ageing + self.idle
        left_s = missing / slope if slope > 0 else inf
        return max(0.0, min(left_s, place.due_at - now))

    def urgency(self, eligibility: Eligibility, of: WorkClass, place: Place, agent: Agent, now: float) -> float:
        return self._index(eligibility, place, agent.group, agent.idle_since, now)

    def _index(self, eligibility: Eligibility, place: Place, group: AgentGroup, idle_since: float, now: float) -> float:
        q = -self.keep_s * eligibility.breadth(group)
        return q + self.wait * place.score(now) + self.idle * max(0.0, now - idle_since)
