"""What a node names: other nodes, prompts, queues and whatever else must be there. One list for everybody who asks.

The checker judges each ``Ref``, the tree is walked by the ways among them, the picture draws them.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from calls import Attribute

from .calendar import Term
from .conditions import When
from .model import (
    SOURCES,
    Assignments,
    Banner,
    Branch,
    Choice,
    Collect,
    DialOut,
    Enqueue,
    Fragment,
    Goodbye,
    Lookup,
    Menu,
    Node,
    NodeId,
    Return,
    Say,
    Silent,
    Survey,
)

Keys = tuple[str | int, ...]


class Kind(StrEnum):
    """What is named."""

    NODE = "node"
    PROMPT = "prompt"
    QUEUE = "queue"
    NUMBER = "number"
    HOURS = "hours"
    ENTRY = "entry"
    VARIABLE = "variable"
    LOOKUP = "lookup"


class Ref(NamedTuple):
    """``name`` is named at ``keys`` below the node. ``by_itself``: a caller who does nothing may be led this way."""

    keys: Keys
    kind: Kind
    name: str
    by_itself: bool = False


def references(node: Node) -> Iterator[Ref]:
    """Everything the node names, in the order of its file."""
    for index, prompt in enumerate(() if isinstance(node, Silent) else node.prompts):
        yield Ref(("prompts", index), Kind.PROMPT, prompt.id)
    yield from _term((), node.term)
    if node.instead is not None:
        yield Ref(("instead",), Kind.NODE, node.instead, by_itself=True)
    match node:
        case Say() | Banner() | Survey():
            yield Ref(("next",), Kind.NODE, node.next, by_itself=True)
        case Menu():
            for key, choice in node.choices.items():
                yield from _choice(("choices", key), choice)
            if node.silence:
                yield from _choice(("silence",), node.silence, by_itself=True)
        case Collect():
            yield Ref(("next",), Kind.NODE, node.next)
            yield Ref(("otherwise",), Kind.NODE, node.otherwise, by_itself=True)
        case Enqueue():
            if node.queue is not None:
                yield Ref(("queue",), Kind.QUEUE, node.queue)
            if node.closed is not None:
                yield Ref(("closed",), Kind.NODE, node.closed, by_itself=True)
        case DialOut():
            yield Ref(("otherwise",), Kind.NODE, node.otherwise, by_itself=True)
            yield Ref(("number",), Kind.NUMBER, node.target)
        case Lookup():
            yield Ref(("lookup",), Kind.LOOKUP, node.lookup)
            for name, source in node.send:
                if source not in SOURCES:
                    yield Ref(("send", name), Kind.VARIABLE, source)
            yield Ref(("next",), Kind.NODE, node.next, by_itself=True)
            yield Ref(("otherwise",), Kind.NODE, node.otherwise, by_itself=True)
        case Branch():
            for index, case in enumerate(node.cases):
                yield Ref(("cases", index, "goto"), Kind.NODE, case.goto, by_itself=True)
                yield from _when(("cases", index, "when"), case.when)
            yield Ref(("otherwise",), Kind.NODE, node.otherwise, by_itself=True)
        case Fragment():
            yield Ref(("start",), Kind.NODE, node.start, by_itself=True)
            yield Ref(("next",), Kind.NODE, node.next, by_itself=True)
        case Goodbye() | Return():
            return


def _when(keys: Keys, when: When) -> Iterator[Ref]:
    yield from _term(keys, when.term)
    if when.closed:
        yield Ref((*keys, "closed"), Kind.HOURS, when.closed)
    if when.queue is not None and when.queue.queue is not None:
        yield Ref((*keys, "queue", "name"), Kind.QUEUE, when.queue.queue)
    for index, number in enumerate(when.dialled):
        yield Ref((*keys, "dialled", index), Kind.ENTRY, number)
    for name, _ in when.variables:
        yield Ref((*keys, "variables", name), Kind.VARIABLE, name)


def _choice(keys: Keys, choice: Choice, *, by_itself: bool = False) -> Iterator[Ref]:
    yield Ref((*keys, "goto"), Kind.NODE, choice.goto, by_itself)
    yield from _term(keys, choice.term)
    for index, prompt in enumerate(choice.prompts):
        yield Ref((*keys, "prompts", index), Kind.PROMPT, prompt.id)


def _term(keys: Keys, term: Term | None) -> Iterator[Ref]:
    if term is not None and term.hours:
        yield Ref((*keys, "hours"), Kind.HOURS, term.hours)


def assignments(node: Node) -> Iterator[tuple[Keys, Assignments]]:
    """What the node may find out about the caller, and where it says so. What it compares with must exist as well."""
    if isinstance(node, Branch):
        for index, case in enumerate(node.cases):
            yield ("cases", index, "sets"), case.sets
            for attribute, values in case.when.attributes:
                yield ("cases", index, "when"), tuple((attribute, value) for value in values)
    if isinstance(node, Menu):
        for key, choice in node.choices.items():
            yield ("choices", key, "sets"), choice.sets
        if node.silence:
            yield ("silence", "sets"), node.silence.sets


def variables_set(node: Node) -> Iterator[str]:
    """The variables that the node gives a value."""
    if isinstance(node, Collect):
        yield node.into
    if isinstance(node, Lookup):
        yield from (variable for variable, _ in node.values)
    for _, sets in assignments(node):
        yield from (name for name, _ in sets if not isinstance(name, Attribute))


def ways_on(node: Node) -> tuple[NodeId, ...]:
    """The nodes a caller can come to from here."""
    return tuple(ref.name for ref in references(node) if ref.kind is Kind.NODE)


def led_on(node: Node) -> tuple[NodeId, ...]:
    """The nodes a caller who does nothing can come to from here; none where it ends, or asks until it does."""
    return tuple(ref.name for ref in references(node) if ref.kind is Kind.NODE and ref.by_itself)
