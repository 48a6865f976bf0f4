"""A message that the caller leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from calls.commands import Prompt
from ivr.model import NodeId
from ivr.walk import Acts, RecordMessage, Speak, Step, WalkState

from .base import Node, Walk
from .refs import Ref, RefKind, prompt_refs
from .ways import LeaveMessage, Way

BEEP: Final = Prompt("beep")
"""The sound that says that recording has begun: a sound of the line itself, without text."""


@dataclass(frozen=True)
class Voicemail(Node):
    """The caller leaves a message in ``box``: after the prompts and a beep they speak, at most ``max_s`` seconds."""

    box: str
    next: NodeId
    prompts: tuple[Prompt, ...] = ()
    max_s: float = 120.0

    @property
    def look(self) -> str:
        return "shape=tab"

    def enter(self, walk: Walk) -> Acts:
        walk.state = WalkState.GREETING
        return [Speak((*self.prompts, BEEP))]

    def take(self, walk: Walk, step: Step, key: str) -> Acts | None:
        match step:
            case "beep":
                return [Speak((BEEP,))]
            case "record":
                walk.state = WalkState.RECORDING
                return [RecordMessage(self.box, self.max_s)]
            case "proceed":
                return walk.go_to(self.next)
        return None

    def names(self) -> Iterator[Ref]:
        yield from prompt_refs((), self.prompts)
        yield Ref(("next",), RefKind.NODE, self.next, by_itself=True)

    def ways(self) -> Iterator[Way]:
        yield Way(LeaveMessage(), self.next)
