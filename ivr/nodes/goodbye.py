"""The end of the walk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calls.commands import Prompt
from ivr.walk import Acts, Speak, WalkState

from .base import Node, Walk
from .refs import Ref, prompt_refs
from .steps import leave
from .ways import Way


@dataclass(frozen=True)
class Goodbye(Node):
    """The line says its last words and hangs up."""

    prompts: tuple[Prompt, ...] = ()

    @property
    def look(self) -> str:
        return "shape=doublecircle"

    def enter(self, walk: Walk) -> Acts:
        walk.state = WalkState.ENDING
        return [Speak(self.prompts)] if self.prompts else leave(walk)

    def names(self) -> Iterator[Ref]:
        yield from prompt_refs((), self.prompts)

    def ways(self) -> Iterator[Way]:
        """List nothing: the call is over."""
        yield from ()
