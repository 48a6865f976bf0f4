"""The router alone on a bare floor: callers come, wait, give up or are served, and nothing else of the line.

The very waiting room, roster and distributor that ``engine/`` uses, as they are. Plain Python; for a measurement it is
compiled in one library with them (`benchmarks/trees.py`), so that the floor costs little beside the router. Its rules
are those of `floor.py` without shifts and hold-backs, for agents who are equally fast.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from math import inf
from typing import Final, final

from acd import Distributor
from agents import Agent, AgentEvent, Roster
from calls import CallId, Requirement
from queues import QueueSettings, WaitingRoom

ENDED: Final = 0
GIVES_UP: Final = 1
"""What is planned, in the order of law at the same instant; both come before an arrival."""

WAITING: Final = -1.0

Columns = tuple[list[float], list[int], list[float], list[float]]
"""Callers in order of arrival: when they come, the class of each, patience, handle time (s)."""


@final
class Caller:
    """One caller. ``waited`` (s) is negative until the wait is over."""

    def __init__(self, item: CallId, at: float, queue: QueueSettings, handle_s: float) -> None:
        self.item = item
        self.at = at
        self.queue = queue
        self.handle_s = handle_s
        self.waited: float = WAITING
        self.since: float = at
        """When the conversation began."""


@final
class Planned:
    """The end of a caller's service by an agent, or, without one, that the caller gives up."""

    def __init__(self, kind: int, agent: Agent | None, caller: Caller) -> None:
        self.kind = kind
        self.agent = agent
        self.caller = caller


@final
class Calendar:
    """What is planned, the next one last: instants (negative) in one list, what happens then in another.

    Searched and moved by the standard library in both forms; good for the few hundred that are planned on a floor.
    """

    def __init__(self) -> None:
        self.instants: list[float] = [-inf]
        self.planned: list[Planned | None] = [None]

    def next_at(self) -> float:
        return -self.instants[-1]

    def add(self, at: float, planned: Planned) -> None:
        """Plan it; at one instant what ends comes first, then what was planned first."""
        place = bisect_left(self.instants, -at)
        while place < len(self.instants) and self.instants[place] == -at and planned.kind < self._kind(place):
            place += 1
        self.instants.insert(place, -at)
        self.planned.insert(place, planned)

    def _kind(self, place: int) -> int:
        there = self.planned[place]
        return GIVES_UP if there is None else there.kind

    def take(self) -> Planned:
        """Take out what comes next."""
        self.instants.pop()
        planned = self.planned.pop()
        assert planned is not None, "the end of time never comes"
        return planned


@final
class Router:
    """One run. ``queues``: one for each class of callers; ``needs``: what each class asks of an agent."""

    def __init__(
        self,
        queues: Sequence[QueueSettings],
        needs: Sequence[Requirement],
        agents: Iterable[Agent],
        roster: Roster,
        acd: Distributor,
    ) -> None:
        self.queues, self.needs, self.agents = list(queues), list(needs), list(agents)
        self.roster, self.acd = roster, acd
        self.room: WaitingRoom = acd.eligibility.room
        self.calendar = Calendar()
        self.now: float = 0.0
        self.callers: list[Caller] = []
        self.waiting: dict[str, Caller] = {}

    def run(self, columns: Iterable[Columns]) -> list[float]:
        """Serve all callers; give the seconds that each one waited."""
        self._open()
        for at, kind, patience_s, handle_s in columns:
            for n in range(len(at)):
                self._until(at[n])
                self._arrives(kind[n], patience_s[n], handle_s[n])
        while self.waiting and self.calendar.next_at() < inf:
            self._happens()
        return [caller.waited for caller in self.callers]

    def _open(self) -> None:
        """Let all agents log in, one after the other."""
        for agent in self.agents:
            agent.reachable = True
            self.roster.apply(agent, AgentEvent.LOG_IN, 0.0)
            self.roster.apply(agent, AgentEvent.READY, 0.0)
            self.acd.agent_free(agent)
            self._settle()

    def _until(self, at: float) -> None:
        """Let everything happen that is planned up to an arrival."""
        while self.calendar.next_at() <= at:
            self._happens()
        self.now = at

    def _arrives(self, kind: int, patience_s: float, handle_s: float) -> None:
        item, queue = CallId(str(len(self.callers))), self.queues[kind]
        caller = Caller(item, self.now, queue, handle_s)
        self.callers.append(caller)
        self.waiting[item] = caller
        self.acd.entered(self.room.enter(item, queue, self.needs[kind], 0.0, self.now))
        self._settle()
        if caller.waited < 0.0 and patience_s < inf:
            self.calendar.add(self.now + patience_s, Planned(GIVES_UP, None, caller))

    def _happens(self) -> None:
        """Let the next thing happen that is planned."""
        self.now = self.calendar.next_at()
        planned = self.calendar.take()
        agent, caller = planned.agent, planned.caller
        if agent is not None:
            self.acd.handled(caller.queue.id, agent, self.now - caller.since)
            self.roster.apply(agent, AgentEvent.CALL_ENDED, self.now)
            self.roster.apply(agent, AgentEvent.WRAP_UP_OVER, self.now)
            self.acd.agent_free(agent)
            self._settle()
        elif caller.waited < 0.0:
            caller.waited = self.now - caller.at
            del self.waiting[caller.item]
            self.room.leave(caller.item)
            self._settle()

    def _settle(self) -> None:
        """Join whom the distributor joins."""
        now = self.now
        while True:
            match = self.acd.next(now)
            if match is None:
                return
            item, agent = match.place.item, match.agent
            self.room.leave(item)
            self.roster.apply(agent, AgentEvent.OFFERED, now)
            self.roster.apply(agent, AgentEvent.ANSWERED, now)
            caller = self.waiting.pop(item)
            caller.waited, caller.since = now - caller.at, now
            self.calendar.add(now + caller.handle_s, Planned(ENDED, agent, caller))
