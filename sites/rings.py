"""Rings of nodes that go on by themselves. Plain graph work: it knows names and ways, not what a node is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

Ways = Callable[[str], Iterable[str]]


def rings(names: Iterable[str], ways: Ways) -> Iterator[list[str]]:
    """Rings (without their first name again), at least one where there is any, begun at their smallest name.

    Without recursion: a thousand nodes in a row are no reason to fail.
    """
    done: set[str] = set()
    for start in names:
        if start not in done:
            for ring in _from(start, ways, done):
                first = ring.index(min(ring))
                yield ring[first:] + ring[:first]


def _from(start: str, ways: Ways, done: set[str]) -> Iterator[list[str]]:
    """A walk in depth: a way back into the path that was walked closes a ring."""
    path, places = [start], {start: 0}
    ahead = [iter(tuple(ways(start)))]
    while ahead:
        following = next(ahead[-1], None)
        if following is None:
            ahead.pop()
            done.add(path[-1])
            del places[path.pop()]
        elif following in places:
            yield path[places[following] :]
        elif following not in done:
            places[following] = len(path)
            path.append(following)
            ahead.append(iter(tuple(ways(following))))
