"""Which agents can serve which calls, worked out once per pair of class and group; all that policies may read."""

from __future__ import annotations

from math import fsum
from typing import Final, NamedTuple, final

from agents import AgentGroup, Availability, Roster
from calls import satisfies
from queues import WaitingRoom, WorkClass

from .demand import ClassDemand, KeptDemand
from .handle_times import HandleTimes
from .link import Link

STALE_AFTER: Final = 500
"""Number of calls after which a group's breadth is worked out anew."""


class KeptBreadth(NamedTuple):
    """The breadth of a group, by its number in the roster; worked out when so many calls had been seen."""

    group: int
    seen: int
    breadth: float


class KeptEligibility(NamedTuple):
    """What is kept of it. ``linked``: classes by their numbers in the room, in the order in which they were linked.

    A breadth is kept because it is worked out anew only now and then. ``groups``: how many the links know.
    """

    handle_times: HandleTimes
    demand: KeptDemand
    linked: tuple[int, ...]
    groups: int
    breadths: tuple[KeptBreadth, ...]


@final
class Eligibility:
    """Agents, waiting calls, and the links between groups and classes."""

    def __init__(self, roster: Roster, room: WaitingRoom, handle_times: HandleTimes | None = None) -> None:
        self.roster = roster
        self.room = room
        self.handle_times = HandleTimes() if handle_times is None else handle_times
        self.demand = ClassDemand()
        self.choices: int = 0
        """How often agents were priced for a choice; see ``Link.price``."""
        self._links: list[Link] = []
        """By the number of the class."""
        self._served: list[list[Link]] = []
        """The classes that each group can serve, in the order in which they were linked; by the group's number."""
        self.linked: list[Link] = []
        """In the order in which they were linked."""
        self.pooled: bool = False
        """Whether the pools of the links are right, and how often they were looked at; see ``ahead.py``."""
        self.looks: int = 0
        self._breadth: dict[int, tuple[int, float]] = {}
        self._groups_seen: int = 0
        self._learn_paces()

    def kept(self) -> KeptEligibility:
        """Give what is kept."""
        breadths = tuple([KeptBreadth(group, *known) for group, known in self._breadth.items()])
        linked = tuple([link.of.number for link in self.linked])
        return KeptEligibility(self.handle_times, self.demand.kept(self.links()), linked, self._groups_seen, breadths)

    @classmethod
    def restored(cls, kept: KeptEligibility, roster: Roster, room: WaitingRoom) -> Eligibility:
        """Work the links out again, in their order."""
        again = cls(roster, room, kept.handle_times)
        links = again.links()
        again.demand = ClassDemand.restored(kept.demand, links)
        again._groups_seen = kept.groups
        for number in kept.linked:
            again._link(links[number])
        again._breadth = {known.group: (known.seen, known.breadth) for known in kept.breadths}
        return again

    def links(self) -> list[Link]:
        """Give what is known of each class, by its number."""
        classes, links = self.room.classes, self._links
        while len(links) < len(classes):
            links.append(Link(classes[len(links)]))
        return links

    def link(self, of: WorkClass) -> Link:
        """Give the link of the class, with the groups whose agents may take its items."""
        link = self.noting(of)
        if len(self.roster.groups) != self._groups_seen:
            self.forget()
        if not link.known:
            self._link(link)
        return link

    def noting(self, of: WorkClass) -> Link:
        """Give the link of the class, whether its groups are known yet or not."""
        return self._links[of.number] if of.number < len(self._links) else self.links()[of.number]

    def elsewhere(self, of: WorkClass) -> list[AgentGroup]:
        """Give the groups with the skills for the class whose phones cannot be rung at its node."""
        return [g for g in self.roster.groups if of.node in g.missing and satisfies(g.skills, of.requires)]

    def served(self, group: AgentGroup) -> list[Link]:
        """Give the classes whose calls the group's agents may take, in the order in which they first came."""
        if len(self.roster.groups) != self._groups_seen:
            self.forget()
        return self._served[group.number] if group.number < len(self._served) else []

    def anybody_free(self, of: WorkClass) -> bool:
        """Tell whether an agent is available to the class."""
        return self.link(of).agents.available > 0

    def present(self, of: WorkClass) -> int:
        """Count the agents who can serve the class, are logged in and have a phone."""
        return self.link(of).agents.present

    def counts(self, of: WorkClass) -> dict[Availability, int]:
        """Count the agents who can serve the class by their availability, in the order of ``Availability``."""
        groups = self.link(of).groups
        return {one: sum([group.count(one) for group in groups]) for one in Availability}

    def breadth(self, group: AgentGroup) -> float:
        """Give the share of the line's calls that the group can serve, 0 to 1: its flexibility."""
        known = self._breadth.get(group.number)
        if known is not None and self.demand.seen - known[0] < STALE_AFTER:
            return known[1]
        breadth = fsum([self.demand.share(link) for link in self.served(group)])
        self._breadth[group.number] = (self.demand.seen, breadth)
        return breadth

    def forget(self) -> None:
        """Forget all links, because groups or settings changed; they are worked out anew."""
        self._groups_seen = len(self.roster.groups)
        self.linked, self._served, self.pooled = [], [], False
        self._breadth.clear()
        for group in self.roster.groups:
            group.counts = [group.own, self.roster.everybody]
        for link in self.links():
            self._link(link)
        self._learn_paces()

    def _link(self, link: Link) -> None:
        of, roster = link.of, self.roster
        link.join([g for g in roster.groups if of.node not in g.missing and satisfies(g.skills, of.requires)])
        self.linked.append(link)
        self.pooled = False
        while len(self._served) < len(roster.groups):
            self._served.append([])
        for group in link.groups:
            self._served[group.number].append(link)
            self._breadth.pop(group.number, None)

    def _learn_paces(self) -> None:
        """Tell every agent the pace that is known of them."""
        for agent in self.roster:
            self.handle_times.tell_pace(agent)
