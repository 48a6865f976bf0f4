"""The link between a class of work and the agents who can serve it."""

from __future__ import annotations

from typing import final

from agents import AgentGroup, Headcount
from queues import WorkClass


@final
class AgentPool:
    """Groups of agents who can serve the very same classes."""

    def __init__(self, links: list[Link]) -> None:
        self.links = links
        self.groups: list[AgentGroup] = []
        self.seen_at: int = 0
        """The number of the look that found it last; see ``ahead.py``."""

    def working(self) -> int:
        """Count those who are at work on calls, or could be in a moment."""
        working = 0
        for group in self.groups:
            working += group.working
        return working


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

        self.pools: list[AgentPool] = []
        """Those who can serve it, by what else they can serve."""
        self.seen_at: int = 0
        self.number_here: int = -1
        """The number of the look that found it last, and its number among those found; see ``ahead.py``."""

    def join(self, groups: list[AgentGroup]) -> None:
        """Link the class with these groups, which count for it from now on."""
        self.groups, self.agents, self.known = groups, Headcount(), True
        for group in groups:
            group.count_for(self.agents)
