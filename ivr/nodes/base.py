"""All nodes of the menus together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calls import QueueId
from ivr.calendar import Hours, Validity
from ivr.model import CommonKeys, CommonPrompts, Entry, NodeId

from .banner import Banner
from .branch import Branch
from .collect import Collect
from .dial_out import DialOut
from .enqueue import Enqueue
from .fragment import Fragment
from .goodbye import Goodbye
from .lookup import Lookup
from .menu import Choice, Menu
from .return_ import Return
from .say import Say
from .survey import Survey
from .voicemail import Voicemail

Silent = Branch | Banner | Fragment | Return
"""Nodes without prompts of their own."""
Node = Say | Menu | Collect | Enqueue | DialOut | Goodbye | Lookup | Survey | Voicemail | Silent


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
