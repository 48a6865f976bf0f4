"""A caller's walk through the menus, as a state machine without clock or sound.

``Session`` takes what the caller does (a key, silence, the end of a prompt) and returns what should happen next, in
acts of ``walk.py`` and in facts. What a step does at a node is the node's own (``nodes/``); the session is what all
nodes share. It must not know queues, agents or Asterisk: what it needs it asks ``outside``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final

from calls import CallId, ContractError, Known, Named
from calls.facts import Fact

from .model import Entry, NodeId
from .nodes import LAST_WORDS, Menus, Walk
from .nodes.steps import assign, leave, to_agent
from .outside import CALM, Outside
from .walk import TABLE, Acts, HoldMusic, Input, Step

ALL_KEYS: Final = "0123456789*#"
HOLD: Final[Acts] = [HoldMusic()]
NOTHING: Final[Acts] = []


@final
class Session(Walk):
    """One caller on the way through one version of the menus; ``known`` outlives it."""

    @classmethod
    def begin(
        cls, call: CallId, menus: Menus, entry: Entry, outside: Outside = CALM, *, tells: bool = True
    ) -> tuple[Session, Acts]:
        """Start a caller at an entry number; ``outside`` answers what the walk asks of the world around it."""
        session = cls(call, menus, entry.start, Known.speaking(menus.default_language), outside, tells=tells)
        assign(session, entry.sets)
        return session, session.go_to(entry.start)

    @classmethod
    def resume(
        cls, call: CallId, menus: Menus, node: NodeId, known: Known, outside: Outside = CALM, *, tells: bool = True
    ) -> tuple[Session, Acts]:
        """Lead a caller of whom something is known into the menus at this node, after a conversation."""
        session = cls(call, menus, node, known, outside, tells=tells)
        return session, session.go_to(node)

    # -- the doors ---

    def feed(self, happened: Input, key: str = "") -> Acts | None:
        """Take an input and give the acts to do now; None if it is stale and nothing changed."""
        step = TABLE[self.state].get(happened)
        if step is None:
            return None
        if happened is Input.KEY:
            self.hurried = False
        acts = self.present.take(self, step, key)
        return self._anywhere(step) if acts is None else acts

    def again(self) -> Acts:
        """Say the present node again after an interruption."""
        misses = self.misses
        acts = self.go_to(self.node)
        self.misses = misses
        return acts

    def stuck(self) -> Acts:
        """Send the caller to an agent, as the present node cannot be said, unless it was the last word anyway."""
        return leave(self) if isinstance(self.present, LAST_WORDS) else to_agent(self)

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

    def _anywhere(self, step: Step) -> Acts:
        """Make a step that means the same at every node, or nothing."""
        match step:
            case "hold":
                return HOLD
            case "hurry":
                self.hurried = True
                return NOTHING
            case "leave":
                return leave(self)
            case "ignore" | "give_up":
                return NOTHING
        raise ContractError(f"{step} at {self.node}")
