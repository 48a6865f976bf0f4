"""What stands between a waiting item and an agent: the classes that share its agents, as ``queues/shares.py`` wants it.

Only what is linked with the item's class is looked at, by one step or several: the pools of agents who serve it, the
other classes that wait for them, their pools, and so on.
"""

from __future__ import annotations

from queues import Place, Pool, Share, share

from .eligibility import Eligibility
from .link import AgentPool, Link


def ahead_of(eligibility: Eligibility, place: Place, now: float) -> Share:
    """Work out how many items are before this one, and how many agents serve them."""
    mine, look = eligibility.link(place.of), _look(eligibility)
    mine.seen_at, mine.number_here = look, 0
    links, ahead, found = [mine], [mine.of.free.ahead_of(place, now)], _found(mine, look)
    for pool in found:
        for link in pool.links:
            if link.seen_at != look:
                link.seen_at, link.number_here = look, -1
                count = link.of.free.ahead_of(place, now) if link.of.free else 0
                if count:
                    link.number_here = len(links)
                    links.append(link)
                    ahead.append(count)
                    found += _found(link, look)
    pools = [Pool(pool.working(), _served(pool)) for pool in found]
    if len(links) == 1:  # nobody else waits: all who can serve them do
        return Share(ahead[0], float(sum([pool.agents for pool in pools])))
    times = eligibility.handle_times
    return share(0, ahead, pools, [times.handle_s(link.of.queue) for link in links])


def _look(eligibility: Eligibility) -> int:
    """Number a look at the pools of agents, which are put together anew where something was linked."""
    if not eligibility.pooled:
        _pool(eligibility)
    eligibility.looks += 1
    return eligibility.looks


def _pool(eligibility: Eligibility) -> None:
    """Put the groups that serve the same classes together."""
    eligibility.pooled = True
    for link in eligibility.linked:
        link.pools = []
    pools: dict[tuple[int, ...], AgentPool] = {}
    for group in eligibility.roster.groups:
        served = eligibility.served(group)
        key = tuple([link.of.number for link in served])
        pool = pools.get(key)
        if pool is None:
            pool = pools[key] = AgentPool(served)
            for link in served:
                link.pools.append(pool)
        pool.groups.append(group)


def _found(link: Link, look: int) -> list[AgentPool]:
    """Give the pools that serve the class and were not found yet."""
    found = []
    for pool in link.pools:
        if pool.seen_at != look:
            pool.seen_at = look
            found.append(pool)
    return found


def _served(pool: AgentPool) -> list[int]:
    """Give the numbers of the classes found that these agents serve."""
    return [link.number_here for link in pool.links if link.number_here >= 0]
