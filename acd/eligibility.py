"""Which agents can serve which calls, worked out once per pair of class and group; all that policies may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import fsum
from typing import Final, NamedTuple

from agents import ABSENT, AgentGroup, Availability, Roster
from calls import satisfies
from queues import WaitingRoom, WorkClass

from .demand import ClassDemand, KeptDemand
from .handle_times import HandleTimes

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


@dataclass(slots=True)
class Eligibility:
    """Agents, waiting calls, and the links between groups and classes."""

    roster: Roster
    room: WaitingRoom
    handle_times: HandleTimes = field(default_factory=HandleTimes)
    demand: ClassDemand = field(default_factory=ClassDemand)
    _groups: dict[WorkClass, tuple[AgentGroup, ...]] = field(default_factory=dict)
    _classes: dict[AgentGroup, list[WorkClass]] = field(default_factory=dict)
    _breadth: dict[AgentGroup, tuple[int, float]] = field(default_factory=dict)
    _counts: dict[Availability, dict[WorkClass, int]] = field(default_factory=lambda: {s: {} for s in Availability})
    _people: dict[WorkClass, int] = field(default_factory=dict)
    """Number of agents who can serve each class, logged in or not."""
    _groups_seen: int = 0

    def kept(self, numbers: Mapping[WorkClass, int]) -> KeptEligibility:
        """Give what is kept; ``numbers`` are those of the classes in the room."""
        places = {group: number for number, group in enumerate(self.roster.groups)}
        breadths = tuple(KeptBreadth(places[group], *known) for group, known in self._breadth.items())
        linked = tuple(numbers[of] for of in self._groups)
        return KeptEligibility(self.handle_times, self.demand.kept(numbers), linked, self._groups_seen, breadths)

    @classmethod
    def restored(cls, kept: KeptEligibility, roster: Roster, room: WaitingRoom) -> Eligibility:
        """Work the links out again, in their order."""
        classes = room.classes
        again = cls(roster, room, kept.handle_times, ClassDemand.restored(kept.demand, classes))
        again._groups_seen = kept.groups
        for number in kept.linked:
            again._link(classes[number])
        again._breadth = {roster.groups[known.group]: (known.seen, known.breadth) for known in kept.breadths}
        return again

    def groups(self, of: WorkClass) -> tuple[AgentGroup, ...]:
        """Give the groups whose agents may take calls of the class."""
        if len(self.roster.groups) != self._groups_seen:
            self.forget()
        known = self._groups.get(of)
        if known is None:
            self._link(of)
            known = self._groups[of]
        return known

    def elsewhere(self, of: WorkClass) -> tuple[AgentGroup, ...]:
        """Give the groups with the skills for the class whose phones cannot be rung at its node."""
        return tuple(g for g in self.roster.groups if of.node in g.missing and satisfies(g.skills, of.requires))

    def classes(self, group: AgentGroup) -> list[WorkClass]:
        """Give the classes whose calls the group's agents may take, in the order in which they first came."""
        return self.served().get(group, [])

    def served(self) -> Mapping[AgentGroup, list[WorkClass]]:
        """Give ``classes`` of all groups that can serve any."""
        if len(self.roster.groups) != self._groups_seen:
            self.forget()
        return self._classes

    def anybody_free(self, of: WorkClass) -> bool:
        """Tell whether an agent is available to the class."""
        return bool(self.groups(of) and self.idle()[of])

    def present(self, of: WorkClass) -> int:
        """Count the agents who can serve the class, are logged in and have a phone."""
        self.groups(of)
        self._count()
        return self._people[of] - sum(self._counts[availability][of] for availability in ABSENT)

    def counts(self, of: WorkClass) -> dict[Availability, int]:
        """Count the agents who can serve the class by their availability, in the order of ``Availability``."""
        self.groups(of)
        self._count()
        return {availability: counts[of] for availability, counts in self._counts.items()}

    def idle(self) -> Mapping[WorkClass, int]:
        """Count the available agents of each class that was ever asked for."""
        self._count()
        return self._counts[Availability.AVAILABLE]

    def _count(self) -> None:
        """Update the counts by what changed, so that no call needs a look at every group."""
        for (group, availability), more in self.roster.moved.items():
            if more:
                counts = self._counts[availability]
                for of in self._classes.get(group, ()):
                    counts[of] += more
        self.roster.moved.clear()

    def breadth(self, group: AgentGroup) -> float:
        """Give the share of the line's calls that the group can serve, 0 to 1: its flexibility."""
        known_at, breadth = self._breadth.get(group, (-STALE_AFTER, 0.0))
        if self.demand.seen - known_at >= STALE_AFTER:
            breadth = fsum(self.demand.share(of) for of in self.classes(group))
            self._breadth[group] = (self.demand.seen, breadth)
        return breadth

    def forget(self) -> None:
        """Forget all links, because groups or settings changed; they are worked out anew."""
        self._groups_seen = len(self.roster.groups)
        self._groups.clear()
        self._classes.clear()
        self._breadth.clear()
        for of in self.room.classes:
            self._link(of)

    def _link(self, of: WorkClass) -> None:
        self._count()  # the groups have all changes up to now already
        skilled = (group for group in self.roster.groups if satisfies(group.skills, of.requires))
        groups = self._groups[of] = tuple(group for group in skilled if of.node not in group.missing)
        for availability, counts in self._counts.items():
            counts[of] = sum(len(group.members[availability]) for group in groups)
        self._people[of] = sum(group.people for group in groups)
        for group in groups:
            self._classes.setdefault(group, []).append(of)
            self._breadth.pop(group, None)
