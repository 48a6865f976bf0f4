"""A decision by what is known of the caller, the time and the queues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calls import Stored
from ivr.conditions import CallerContext, When, holds
from ivr.model import Assignments, NodeId

from .base import Node, Walk
from .refs import Keys, Ref, RefKind, validity_refs
from .steps import assign
from .ways import Nothing, Way


@dataclass(frozen=True)
class Case(Stored):
    """One way of a branch: taken if ``when`` holds."""

    when: When
    goto: NodeId
    sets: Assignments = ()


@dataclass(frozen=True)
class Branch(Node):
    """The first case that holds is taken, else ``otherwise``. The caller hears nothing of it."""

    cases: tuple[Case, ...]
    otherwise: NodeId

    @property
    def look(self) -> str:
        return "shape=diamond"

    def onward(self, walk: Walk) -> NodeId | None:
        menus = walk.menus
        known = CallerContext(walk.known.attributes, walk.known.variables, menus.hours, menus.queue_for, walk.outside)
        for case in self.cases:
            if holds(case.when, known):
                assign(walk, case.sets)
                return case.goto
        return self.otherwise

    def names(self) -> Iterator[Ref]:
        for index, case in enumerate(self.cases):
            said = f"case {index + 1}"
            yield Ref(("cases", index, "goto"), RefKind.NODE, case.goto, by_itself=True, said=said)
            yield from _when(("cases", index, "when"), case.when)
        yield Ref(("otherwise",), RefKind.NODE, self.otherwise, by_itself=True, said="otherwise")

    def ways(self) -> Iterator[Way]:
        yield from (Way(Nothing(), case.goto, case.sets) for case in self.cases)
        yield Way(Nothing(), self.otherwise)

    def assignments(self) -> Iterator[tuple[Keys, Assignments]]:
        for index, case in enumerate(self.cases):
            yield ("cases", index, "sets"), case.sets
            for attribute, values in case.when.attributes:
                yield ("cases", index, "when"), tuple((attribute, value) for value in values)

    @property
    def remembers(self) -> bool:
        return any(case.when.called_within_s is not None for case in self.cases)


def _when(keys: Keys, when: When) -> Iterator[Ref]:
    yield from validity_refs(keys, when.validity)
    if when.closed:
        yield Ref((*keys, "closed"), RefKind.HOURS, when.closed)
    if when.queue is not None and when.queue.queue is not None:
        yield Ref((*keys, "queue", "name"), RefKind.QUEUE, when.queue.queue)
    for index, number in enumerate(when.dialled):
        yield Ref((*keys, "dialled", index), RefKind.ENTRY, number)
    for name, _ in when.variables:
        yield Ref((*keys, "variables", name), RefKind.VARIABLE, name)
