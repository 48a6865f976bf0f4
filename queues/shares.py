"""Agents shared by several queues: how many of them work for the items ahead of one of them.

Items are held by class, agents by group; a group serves some of the classes, oldest item first. So agents whom two
classes share go where the wait is longer, until both wait equally long or nobody more can be moved: the shares are
those that make the longest wait as short as can be, then the second longest, and so on. Seen from one item, the
classes that end with their wait and the agents who serve them are one line: ``ahead`` items, ``servers`` agents.

Found by decomposition (Fujishige 1980, "Lexicographically optimal base of a polymatroid", Math. Oper. Res. 5, 186-196;
Megiddo 1974): take the average load per agent; a maximum flow shows the classes that cannot be served at that pace;
look on among them or among the others, wherever the item is. At most one flow per class; the cost depends on the
classes that wait and the distinct groups, not on items or agents. Whole numbers only, so nothing depends on rounding.

Classes and pools of agents are numbered from 0; a set of them is a list of flags by number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@dataclass(frozen=True, slots=True)
class Share:
    """The line as one item sees it. ``servers`` is counted in agents who serve items that take as long."""

    ahead: int
    servers: float


@final
class Pool:
    """Agents who serve the same of the waiting classes."""

    def __init__(self, agents: int, classes: list[int]) -> None:
        self.agents = agents
        self.classes = classes


def share(mine: int, ahead: list[int], pools: list[Pool], handle_s: list[float]) -> Share:
    """Work out what an item of class ``mine`` has before it.

    ``ahead``: items before it in the line's order, by class (without its own); classes without any may be left out.
    ``pools``: agents at work. ``handle_s``: the mean handle time of each class (s, counted to the tenth). ``servers``
    is 0 where nobody serves them. (ahead + 1) / servers never grows when an agent is added.
    """
    items = [count if number != mine else count + 1 for number, count in enumerate(ahead)]
    tenths = [max(1, round(seconds * 10)) for seconds in handle_s]
    line = _Line([items[number] * tenths[number] for number in range(len(items))], pools)
    line.narrow_to_level(mine)
    together, work, agents = 0, 0, 0
    for number in line.classes:
        together += items[number]
        work += line.loads[number]
    for number in line.pools:
        agents += pools[number].agents
    return Share(together - 1, together * tenths[mine] * agents / work)


@final
class _Arc:
    """A pool may serve a class: how much of the class's work it was sent."""

    def __init__(self, of: int, pool: int) -> None:
        self.of = of
        self.pool = pool
        self.sent: int = 0


@final
class _Line:
    """The classes and pools that are still looked at: ``classes`` and ``pools`` by number, ``here`` and ``serves``.

    ``want``: what is left of each class's work in a flow, ``room``: of each pool's time.
    """

    def __init__(self, loads: list[int], pools: list[Pool]) -> None:
        self.loads = loads
        self.agents = [pool.agents for pool in pools]
        self.arcs_of: list[list[_Arc]] = [[] for _ in loads]
        self.arcs_at: list[list[_Arc]] = [[] for _ in pools]
        for number, pool in enumerate(pools):
            for of in pool.classes if pool.agents else []:
                arc = _Arc(of, number)
                self.arcs_of[of].append(arc)
                self.arcs_at[number].append(arc)
        self.here = [True] * len(loads)
        self.serves = [pool.agents > 0 for pool in pools]
        self.classes: list[int] = []
        self.pools: list[int] = []
        self.want, self.room = [0] * len(loads), [0] * len(pools)
        self.stuck = [False] * len(loads)
        """Classes from which no path leads to agents with room."""
        self.came: list[_Arc | None] = [None] * len(pools)
        """The arc by which a path comes to each pool, and the one by which each class gets work back from a pool."""
        self.back: list[_Arc | None] = [None] * len(loads)

    def narrow_to_level(self, mine: int) -> None:
        """Keep the classes that wait as long as ``mine``, and the agents who serve no class that waits longer."""
        self._link(mine)
        while True:
            slow = self._too_slow()
            if not slow:
                return
            among = [False] * len(self.loads)
            for number in slow:
                among[number] = True
            for number in self.classes:
                self.here[number] = among[number] is among[mine]
            for pool in self.pools:
                touches = any(among[arc.of] for arc in self.arcs_at[pool])
                self.serves[pool] = touches is among[mine]
            self._link(mine)

    def _link(self, mine: int) -> None:
        """Look at ``mine`` and every class that shares agents with it, by one step or several, and at these agents."""
        here, serves = [False] * len(self.here), [False] * len(self.serves)
        here[mine] = True
        self.classes, self.pools = [mine], []
        for number in self.classes:
            for arc in self.arcs_of[number]:
                if self.serves[arc.pool] and not serves[arc.pool]:
                    serves[arc.pool] = True
                    self.pools.append(arc.pool)
                    for other in self.arcs_at[arc.pool]:
                        if self.here[other.of] and not here[other.of]:
                            here[other.of] = True
                            self.classes.append(other.of)
        self.here, self.serves = here, serves

    # -- a maximum flow of work to agents, by shortest paths (Edmonds, Karp 1972) ---

    def _too_slow(self) -> list[int]:
        """The classes that cannot all be served when every agent has the average load (none: they can).

        Those with work left over when all that can be sent was sent, and those that hold the agents they could use.
        """
        work, agents = 0, 0
        for number in self.classes:
            work += self.loads[number]
        for number in self.pools:
            agents += self.agents[number]
        for number in self.classes:
            self.want[number] = self.loads[number] * agents
        for number in self.pools:
            self.room[number] = self.agents[number] * work
        if len(self.classes) == 1:
            return []
        self._send_directly()
        stuck: list[int] = []
        self.stuck = [False] * len(self.loads)
        for number in self.classes:
            while self.want[number] and not self.stuck[number]:
                for other in self._path(number):
                    self.stuck[other] = True
                    stuck.append(other)
        return stuck

    def _send_directly(self) -> None:
        """Fill the pools, each with what its classes have left: most of it finds its place so."""
        for number in self.pools:
            for arc in self.arcs_at[number]:
                arc.sent = 0
                if self.here[arc.of]:
                    arc.sent = min(self.want[arc.of], self.room[number])
                    self.want[arc.of] -= arc.sent
                    self.room[number] -= arc.sent

    def _path(self, start: int) -> list[int]:
        """Send work to agents with room: each class gives work to agents who hand over work of the next class.

        Returns the classes that were reached in vain; none if something was sent.
        """
        came: list[_Arc | None] = [None] * len(self.came)
        back: list[_Arc | None] = [None] * len(self.back)
        self.came, self.back = came, back
        front = [start]
        for number in front:
            for arc in self.arcs_of[number]:
                if not self.serves[arc.pool] or came[arc.pool] is not None:
                    continue
                came[arc.pool] = arc
                if self.room[arc.pool]:
                    self._send(start, arc.pool)
                    return []
                for held in self.arcs_at[arc.pool]:
                    other = held.of
                    if held.sent and other != start and back[other] is None and not self.stuck[other]:
                        back[other] = held
                        front.append(other)
        return front

    def _send(self, start: int, end: int) -> None:
        """Send what the path from ``start`` to the pool ``end`` can carry."""
        amount, sends, gets_back = min(self.want[start], self.room[end]), self.came[end], None
        path: list[_Arc] = []
        returned: list[_Arc] = []
        while sends is not None:
            path.append(sends)
            gets_back = self.back[sends.of]
            if gets_back is None:
                break
            returned.append(gets_back)
            amount = min(amount, gets_back.sent)
            sends = self.came[gets_back.pool]
        self.want[start] -= amount
        self.room[end] -= amount
        for arc in path:
            arc.sent += amount
        for arc in returned:
            arc.sent -= amount
