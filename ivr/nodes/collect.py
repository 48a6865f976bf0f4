"""A number that the caller types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from calls.commands import Prompt
from calls.facts import DigitsTaken
from ivr.digits import NAMES, groups, value_of
from ivr.digits import DigitsKind as Digits
from ivr.model import PAUSE, NodeId
from ivr.walk import Acts, Listen, Quiet, Speak, Step, WalkState

from .base import Node, Walk
from .refs import Ref, RefKind, prompt_refs
from .steps import give_up, missed
from .ways import TypeNumber, Way

CONFIRM: Final = "1"
"""The key that confirms the number that was read back."""


@dataclass(frozen=True)
class Collect(Node):
    """A number that the caller types, ended by ``#`` or by its length; ``*`` restarts it.

    A valid number (read back and confirmed, if the node asks for it) becomes the value of the variable ``into``.
    ``timeout_s`` is how long to wait for the next digit; after ``tries`` misses the caller goes on at ``otherwise``.
    """

    prompts: tuple[Prompt, ...]
    kind: Digits
    into: str
    next: NodeId
    otherwise: NodeId
    least: int = 1
    most: int = 20
    timeout_s: float = 5.0
    tries: int = 3
    confirm: bool = True

    @property
    def look(self) -> str:
        return 'shape=box, style="rounded,dashed"'

    def enter(self, walk: Walk) -> Acts:
        return give_up(walk) if walk.hurried else self._ask(walk)

    def take(self, walk: Walk, step: Step, key: str) -> Acts | None:
        match step:
            case "answer":
                return self._typed(walk, key)
            case "missed":
                return self._ended(walk)
            case "confirm":
                return self._confirmed(walk, key)
            case "listen" | "await":
                walk.state = WalkState.LISTENING if step == "listen" else WalkState.CONFIRMING
                return [Listen(self.timeout_s)]
            case "give_up":
                return give_up(walk)
        return None

    def names(self) -> Iterator[Ref]:
        yield from prompt_refs((), self.prompts)
        yield Ref(("next",), RefKind.NODE, self.next, said="typed")
        yield Ref(("otherwise",), RefKind.NODE, self.otherwise, by_itself=True, said="otherwise")

    def ways(self) -> Iterator[Way]:
        yield Way(TypeNumber(self.kind, self.least, self.most, self.confirm), self.next)

    def variables(self) -> tuple[str, ...]:
        return (self.into,)

    # -- the steps ---

    def _ask(self, walk: Walk, *said: Prompt) -> Acts:
        walk.state, walk.typed = WalkState.ASKING, ""
        return [Speak((*said, *self.prompts))]

    def _typed(self, walk: Walk, key: str) -> Acts:
        """Take one more key. The first digit ends what is being said."""
        if key == "#":
            return self._ended(walk)
        if key == "*":
            return self._mistyped(walk)
        first, walk.state = walk.state is WalkState.ASKING, WalkState.LISTENING
        walk.typed += key
        if len(walk.typed) == self.most:
            return self._ended(walk)
        return [Quiet(), Listen(self.timeout_s)] if first else [Listen(self.timeout_s)]

    def _ended(self, walk: Walk) -> Acts:
        """Check the complete number: ended by its length, by ``#``, or by a time-out."""
        common = walk.menus.prompts
        if not walk.typed:
            return self._mistyped(walk, common.silence)
        if len(walk.typed) < self.least or value_of(self.kind, walk.typed) is None:
            return self._mistyped(walk, common.wrong_number)
        return self._read_back(walk) if self.confirm else self._taken(walk)

    def _read_back(self, walk: Walk) -> Acts:
        common = walk.menus.prompts
        walk.state = WalkState.READING_BACK
        return [Speak((common.read_back, *spelt(self.kind, walk.typed), PAUSE, common.confirm))]

    def _confirmed(self, walk: Walk, key: str) -> Acts:
        """Take the answer to a number read back: silence repeats the question, a key but ``CONFIRM`` the input."""
        if key == CONFIRM:
            return self._taken(walk)
        if key:
            return self._mistyped(walk)
        return self._miss(walk) or self._read_back(walk)

    def _taken(self, walk: Walk) -> Acts:
        walk.known.variables[self.into] = value_of(self.kind, walk.typed) or ""
        walk.tell(DigitsTaken, walk.call, self.id, self.kind.value, walk.misses + 1)
        walk.typed = ""
        return walk.go_to(self.next)

    def _mistyped(self, walk: Walk, *said: Prompt) -> Acts:
        return self._miss(walk) or self._ask(walk, *said)

    def _miss(self, walk: Walk) -> Acts:
        """Count a miss. Returns the acts after too many misses; an empty list before."""
        if missed(walk) < self.tries:
            return []
        walk.typed = ""
        return walk.go_to(self.otherwise)


def spelt(kind: Digits, digits: str) -> tuple[Prompt, ...]:
    """Give the prompts that say a number digit by digit, with a pause before each group."""
    return tuple(
        prompt
        for group in groups(kind, digits)
        for prompt in (PAUSE, *(Prompt(f"digit.{NAMES[int(digit)]}") for digit in group))
    )
