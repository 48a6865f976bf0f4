"""One agent's present, and the group of agents with equal skills, which keeps the ready ones in order of idleness."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, log
from typing import Final, final

from calls import AgentId, AgentState, NotReady, OfferId, Skills

from .settings import AgentSettings
from .standing import (
    AVAILABLE,
    LEG_CLOSING,
    LOGGED_OUT,
    PHONE_GONE,
    PHONE_IN_USE,
    PHONE_UNREACHABLE,
    RESTING,
    STANDINGS,
    Availability,
    Standing,
)
from .state import ROWS, AgentEvent, Row

OCCUPANCY_S: Final = 3600.0
"""Time constant of an agent's recent occupancy."""


@final
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
    busy: float = 0.0
    resting: bool = False
    faults: int = 0
    missing: frozenset[str] = frozenset()

    def __init__(self, settings: AgentSettings, group: AgentGroup, since: float) -> None:
        self.settings = settings
        self.group = group
        self.since = since
        self.id: AgentId = settings.id
        self.row: Row = ROWS[AgentState.LOGGED_OUT]
        """That of ``state``."""
        self.standing: Standing = LOGGED_OUT
        self.before: Agent | None = None
        """Those before and behind them among the members of the group who stand alike."""
        self.after: Agent | None = None
        self.idle_since: float = since
        """Start of idleness; in the future where the phone may ring ahead: after all agents who are idle."""
        self.noted: bool = False
        """Whether the distributor is to look at them."""
        self.lasted_s: float = 0.0
        """How long the state before this one lasted, and who ordered this one; empty: they themselves, or a call."""
        self.moved_by: str = ""
        self.pace: float = 1.0
        """Their handle times relative to the mean, and the same in tenths. See ``acd/handle_times.py``."""
        self.pace_tenths: int = 10

    def judge(self) -> Standing:
        """The rule that keeps the agent from calls, or AVAILABLE."""
        if self.gone and not self.row.at_a_phone:
            return PHONE_GONE
        if self.row.state is not AgentState.READY and self.free_at is None:
            return self.row.standing
        if not self.reachable:
            return PHONE_UNREACHABLE
        if self.in_use:
            return PHONE_IN_USE
        if self.offer is not None:
            return LEG_CLOSING
        return RESTING if self.resting else AVAILABLE

    @property
    def availability(self) -> Availability:
        """How they stand, for readers."""
        return self.standing.availability

    @property
    def available(self) -> bool:
        """Whether they can be offered a call."""
        return self.standing is AVAILABLE

    @property
    def serving(self) -> bool:
        """Whether the agent takes calls, or would if their phone were there."""
        return self.row.serving or (self.state is AgentState.NOT_READY and self.reason == NotReady.UNREACHABLE)

    @property
    def load_rank(self) -> float:
        """Orders agents by recent occupancy, the least first; constant while idle.

        Occupancy is averaged with exponential weights over the last ``OCCUPANCY_S``: an idle agent's falls as
        ``busy x exp(-(now - since) / OCCUPANCY_S)``, so the order of two idle agents never changes, and the logarithm
        without ``now`` will do.
        """
        return log(self.busy) + self.since / OCCUPANCY_S if self.busy > 0 else -inf

    def idle_longer(self, other: Agent) -> bool:
        """Tell whether they have been idle longer than the other; of equals the lower id."""
        mine, theirs = self.idle_since, other.idle_since
        return mine < theirs if mine != theirs else self.id < other.id

    def less_loaded(self, other: Agent) -> bool:
        """Tell whether their recent occupancy is lower than the other's; of equals the lower id."""
        mine, theirs = self.load_rank, other.load_rank
        return mine < theirs if mine != theirs else self.id < other.id


@final
class Headcount:
    """How many agents some groups have together. The groups keep it right."""

    def __init__(self) -> None:
        self.people: int = 0
        self.available: int = 0
        self.logged_out: int = 0
        self.gone: int = 0
        """Logged in without a phone."""

    @property
    def present(self) -> int:
        """Agents who are logged in and have a phone. The others count for nothing: no call could be theirs now."""
        return self.people - self.logged_out - self.gone


@final
class Members:
    """The members of a group who stand alike, in the order in which they came to stand so: a chain of agents."""

    def __init__(self) -> None:
        self.first: Agent | None = None
        self.last: Agent | None = None
        self.count: int = 0

    def __iter__(self) -> Iterator[AgentId]:
        agent = self.first
        while agent is not None:
            yield agent.id
            agent = agent.after

    def add(self, agent: Agent) -> None:
        """Put the agent behind the others."""
        agent.before, agent.after = self.last, None
        if self.last is None:
            self.first = agent
        else:
            self.last.after = agent
        self.last = agent
        self.count += 1

    def remove(self, agent: Agent) -> None:
        """Take the agent out."""
        if agent.before is None:
            self.first = agent.after
        else:
            agent.before.after = agent.after
        if agent.after is None:
            self.last = agent.before
        else:
            agent.after.before = agent.before
        self.count -= 1


@final
class AgentGroup:
    """Agents with equal skills, missing at equal nodes.

    ``members`` are kept by the number of their standing; ``ready``: those who are available, the longest idle first.
    ``counts``: the headcounts that these agents belong to. ``working``: how many are at work on
    calls, or could be in a moment.
    """

    def __init__(self, skills: Skills, missing: frozenset[str] = frozenset(), number: int = 0) -> None:
        self.skills = skills
        self.missing = missing
        self.number = number
        self.own = Headcount()
        self.counts: list[Headcount] = [self.own]
        self.working: int = 0
        self.ready: list[Agent] = []
        self.members: list[Members] = [Members() for _ in STANDINGS]
        self._rested: list[Agent] | None = None

    def those(self, availability: Availability) -> Members:
        """Give the members who stand so."""
        return self.members[STANDINGS[availability].number]

    def count(self, *availabilities: Availability) -> int:
        """Count the members who stand in one of these ways."""
        return sum([self.those(one).count for one in availabilities])

    @property
    def present(self) -> int:
        """Members who are logged in and have a phone."""
        return self.own.present

    def rested(self) -> list[Agent]:
        """Give those who are available, the least occupied first."""
        if self._rested is None:  # few lines ask for it: it is kept from then on
            self._rested = []
            for agent in self.ready:
                _insert_rested(self._rested, agent)
        return self._rested

    def count_for(self, those: Headcount) -> None:
        """Count these agents in ``those`` as well, from now on."""
        those.people += self.own.people
        those.available += self.own.available
        those.logged_out += self.own.logged_out
        those.gone += self.own.gone
        self.counts.append(those)

    def enrol(self, more: int) -> None:
        """Count people who joined the group, or left it."""
        for those in self.counts:
            those.people += more

    def place(self, agent: Agent) -> None:
        """Put the agent where their standing says."""
        self.members[agent.standing.number].add(agent)
        self._count(agent.standing, 1)
        if agent.standing is AVAILABLE:
            if self.ready and agent.idle_longer(self.ready[-1]):
                self.ready.insert(_ready_at(self.ready, agent), agent)
            else:
                self.ready.append(agent)
            if self._rested is not None:
                _insert_rested(self._rested, agent)

    def withdraw(self, agent: Agent) -> None:
        """Take the agent out, before anything that orders them changes."""
        self.members[agent.standing.number].remove(agent)
        self._count(agent.standing, -1)
        if agent.standing is AVAILABLE:
            del self.ready[0 if self.ready[0] is agent else _ready_at(self.ready, agent)]
            if self._rested is not None:
                self._rested.remove(agent)

    def _count(self, standing: Standing, more: int) -> None:
        if standing.working:
            self.working += more
        if standing is AVAILABLE:
            for those in self.counts:
                those.available += more
        elif standing is LOGGED_OUT:
            for those in self.counts:
                those.logged_out += more
        elif standing is PHONE_GONE:
            for those in self.counts:
                those.gone += more


def _ready_at(ready: list[Agent], agent: Agent) -> int:
    low, high = 0, len(ready)
    while low < high:
        middle = (low + high) >> 1
        if ready[middle].idle_longer(agent):
            low = middle + 1
        else:
            high = middle
    return low


def _insert_rested(rested: list[Agent], agent: Agent) -> None:
    low, high = 0, len(rested)
    while low < high:
        middle = (low + high) >> 1
        if rested[middle].less_loaded(agent):
            low = middle + 1
        else:
            high = middle
    rested.insert(low, agent)
