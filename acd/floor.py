"""Who can serve whom, worked out once per pair of class and group, and what policies may look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import fsum

from agents import Group, Roster
from calls import satisfies
from queues import CallClass, WaitingRoom

from .demand import Demand
from .figures import Figures

STALE_AFTER = 500
"""A group's breadth is worked out anew after so many calls."""


@dataclass(slots=True)
class Floor:
    """Agents, waiting calls, and the links between groups and classes."""

    roster: Roster
    room: WaitingRoom
    figures: Figures = field(default_factory=Figures)
    demand: Demand = field(default_factory=Demand)
    _groups: dict[CallClass, tuple[Group, ...]] = field(default_factory=dict)
    _classes: dict[Group, list[CallClass]] = field(default_factory=dict)
    _breadth: dict[Group, tuple[int, float]] = field(default_factory=dict)
    _idle: dict[CallClass, int] = field(default_factory=dict)
    _idle_seen: dict[Group, int] = field(default_factory=dict)
    _groups_seen: int = 0

    def groups(self, of: CallClass) -> tuple[Group, ...]:
        """The groups whose agents may take calls of the class."""
        if len(self.roster.groups) != self._groups_seen:
            self.forget()
        if of not in self._groups:
            self._link(of)
        return self._groups[of]

    def classes(self, group: Group) -> list[CallClass]:
        """The classes whose calls the group's agents may take, in the order in which they first came."""
        if len(self.roster.groups) != self._groups_seen:
            self.forget()
        return self._classes.get(group, [])

    def idle(self, of: CallClass) -> int:
        """How many agents are available to the class. Counted by what changed, not by looking at every group."""
        for group in self.roster.touched:
            new = len(group.ready)
            delta = new - self._idle_seen.get(group, 0)
            self._idle_seen[group] = new
            for kind in self._classes.get(group, ()) if delta else ():
                self._idle[kind] += delta
        self.roster.touched.clear()
        return self._idle[of]

    def breadth(self, group: Group) -> float:
        """The share of the line's calls that the group can serve, 0 to 1: how flexible it is."""
        known_at, breadth = self._breadth.get(group, (-STALE_AFTER, 0.0))
        if self.demand.seen - known_at >= STALE_AFTER:
            breadth = fsum(self.demand.share(of) for of in self.classes(group))
            self._breadth[group] = (self.demand.seen, breadth)
        return breadth

    def forget(self) -> None:
        """Groups or settings changed: work out anew who may serve whom."""
        self._groups_seen = len(self.roster.groups)
        self._groups.clear()
        self._classes.clear()
        self._breadth.clear()
        self._idle.clear()
        self._idle_seen = {group: len(group.ready) for group in self.roster.groups}
        self.roster.touched.clear()
        for of in self.room.classes.values():
            self._link(of)

    def _link(self, of: CallClass) -> None:
        self._groups[of] = tuple(g for g in self.roster.groups if satisfies(g.skills, of.requires))
        # Counted as it was last seen: what has changed since then is added by ``idle`` for all classes alike.
        self._idle[of] = sum(self._idle_seen.get(group, 0) for group in self._groups[of])
        for group in self._groups[of]:
            self._classes.setdefault(group, []).append(of)
            self._breadth.pop(group, None)
