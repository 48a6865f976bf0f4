"""The distributor: which agent for this item, which item for this agent, and why.

Only what became free since the last choice can make a new pair, everything else was matched before (work
conservation). So classes with a new free item and newly available agents are noted, and only those are checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isfinite
from typing import Final, NamedTuple, final

from agents import Agent, AgentGroup, Availability, Roster
from calls import AgentId, AgentState, QueueId, Requirement, satisfies
from queues import OrderedPlaces, Place, WaitingRoom, WorkClass

from .eligibility import Eligibility, KeptEligibility
from .link import Link
from .policies import POLICIES
from .policy import Policy
from .reasons import Reasons, explain

SHORTEST_HOLDBACK_S: Final = 0.001
"""Shortest hold-back (s): a rounding error must not set timers again and again."""


@final
class Match:
    """One item for one agent. ``due`` and ``value`` order it among others: the first two parts of its key."""

    def __init__(self, place: Place, agent: Agent, rule: str, due: bool, value: float) -> None:
        self.place = place
        self.agent = agent
        self.rule = rule
        self.due = due
        self.value = value

    def before(self, other: Match) -> bool:
        """Tell whether its key is lower than the other's."""
        return _lower(self.place, self.due, self.value, other.place, other.due, other.value)

    def up_to(self, head: Place, now: float) -> bool:
        """Tell whether its key is not higher than that of the head of a class."""
        return not _lower(head, head.is_due(now), head.value(now), self.place, self.due, self.value)


def _lower(one: Place, due: bool, value: float, other: Place, other_due: bool, other_value: float) -> bool:
    if due != other_due:
        return due
    return value < other_value if value != other_value else one.came_before(other)


class KeptDistributor(NamedTuple):
    """What is kept of a distributor. ``classes`` (by number) and ``agents``: what became free since its last choice."""

    eligibility: KeptEligibility
    classes: tuple[int, ...]
    agents: tuple[AgentId, ...]


@final
class Distributor:
    """Matches the waiting room with the roster. ``policies``: by queue; the default if none is named."""

    def __init__(
        self, eligibility: Eligibility, policies: Mapping[QueueId, Policy], default: Policy | None = None
    ) -> None:
        self.eligibility = eligibility
        self.policies: dict[QueueId, Policy] = dict(policies)
        self.default: Policy = POLICIES["balanced"]() if default is None else default
        self._room = eligibility.room
        self._roster = eligibility.roster
        self._links: list[Link] = []
        """The noted classes, and the noted agents: what became free."""
        self._agents: list[Agent] = []
        self._holding_back: bool = _any_holds_back(self.policies)
        """Whether any policy may hold an agent back."""

    @classmethod
    def of(cls, roster: Roster, room: WaitingRoom, policies: Mapping[QueueId, Policy]) -> Distributor:
        """Make a distributor that has learned nothing yet; ``policies``: by queue."""
        return cls(Eligibility(roster, room), policies)

    def kept(self) -> KeptDistributor:
        """Give what the rest can be worked out from; valid until the next change."""
        classes = tuple([link.of.number for link in self._links])
        return KeptDistributor(self.eligibility.kept(), classes, tuple([agent.id for agent in self._agents]))

    @classmethod
    def restored(
        cls, kept: KeptDistributor, roster: Roster, room: WaitingRoom, policies: Mapping[QueueId, Policy]
    ) -> Distributor:
        """Make the distributor again, over a roster and a room that were made again."""
        again = cls(Eligibility.restored(kept.eligibility, roster, room), policies)
        for number in kept.classes:
            again._note(again.eligibility.noting(room.classes[number]))
        for name in kept.agents:
            if name in roster:
                again.agent_free(roster[name])
        return again

    # -- what changed ---

    def entered(self, place: Place) -> None:
        """Note that an item took a place."""
        link = self.eligibility.noting(place.of)
        self.eligibility.demand.add(link, self.eligibility.links())
        if place.preferred_agent is None:
            self._note(link)
        else:
            self.item_free(place)

    def item_free(self, place: Place) -> None:
        """Note that a waiting item may be chosen (again), or by more agents than before."""
        if place.preferred_agent is None:
            self._note(self.eligibility.noting(place.of))
        else:
            agent = self._roster.get(place.preferred_agent)
            if agent is not None:
                self.agent_free(agent)

    def _note(self, link: Link) -> None:
        if not link.noted:
            link.noted = True
            self._links.append(link)

    def handled(self, queue: QueueId, agent: Agent, handle_s: float) -> None:
        """Learn how long (s) an item of the queue and its wrap-up took the agent."""
        self.eligibility.handle_times.handled(queue, agent, handle_s)

    def agent_free(self, agent: Agent) -> None:
        """Note that an agent may be available now."""
        if not agent.noted:
            agent.noted = True
            self._agents.append(agent)

    def take_policies(self, policies: Mapping[QueueId, Policy]) -> None:
        """Take new policies, and work out anew which agents may serve which items."""
        self.policies = dict(policies)
        self._holding_back = _any_holds_back(self.policies)
        self.eligibility.forget()
        self.everything_changed()

    def everything_changed(self) -> None:
        """Check every class, and every item that is kept for an agent."""
        for of in self._room.classes:
            self._note(self.eligibility.noting(of))
        for name in self._room.by_preferred_agent:
            agent = self._roster.get(name)
            if agent is not None:
                self.agent_free(agent)

    # -- choosing ---

    def next(self, now: float) -> Match | None:
        """Choose the next match; None if no rule allows another. The caller uses the match before asking again.

        Free items look for an agent in the order of the key; newly available agents look for items. If one step brought
        several of them, the lowest key of all goes first, so no due item is passed over.
        """
        if not self._room.anybody_free:
            self._forget_links()
            self._forget_agents()
            return None
        while self._links or self._agents:
            link, wanted = self._first_class(now), self._first_agent(now)
            if wanted is not None and (link is None or wanted.up_to(link.of.free.head(now), now)):
                return wanted
            if link is None:
                break
            place = link.of.free.head(now)
            agent = self._agent_for(link, place, now)
            if agent is not None:
                return Match(place, agent, self.policy(link.of.queue).name, place.is_due(now), place.value(now))
            self._drop(link)
        return None

    def _forget_links(self) -> None:
        for link in self._links:
            link.noted = False
        self._links.clear()

    def _forget_agents(self) -> None:
        for agent in self._agents:
            agent.noted = False
        self._agents.clear()

    def _drop(self, link: Link) -> None:
        link.noted = False
        self._links.remove(link)

    def holdback_ends_at(self, now: float) -> float | None:
        """Give when the first hold-back of an agent ends; None if no agent is held back."""
        if not self._holding_back:
            return None
        kept = [self._holdback_left_s(self.eligibility.link(of), now) for of in self._room.classes if of.free]
        waits = [seconds for seconds in kept if seconds is not None and isfinite(seconds)]
        return now + max(min(waits), SHORTEST_HOLDBACK_S) if waits else None

    def _holdback_left_s(self, link: Link, now: float) -> float | None:
        policy, groups = self.policy(link.of.queue), _ready(link.groups)
        if not (policy.holds_back and groups):
            return None
        free = link.of.free
        first_due_s = free.by_due.first().due_at - now  # the urgency is not always the head's
        left_s = policy.holdback_left_s(self.eligibility, link, free.head(now), groups, now)
        return min(left_s, max(0.0, first_due_s))

    def policy(self, queue: QueueId) -> Policy:
        """Give the queue's policy; the default if it has none of its own."""
        known = self.policies.get(queue)
        return self.default if known is None else known

    def _agent_for(self, link: Link, place: Place, now: float) -> Agent | None:
        """Select an agent for the first item of the class."""
        groups = _ready(link.groups)
        if not groups:
            return None
        policy = self.policy(link.of.queue)
        if len(groups) == 1 and len(groups[0].ready) == 1 and not policy.holds_back:
            return groups[0].ready[0]
        return policy.choose(self.eligibility, link, place, groups, now)

    def _first_class(self, now: float) -> Link | None:
        """Give the noted class with an available agent whose head has the lowest key; drop classes without an agent."""
        while self._links:
            first = self._links[0]
            for link in self._links if len(self._links) > 1 else []:
                if link is not first and _head_before(link.of.free, first.of.free, now):
                    first = link
            if first.of.free and self.eligibility.link(first.of).agents.available:
                return first
            self._drop(first)
        return None

    def _first_agent(self, now: float) -> Match | None:
        """Give the item with the lowest key that a noted agent can get; drop agents for whom there is none."""
        for link in self._links:
            self.eligibility.link(link.of)  # a new class is linked with the agents who can serve it
        best: Match | None = None
        if not self._agents:
            return None
        for agent in self._candidates():
            wanted = self._item_for(agent, now)
            if wanted is not None and (best is None or wanted.before(best)):
                best = wanted
        if best is None:
            self._forget_agents()
        return best

    def _candidates(self) -> list[Agent]:
        """List the noted, available agents to check: the longest idle of each group, and all who have items kept."""
        if len(self._agents) == 1 and self._agents[0].available:
            return self._agents
        here: list[Agent] = []
        for agent in self._agents:
            if agent.available:
                here.append(agent)
            else:
                agent.noted = False
        self._agents = here
        if len(here) < 2:
            return here
        first: dict[int, Agent] = {}
        for agent in sorted(here, key=_idleness):
            first.setdefault(agent.group.number, agent)
        kept = self._room.by_preferred_agent
        return [*first.values(), *[agent for agent in here if kept and kept.get(agent.id)]]

    def _item_for(self, agent: Agent, now: float) -> Match | None:
        """Select an item for the agent from the heads of the classes they can serve; one kept for them goes first."""
        match = self._most_urgent(agent, now)
        kept = self._preferred_item(agent, match, now) if self._room.by_preferred_agent else None
        if kept is not None:
            due = kept.is_due(now)
            return Match(kept, agent, "kept for this agent", due, kept.due_at if due else -inf)
        if match is not None:
            chosen = self._agent_for(self.eligibility.noting(match.place.of), match.place, now)
            if chosen is not None:
                match.agent = chosen
        return match

    def _preferred_item(self, agent: Agent, other: Match | None, now: float) -> Place | None:
        """Give the first item kept for the agent, unless the ``other`` item is due before it."""
        kept = self._room.by_preferred_agent.get(agent.id)
        first: Place | None = None
        if kept is None or not kept:
            return None
        # Items of several queues age at different rates, so they have no common order; they are few, so check each.
        for place in kept.by_rank.all():
            if place.node not in agent.missing and (first is None or place.before(first, now)):
                first = place
        if first is not None and other is not None and other.due and other.place.before(first, now):
            return None
        return first

    def _most_urgent(self, agent: Agent, now: float) -> Match | None:
        """Give the head with the lowest key among the classes the agent can serve, by the policies' urgencies."""
        best: Match | None = None
        for link in self.eligibility.served(agent.group):
            if not link.of.free:
                continue
            place, policy = link.of.free.head(now), self.policy(link.of.queue)
            due, value = place.is_due(now), place.due_at
            if not due:
                value = -policy.urgency(self.eligibility, link, place, agent, now)
                if policy.holds_back and value > 0:
                    continue
            if best is None or _lower(place, due, value, best.place, best.due, best.value):
                best = Match(place, agent, policy.name, due, value)
        return best

    # -- counting and explaining ---

    def present(self, of: WorkClass) -> int:
        """Count the present agents who could serve an item of the class."""
        return self.eligibility.present(of)

    def can_serve(self, agent: AgentId, requires: Requirement, node: str = "") -> bool:
        """Tell whether the agent is at work (ready, or busy with a call), has the skills, and can be rung there."""
        known = self._roster.get(agent)
        if known is None:
            return False
        away = known.state in (AgentState.LOGGED_OUT, AgentState.NOT_READY)
        return not away and node not in known.missing and satisfies(known.settings.skills, requires)

    def reasons(self, place: Place) -> Reasons:
        """Explain a choice for this item now; ask before the choice changes anything."""
        of, roster = place.of, self._roster
        groups, counts = self.eligibility.link(of).groups, self.eligibility.counts(of)
        if place.preferred_agent is None:
            return explain(roster, groups, counts, self.eligibility.elsewhere(of) if of.node else ())
        group = roster[place.preferred_agent].group
        return explain(roster, (group,), {one: group.count(one) for one in Availability})


def _any_holds_back(policies: Mapping[QueueId, Policy]) -> bool:
    return any(policy.holds_back for policy in policies.values())


def _head_before(one: OrderedPlaces, other: OrderedPlaces, now: float) -> bool:
    """Tell whether the head of the one line goes before that of the other; an empty line is the last."""
    return bool(one) and (not other or one.head(now).before(other.head(now), now))


def _ready(groups: list[AgentGroup]) -> list[AgentGroup]:
    """Give the groups with an available agent."""
    return [group for group in groups if group.ready]


def _idleness(agent: Agent) -> tuple[float, AgentId]:
    return agent.idle_since, agent.id
