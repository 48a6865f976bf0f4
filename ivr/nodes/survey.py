"""A question answered with a mark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from calls.commands import Prompt
from calls.facts import Surveyed
from ivr.model import NodeId
from ivr.walk import Acts, Listen, Speak, Step, WalkState

from .base import Node, Walk
from .refs import Ref, RefKind, prompt_refs
from .steps import missed
from .ways import PressKey, Way

MARKS: Final = "12345"
"""The keys of a survey."""


@dataclass(frozen=True)
class Survey(Node):
    """A question answered with a mark, the keys 1 to 5. After ``tries`` misses the caller goes on without one."""

    prompts: tuple[Prompt, ...]
    next: NodeId
    timeout_s: float = 5.0
    tries: int = 2

    @property
    def look(self) -> str:
        return 'shape=box, style="rounded,bold"'

    def enter(self, walk: Walk) -> Acts:
        walk.state = WalkState.ASKING
        return [Speak(self.prompts)]

    def take(self, walk: Walk, step: Step, key: str) -> Acts | None:
        match step:
            case "listen":
                walk.state = WalkState.LISTENING
                return [Listen(self.timeout_s)]
            case "answer" | "missed":
                return self._marked(walk, key)
        return None

    def names(self) -> Iterator[Ref]:
        yield from prompt_refs((), self.prompts)
        yield Ref(("next",), RefKind.NODE, self.next, by_itself=True)

    def ways(self) -> Iterator[Way]:
        yield from (Way(PressKey(mark), self.next) for mark in MARKS)

    def _marked(self, walk: Walk, key: str) -> Acts:
        """Take a mark, or a miss (silence has no key)."""
        if key in MARKS and key:
            walk.tell(Surveyed, walk.call, self.id, int(key))
            return walk.go_to(self.next)
        if missed(walk, key) >= self.tries:
            return walk.go_to(self.next)
        walk.state = WalkState.ASKING
        common = walk.menus.prompts
        return [Speak(((common.invalid if key else common.silence), *self.prompts))]
