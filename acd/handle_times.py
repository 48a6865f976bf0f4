"""Handle times by queue and pace by agent, learned while the line works.

Running means that forget slowly. Policies read them; nothing is decided here.
"""

from __future__ import annotations

from typing import Final, final

from agents import Agent
from calls import AgentId, QueueId
from queues import RunningMean

TYPICAL_S: Final = 240.0
"""Handle time (talk + hold + wrap-up, s) before any is known."""
QUEUE_WEIGHT: Final = 1 / 200
AGENT_WEIGHT: Final = 1 / 200
TRUST_QUEUE: Final = 20
TRUST_AGENT: Final = 50
"""Number of items at which an agent's own mean has half the weight, so that chance does not look like a pace."""


@final
class HandleTimes:
    """Handle times of queues (s), and each agent's pace relative to them (1: average, 2: takes twice as long)."""

    everything: RunningMean
    queues: dict[QueueId, RunningMean]
    agents: dict[AgentId, RunningMean]

    def __init__(
        self,
        everything: RunningMean | None = None,
        queues: dict[QueueId, RunningMean] | None = None,
        agents: dict[AgentId, RunningMean] | None = None,
    ) -> None:
        self.everything = RunningMean(QUEUE_WEIGHT) if everything is None else everything
        self.queues = {} if queues is None else queues
        self.agents = {} if agents is None else agents

    def handled(self, queue: QueueId, agent: Agent, handle_s: float) -> None:
        """Learn the handle time (s) of an item whose wrap-up is over."""
        known = self.queues.get(queue)
        if known is None:
            known = self.queues[queue] = RunningMean(QUEUE_WEIGHT)
        if known.count >= TRUST_QUEUE:  # before that there is nothing to compare a pace with
            pace = self.agents.get(agent.id)
            if pace is None:
                pace = self.agents[agent.id] = RunningMean(AGENT_WEIGHT)
            pace.add(handle_s / _trusted(known, self.typical_s, TRUST_QUEUE))
            self.tell_pace(agent)
        self.everything.add(handle_s)
        known.add(handle_s)

    @property
    def typical_s(self) -> float:
        """Give the mean handle time (s) of the line's items."""
        return _trusted(self.everything, TYPICAL_S, 1)

    def handle_s(self, queue: QueueId) -> float:
        """Give the mean handle time (s) of the queue's items."""
        return _trusted(self.queues.get(queue), self.typical_s, TRUST_QUEUE)

    def tell_pace(self, agent: Agent) -> None:
        """Note with the agent what is known of their pace: choices read it there."""
        agent.pace = _trusted(self.agents.get(agent.id), 1.0, TRUST_AGENT)
        agent.pace_tenths = int(agent.pace * 10.0 + 0.5)


def _trusted(known: RunningMean | None, otherwise: float, trust: int) -> float:
    """Give the mean, shrunk towards ``otherwise`` as if that had been seen ``trust`` times."""
    if known is None:
        return otherwise
    return (known.value * known.count + otherwise * trust) / (known.count + trust)
