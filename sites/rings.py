"""Rings of nodes that go on by themselves. Plain graph work: it knows names and ways, not what a node is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

Ways = Callable[[str], Iterable[str]]


def rings(names: Iterable[str], ways: Ways) -> Iterator[list[str]]:
    """Find rings (first name not repeated), at least one if there is any, each from its smallest name.

    Not recursive: a thousand nodes in a row must not fail.
    """
    done: set[str] = set()
    for start in names:
        if start not in done:
            for ring in _from(start, ways, done):
                first = ring.index(min(ring))
                yield ring[first:] + ring[:first]


def _from(start: str, ways: Ways, done: set[str]) -> Iterator[list[str]]:
    """Search in depth: a way back into the present path closes a ring."""
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
