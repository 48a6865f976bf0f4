"""The plain rule: the highest score of the ordering key, to the agent who has been idle longest."""

from __future__ import annotations

from dataclasses import dataclass

from acd.floor import Floor
from acd.policy import Groups, Plain, longest_idle
from calls import AgentId
from queues import CallClass, Place


@dataclass(frozen=True, slots=True)
class LongestIdle(Plain):
    name = "longest_idle"

    def choose(self, floor: Floor, of: CallClass, place: Place, groups: Groups, now: float) -> AgentId | None:
        return longest_idle(groups)
