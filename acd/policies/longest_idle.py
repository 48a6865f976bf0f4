"""The plain rule: the highest score of the ordering key, to the agent who has been idle longest."""

from __future__ import annotations

from dataclasses import dataclass

from acd.floor import Floor
from acd.policy import Groups, longest_idle
from agents import Agent
from calls import AgentId
from queues import CallClass, Place


@dataclass(frozen=True, slots=True)
class LongestIdle:
    name: str = "longest_idle"
    keeps: bool = False

    def choose(self, floor: Floor, of: CallClass, place: Place, groups: Groups, now: float) -> AgentId | None:
        return longest_idle(groups)

    def ripe_in(self, floor: Floor, of: CallClass, place: Place, groups: Groups, now: float) -> float:
        return 0.0

    def urgency(self, floor: Floor, of: CallClass, place: Place, agent: Agent, now: float) -> float:
        return place.score(now)
