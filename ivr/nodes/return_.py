"""The end of a fragment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.model import NodeId
from ivr.walk import Acts

from .base import Node, Walk
from .refs import Ref
from .steps import to_agent
from .ways import Nothing, Way


@dataclass(frozen=True)
class Return(Node):
    """The end of a fragment."""

    @property
    def look(self) -> str:
        return "shape=circle"

    def onward(self, walk: Walk) -> NodeId | None:
        return walk.returns.pop() if walk.returns else None

    def enter(self, walk: Walk) -> Acts:
        """Send a caller who is in no fragment to an agent: checked menus never come here."""
        return to_agent(walk)

    def names(self) -> Iterator[Ref]:
        yield from ()

    def ways(self) -> Iterator[Way]:
        yield Way(Nothing(), returns=True)
