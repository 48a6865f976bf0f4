"""A transfer to an outside number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calls.commands import Prompt
from ivr.model import NodeId
from ivr.walk import Acts, Dial, Speak, Step, WalkState

from .base import Node, Walk
from .refs import Ref, RefKind, prompt_refs
from .ways import Way


@dataclass(frozen=True)
class DialOut(Node):
    """A transfer to an outside number. If nobody answers the caller goes on at ``otherwise``."""

    target: str
    otherwise: NodeId
    confidential: bool = False
    prompts: tuple[Prompt, ...] = ()

    @property
    def look(self) -> str:
        return "shape=rarrow, style=filled, fillcolor=mistyrose"

    def enter(self, walk: Walk) -> Acts:
        walk.state = WalkState.DIALLING
        return [Speak(self.prompts)] if self.prompts else [self._dial()]

    def take(self, walk: Walk, step: Step, key: str) -> Acts | None:
        match step:
            case "dial":
                return [self._dial()]
            case "otherwise":
                return walk.go_to(self.otherwise)
        return None

    def names(self) -> Iterator[Ref]:
        yield from prompt_refs((), self.prompts)
        yield Ref(("otherwise",), RefKind.NODE, self.otherwise, by_itself=True, said="no answer")
        yield Ref(("number",), RefKind.NUMBER, self.target)

    def ways(self) -> Iterator[Way]:
        """List nothing: the number answers, and the caller is no longer in the menus."""
        yield from ()

    @property
    def is_confidential(self) -> bool:
        return self.confidential

    @property
    def label(self) -> str:
        return f"{self.id}\ndials {self.target}"

    def _dial(self) -> Dial:
        return Dial(self.target, self.confidential)
