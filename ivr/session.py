"""A caller's walk through the menus, as a state machine without clock or sound.

``Session`` takes what the caller does (a key, silence, the end of a prompt) and returns what should happen next, in
acts of ``walk.py`` and in facts. What a step does at a node is the node's own (``nodes/``); the session is what all
nodes share. It must not know queues, agents or Asterisk: what it needs it asks ``outside``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVarTuple, final

from calls import CallId, ContractError, Known, Named
from calls.facts import Fact, NodeEntered

from .model import Entry, NodeId
from .nodes import Menus, Node
from .nodes.steps import assign, is_there, leave, to_agent
from .outside import CALM, Outside
from .walk import TABLE, Act, HoldMusic, Input, Step, WalkState

Ts = TypeVarTuple("Ts")
NOTHING_HIDDEN: Final = frozenset[str]()
ALL_KEYS: Final = "0123456789*#"


@final
class Session:
    """One caller on the way through one version of the menus; ``known`` outlives it. ``tells``: its facts are read."""

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

    @classmethod
    def begin(
        cls, call: CallId, menus: Menus, entry: Entry, outside: Outside = CALM, *, tells: bool = True
    ) -> tuple[Session, list[Act]]:
        """Start a caller at an entry number; ``outside`` answers what the walk asks of the world around it."""
        session = cls(call, menus, entry.start, Known.speaking(menus.default_language), outside, tells=tells)
        assign(session, entry.sets)
        return session, session.go_to(entry.start)

    @classmethod
    def resume(
        cls, call: CallId, menus: Menus, node: NodeId, known: Known, outside: Outside = CALM, *, tells: bool = True
    ) -> tuple[Session, list[Act]]:
        """Lead a caller of whom something is known into the menus at this node, after a conversation."""
        session = cls(call, menus, node, known, outside, tells=tells)
        return session, session.go_to(node)

    # -- the doors ---

    def feed(self, happened: Input, key: str = "") -> list[Act] | None:
        """Take an input and give the acts to do now; None if it is stale and nothing changed."""
        step = TABLE[self.state].get(happened)
        if step is None:
            return None
        if happened is Input.KEY:
            self.hurried = False
        acts = self.present.take(self, step, key)
        return self._anywhere(step) if acts is None else acts

    def again(self) -> list[Act]:
        """Say the present node again after an interruption."""
        misses = self.misses
        acts = self.go_to(self.node)
        self.misses = misses
        return acts

    def stuck(self) -> list[Act]:
        """Send the caller to an agent, as the present node cannot be said, unless it was the last word anyway."""
        return leave(self) if self.present.LAST else to_agent(self)

    def take_facts(self) -> list[Fact]:
        """Return the facts since the last call of this, and forget them."""
        facts = self.facts
        if facts:
            self.facts = []
        return facts

    @property
    def looking_for(self) -> str:
        """Give the service that the present node asks; empty if none."""
        return self.present.service

    def take_answer(self, values: Iterable[Named]) -> None:
        """Set the present node's variables to what its service answered."""
        self.present.answered(self, values)

    # -- what nodes share ---

    @property
    def present(self) -> Node:
        """Give the node where the caller is."""
        return self.menus.nodes[self.node]

    def tell(self, kind: Callable[[*Ts], Fact], *values: *Ts) -> None:
        """Make a fact, if the walk's facts are read."""
        if self.tells:
            self.facts.append(kind(*values))

    def go_to(self, node_id: NodeId) -> list[Act]:
        """Lead the caller to a node, past those that say nothing, and begin there."""
        node = self._come_to(node_id)
        while (onward := node.onward(self)) is not None:  # not recursive: there may be a thousand in a row
            node = self._come_to(onward)
        return node.enter(self)

    def _come_to(self, node_id: NodeId) -> Node:
        node = self.menus.nodes[node_id]
        while node.validity is not None and node.fallback is not None and not is_there(self, node.validity):
            node = self.menus.nodes[node.fallback]
        self.node, self.misses = node.id, 0
        self.tell(NodeEntered, self.call, node.id)
        return node

    def _anywhere(self, step: Step) -> list[Act]:
        """Make a step that means the same at every node, or nothing."""
        match step:
            case "hold":
                return [HoldMusic()]
            case "hurry":
                self.hurried = True
                return []
            case "leave":
                return leave(self)
            case "ignore" | "give_up":
                return []
        raise ContractError(f"{step} at {self.node}")
