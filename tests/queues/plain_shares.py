"""The shares of ``queues/shares.py`` in the plainest form: sets of classes, and paths of a flow one by one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from itertools import pairwise
from typing import Generic, TypeVar

from queues import Share

K = TypeVar("K", bound=Hashable)
Loads = dict[K, int]
Pools = dict[frozenset[K], int]
Arc = tuple[K, frozenset[K]]


def share(
    mine: K,
    ahead: Mapping[K, int],
    groups: Iterable[tuple[int, Collection[K]]],
    handle_s: Callable[[K], float] = lambda _: 1.0,
) -> Share:
    """Work out what an item of class ``mine`` has before it.

    ``ahead``: items before it in the line's order, by class (without its own). ``groups``: agents at work, and the
    classes they serve. ``handle_s``: the mean handle time of a class (s, counted to the tenth), if known. ``servers``
    is 0 where nobody serves them. (ahead + 1) / servers never grows when an agent is added.
    """
    items = {key: count for key, count in ahead.items() if count > 0 and key != mine}
    items[mine] = ahead.get(mine, 0) + 1
    if len(items) == 1:  # nobody else waits: all who can serve them do
        return Share(items[mine] - 1, float(sum(working for working, serves in groups if mine in serves)))
    loads = {key: count * _tenths(handle_s(key)) for key, count in items.items()}
    level, pools = _level(mine, loads, _merged(groups, loads))
    together, agents = sum(items[key] for key in level), sum(pools.values())
    work = sum(loads[key] for key in level)
    return Share(together - 1, together * _tenths(handle_s(mine)) * agents / work)


def _tenths(handle_s: float) -> int:
    return max(1, round(handle_s * 10))


def _merged(groups: Iterable[tuple[int, Collection[K]]], loads: Loads[K]) -> Pools[K]:
    """Groups that serve the same of the waiting classes are one."""
    pools: Pools[K] = {}
    for working, serves in groups:
        served = frozenset(key for key in serves if key in loads)
        if served and working > 0:
            pools[served] = pools.get(served, 0) + working
    return pools


def _level(mine: K, loads: Loads[K], pools: Pools[K]) -> tuple[set[K], Pools[K]]:
    """The classes that wait as long as ``mine``, and the agents who serve no class that waits longer."""
    while True:
        level = _linked(mine, pools)
        pools = {served: count for served, count in pools.items() if served & level}
        short = _too_slow({key: loads[key] for key in level}, pools)
        if not short:
            return level, pools
        if mine in short:
            pools = _narrowed(short, pools)
        else:
            pools = {served: count for served, count in pools.items() if not served & short}


def _linked(mine: K, pools: Pools[K]) -> set[K]:
    """``mine`` and every class that shares agents with it, by one step or several."""
    linked, grown = {mine}, True
    while grown:
        grown = False
        for served in pools:
            if not served.isdisjoint(linked) and not served <= linked:
                linked |= served
                grown = True
    return linked


def _narrowed(classes: set[K], pools: Pools[K]) -> Pools[K]:
    """Only these classes, and the agents who serve any of them."""
    narrowed: Pools[K] = {}
    for served, count in pools.items():
        if common := served & classes:
            narrowed[common] = narrowed.get(common, 0) + count
    return narrowed


def _too_slow(loads: Loads[K], pools: Pools[K]) -> set[K]:
    """The classes that cannot all be served when every agent has the average load (empty: they can)."""
    work, agents = sum(loads.values()), sum(pools.values())
    flow = _Flow({key: load * agents for key, load in loads.items()}, {s: n * work for s, n in pools.items()})
    return flow.stuck()


class _Flow(Generic[K]):
    """A maximum flow of work to agents, by shortest paths (Edmonds, Karp 1972). ``want``, ``room``: what is left."""

    def __init__(self, want: Loads[K], room: Pools[K]) -> None:
        self.want, self.room = want, room
        self.sent: dict[Arc[K], int] = {}

    def stuck(self) -> set[K]:
        """Send all that can be sent; the classes with work left over, and those that hold the agents they could use."""
        stuck: set[K] = set()
        for key in self.want:
            while self.want[key]:
                path, reached = self._path(key)
                if not path:
                    stuck |= reached
                    break
                self._send(path)
        return stuck

    def _path(self, start: K) -> tuple[tuple[Arc[K], ...], set[K]]:
        """From ``start`` to agents with room: each class gives work to agents who hand over work of the next class."""
        paths: dict[K, tuple[Arc[K], ...]] = {start: ()}
        front, unseen = [start], list(self.room)
        for key in front:
            for served in [pool for pool in unseen if key in pool]:
                unseen.remove(served)
                path = (*paths[key], (key, served))
                if self.room[served]:
                    return path, set()
                held = [other for other in served if other not in paths and self.sent.get((other, served))]
                paths.update(dict.fromkeys(held, path))
                front += held
        return (), set(paths)

    def _send(self, path: tuple[Arc[K], ...]) -> None:
        back = [(key, served) for (_, served), (key, _) in pairwise(path)]
        amount = min(self.want[path[0][0]], self.room[path[-1][1]], *(self.sent[arc] for arc in back))
        self.want[path[0][0]] -= amount
        self.room[path[-1][1]] -= amount
        for arc in path:
            self.sent[arc] = self.sent.get(arc, 0) + amount
        for arc in back:
            self.sent[arc] -= amount
