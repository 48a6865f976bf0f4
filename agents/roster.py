"""Keep the agents of the line, in groups of equal skills. Every change of an agent goes through here.

Decides nothing about calls. The distributor asks groups, never all agents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from math import exp
from typing import Final, NamedTuple, final

from calls import AgentId, AgentState, ContractError, NotReady, Skills

from .agent import OCCUPANCY_S, Agent, AgentGroup, Headcount
from .settings import AgentSettings
from .state import AGENT_REQUESTS, ROWS, Action, AgentEvent, Row


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


class RequestRefused(Exception):
    """The agent asked for a state that is not possible now. Nothing changed."""


_GroupKey = tuple[tuple[tuple[str, int], ...], frozenset[str]]
"""Skills and missing nodes of a group."""


@final
class Roster:
    """All agents of the line. Every change of an agent goes through here, so that the groups are always right."""

    def __init__(self, agents: Iterable[AgentSettings] = (), now: float = 0.0) -> None:
        self._agents: dict[AgentId, Agent] = {}
        self._groups: dict[_GroupKey, AgentGroup] = {}
        self.groups: list[AgentGroup] = []
        self._gone: frozenset[AgentId] = frozenset()
        self.everybody = Headcount()
        for settings in agents:
            self._add(settings, now)

    def kept(self) -> KeptRoster:
        """Give what the rest can be worked out from; valid until the next change."""
        groups = [KeptGroup(g.skills, tuple(chain.from_iterable(g.members)), g.missing) for g in self.groups]
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
                agent.id, agent.settings, agent.group = name, known[name], group
                agent.row = ROWS[agent.state]
                roster._join(agent)
        return roster

    def _add(self, settings: AgentSettings, now: float) -> None:
        group = self._group(settings.skills, frozenset())
        agent = self._agents[settings.id] = Agent(settings, group, now)
        self._join(agent)

    def _group(self, skills: Skills, missing: frozenset[str]) -> AgentGroup:
        key = (tuple(sorted(skills.items())), missing)
        if key not in self._groups:
            made = self._groups[key] = AgentGroup(dict(skills), missing, len(self.groups))
            made.count_for(self.everybody)
            self.groups.append(made)
        return self._groups[key]

    def __iter__(self) -> Iterator[Agent]:
        return iter(self._agents.values())

    def __contains__(self, agent: object) -> bool:
        return agent in self._agents

    def __getitem__(self, agent: AgentId) -> Agent:
        known = self._agents.get(agent)
        if known is None:
            raise ContractError(f"no such agent: {agent}")
        return known

    def get(self, agent: AgentId) -> Agent | None:
        """Give the agent of this id; None if there is none."""
        return self._agents.get(agent)

    @property
    def logged_in(self) -> int:
        """How many agents are logged in, whatever they do."""
        return self.everybody.people - self.everybody.logged_out

    @property
    def present(self) -> int:
        """How many are logged in and have a phone."""
        return self.everybody.present

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
            self._part(agent)
            del self._agents[agent.id]

    def _regroup(self, agent: Agent, settings: AgentSettings) -> None:
        self._part(agent)
        agent.settings, agent.group = settings, self._group(settings.skills, agent.missing)
        self._join(agent)

    def miss(self, agent: Agent, missing: frozenset[str]) -> None:
        """The agent's phone can be rung at the line's other nodes, and not at these."""
        self._part(agent)
        agent.missing, agent.group = missing, self._group(agent.settings.skills, missing)
        self._join(agent)

    def apply(self, agent: Agent, event: AgentEvent, now: float, reason: str = "", by: str = "") -> AgentState | None:
        """Move the agent by the table; give the state they left. None where nothing changes.

        ``by``: who ordered it, if not the agent.

        Raises ``RequestRefused`` for a wish that is not possible, ``ContractError`` for an event of ours that is not.
        """
        if event is AgentEvent.LOG_IN and agent.id in self._gone:
            raise RequestRefused(f"{agent.id} is no longer in the settings")
        move = agent.row.moves.get(event)
        if move is None:
            what = f"{agent.id} is {agent.state}: {event} is not possible"
            raise RequestRefused(what) if event in AGENT_REQUESTS else ContractError(what)
        to, action = move.to, move.action
        if action is Action.MOVE:
            return self._move(agent, to, reason, now, by)
        if action is Action.DEFER or action is Action.KEEP:
            agent.pending = (event, reason, by) if action is Action.DEFER else None
            return None
        if action is Action.RESUME and agent.pending is not None:
            state, reason, by = _resumed_state(agent.pending)
            to = ROWS[state]
        if action is Action.RETURN:
            agent.pending = (_BACK[agent.state], agent.reason, "")
        return self._move(agent, to, reason, now, by)

    def _move(self, agent: Agent, to: Row, reason: str, now: float, by: str) -> AgentState:
        if to.state is AgentState.READY and agent.gone:
            to, reason = to.moves[AgentEvent.PHONE_GONE].to, NotReady.UNREACHABLE
        state = to.state
        if state is AgentState.NOT_READY and not reason:
            reason = NotReady.LOGIN if agent.state is AgentState.LOGGED_OUT else NotReady.ASKED
        left, agent.lasted_s, agent.moved_by = agent.state, now - agent.since, by
        if agent.pending is not None and not to.at_work:
            agent.pending = None
        self._withdraw(agent)
        agent.busy = _busy_after(agent, agent.lasted_s)
        agent.row, agent.state, agent.reason, agent.since, agent.free_at = to, state, reason, now, None
        self._place(agent)
        return left

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
        if agent.judge() is not agent.standing:
            self._withdraw(agent)
            self._place(agent)

    def _join(self, agent: Agent) -> None:
        agent.group.enrol(1)
        self._place(agent)

    def _part(self, agent: Agent) -> None:
        self._withdraw(agent)
        agent.group.enrol(-1)

    def _place(self, agent: Agent) -> None:
        agent.standing = agent.judge()
        agent.idle_since = agent.since if agent.free_at is None else agent.free_at
        agent.group.place(agent)

    def _withdraw(self, agent: Agent) -> None:
        agent.group.withdraw(agent)


def _busy_after(agent: Agent, elapsed_s: float) -> float:
    """Recent occupancy after so long in the present state; what is neither work nor readiness does not count."""
    if agent.state is AgentState.READY:
        return agent.busy * exp(-elapsed_s / OCCUPANCY_S)
    if agent.row.at_work:
        return 1 - (1 - agent.busy) * exp(-elapsed_s / OCCUPANCY_S)
    return agent.busy


_BACK: Final = {AgentState.LOGGED_OUT: AgentEvent.LOG_OUT, AgentState.NOT_READY: AgentEvent.NOT_READY}
"""What a RETURN puts off: the wish that leads back."""


def _resumed_state(pending: tuple[AgentEvent, str, str]) -> tuple[AgentState, str, str]:
    event, reason, by = pending
    return (AgentState.LOGGED_OUT if event is AgentEvent.LOG_OUT else AgentState.NOT_READY), reason, by
