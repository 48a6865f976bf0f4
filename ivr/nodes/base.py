"""What all types of nodes share: their fields, the questions that the line asks of a node, the walk as a node knows it.

A type is a class of its own in a file of its own; it says nothing to a question that does not concern it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVarTuple

from calls import CallId, ContractError, Known, Named, QueueId, Stored
from calls.facts import Fact, NodeEntered
from ivr.calendar import Hours, Validity
from ivr.model import Assignments, CommonKeys, CommonPrompts, Entry, NodeId
from ivr.outside import CALM, Outside
from ivr.walk import Acts, Step, WalkState

from .refs import Keys, Ref
from .ways import Way

Ts = TypeVarTuple("Ts")
NOTHING_HIDDEN: Final = frozenset[str]()


@dataclass(frozen=True)
class Node(Stored):
    """A place in the menus.

    With a ``validity`` it is not always there: callers led to it at other times go to ``fallback``. Choices that lead
    to it are then left out, so a node that only choices lead to needs no ``fallback``.
    """

    id: NodeId
    validity: Validity | None = field(default=None, kw_only=True)
    fallback: NodeId | None = field(default=None, kw_only=True)

    # -- the walk ---

    def onward(self, walk: Walk) -> NodeId | None:
        """Give where a caller is led on who hears nothing here now; None if they stay."""
        return None

    def enter(self, walk: Walk) -> Acts:
        """Begin with a caller who stays here."""
        raise ContractError(f"{self.id} is nowhere to stay")

    def take(self, walk: Walk, step: Step, key: str) -> Acts | None:
        """Make a step of the walk's table; None if it means nothing of its own here. ``key`` is empty without one.

        ``early``: the key cut the announcement before this node, and counts here too.
        """
        return None

    @property
    def service(self) -> str:
        """Give the service that is asked here; empty if none."""
        return ""

    def answered(self, walk: Walk, values: Iterable[Named]) -> None:
        """Keep what the service answered; a node that asks none keeps nothing."""
        return

    # -- what it names, and what can be done ---

    def names(self) -> Iterator[Ref]:
        """List what the node names, beside its validity and fallback."""
        raise NotImplementedError

    def ways(self) -> Iterator[Way]:
        """List what a caller can do here to get on; nothing if the line has nothing more for them."""
        raise NotImplementedError

    def assignments(self) -> Iterator[tuple[Keys, Assignments]]:
        """List the values that the node may set or compares with, with their places: all of them must exist."""
        yield from ()

    def variables(self) -> tuple[str, ...]:
        """Give the variables that get their value from outside."""
        return ()

    def validities(self) -> Iterator[Validity | None]:
        """List what limits its choices."""
        yield from ()

    def is_timed(self, menus: Menus) -> bool:
        """Tell whether a choice of it is not always there."""
        return False

    @property
    def remembers(self) -> bool:
        """Tell whether it asks for a caller's earlier calls."""
        return False

    @property
    def is_confidential(self) -> bool:
        """Tell whether nobody may count who comes here."""
        return False

    @property
    def look(self) -> str:
        """Give how graphviz draws it."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """Give its text in the picture."""
        return self.id


@dataclass(frozen=True)
class Menus(Stored):
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
    hidden: dict[NodeId, tuple[datetime, frozenset[str]]] = field(init=False, repr=False, compare=False)
    """The keys that were left out of timed menus, in which minute of the local time; asked for once a minute."""
    in_whole_minutes: bool = field(init=False)
    """Whether nothing comes or goes but at the beginning of a minute."""

    def __post_init__(self) -> None:
        nodes = self.nodes.values()
        object.__setattr__(self, "timed", frozenset(node.id for node in nodes if node.is_timed(self)))
        object.__setattr__(self, "remembers", any(node.remembers for node in nodes))
        object.__setattr__(self, "hidden", {})
        limits = [*(node.validity for node in nodes), *(validity for node in nodes for validity in node.validities())]
        whole = all(validity is None or validity.in_whole_minutes for validity in limits)
        object.__setattr__(self, "in_whole_minutes", whole)

    @property
    def default_language(self) -> str:
        return self.languages[0]

    def queue_for(self, topic: str | None) -> QueueId:
        """Give the queue of a topic; the operators' if it has none."""
        return self.topics.get(topic or "", self.operator_queue)


class Walk:
    """A caller's walk, as nodes know it. ``ivr.session.Session`` is the whole of it. ``tells``: its facts are read."""

    call: CallId
    menus: Menus
    node: NodeId
    known: Known
    state: WalkState = WalkState.SAYING
    misses: int = 0
    trail: list[tuple[NodeId, tuple[NodeId, ...]]]
    """The menus answered so far, each with the returns of its fragments: the way back."""
    facts: list[Fact]
    outside: Outside
    returns: list[NodeId]
    """Where each fragment that the caller is in goes on, innermost last."""
    typed: str = ""
    """The digits of a number so far."""
    hidden: frozenset[str] = NOTHING_HIDDEN
    """Keys of the present menu that are left out now."""
    hurried: bool = False
    """Whether an agent takes the call at the next question: no key was pressed for too long."""

    def __init__(
        self,
        call: CallId,
        menus: Menus,
        node: NodeId,
        known: Known,
        outside: Outside = CALM,
        *,
        tells: bool = True,
        trail: list[tuple[NodeId, tuple[NodeId, ...]]] | None = None,
        facts: list[Fact] | None = None,
        returns: list[NodeId] | None = None,
    ) -> None:
        self.call = call
        self.menus = menus
        self.node = node
        self.known = known
        self.outside = outside
        self.tells: bool = tells
        self.trail = [] if trail is None else trail
        self.facts = [] if facts is None else facts
        self.returns = [] if returns is None else returns

    @property
    def present(self) -> Node:
        """Give the node where the caller is."""
        return self.menus.nodes[self.node]

    def is_there(self, validity: Validity | None) -> bool:
        """Tell whether something with this validity is there now."""
        if validity is None:
            return True
        menus = self.menus
        now = self.outside.minute() if menus.in_whole_minutes else self.outside.local()
        return validity.holds(now, menus.hours)

    def tell(self, kind: Callable[[*Ts], Fact], *values: *Ts) -> None:
        """Make a fact, if the walk's facts are read."""
        if self.tells:
            self.facts.append(kind(*values))

    def go_to(self, node_id: NodeId) -> Acts:
        """Lead the caller to a node, past those that say nothing, and begin there."""
        node = self._come_to(node_id)
        while (onward := node.onward(self)) is not None:  # not recursive: there may be a thousand in a row
            node = self._come_to(onward)
        return node.enter(self)

    def _come_to(self, node_id: NodeId) -> Node:
        nodes = self.menus.nodes
        node = nodes[node_id]
        while node.validity is not None and node.fallback is not None and not self.is_there(node.validity):
            node = nodes[node.fallback]
        self.node, self.misses = node.id, 0
        self.tell(NodeEntered, self.call, node.id)
        return node
