"""What all menus share: names of nodes, values that are set, entries, common keys and prompts. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from calls.commands import Prompt

NodeId = str
Assignments = tuple[tuple[str, str], ...]
"""Values that are set: an ``Attribute`` of the caller, or (a plain name) a variable, and its value."""
PAUSE = Prompt("pause")
"""A moment of silence: a sound of the line itself, without text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A number of the line: where its callers start, and what is known about them already."""

    number: str
    start: NodeId
    sets: Assignments = ()


@dataclass(frozen=True, slots=True)
class CommonKeys:
    """The keys that mean the same in every menu (empty: not offered)."""

    repeat: str = "#"
    back: str = "*"
    operator: str = "0"


@dataclass(frozen=True, slots=True)
class CommonPrompts:
    """Prompts for errors and repeats in every menu, and for waiting."""

    invalid: Prompt = field(default=Prompt("common.invalid"))
    silence: Prompt = field(default=Prompt("common.silence"))
    agent_anyway: Prompt = field(default=Prompt("common.agent_anyway"))
    position: str = "waiting.position"
    minutes: str = "waiting.minutes"
    goodbye: Prompt = field(default=Prompt("common.goodbye"))
    wrong_number: Prompt = field(default=Prompt("digits.invalid"))
    read_back: Prompt = field(default=Prompt("digits.read_back"))
    confirm: Prompt = field(default=Prompt("digits.confirm"))
    callback_offer: Prompt = field(default=Prompt("callback.offer"))
    callback_promised: Prompt = field(default=Prompt("callback.promised"))
