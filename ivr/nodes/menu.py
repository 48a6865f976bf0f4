"""A question with one key for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calls.commands import Prompt
from ivr.calendar import Validity
from ivr.model import Assignments, NodeId


@dataclass(frozen=True, slots=True)
class Choice:
    """What one key of a menu means: its name in facts, the values it sets, the node it leads to.

    ``prompts`` are said after the menu's own while the choice is there; outside its ``validity`` the choice does not
    exist.
    """

    meaning: str
    goto: NodeId
    sets: Assignments = ()
    prompts: tuple[Prompt, ...] = ()
    validity: Validity | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    """A question with one key for an answer.

    After ``prompts`` the caller has ``timeout_s`` seconds. ``silence`` is taken at the first time-out if given;
    otherwise a time-out, like an invalid key, is a miss, and after ``tries`` misses an agent takes the call anyway.
    """

    id: NodeId
    prompts: tuple[Prompt, ...]
    choices: Mapping[str, Choice]
    timeout_s: float = 5.0
    tries: int = 3
    silence: Choice | None = None
    validity: Validity | None = None
    fallback: NodeId | None = None
    spoken: bool = field(init=False)
    """Whether any choice has prompts of its own."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "spoken", any(choice.prompts for choice in self.choices.values()))
