"""One agent's present, and the group of agents with equal skills, which keeps the ready ones in order of idleness."""

from __future__ import annotations

from math import inf, log
from typing import Final, final

from calls import AgentId, AgentState, NotReady, OfferId, Skills, Word

from .settings import AgentSettings
from .state import ROWS, AgentEvent, Row


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
        self.availability: Availability = Availability.LOGGED_OUT
        self.idle_since: float = since
        """Start of idleness; in the future where the phone may ring ahead: after all agents who are idle."""
        self.noted: bool = False
        """Whether the distributor is to look at them."""
        self.among: dict[AgentId, None] = {}
        """Those of their group who stand as they do."""
        self.pace: float = 1.0
        """Their handle times relative to the mean, and the same in tenths. See ``acd/handle_times.py``."""
        self.pace_tenths: int = 10

    def judge(self) -> Availability:
        """The rule that keeps the agent from calls, or AVAILABLE."""
        if self.gone and not self.row.at_a_phone:
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
class AgentGroup:
    """Agents with equal skills, missing at equal nodes.

    ``members`` are kept by availability, ``ready``: those who are available, the longest idle first. ``counts``: the
    headcounts that these agents belong to. ``working``: those who are at work on calls, or could be in a moment.
    """

    def __init__(self, skills: Skills, missing: frozenset[str] = frozenset(), number: int = 0) -> None:
        self.skills = skills
        self.missing = missing
        self.number = number
        self.own = Headcount()
        self.counts: list[Headcount] = [self.own]
        self.working: int = 0
        self.ready: list[Agent] = []
        self.members: dict[Availability, dict[AgentId, None]] = {one: {} for one in Availability}
        self._rested: list[Agent] | None = None

    def count(self, *availabilities: Availability) -> int:
        """Count the members who stand in one of these ways."""
        return sum([len(self.members[one]) for one in availabilities])

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
        """Put the agent where their availability says."""
        agent.among = self.members[agent.availability]
        agent.among[agent.id] = None
        self._count(agent.availability, 1)
        if agent.availability is Availability.AVAILABLE:
            if self.ready and agent.idle_longer(self.ready[-1]):
                self.ready.insert(_ready_at(self.ready, agent), agent)
            else:
                self.ready.append(agent)
            if self._rested is not None:
                _insert_rested(self._rested, agent)

    def withdraw(self, agent: Agent) -> None:
        """Take the agent out, before anything that orders them changes."""
        del agent.among[agent.id]
        self._count(agent.availability, -1)
        if agent.availability is Availability.AVAILABLE:
            del self.ready[0 if self.ready[0] is agent else _ready_at(self.ready, agent)]
            if self._rested is not None:
                self._rested.remove(agent)

    def _count(self, availability: Availability, more: int) -> None:
        if availability is Availability.AVAILABLE:
            self.working += more
            for those in self.counts:
                those.available += more
        elif availability is Availability.LOGGED_OUT:
            for those in self.counts:
                those.logged_out += more
        elif availability is Availability.PHONE_GONE:
            for those in self.counts:
                those.gone += more
        elif availability not in _NOT_WORKING:
            self.working += more


_NOT_WORKING: Final = (Availability.NOT_READY, Availability.PHONE_UNREACHABLE, Availability.PHONE_IN_USE)


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
