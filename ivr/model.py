"""What a menu tree is. Decides nothing: ``session.py`` walks it, ``loader.py`` reads it, ``checker.py`` judges it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calls import Attribute, QueueId
from calls.commands import Prompt

NodeId = str
Assignments = tuple[tuple[Attribute, str], ...]


@dataclass(frozen=True, slots=True)
class Say:
    """An announcement; a key skips it and counts for what comes next."""

    id: NodeId
    prompts: tuple[Prompt, ...]
    next: NodeId


@dataclass(frozen=True, slots=True)
class Choice:
    """What one key of a menu means: its name in facts, what it finds out about the caller, where it leads."""

    meaning: str
    goto: NodeId
    sets: Assignments = ()


@dataclass(frozen=True, slots=True)
class Menu:
    """A question with one key for an answer.

    After ``prompts`` the caller has ``timeout_s`` seconds. ``silence`` is taken at the first time-out where given;
    otherwise a time-out, like an invalid key, is a miss, and after ``tries`` misses an agent takes the call anyway.
    """

    id: NodeId
    prompts: tuple[Prompt, ...]
    choices: Mapping[str, Choice]
    timeout_s: float = 5.0
    tries: int = 3
    silence: Choice | None = None


@dataclass(frozen=True, slots=True)
class Enqueue:
    """The way to an agent. ``queue`` is None where the caller's topic decides."""

    id: NodeId
    queue: QueueId | None = None
    prompts: tuple[Prompt, ...] = ()


@dataclass(frozen=True, slots=True)
class DialOut:
    """An outside number takes the call. Where nobody answers the caller goes on at ``otherwise``."""

    id: NodeId
    target: str
    otherwise: NodeId
    confidential: bool = False
    prompts: tuple[Prompt, ...] = ()


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The line says its last words and hangs up."""

    id: NodeId
    prompts: tuple[Prompt, ...] = ()


Node = Say | Menu | Enqueue | DialOut | Goodbye


@dataclass(frozen=True, slots=True)
class Entry:
    """A number of ours: where its callers start and what is known about them already."""

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
    """What is said on every menu's side roads and while waiting."""

    invalid: Prompt = field(default=Prompt("common.invalid"))
    silence: Prompt = field(default=Prompt("common.silence"))
    agent_anyway: Prompt = field(default=Prompt("common.agent_anyway"))
    position: str = "waiting.position"
    minutes: str = "waiting.minutes"
    goodbye: Prompt = field(default=Prompt("common.goodbye"))
    callback_offer: Prompt = field(default=Prompt("callback.offer"))
    callback_promised: Prompt = field(default=Prompt("callback.promised"))


@dataclass(frozen=True, slots=True)
class Menus:
    """One version of all the menus: everything a session needs."""

    entries: Mapping[str, Entry]
    nodes: Mapping[NodeId, Node]
    languages: tuple[str, ...]
    topics: Mapping[str, QueueId]
    operator_queue: QueueId
    keys: CommonKeys = field(default=CommonKeys())
    prompts: CommonPrompts = field(default=CommonPrompts())

    @property
    def default_language(self) -> str:
        return self.languages[0]

    def queue_for(self, topic: str | None) -> QueueId:
        """The queue of a topic, or the operator's where there is none."""
        return self.topics.get(topic or "", self.operator_queue)
