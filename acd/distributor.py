"""The distributor: which agent for this call, which call for this agent, and why.

It joins agents and queues by (call class, agent group): who may serve whom is worked out once per pair, so a choice
costs as many steps as there are groups or classes, however many agents are logged in and calls wait. It keeps no state
of its own but that table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from agents import Group, Roster, Standing
from calls import AgentId, CallId, Requirement, satisfies
from calls.facts import Excluded
from queues import WaitingRoom

from . import longest_idle, oldest_call

NAMES_TOLD = 5
"""So many agents are named in an explanation; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One call for one agent."""

    call: CallId
    agent: AgentId
    rule: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """Who could have been chosen, in order, and who could not, by which rule."""

    eligible_count: int
    eligible: tuple[AgentId, ...]
    excluded: tuple[Excluded, ...]


@dataclass(slots=True)
class Distributor:
    """Matches the waiting room with the roster."""

    roster: Roster
    room: WaitingRoom
    _groups: dict[Requirement, tuple[Group, ...]] = field(default_factory=dict)
    _known_groups: int = 0

    def groups_for(self, requires: Requirement) -> tuple[Group, ...]:
        """The groups whose agents have what is required."""
        groups = self.roster.groups
        if len(groups) != self._known_groups:
            self._groups.clear()
            self._known_groups = len(groups)
        if requires not in self._groups:
            self._groups[requires] = tuple(g for g in groups if satisfies(g.skills, requires))
        return self._groups[requires]

    def forget(self) -> None:
        """Settings changed: work out anew who may serve whom."""
        self._groups.clear()

    def agent_for(self, call: CallId) -> Choice | None:
        """A call came or came back: the longest idle of the agents who can serve it."""
        agent = longest_idle.choose(self.groups_for(self.room.place(call).requires))
        return Choice(call, agent, longest_idle.NAME) if agent is not None else None

    def call_for(self, agent: AgentId) -> Choice | None:
        """An agent came free: the oldest of the calls he can serve, the higher priority first."""
        skills = self.roster[agent].group.skills
        classes = [requires for requires in self.room.free if satisfies(skills, requires)]
        call = oldest_call.choose(classes, self.room.free)
        return Choice(call, agent, oldest_call.NAME) if call is not None else None

    def logged_in(self, requires: Requirement) -> int:
        """How many logged-in agents could serve such a call at some time."""
        return sum(group.logged_in for group in self.groups_for(requires))

    def serving(self, requires: Requirement) -> int:
        """How many agents serve such calls now: logged in and not in a pause."""
        working = (Standing.AVAILABLE, Standing.RINGING, Standing.TALKING, Standing.WRAP_UP, Standing.LEG_CLOSING)
        return sum(group.count(*working) for group in self.groups_for(requires))

    def reasons(self, requires: Requirement) -> Reasons:
        """The explanation of a choice made for this class now (ask before the choice changes anything)."""
        groups = self.groups_for(requires)
        eligible = sum(len(group.ready) for group in groups)
        ranked = longest_idle.ranked(groups, NAMES_TOLD)
        return Reasons(eligible, ranked, tuple(self._excluded(groups)))

    def _excluded(self, groups: tuple[Group, ...]) -> list[Excluded]:
        able = {id(group) for group in groups}
        unskilled = [g for g in self.roster.groups if id(g) not in able]
        told = [_excluded("skill", unskilled, *_LOGGED_IN)]
        told += [_excluded(standing.value, groups, standing) for standing in _LOGGED_IN[1:]]
        return [excluded for excluded in told if excluded.count]


_LOGGED_IN = tuple(s for s in Standing if s is not Standing.LOGGED_OUT)


def _excluded(rule: str, groups: list[Group] | tuple[Group, ...], *standings: Standing) -> Excluded:
    members = (agent for g in groups for s in standings for agent in g.members[s])
    return Excluded(rule, sum(g.count(*standings) for g in groups), tuple(islice(members, NAMES_TOLD)))
