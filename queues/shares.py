"""Agents shared by several queues: how many of them work for the items ahead of one of them.

Items are held by class, agents by group; a group serves some of the classes, oldest item first. So agents whom two
classes share go where the wait is longer, until both wait equally long or nobody more can be moved: the shares are
those that make the longest wait as short as can be, then the second longest, and so on. Seen from one item, the
classes that end with their wait and the agents who serve them are one line: ``ahead`` items, ``servers`` agents.

Found by decomposition (Fujishige 1980, "Lexicographically optimal base of a polymatroid", Math. Oper. Res. 5, 186-196;
Megiddo 1974): take the average load per agent; a maximum flow shows the classes that cannot be served at that pace;
look on among them or among the others, wherever the item is. At most one flow per class; the cost depends on the
classes that wait and the distinct groups, not on items or agents. Whole numbers only, so nothing depends on rounding.

Classes are numbered from 0; a set of classes is an integer, in which the bit of each class's number is set.
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
    """Agents who serve the same of the waiting classes. ``serves``: the set of these classes."""

    def __init__(self, agents: int, serves: int) -> None:
        self.agents = agents
        self.serves = serves


def share(mine: int, ahead: list[int], pools: list[Pool], handle_s: list[float]) -> Share:
    """Work out what an item of class ``mine`` has before it.

    ``ahead``: items before it in the line's order, by class (without its own); classes without any may be left out.
    ``pools``: agents at work. ``handle_s``: the mean handle time of each class (s, counted to the tenth). ``servers``
    is 0 where nobody serves them. (ahead + 1) / servers never grows when an agent is added.
    """
    items = [count if number != mine else count + 1 for number, count in enumerate(ahead)]
    tenths = [max(1, round(seconds * 10)) for seconds in handle_s]
    loads = [items[number] * tenths[number] for number in range(len(items))]
    level, serving = _level(mine, loads, pools)
    together, work, agents = 0, 0, sum([pool.agents for pool in serving])
    for number, load in enumerate(loads):
        if level >> number & 1:
            together += items[number]
            work += load
    return Share(together - 1, together * tenths[mine] * agents / work)


def _level(mine: int, loads: list[int], pools: list[Pool]) -> tuple[int, list[Pool]]:
    """The classes that wait as long as ``mine``, and the agents who serve no class that waits longer."""
    while True:
        level = _linked(mine, pools)
        pools = [pool for pool in pools if pool.serves & level and pool.agents]
        short = _too_slow(level, loads, pools)
        if not short:
            return level, pools
        pools = _narrowed(short, pools) if short >> mine & 1 else [pool for pool in pools if not pool.serves & short]


def _linked(mine: int, pools: list[Pool]) -> int:
    """``mine`` and every class that shares agents with it, by one step or several."""
    linked, seen = 1 << mine, 0
    while linked != seen:
        seen = linked
        for pool in pools:
            if pool.serves & linked and pool.agents:
                linked |= pool.serves
    return linked


def _narrowed(classes: int, pools: list[Pool]) -> list[Pool]:
    """Only these classes, and the agents who serve any of them."""
    narrowed: dict[int, Pool] = {}
    for pool in pools:
        common = pool.serves & classes
        if common:
            known = narrowed.get(common)
            if known is None:
                narrowed[common] = Pool(pool.agents, common)
            else:
                known.agents += pool.agents
    return list(narrowed.values())


def _too_slow(level: int, loads: list[int], pools: list[Pool]) -> int:
    """The classes that cannot all be served when every agent has the average load (none: they can)."""
    if not level & (level - 1):
        return 0  # one class alone
    here = [number for number in range(len(loads)) if level >> number & 1]
    work, agents = sum([loads[number] for number in here]), sum([pool.agents for pool in pools])
    want = [loads[number] * agents for number in here]
    serves = [[n for n, number in enumerate(here) if pool.serves >> number & 1] for pool in pools]
    stuck, found = 0, _Flow(want, [pool.agents * work for pool in pools], serves).stuck()
    for n, number in enumerate(here):
        if found >> n & 1:
            stuck |= 1 << number
    return stuck


@final
class _Flow:
    """A maximum flow of work to agents, by shortest paths (Edmonds, Karp 1972).

    ``want``: what is left of each class's work. ``room``: what is left of each pool's time; it serves the classes
    ``serves``. ``sent``: by pool and class.
    """

    def __init__(self, want: list[int], room: list[int], serves: list[list[int]]) -> None:
        self.want, self.room, self.serves = want, room, serves
        self.sent: list[list[int]] = [[0] * len(want) for _ in room]
        self.class_at: list[int] = []
        """The class whose work a path brings to each pool; -1: none comes there."""
        self.pool_at: list[int] = []
        """The pool from which a path takes the work of each class; -1: none."""

    def stuck(self) -> int:
        """Send all that can be sent; the classes with work left over, and those that hold the agents they could use."""
        self._send_directly()
        stuck = 0
        for start in range(len(self.want)):
            while self.want[start]:
                end = self._path(start)
                if end < 0:
                    stuck |= 1 << start
                    for number, pool in enumerate(self.pool_at):
                        if pool >= 0:
                            stuck |= 1 << number
                    break
                self._send(start, end)
        return stuck

    def _send_directly(self) -> None:
        """Fill the pools in their order, each with what its classes have left: most of it finds its place so."""
        for pool, classes in enumerate(self.serves):
            for number in classes:
                amount = min(self.want[number], self.room[pool])
                self.want[number] -= amount
                self.room[pool] -= amount
                self.sent[pool][number] += amount

    def _path(self, start: int) -> int:
        """Find agents with room: each class gives work to agents who hand over work of the next class. -1: none."""
        class_at, pool_at = [-1] * len(self.room), [-1] * len(self.want)
        self.class_at, self.pool_at = class_at, pool_at
        front = [start]
        for number in front:
            for pool, classes in enumerate(self.serves):
                if class_at[pool] >= 0 or number not in classes:
                    continue
                class_at[pool] = number
                if self.room[pool]:
                    return pool
                for other in classes:
                    if other != start and pool_at[other] < 0 and self.sent[pool][other]:
                        pool_at[other] = pool
                        front.append(other)
        return -1

    def _send(self, start: int, end: int) -> None:
        """Send what the path from ``start`` to the pool ``end`` can carry."""
        amount, number = min(self.want[start], self.room[end]), self.class_at[end]
        while number != start:
            pool = self.pool_at[number]
            amount = min(amount, self.sent[pool][number])
            number = self.class_at[pool]
        self.want[start] -= amount
        self.room[end] -= amount
        pool, number = end, self.class_at[end]
        self.sent[pool][number] += amount
        while number != start:
            pool = self.pool_at[number]
            self.sent[pool][number] -= amount
            number = self.class_at[pool]
            self.sent[pool][number] += amount
