"""The distributor: which agent for this item, which item for this agent, and why.

Only what became free since the last choice can make a new pair, everything else was matched before (work
conservation). So classes with a new free item and newly available agents are noted, and only those are checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Final, NamedTuple

from agents import Agent, AgentGroup, Availability, Roster
from calls import AgentId, AgentState, QueueId, Requirement, WorkItemId, satisfies
from queues import Key, Place, WaitingRoom, WorkClass

from .eligibility import Eligibility, KeptEligibility
from .policies import POLICIES
from .policy import Policy
from .reasons import Reasons, explain

SHORTEST_HOLDBACK_S: Final = 0.001
"""Shortest hold-back (s): a rounding error must not set timers again and again."""


class Match(NamedTuple):
    """One item for one agent."""

    item: WorkItemId
    agent: AgentId
    rule: str


class _Wanted(NamedTuple):
    """The item that an agent would get, and its key."""

    key: Key
    choice: Match


class KeptDistributor(NamedTuple):
    """What is kept of a distributor. ``classes`` (by number) and ``agents``: what became free since its last choice."""

    eligibility: KeptEligibility
    classes: tuple[int, ...]
    agents: tuple[AgentId, ...]


@dataclass(slots=True)
class Distributor:
    """Matches the waiting room with the roster. ``policies``: by queue; the default if none is named."""

    eligibility: Eligibility
    policies: Mapping[QueueId, Policy] = field(default_factory=dict)
    default: Policy = field(default_factory=POLICIES["balanced"])
    _classes: dict[WorkClass, None] = field(default_factory=dict)
    _agents: dict[AgentId, None] = field(default_factory=dict)
    _holding_back: bool = False
    """Whether any policy may hold an agent back."""

    def __post_init__(self) -> None:
        self._holding_back = any(policy.holds_back for policy in self.policies.values())

    @classmethod
    def of(cls, roster: Roster, room: WaitingRoom, policies: Mapping[QueueId, Policy]) -> Distributor:
        """Make a distributor that has learned nothing yet; ``policies``: by queue."""
        return cls(Eligibility(roster, room), policies)

    def kept(self) -> KeptDistributor:
        """Give what the rest can be worked out from; valid until the next change."""
        numbers = {of: number for number, of in enumerate(self.eligibility.room.classes)}
        classes = tuple(numbers[of] for of in self._classes)
        return KeptDistributor(self.eligibility.kept(numbers), classes, tuple(self._agents))

    @classmethod
    def restored(
        cls, kept: KeptDistributor, roster: Roster, room: WaitingRoom, policies: Mapping[QueueId, Policy]
    ) -> Distributor:
        """Make the distributor again, over a roster and a room that were made again."""
        again = cls(Eligibility.restored(kept.eligibility, roster, room), policies)
        classes = room.classes
        again._classes = {classes[number]: None for number in kept.classes}
        again._agents = dict.fromkeys(kept.agents)
        return again

    # -- what changed ---

    def entered(self, place: Place) -> None:
        """Note that an item took a place."""
        self.eligibility.demand.add(place.of)
        self.item_free(place)

    def item_free(self, place: Place) -> None:
        """Note that a waiting item may be chosen (again), or by more agents than before."""
        if place.preferred_agent is not None:
            self._agents[place.preferred_agent] = None
        else:
            self._classes[place.of] = None

    def handled(self, queue: QueueId, agent: AgentId, handle_s: float) -> None:
        """Learn how long (s) an item of the queue and its wrap-up took the agent."""
        self.eligibility.handle_times.handled(queue, agent, handle_s)

    def agent_free(self, agent: AgentId) -> None:
        """Note that an agent may be available now."""
        self._agents[agent] = None

    def take_policies(self, policies: Mapping[QueueId, Policy]) -> None:
        """Take new policies, and work out anew which agents may serve which items."""
        self.policies = policies
        self._holding_back = any(policy.holds_back for policy in policies.values())
        self.eligibility.forget()
        self.everything_changed()

    def everything_changed(self) -> None:
        """Check every class, and every item that is kept for an agent."""
        self._classes.update(dict.fromkeys(self.eligibility.room.classes))
        self._agents.update(dict.fromkeys(self.eligibility.room.by_preferred_agent))

    # -- choosing ---

    def next(self, now: float) -> Match | None:
        """Choose the next match; None if no rule allows another. The caller uses the match before asking again.

        Free items look for an agent in the order of the key; newly available agents look for items. If one step brought
        several of them, the lowest key of all goes first, so no due item is passed over.
        """
        if not self.eligibility.room.anybody_free:
            self._classes.clear()
            self._agents.clear()
        while self._classes or self._agents:
            of, agent = self._first_class(now), self._first_agent(now)
            if agent is not None and (of is None or agent.key <= of.free.head(now).key(now)):
                return agent.choice
            if of is None:
                break
            choice = self._agent_for(of, now)
            if choice is not None:
                return choice
            del self._classes[of]
        return None

    def holdback_ends_at(self, now: float) -> float | None:
        """Give when the first hold-back of an agent ends; None if no agent is held back."""
        if not self._holding_back:
            return None
        kept = [self._holdback_left_s(of, now) for of in self.eligibility.room.classes if of.free]
        waits = [seconds for seconds in kept if seconds is not None and isfinite(seconds)]
        return now + max(min(waits), SHORTEST_HOLDBACK_S) if waits else None

    def _holdback_left_s(self, of: WorkClass, now: float) -> float | None:
        policy, groups = self.policy(of.queue), [group for group in self.eligibility.groups(of) if group.ready]
        if not (policy.holds_back and groups):
            return None
        first_due_s = of.free.by_due.first().due_at - now  # the urgency is not always the head's
        return min(policy.holdback_left_s(self.eligibility, of, of.free.head(now), groups, now), max(0.0, first_due_s))

    def policy(self, queue: QueueId) -> Policy:
        """Give the queue's policy; the default if it has none of its own."""
        return self.policies.get(queue, self.default)

    def _agent_for(self, of: WorkClass, now: float) -> Match | None:
        """Select an agent for the first item of the class."""
        groups = [group for group in self.eligibility.groups(of) if group.ready]
        if not groups:
            return None
        place, policy = of.free.head(now), self.policy(of.queue)
        if len(groups) == 1 and len(groups[0].ready) == 1 and not policy.holds_back:
            agent: AgentId | None = groups[0].ready[0][1]
        else:
            agent = policy.choose(self.eligibility, of, place, groups, now)
        return Match(place.item, agent, policy.name) if agent is not None else None

    def _first_class(self, now: float) -> WorkClass | None:
        """Give the noted class with an available agent whose head has the lowest key; drop classes without an agent."""
        while self._classes:
            if len(self._classes) == 1:
                (of,) = self._classes
            else:
                of = min(self._classes, key=lambda c: c.free.head(now).key(now) if c.free else _LAST)
            if of.free and self.eligibility.anybody_free(of):
                return of
            del self._classes[of]
        return None

    def _first_agent(self, now: float) -> _Wanted | None:
        """Give the item with the lowest key that a noted agent can get; drop agents for whom there is none."""
        for of in self._classes:
            self.eligibility.groups(of)  # a new class is linked with the agents who can serve it
        if not self._agents:
            return None
        found = [self._item_for(agent, now) for agent in self._candidates()]
        wanted = [one for one in found if one is not None]
        if not wanted:
            self._agents.clear()
        return min(wanted, key=lambda one: one.key) if wanted else None

    def _candidates(self) -> list[Agent]:
        """List the noted, available agents to check: the longest idle of each group, and all who have items kept."""
        roster, kept = self.eligibility.roster, self.eligibility.room.by_preferred_agent
        if len(self._agents) == 1:
            (name,) = self._agents
            alone = [roster[name]] if name in roster else []
            return [agent for agent in alone if agent.availability is Availability.AVAILABLE]
        known = (roster[name] for name in self._agents if name in roster)
        here = [agent for agent in known if agent.availability is Availability.AVAILABLE]
        self._agents = {agent.id: None for agent in here}
        first: dict[AgentGroup, Agent] = {}
        for agent in sorted(here, key=lambda a: (a.idle_since, a.id)):
            first.setdefault(agent.group, agent)
        return [*first.values(), *(agent for agent in here if kept.get(agent.id))]

    def _item_for(self, agent: Agent, now: float) -> _Wanted | None:
        """Select an item for the agent from the heads of the classes they can serve; one kept for them goes first."""
        of, key = self._most_urgent(agent, now)
        kept = self._preferred_item(agent, of, now)
        if kept is not None:
            before = kept.key(now) if kept.is_due(now) else (1.0, -inf, kept.entered_at, kept.number)
            return _Wanted(before, Match(kept.item, agent.id, "kept for this agent"))
        return None if of is None else _Wanted(key, self._agent_for(of, now) or self._his(of, agent.id, now))

    def _preferred_item(self, agent: Agent, of: WorkClass | None, now: float) -> Place | None:
        """Give the first item kept for the agent, unless an item of this class is due before it."""
        kept = self.eligibility.room.by_preferred_agent.get(agent.id)
        here = [place for place in kept.by_rank.all() if place.node not in agent.missing] if kept else []
        if not here:
            return None
        # Items of several queues age at different rates, so they have no common order; they are few, so check each.
        his = min(here, key=lambda place: place.key(now))
        other = of.free.head(now) if of else None
        return None if other and other.is_due(now) and other.key(now) < his.key(now) else his

    def _his(self, of: WorkClass, agent: AgentId, now: float) -> Match:
        return Match(of.free.head(now).item, agent, self.policy(of.queue).name)

    def _most_urgent(self, agent: Agent, now: float) -> tuple[WorkClass | None, Key]:
        best, best_key = None, _LAST
        for of in self.eligibility.classes(agent.group):
            if of.free:
                key = self._key(of, of.free.head(now), agent, now)
                if key < best_key:
                    best, best_key = of, key
        return best, best_key

    def _key(self, of: WorkClass, place: Place, agent: Agent, now: float) -> Key:
        """Give the ordering key with the policy's urgency as the score; last if the agent is to be held back."""
        if place.is_due(now):
            return place.key(now)
        policy = self.policy(of.queue)
        urgency = policy.urgency(self.eligibility, of, place, agent, now)
        return _LAST if policy.holds_back and urgency < 0 else (1.0, -urgency, place.entered_at, place.number)

    # -- counting and explaining ---

    def present(self, of: WorkClass) -> int:
        """Count the present agents who could serve an item of the class."""
        return self.eligibility.present(of)

    def can_serve(self, agent: AgentId, requires: Requirement, node: str = "") -> bool:
        """Tell whether the agent is at work (ready, or busy with a call), has the skills, and can be rung there."""
        if agent not in self.eligibility.roster:
            return False
        known = self.eligibility.roster[agent]
        away = known.state in (AgentState.LOGGED_OUT, AgentState.NOT_READY)
        return not away and node not in known.missing and satisfies(known.settings.skills, requires)

    def reasons(self, place: Place) -> Reasons:
        """Explain a choice for this item now; ask before the choice changes anything."""
        of, roster = place.of, self.eligibility.roster
        groups, counts = self.eligibility.groups(of), self.eligibility.counts(of)
        if place.preferred_agent is None:
            return explain(roster, groups, counts, self.eligibility.elsewhere(of) if of.node else ())
        group = roster[place.preferred_agent].group
        return explain(roster, (group,), {availability: len(those) for availability, those in group.members.items()})


_LAST: Final[Key] = (2.0, 0.0, 0.0, 0)
