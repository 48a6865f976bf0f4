"""The link between a class of work and the agents who can serve it."""

from __future__ import annotations

from typing import final

from agents import AgentGroup, Headcount
from queues import WorkClass


@final
class Link:
    """All that the distributor knows of a class of work.

    ``groups``: those whose agents may take its items, once they were looked for (``known``); ``agents``: the headcount
    of these groups. ``weight``: in the call mix (``demand.py``). ``noted``: whether the distributor is to look at it.
    """

    def __init__(self, of: WorkClass) -> None:
        self.of = of
        self.groups: list[AgentGroup] = []
        self.agents = Headcount()
        self.known: bool = False
        self.weight: float = 0.0
        self.noted: bool = False
        self.price: float = 0.0
        self.priced_at: int = 0
        """What taking one of its agents costs, and the number of the choice for which this was worked out."""

    def join(self, groups: list[AgentGroup]) -> None:
        """Link the class with these groups, which count for it from now on."""
        self.groups, self.agents, self.known = groups, Headcount(), True
        for group in groups:
            group.count_for(self.agents)
