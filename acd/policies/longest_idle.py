"""The plain rule: the call with the highest score goes to the agent who has been idle longest."""

from __future__ import annotations

from typing import final

from acd.eligibility import Eligibility
from acd.link import Link
from acd.policy import Groups, Policy, longest_idle
from agents import Agent
from queues import Place


@final
class LongestIdle(Policy):
    def __init__(self) -> None:
        super().__init__("longest_idle")

    def choose(self, eligibility: Eligibility, link: Link, place: Place, groups: Groups, now: float) -> Agent | None:
        return longest_idle(groups)
