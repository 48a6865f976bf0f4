"""The model of the menus. Decides nothing: ``session.py`` walks it, ``sites/loader.py`` reads it, ``sites/checker.py``
judges it.

A node with a ``validity`` is not always there: callers led to it at other times go to ``fallback``. Choices that lead
to it are then left out, so a node that only choices lead to needs no ``fallback``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calls import QueueId
from calls.commands import Prompt

from .calendar import Hours, Validity
from .conditions import When
from .digits import DigitsKind as Digits

NodeId = str
Assignments = tuple[tuple[str, str], ...]
"""Values that are set: an ``Attribute`` of the caller, or (a plain name) a variable, and its value."""


@dataclass(frozen=True, slots=True)
class Say:
    """An announcement; a key skips it and counts for what comes next."""

    id: NodeId
    prompts: tuple[Prompt, ...]
    next: NodeId
    validity: Validity | None = None
    fallback: NodeId | None = None


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


@dataclass(frozen=True, slots=True)
class Enqueue:
    """The way to an agent. ``queue`` None: the caller's topic decides.

    ``closed`` is where the caller goes while the queue is closed; without it the queue's overflow rules apply.
    """

    id: NodeId
    queue: QueueId | None = None
    prompts: tuple[Prompt, ...] = ()
    closed: NodeId | None = None
    callback: bool = False
    """Whether the caller is offered a callback at once; their place stays either way."""
    validity: Validity | None = None
    fallback: NodeId | None = None


@dataclass(frozen=True, slots=True)
class DialOut:
    """A transfer to an outside number. If nobody answers the caller goes on at ``otherwise``."""

    id: NodeId
    target: str
    otherwise: NodeId
    confidential: bool = False
    prompts: tuple[Prompt, ...] = ()
    validity: Validity | None = None
    fallback: NodeId | None = None


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The line says its last words and hangs up."""

    id: NodeId
    prompts: tuple[Prompt, ...] = ()
    validity: Validity | None = None
    fallback: NodeId | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One way of a branch: taken if ``when`` holds."""

    when: When
    goto: NodeId
    sets: Assignments = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """The first case that holds is taken, else ``otherwise``. The caller hears nothing of it."""

    id: NodeId
    cases: tuple[Case, ...]
    otherwise: NodeId
    validity: Validity | None = None
    fallback: NodeId | None = None


@dataclass(frozen=True, slots=True)
class Banner:
    """The place where the emergency banner is said; a key skips it. Nothing is heard here while it is off."""

    id: NodeId
    next: NodeId
    validity: Validity | None = None
    fallback: NodeId | None = None


PAUSE = Prompt("pause")
"""A moment of silence: a sound of the line itself, without text."""


@dataclass(frozen=True, slots=True)
class Collect:
    """A number that the caller types, ended by ``#`` or by its length; ``*`` restarts it.

    A valid number (read back and confirmed, if the node asks for it) becomes the value of the variable ``into``.
    ``timeout_s`` is how long to wait for the next digit; after ``tries`` misses the caller goes on at ``otherwise``.
    """

    id: NodeId
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
    validity: Validity | None = None
    fallback: NodeId | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """A question to the site's service ``lookup``: the caller hears ``prompts``, then music, until it is answered.

    ``send``: (name, source), the source a variable or one of ``SOURCES``; ``values``: (variable, name in the answer).
    Without an answer within ``within_s``, or with a failure, the caller goes on at ``otherwise``.
    """

    id: NodeId
    lookup: str
    next: NodeId
    otherwise: NodeId
    send: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    prompts: tuple[Prompt, ...] = ()
    within_s: float = 8.0
    validity: Validity | None = None
    fallback: NodeId | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """A question answered with a mark, the keys 1 to 5. After ``tries`` misses the caller goes on without one."""

    id: NodeId
    prompts: tuple[Prompt, ...]
    next: NodeId
    timeout_s: float = 5.0
    tries: int = 2
    validity: Validity | None = None
    fallback: NodeId | None = None


BEEP = Prompt("beep")
"""The sound that says that recording has begun: a sound of the line itself, without text."""


@dataclass(frozen=True, slots=True)
class Voicemail:
    """The caller leaves a message in ``box``: after the prompts and a beep they speak, at most ``max_s`` seconds."""

    id: NodeId
    box: str
    next: NodeId
    prompts: tuple[Prompt, ...] = ()
    max_s: float = 120.0
    validity: Validity | None = None
    fallback: NodeId | None = None


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of the menus that several ways share: from ``start`` to a ``Return``, then on at ``next``."""

    id: NodeId
    start: NodeId
    next: NodeId
    validity: Validity | None = None
    fallback: NodeId | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """The end of a fragment."""

    id: NodeId
    validity: Validity | None = None
    fallback: NodeId | None = None


SOURCES = ("caller", "dialled", "language", "topic", "role")
"""What is known of a caller beside the variables; no variable may have these names."""

Silent = Branch | Banner | Fragment | Return
"""Nodes without prompts of their own."""
Node = Say | Menu | Collect | Enqueue | DialOut | Goodbye | Lookup | Survey | Voicemail | Silent


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


@dataclass(frozen=True, slots=True)
class Menus:
    """One version of all the menus: everything a session needs. ``hours``: opening hours by name."""

    entries: Mapping[str, Entry]
    nodes: Mapping[NodeId, Node]
    languages: tuple[str, ...]
    topics: Mapping[str, QueueId]
    operator_queue: QueueId
    keys: CommonKeys = field(default=CommonKeys())
    prompts: CommonPrompts = field(default=CommonPrompts())
    hours: Mapping[str, Hours] = field(default_factory=dict)
    after_call: NodeId | None = None
    """The node where callers go on after the agent has hung up; None: they hear goodbye."""
    banners: tuple[str, ...] = ()
    """The prompts that may be put on as the emergency banner."""
    topic_validity: Mapping[str, Validity] = field(default_factory=dict)
    """Validity of the topics that are not always there; their choices have it too."""
    silent_s: float = 0.0
    """Time (s) without any key after which a new caller goes to an agent; 0: only the menus decide."""
    version: int = 0
    """Number of the site version; 0: never published. Prompts are said as they were in that version."""
    remembers: bool = field(init=False)
    """Whether any branch asks for earlier calls."""
    timed: frozenset[NodeId] = field(init=False)
    """Menus with a choice that is not always there."""

    def __post_init__(self) -> None:
        menus = [node for node in self.nodes.values() if isinstance(node, Menu)]
        timed = frozenset(menu.id for menu in menus if any(map(self.comes_and_goes, menu.choices.values())))
        object.__setattr__(self, "timed", timed)
        cases = [case for node in self.nodes.values() if isinstance(node, Branch) for case in node.cases]
        object.__setattr__(self, "remembers", any(case.when.called_within_s is not None for case in cases))

    def comes_and_goes(self, choice: Choice) -> bool:
        """Tell whether the choice, or the node it leads to, is not always there."""
        goal = self.nodes.get(choice.goto)
        return choice.validity is not None or (goal is not None and goal.validity is not None)

    @property
    def default_language(self) -> str:
        return self.languages[0]

    def queue_for(self, topic: str | None) -> QueueId:
        """Give the queue of a topic; the operators' if it has none."""
        return self.topics.get(topic or "", self.operator_queue)
