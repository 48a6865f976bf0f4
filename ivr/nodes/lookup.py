"""A question to a service of the site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from calls import Attribute, Named, national
from calls.commands import Prompt
from ivr.model import NodeId
from ivr.walk import Acts, AskService, HoldMusic, Speak, Step, WalkState

from .base import Node, Walk
from .refs import Ref, RefKind, prompt_refs
from .ways import Nothing, Way

SOURCES: Final = ("caller", "dialled", "language", "topic", "role")
"""What is known of a caller beside the variables; no variable may have these names."""


@dataclass(frozen=True)
class Lookup(Node):
    """A question to the site's service ``lookup``: the caller hears ``prompts``, then music, until it is answered.

    ``send``: (name, source), the source a variable or one of ``SOURCES``; ``values``: (variable, name in the answer).
    Without an answer within ``within_s``, or with a failure, the caller goes on at ``otherwise``.
    """

    lookup: str
    next: NodeId
    otherwise: NodeId
    send: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    prompts: tuple[Prompt, ...] = ()
    within_s: float = 8.0

    @property
    def look(self) -> str:
        return "shape=component"

    def enter(self, walk: Walk) -> Acts:
        walk.state = WalkState.LOOKING
        send = tuple(Named(name, _source(walk, source)) for name, source in self.send)
        look = AskService(self.lookup, send, tuple(name for _, name in self.values), self.within_s)
        return [look, Speak(self.prompts) if self.prompts else HoldMusic()]

    def take(self, walk: Walk, step: Step, key: str) -> Acts | None:
        match step:
            case "proceed":
                return walk.go_to(self.next)
            case "otherwise":
                return walk.go_to(self.otherwise)
        return None

    @property
    def service(self) -> str:
        return self.lookup

    def answered(self, walk: Walk, values: Iterable[Named]) -> None:
        answer = {pair.name: pair.value for pair in values}
        walk.known.variables.update({variable: answer.get(name, "") for variable, name in self.values})

    def names(self) -> Iterator[Ref]:
        yield from prompt_refs((), self.prompts)
        yield Ref(("lookup",), RefKind.LOOKUP, self.lookup)
        for name, source in self.send:
            if source not in SOURCES:
                yield Ref(("send", name), RefKind.VARIABLE, source)
        yield Ref(("next",), RefKind.NODE, self.next, by_itself=True, said="answered")
        yield Ref(("otherwise",), RefKind.NODE, self.otherwise, by_itself=True, said="otherwise")

    def ways(self) -> Iterator[Way]:
        yield Way(Nothing(), self.next)
        yield Way(Nothing(), self.otherwise)

    def variables(self) -> tuple[str, ...]:
        return tuple(variable for variable, _ in self.values)


def _source(walk: Walk, name: str) -> str:
    """Give the value that is sent."""
    if name in SOURCES:
        known = {"caller": national(walk.outside.ani), "dialled": walk.outside.dnis}
        return known[name] if name in known else walk.known.attributes.get(Attribute(name), "")
    return walk.known.variables.get(name, "")
