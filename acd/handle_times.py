"""What the distributor learns while it works: how long calls of a queue take, and how quick an agent is.

Running means that forget slowly. Nothing here decides; policies read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from calls import AgentId, QueueId
from queues import RunningMean

TYPICAL_S: Final = 240.0
"""Handle time (talk + hold + wrap-up) before anything is known."""
QUEUE_WEIGHT: Final = 1 / 200
AGENT_WEIGHT: Final = 1 / 200
TRUST_QUEUE: Final = 20
TRUST_AGENT: Final = 50
"""A mean of so few is pulled half way to what holds for everybody: chance alone must not look like a pace."""


@dataclass(slots=True)
class HandleTimes:
    """Handle times of queues (seconds), and each agent's pace against them (1: as quick as all, 2: takes twice)."""

    everything: RunningMean = field(default_factory=lambda: RunningMean(QUEUE_WEIGHT))
    queues: dict[QueueId, RunningMean] = field(default_factory=dict)
    agents: dict[AgentId, RunningMean] = field(default_factory=dict)

    def handled(self, queue: QueueId, agent: AgentId, handle_s: float) -> None:
        """A call and the work after it are over."""
        known = self.queues.get(queue)
        if known is None:
            known = self.queues[queue] = RunningMean(QUEUE_WEIGHT)
        if known.count >= TRUST_QUEUE:  # before that nobody knows what is quick
            pace = self.agents.get(agent)
            if pace is None:
                pace = self.agents[agent] = RunningMean(AGENT_WEIGHT)
            pace.add(handle_s / self.handle_s(queue))
        self.everything.add(handle_s)
        known.add(handle_s)

    @property
    def typical_s(self) -> float:
        """Mean handle time of the line's calls."""
        return _trusted(self.everything, TYPICAL_S, 1)

    def handle_s(self, queue: QueueId) -> float:
        """Mean handle time of the queue's calls."""
        return _trusted(self.queues.get(queue), self.typical_s, TRUST_QUEUE)

    def pace(self, agent: AgentId) -> float:
        """How long the agent takes for what takes others 1."""
        return _trusted(self.agents.get(agent), 1.0, TRUST_AGENT)


def _trusted(known: RunningMean | None, otherwise: float, trust: int) -> float:
    """The mean, pulled towards ``otherwise`` as if that had been seen ``trust`` times."""
    if known is None:
        return otherwise
    return (known.value * known.count + otherwise * trust) / (known.count + trust)
