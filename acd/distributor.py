"""The distributor: which agent for this call, which call for this agent, and why.

Only what became free since the last choice can make a new pair, everything else was matched before (work
conservation): so classes with a new free call and newly available agents are noted, and only those are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from math import isfinite

from agents import Agent, Group, Roster, Standing
from calls import AgentId, AgentState, CallId, QueueId, Requirement, satisfies
from calls.facts import Excluded
from queues import CallClass, Place, WaitingRoom

from .floor import Floor
from .policies import POLICIES
from .policy import Policy

NAMES_TOLD = 5
"""So many agents are named in an explanation; the rest are counted."""

SHORTEST_KEEP_S = 0.001
"""Rounding must not wake us for nothing, again and again."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One call for one agent."""

    call: CallId
    agent: AgentId
    rule: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """Who could have been chosen, the longest idle first, and who could not, by which rule."""

    eligible_count: int
    eligible: tuple[AgentId, ...]
    excluded: tuple[Excluded, ...]


@dataclass(slots=True)
class Distributor:
    """Matches the waiting room with the roster. ``policies``: by queue; the default where none is named."""

    floor: Floor
    policies: Mapping[QueueId, Policy] = field(default_factory=dict)
    default: Policy = field(default_factory=POLICIES["balanced"])
    _classes: dict[CallClass, None] = field(default_factory=dict)
    _agents: dict[AgentId, None] = field(default_factory=dict)

    @classmethod
    def of(cls, roster: Roster, room: WaitingRoom, policies: Mapping[QueueId, Policy]) -> Distributor:
        return cls(Floor(roster, room), policies)

    # -- what changed ---

    def entered(self, place: Place) -> None:
        """A call took a place."""
        self.floor.demand.add(self.floor.room.class_of(place))
        self.call_free(place)

    def call_free(self, place: Place) -> None:
        """A waiting call may be chosen (again), or by more agents than before."""
        if place.kept_for is not None:
            self._agents[place.kept_for] = None
        else:
            self._classes[self.floor.room.class_of(place)] = None

    def handled(self, queue: QueueId, agent: AgentId, handle_s: float) -> None:
        """A call of the queue and the work after it took the agent so long."""
        self.floor.figures.handled(queue, agent, handle_s)

    def agent_free(self, agent: AgentId) -> None:
        """An agent may have become available."""
        self._agents[agent] = None

    def take_policies(self, policies: Mapping[QueueId, Policy]) -> None:
        """Settings changed: who may serve whom, and how it is chosen, is worked out anew."""
        self.policies = policies
        self.floor.forget()
        self.everything_changed()

    def everything_changed(self) -> None:
        """Look at every class, and at every call that is kept for somebody."""
        self._classes.update(dict.fromkeys(self.floor.room.classes.values()))
        self._agents.update(dict.fromkeys(self.floor.room.kept))

    # -- choosing ---

    def next(self, now: float) -> Choice | None:
        """The next pair to be joined; None where no rule allows another. The caller takes both before asking again.

        Calls that look for an agent go in the order of the key; then newly available agents look for calls.
        """
        while self._classes:
            of = min(self._classes, key=lambda c: c.free.head(now).key(now) if c.free else _LAST)
            choice = self._agent_for(of, now) if of.free else None
            if choice is not None:
                return choice
            del self._classes[of]
        while self._agents:
            choice = self._call_for(next(iter(self._agents)), now)
            if choice is not None:
                return choice
            del self._agents[next(iter(self._agents))]
        return None

    def ripe_at(self, now: float) -> float | None:
        """When the first agent who is kept for something better need not be kept any more."""
        if not any(policy.keeps for policy in self.policies.values()):
            return None
        kept = [self._ripe_in(of, now) for of in self.floor.room.classes.values() if of.free]
        waits = [seconds for seconds in kept if seconds is not None and isfinite(seconds)]
        return now + max(min(waits), SHORTEST_KEEP_S) if waits else None

    def _ripe_in(self, of: CallClass, now: float) -> float | None:
        policy, groups = self.policy(of.queue), [group for group in self.floor.groups(of) if group.ready]
        if not (policy.keeps and groups):
            return None
        return policy.ripe_in(self.floor, of, of.free.head(now), groups, now)

    def policy(self, queue: QueueId) -> Policy:
        return self.policies.get(queue, self.default)

    def _agent_for(self, of: CallClass, now: float) -> Choice | None:
        """Agent selection: for the first call of the class."""
        groups = [group for group in self.floor.groups(of) if group.ready]
        if not groups:
            return None
        place, policy = of.free.head(now), self.policy(of.queue)
        if len(groups) == 1 and len(groups[0].ready) == 1 and not policy.keeps:
            agent: AgentId | None = groups[0].ready[0][1]
        else:
            agent = policy.choose(self.floor, of, place, groups, now)
        return Choice(place.call, agent, policy.name) if agent is not None else None

    def _call_for(self, agent_id: AgentId, now: float) -> Choice | None:
        """Queue selection: the heads of the classes that the agent can serve; first a call kept for him."""
        if agent_id not in self.floor.roster:
            return None
        agent = self.floor.roster[agent_id]
        if agent.standing is not Standing.AVAILABLE:
            return None
        of = self._most_urgent(agent, now)
        kept = self._kept_for(agent_id, of, now)
        if kept is not None:
            return Choice(kept.call, agent_id, "kept for this agent")
        return None if of is None else self._agent_for(of, now) or self._his(of, agent_id, now)

    def _kept_for(self, agent: AgentId, of: CallClass | None, now: float) -> Place | None:
        """The first call kept for him, unless one of this class is due before it."""
        kept = self.floor.room.kept.get(agent)
        if not kept:
            return None
        his, other = kept.head(now), of.free.head(now) if of else None
        return None if other and other.is_due(now) and other.key(now) < his.key(now) else his

    def _his(self, of: CallClass, agent: AgentId, now: float) -> Choice:
        return Choice(of.free.head(now).call, agent, self.policy(of.queue).name)

    def _most_urgent(self, agent: Agent, now: float) -> CallClass | None:
        best, best_key = None, (2.0, 0.0, 0.0, 0)
        for of in self.floor.classes(agent.group):
            if of.free:
                key = self._key(of, of.free.head(now), agent, now)
                if key < best_key:
                    best, best_key = of, key
        return best

    def _key(self, of: CallClass, place: Place, agent: Agent, now: float) -> tuple[float, float, float, int]:
        """The ordering key with the policy's urgency in place of the score; last where the agent is to be kept."""
        if place.is_due(now):
            return place.key(now)
        policy = self.policy(of.queue)
        urgency = policy.urgency(self.floor, of, place, agent, now)
        return _LAST if policy.keeps and urgency < 0 else (1.0, -urgency, place.entered_at, place.number)

    # -- counting and explaining ---

    def logged_in(self, of: CallClass) -> int:
        """How many logged-in agents could serve such a call at some time."""
        return sum(group.logged_in for group in self.floor.groups(of))

    def can_serve(self, agent: AgentId, requires: Requirement) -> bool:
        """Whether the agent is at work (ready, or busy with a call) and has what is required."""
        if agent not in self.floor.roster:
            return False
        known = self.floor.roster[agent]
        away = known.state in (AgentState.LOGGED_OUT, AgentState.NOT_READY)
        return not away and satisfies(known.settings.skills, requires)

    def reasons(self, place: Place) -> Reasons:
        """The explanation of a choice for this call now (ask before the choice changes anything)."""
        groups = self.floor.groups(self.floor.room.class_of(place))
        if place.kept_for is not None:
            groups = (self.floor.roster[place.kept_for].group,)
        ready = sorted(entry for group in groups for entry in group.ready[:NAMES_TOLD])[:NAMES_TOLD]
        return Reasons(sum(len(g.ready) for g in groups), tuple(who for _, who in ready), self._excluded(groups))

    def _excluded(self, groups: tuple[Group, ...]) -> tuple[Excluded, ...]:
        told = [self._unskilled(groups)]
        told += [_excluded(standing.value, groups, standing) for standing in _KEPT_FROM_CALLS]
        return tuple(excluded for excluded in told if excluded.count)

    def _unskilled(self, groups: tuple[Group, ...]) -> Excluded:
        count = self.floor.roster.logged_in - sum(group.logged_in for group in groups)
        able = set(groups)
        others = (g for g in self.floor.roster.groups if g not in able) if count else ()
        members = (agent for g in others for s in _LOGGED_IN for agent in g.members[s])
        return Excluded("skill", count, tuple(islice(members, NAMES_TOLD)))


_LAST = (2.0, 0.0, 0.0, 0)
_LOGGED_IN = tuple(s for s in Standing if s is not Standing.LOGGED_OUT)
_KEPT_FROM_CALLS = tuple(s for s in _LOGGED_IN if s is not Standing.AVAILABLE)


def _excluded(rule: str, groups: tuple[Group, ...], standing: Standing) -> Excluded:
    count = sum(len(g.members[standing]) for g in groups)
    members = (agent for g in groups for agent in g.members[standing]) if count else ()
    return Excluded(rule, count, tuple(islice(members, NAMES_TOLD)))
