"""The plain rules: oldest compatible call, longest idle agent; and the same with the better skilled agent first.

No code of the product. They are the reference, and the yardstick for speed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from itertools import count

from .case import Case
from .floor import Rule


class Longest:
    """A caller takes the longest idle agent who can; an agent takes the call that waits longest among theirs.

    Agents with the same skills and levels share a line, so a choice looks at groups and not at people.
    """

    name = "longest_idle"
    by_level = False

    def __init__(self, case: Case) -> None:
        sets = [seat.skills for seat in case.seats]
        groups = {skills: n for n, skills in enumerate(dict.fromkeys(sets))}
        self.group_of = [groups[skills] for skills in sets]
        self.kinds_of = [tuple(kind for kind, _ in skills) for skills in groups]
        self.groups_for = [self._able(groups, kind) for kind in range(len(case.classes))]
        self.idle: list[deque[tuple[int, int]]] = [deque() for _ in groups]
        self.away: set[int] = set()
        self.lines: list[deque[int]] = [deque() for _ in case.classes]
        self.left: set[int] = set()
        self.turn = count()
        self.found: list[tuple[int, int]] = []

    def _able(self, groups: dict[tuple[tuple[int, int], ...], int], kind: int) -> list[tuple[int, int]]:
        """(order, group) of those who can; lower goes first, equal ones by the time they have been idle."""
        levels = ((dict(skills).get(kind), n) for skills, n in groups.items())
        return [(-level if self.by_level else 0, n) for level, n in levels if level is not None]

    def arrived(self, caller: int, kind: int, now: float) -> None:
        best: tuple[int, int, int] | None = None
        for order, group in self.groups_for[kind]:
            if rested := self._present(group):
                key = (order, rested[0][0], group)
                best = key if best is None or key < best else best
        if best is None:
            self.lines[kind].append(caller)
        else:
            self.found.append((caller, self.idle[best[2]].popleft()[1]))

    def _present(self, group: int) -> deque[tuple[int, int]]:
        """The group's idle agents, longest first, without those who have gone."""
        rested = self.idle[group]
        while self.away and rested and rested[0][1] in self.away:
            self.away.discard(rested.popleft()[1])
        return rested

    def freed(self, agent: int, now: float) -> None:
        group, best, own = self.group_of[agent], -1, -1
        for kind in self.kinds_of[group]:
            line = self.lines[kind]
            while line and line[0] in self.left:
                self.left.discard(line.popleft())
            if line and (best < 0 or line[0] < best):
                best, own = line[0], kind
        if best >= 0:
            self.found.append((self.lines[own].popleft(), agent))
        else:
            self._rest(agent, group)

    def _rest(self, agent: int, group: int) -> None:
        if agent in self.away:  # back before anybody looked: the old entry must not count
            self.away.discard(agent)
            self.idle[group] = deque(entry for entry in self.idle[group] if entry[1] != agent)
        self.idle[group].append((next(self.turn), agent))

    def gone(self, agent: int, now: float) -> None:
        self.away.add(agent)

    def abandoned(self, caller: int, now: float) -> None:
        self.left.add(caller)

    def pairs(self, now: float) -> Iterable[tuple[int, int]]:
        if not self.found:
            return ()
        found, self.found = self.found, []
        return found

    def next_at(self) -> float | None:
        return None

    def tick(self, now: float) -> None:
        """No timers."""


class Skilled(Longest):
    """The higher level goes before the longer idle time."""

    name = "level_then_idle"
    by_level = True


RULES: dict[str, Callable[[Case], Rule]] = {Longest.name: Longest, Skilled.name: Skilled}
