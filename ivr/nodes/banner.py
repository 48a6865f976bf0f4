"""The place of the emergency banner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calls.commands import Prompt
from ivr.model import NodeId
from ivr.walk import Acts, Speak, Step, WalkState

from .base import Node, Walk
from .refs import Ref, RefKind
from .steps import skip
from .ways import Nothing, Way


@dataclass(frozen=True)
class Banner(Node):
    """The place where the emergency banner is said; a key skips it. Nothing is heard here while it is off."""

    next: NodeId

    @property
    def look(self) -> str:
        return "shape=note, style=dashed"

    def onward(self, walk: Walk) -> NodeId | None:
        return None if walk.outside.banner in walk.menus.banners else self.next

    def enter(self, walk: Walk) -> Acts:
        walk.state = WalkState.SAYING
        return [Speak((Prompt(walk.outside.banner),))]

    def take(self, walk: Walk, step: Step, key: str) -> Acts | None:
        match step:
            case "proceed":
                return walk.go_to(self.next)
            case "skip":
                return skip(walk, self.next, key)
        return None

    def names(self) -> Iterator[Ref]:
        yield Ref(("next",), RefKind.NODE, self.next, by_itself=True)

    def ways(self) -> Iterator[Way]:
        yield Way(Nothing(), self.next)
