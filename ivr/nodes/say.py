"""An announcement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from calls.commands import Prompt
from ivr.model import NodeId
from ivr.walk import Acts, Speak, Step, WalkState

from .base import Node, Walk
from .refs import Ref, RefKind, prompt_refs
from .steps import skip
from .ways import HearOut, Way


@dataclass(frozen=True)
class Say(Node):
    """An announcement; a key skips it and counts for what comes next."""

    prompts: tuple[Prompt, ...]
    next: NodeId
    said: Acts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "said", [Speak(self.prompts)])

    @property
    def look(self) -> str:
        return "shape=note"

    def enter(self, walk: Walk) -> Acts:
        walk.state = WalkState.SAYING
        return self.said

    def take(self, walk: Walk, step: Step, key: str) -> Acts | None:
        match step:
            case "proceed":
                return walk.go_to(self.next)
            case "skip":
                return skip(walk, self.next, key)
        return None

    def names(self) -> Iterator[Ref]:
        yield from prompt_refs((), self.prompts)
        yield Ref(("next",), RefKind.NODE, self.next, by_itself=True)

    def ways(self) -> Iterator[Way]:
        yield Way(HearOut(), self.next)
