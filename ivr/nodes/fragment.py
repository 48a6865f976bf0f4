"""A part of the menus that several ways share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ivr.model import NodeId

from .base import Node, Walk
from .refs import Ref, RefKind
from .ways import Nothing, Way

DEEPEST: Final = 20
"""Number of nested fragments that are remembered."""


@dataclass(frozen=True)
class Fragment(Node):
    """A part of the menus that several ways share: from ``start`` to a ``Return``, then on at ``next``."""

    start: NodeId
    next: NodeId

    @property
    def look(self) -> str:
        return "shape=folder"

    def onward(self, walk: Walk) -> NodeId | None:
        walk.returns = [*walk.returns[-DEEPEST:], self.next]
        return self.start

    def names(self) -> Iterator[Ref]:
        yield Ref(("start",), RefKind.NODE, self.start, by_itself=True, said="in")
        yield Ref(("next",), RefKind.NODE, self.next, by_itself=True, said="then")

    def ways(self) -> Iterator[Way]:
        yield Way(Nothing(), self.start, back=self.next)
