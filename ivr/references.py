"""What a node names: other nodes, prompts, queues and whatever else must be there. One list for everybody who asks.

The checker judges each ``Ref``, the tree is walked by the ways among them, the picture draws them.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from .calendar import Term
from .model import Assignments, Choice, DialOut, Enqueue, Goodbye, Menu, Node, NodeId, Say

Keys = tuple[str | int, ...]


class Kind(StrEnum):
    """What is named."""

    NODE = "node"
    PROMPT = "prompt"
    QUEUE = "queue"
    NUMBER = "number"
    HOURS = "hours"


class Ref(NamedTuple):
    """``name`` is named at ``keys`` below the node. ``by_itself``: a caller who does nothing may be led this way."""

    keys: Keys
    kind: Kind
    name: str
    by_itself: bool = False


def references(node: Node) -> Iterator[Ref]:
    """Everything the node names, in the order of its file."""
    for index, prompt in enumerate(node.prompts):
        yield Ref(("prompts", index), Kind.PROMPT, prompt.id)
    yield from _term((), node.term)
    if node.instead is not None:
        yield Ref(("instead",), Kind.NODE, node.instead, by_itself=True)
    match node:
        case Say():
            yield Ref(("next",), Kind.NODE, node.next, by_itself=True)
        case Menu():
            for key, choice in node.choices.items():
                yield from _choice(("choices", key), choice)
            if node.silence:
                yield from _choice(("silence",), node.silence, by_itself=True)
        case Enqueue():
            if node.queue is not None:
                yield Ref(("queue",), Kind.QUEUE, node.queue)
            if node.closed is not None:
                yield Ref(("closed",), Kind.NODE, node.closed, by_itself=True)
        case DialOut():
            yield Ref(("otherwise",), Kind.NODE, node.otherwise, by_itself=True)
            yield Ref(("number",), Kind.NUMBER, node.target)
        case Goodbye():
            return


def _choice(keys: Keys, choice: Choice, *, by_itself: bool = False) -> Iterator[Ref]:
    yield Ref((*keys, "goto"), Kind.NODE, choice.goto, by_itself)
    yield from _term(keys, choice.term)
    for index, prompt in enumerate(choice.prompts):
        yield Ref((*keys, "prompts", index), Kind.PROMPT, prompt.id)


def _term(keys: Keys, term: Term | None) -> Iterator[Ref]:
    if term is not None and term.hours:
        yield Ref((*keys, "hours"), Kind.HOURS, term.hours)


def assignments(node: Node) -> Iterator[tuple[Keys, Assignments]]:
    """What the node may find out about the caller, and where it says so."""
    if isinstance(node, Menu):
        for key, choice in node.choices.items():
            yield ("choices", key, "sets"), choice.sets
        if node.silence:
            yield ("silence", "sets"), node.silence.sets


def ways_on(node: Node) -> tuple[NodeId, ...]:
    """The nodes a caller can come to from here."""
    return tuple(ref.name for ref in references(node) if ref.kind is Kind.NODE)


def led_on(node: Node) -> tuple[NodeId, ...]:
    """The nodes a caller who does nothing can come to from here; none where it ends, or asks until it does."""
    return tuple(ref.name for ref in references(node) if ref.kind is Kind.NODE and ref.by_itself)
