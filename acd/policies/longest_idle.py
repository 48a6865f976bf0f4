"""The plain rule: the call with the highest score goes to the agent who has been idle longest."""

from __future__ import annotations

from dataclasses import dataclass

from acd.eligibility import Eligibility
from acd.policy import BasePolicy, Groups, longest_idle
from calls import AgentId
from queues import Place, WorkClass


@dataclass(frozen=True, slots=True)
class LongestIdle(BasePolicy):
    name = "longest_idle"

    def choose(
        self, eligibility: Eligibility, of: WorkClass, place: Place, groups: Groups, now: float
    ) -> AgentId | None:
        return longest_idle(groups)
