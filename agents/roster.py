"""Keep the agents of the line in groups of equal skills. Keeps each group's ready agents in order of idleness.

Decides nothing about calls. The distributor asks groups, never all agents.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from math import exp, inf, log
from typing import Final, NamedTuple

from calls import AgentId, AgentState, ContractError, NotReady, OfferId, Skills, Word

from .settings import AgentSettings
from .state import AGENT_REQUESTS, TABLE, Action, AgentEvent


class Availability(Word):
    """Why an agent can, or cannot, be offered a call right now: one rule each."""

    AVAILABLE = "available"
    PHONE_GONE = "phone_gone"
    PHONE_UNREACHABLE = "phone_unreachable"
    PHONE_IN_USE = "phone_in_use"
    LEG_CLOSING = "leg_closing"
    RESTING = "resting"
    NOT_READY = "not_ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    LOGGED_OUT = "logged_out"


_AVAILABILITY: Final = {state: Availability(state.value) for state in AgentState if state is not AgentState.READY}
_AT_A_PHONE: Final = frozenset({AgentState.LOGGED_OUT, AgentState.RINGING, AgentState.TALKING})
"""What an agent does in these, a registration that has lapsed does not change."""
ABSENT: Final = (Availability.LOGGED_OUT, Availability.PHONE_GONE)
"""Those who stand so count for nothing: no call could ever be theirs as things are."""


@dataclass(slots=True)
class Agent:
    """One agent's present. ``since`` is when the state began.

    ``pending`` is what was put off until the call is over: the event, its reason, and who ordered it.

    ``free_at``: the wrap-up ends then and the phone may ring ahead of it. ``busy``: recent occupancy at ``since``.
    ``resting``: the line itself could not ring them a moment ago, ``faults`` times in a row.
    ``gone``: the phone has been unreachable for so long that the agent counts for nothing. ``missing``: nodes of the
    line at which the phone cannot be rung, while it can at another.
    """

    settings: AgentSettings
    group: AgentGroup
    since: float
    state: AgentState = AgentState.LOGGED_OUT
    reason: str = ""
    pending: tuple[AgentEvent, str, str] | None = None
    reachable: bool = False
    gone: bool = False
    in_use: bool = False
    missed: bool = False
    """A call rang in vain, and they have not been told yet."""
    offer: OfferId | None = None
    free_at: float | None = None
    availability: Availability = Availability.LOGGED_OUT
    busy: float = 0.0
    resting: bool = False
    faults: int = 0
    missing: frozenset[str] = frozenset()

    @property
    def id(self) -> AgentId:
        return self.settings.id

    def judge(self) -> Availability:
        """The rule that keeps the agent from calls, or AVAILABLE."""
        if self.gone and self.state not in _AT_A_PHONE:
            return Availability.PHONE_GONE
        if self.state is not AgentState.READY and self.free_at is None:
            return _AVAILABILITY[self.state]
        if not self.reachable:
            return Availability.PHONE_UNREACHABLE
        if self.in_use:
            return Availability.PHONE_IN_USE
        if self.offer is not None:
            return Availability.LEG_CLOSING
        return Availability.RESTING if self.resting else Availability.AVAILABLE

    @property
    def serving(self) -> bool:
        """Whether the agent takes calls, or would if their phone were there."""
        return self.state in SERVING or (self.state is AgentState.NOT_READY and self.reason == NotReady.UNREACHABLE)

    @property
    def idle_since(self) -> float:
        """Start of idleness; in the future where the phone may ring ahead: after all agents who are idle."""
        return self.since if self.free_at is None else self.free_at

    @property
    def load_rank(self) -> float:
        """Orders agents by recent occupancy, the least first; constant while idle.

        Occupancy is averaged with exponential weights over the last ``OCCUPANCY_S``: an idle agent's falls as
        ``busy x exp(-(now - since) / OCCUPANCY_S)``, so the order of two idle agents never changes, and the logarithm
        without ``now`` will do.
        """
        return log(self.busy) + self.since / OCCUPANCY_S if self.busy > 0 else -inf


OCCUPANCY_S: Final = 3600.0
"""Time constant of an agent's recent occupancy."""


@dataclass(slots=True, eq=False)
class AgentGroup:
    """Agents with equal skills, missing at equal nodes.

    ``members`` are kept by availability; those who are available in two orders as well: ``ready`` by (idle since, id),
    ``rested`` by (recent occupancy, id).
    """

    skills: Skills
    missing: frozenset[str] = frozenset()
    ready: list[tuple[float, AgentId]] = field(default_factory=list)
    rested: list[tuple[float, AgentId]] = field(default_factory=list)
    people: int = 0
    members: dict[Availability, dict[AgentId, None]] = field(default_factory=lambda: {s: {} for s in Availability})

    def count(self, *availabilities: Availability) -> int:
        """Count the members who stand in one of these ways."""
        return sum(len(self.members[s]) for s in availabilities)

    @property
    def present(self) -> int:
        """Members who are logged in and have a phone."""
        return self.people - self.count(*ABSENT)


class KeptGroup(NamedTuple):
    """What is kept of a group: its members in the order in which explanations name them."""

    skills: Skills
    members: tuple[AgentId, ...]
    missing: frozenset[str] = frozenset()


class KeptRoster(NamedTuple):
    """What is kept of a roster. ``left``: the settings of agents who finish their work and are in no settings."""

    agents: dict[AgentId, Agent]
    groups: tuple[KeptGroup, ...]
    left: tuple[AgentSettings, ...]


class StateChange(NamedTuple):
    """An agent moved: what the fact must say."""

    agent: AgentId
    old: AgentState
    new: AgentState
    reason: str
    lasted_s: float
    by: str = ""


class RequestRefused(Exception):
    """The agent asked for a state that is not possible now. Nothing changed."""


_GroupKey = tuple[tuple[tuple[str, int], ...], frozenset[str]]
"""Skills and missing nodes of a group."""


class Roster:
    """All agents of the line. Every change of an agent goes through here, so that the groups are always right."""

    def __init__(self, agents: Iterable[AgentSettings] = (), now: float = 0.0) -> None:
        self._agents: dict[AgentId, Agent] = {}
        self._groups: dict[_GroupKey, AgentGroup] = {}
        self.groups: list[AgentGroup] = []
        self._gone: frozenset[AgentId] = frozenset()
        self.moved: dict[tuple[AgentGroup, Availability], int] = {}
        """By how many a group's members who stand so became more, or fewer, since somebody emptied this."""
        self.availability: dict[Availability, int] = dict.fromkeys(Availability, 0)
        for settings in agents:
            self._add(settings, now)

    def kept(self) -> KeptRoster:
        """Give what the rest can be worked out from; valid until the next change."""
        groups = [KeptGroup(g.skills, tuple(chain.from_iterable(g.members.values())), g.missing) for g in self.groups]
        left = [agent.settings for agent in self if agent.id in self._gone]
        return KeptRoster(self._agents, tuple(groups), tuple(left))

    @classmethod
    def restored(cls, kept: KeptRoster, wanted: Mapping[AgentId, AgentSettings]) -> Roster:
        """Make the roster again. Raises ``ContractError`` for an agent whose settings are not known."""
        roster, known = cls(), {**wanted, **{settings.id: settings for settings in kept.left}}
        if unknown := kept.agents.keys() - known.keys():
            raise ContractError(f"no settings of agent {min(unknown)}")
        roster._agents = kept.agents
        roster._gone = frozenset(kept.agents.keys() - wanted.keys())
        for skills, members, missing in kept.groups:
            group = roster._group(skills, missing)
            for name in members:
                agent = kept.agents[name]
                agent.settings, agent.group = known[name], group
                roster._place(agent)
        return roster

    def _add(self, settings: AgentSettings, now: float) -> None:
        group = self._group(settings.skills, frozenset())
        agent = self._agents[settings.id] = Agent(settings, group, now)
        self._place(agent)

    def _group(self, skills: Skills, missing: frozenset[str]) -> AgentGroup:
        key = (tuple(sorted(skills.items())), missing)
        if key not in self._groups:
            self._groups[key] = AgentGroup(dict(skills), missing)
            self.groups.append(self._groups[key])
        return self._groups[key]

    def __iter__(self) -> Iterator[Agent]:
        return iter(self._agents.values())

    def __contains__(self, agent: object) -> bool:
        return agent in self._agents

    def __getitem__(self, agent: AgentId) -> Agent:
        try:
            return self._agents[agent]
        except KeyError:
            raise ContractError(f"no such agent: {agent}") from None

    @property
    def logged_in(self) -> int:
        """How many agents are logged in, whatever they do."""
        return len(self._agents) - self.availability[Availability.LOGGED_OUT]

    @property
    def present(self) -> int:
        """How many are logged in and have a phone."""
        return len(self._agents) - sum(self.availability[availability] for availability in ABSENT)

    def begin(self, now: float) -> None:
        """A run starts: agents who never did anything are logged out since now, not since the scale's zero."""
        for agent in self:
            if agent.since == 0.0 and agent.state is AgentState.LOGGED_OUT:
                agent.since = now

    def reload(self, wanted: Iterable[AgentSettings], now: float) -> None:
        """Take new settings. Agents that are gone from them may finish their work, but not log in again."""
        by_id = {settings.id: settings for settings in wanted}
        for settings in by_id.values():
            if settings.id not in self._agents:
                self._add(settings, now)
            elif self._agents[settings.id].settings != settings:
                self._regroup(self._agents[settings.id], settings)
        self._gone = frozenset(self._agents.keys() - by_id.keys())
        for agent in [a for a in self if a.id in self._gone and a.state is AgentState.LOGGED_OUT and a.offer is None]:
            self._withdraw(agent)
            del self._agents[agent.id]

    def _regroup(self, agent: Agent, settings: AgentSettings) -> None:
        self._withdraw(agent)
        agent.settings, agent.group = settings, self._group(settings.skills, agent.missing)
        self._place(agent)

    def miss(self, agent: Agent, missing: frozenset[str]) -> None:
        """The agent's phone can be rung at the line's other nodes, and not at these."""
        self._withdraw(agent)
        agent.missing, agent.group = missing, self._group(agent.settings.skills, missing)
        self._place(agent)

    def apply(self, agent: Agent, event: AgentEvent, now: float, reason: str = "", by: str = "") -> StateChange | None:
        """Move the agent by the table. None where nothing changes. ``by``: who ordered it, if not the agent.

        Raises ``RequestRefused`` for a wish that is not possible, ``ContractError`` for an event of ours that is not.
        """
        if event is AgentEvent.LOG_IN and agent.settings.id in self._gone:
            raise RequestRefused(f"{agent.id} is no longer in the settings")
        try:
            state, action = TABLE[agent.state][event]
        except KeyError:
            kind = RequestRefused if event in AGENT_REQUESTS else ContractError
            raise kind(f"{agent.id} is {agent.state}: {event} is not possible") from None
        if action is Action.MOVE:
            return self._move(agent, state, reason, now, by)
        if action is Action.DEFER or action is Action.KEEP:
            agent.pending = (event, reason, by) if action is Action.DEFER else None
            return None
        if action is Action.RESUME and agent.pending is not None:
            state, reason, by = _resumed_state(agent.pending)
        if action is Action.RETURN:
            agent.pending = (_BACK[agent.state], agent.reason, "")
        return self._move(agent, state, reason, now, by)

    def _move(self, agent: Agent, state: AgentState, reason: str, now: float, by: str) -> StateChange | None:
        if state is AgentState.READY and agent.gone:
            (state, _), reason = TABLE[AgentState.READY][AgentEvent.PHONE_GONE], NotReady.UNREACHABLE
        if state is AgentState.NOT_READY and not reason:
            reason = NotReady.LOGIN if agent.state is AgentState.LOGGED_OUT else NotReady.ASKED
        lasted_s = now - agent.since
        change = StateChange(agent.settings.id, agent.state, state, reason, lasted_s, by)
        if agent.pending is not None and state not in _AT_WORK:
            agent.pending = None
        self._withdraw(agent)
        agent.busy = _busy_after(agent, lasted_s)
        agent.state, agent.reason, agent.since, agent.free_at = state, reason, now, None
        self._place(agent)
        return change

    def ring_ahead(self, agent: Agent, free_at: float) -> None:
        """Let the phone ring from now on, ahead of the end of the wrap-up at ``free_at``."""
        self._withdraw(agent)
        agent.free_at = free_at
        self._place(agent)

    def rest(self, agent: Agent, on: bool) -> None:
        """The line could not ring the agent: it does not try again while they rest."""
        agent.resting = on
        self.refresh(agent)

    def refresh(self, agent: Agent) -> None:
        """Put the agent where state, phone and offer say. Call after the phone or the offer changed."""
        if agent.judge() is not agent.availability:
            self._withdraw(agent)
            self._place(agent)

    def _withdraw(self, agent: Agent) -> None:
        group, availability, name = agent.group, agent.availability, agent.settings.id
        del group.members[availability][name]
        self._count(group, availability, -1)
        if availability is Availability.AVAILABLE:
            _remove(group.ready, (agent.idle_since, name))
            _remove(group.rested, (agent.load_rank, name))

    def _place(self, agent: Agent) -> None:
        group, availability, name = agent.group, agent.judge(), agent.settings.id
        agent.availability = availability
        group.members[availability][name] = None
        self._count(group, availability, 1)
        if availability is Availability.AVAILABLE:
            insort(group.ready, (agent.idle_since, name))
            insort(group.rested, (agent.load_rank, name))

    def _count(self, group: AgentGroup, availability: Availability, more: int) -> None:
        group.people += more
        self.availability[availability] += more
        self.moved[group, availability] = self.moved.get((group, availability), 0) + more


def _remove(line: list[tuple[float, AgentId]], entry: tuple[float, AgentId]) -> None:
    del line[bisect_left(line, entry)]


def _busy_after(agent: Agent, elapsed_s: float) -> float:
    """Recent occupancy after so long in the present state; what is neither work nor readiness does not count."""
    if agent.state is AgentState.READY:
        return agent.busy * exp(-elapsed_s / OCCUPANCY_S)
    if agent.state in _AT_WORK:
        return 1 - (1 - agent.busy) * exp(-elapsed_s / OCCUPANCY_S)
    return agent.busy


SERVING: Final = frozenset({AgentState.READY, AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP})
_AT_WORK: Final = SERVING - {AgentState.READY}
"""A wish that was put off stays put off while the agent goes through these."""


_BACK: Final = {AgentState.LOGGED_OUT: AgentEvent.LOG_OUT, AgentState.NOT_READY: AgentEvent.NOT_READY}
"""What a RETURN puts off: the wish that leads back."""


def _resumed_state(pending: tuple[AgentEvent, str, str]) -> tuple[AgentState, str, str]:
    event, reason, by = pending
    return (AgentState.LOGGED_OUT if event is AgentEvent.LOG_OUT else AgentState.NOT_READY), reason, by
