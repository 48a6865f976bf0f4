"""Everything a node refers to: other nodes, prompts, queues and more. One list for all who need it.

The checker judges each ``Ref``; the walk of the tree and the picture follow the ways among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from calls import Attribute

from .calendar import Validity
from .conditions import When
from .model import Assignments, NodeId
from .nodes import (
    SOURCES,
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
    Return,
    Say,
    Silent,
    Survey,
    Voicemail,
)

Keys = tuple[str | int, ...]


class RefKind(StrEnum):
    """The kind of thing that is named."""

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
    kind: RefKind
    name: str
    by_itself: bool = False


def references(node: Node) -> Iterator[Ref]:
    """List everything the node names, in the order of its file."""
    for index, prompt in enumerate(() if isinstance(node, Silent) else node.prompts):
        yield Ref(("prompts", index), RefKind.PROMPT, prompt.id)
    yield from _validity((), node.validity)
    if node.fallback is not None:
        yield Ref(("instead",), RefKind.NODE, node.fallback, by_itself=True)
    yield from _own(node)


def _own(node: Node) -> Iterator[Ref]:
    """What only nodes of this type name."""
    match node:
        case Say() | Banner() | Survey() | Voicemail():
            yield Ref(("next",), RefKind.NODE, node.next, by_itself=True)
        case Menu():
            for key, choice in node.choices.items():
                yield from _choice(("choices", key), choice)
            if node.silence:
                yield from _choice(("silence",), node.silence, by_itself=True)
        case Collect():
            yield Ref(("next",), RefKind.NODE, node.next)
            yield Ref(("otherwise",), RefKind.NODE, node.otherwise, by_itself=True)
        case Enqueue():
            if node.queue is not None:
                yield Ref(("queue",), RefKind.QUEUE, node.queue)
            if node.closed is not None:
                yield Ref(("closed",), RefKind.NODE, node.closed, by_itself=True)
        case DialOut():
            yield Ref(("otherwise",), RefKind.NODE, node.otherwise, by_itself=True)
            yield Ref(("number",), RefKind.NUMBER, node.target)
        case Lookup():
            yield from _lookup(node)
        case Branch():
            for index, case in enumerate(node.cases):
                yield Ref(("cases", index, "goto"), RefKind.NODE, case.goto, by_itself=True)
                yield from _when(("cases", index, "when"), case.when)
            yield Ref(("otherwise",), RefKind.NODE, node.otherwise, by_itself=True)
        case Fragment():
            yield Ref(("start",), RefKind.NODE, node.start, by_itself=True)
            yield Ref(("next",), RefKind.NODE, node.next, by_itself=True)
        case Goodbye() | Return():
            return


def _lookup(node: Lookup) -> Iterator[Ref]:
    yield Ref(("lookup",), RefKind.LOOKUP, node.lookup)
    for name, source in node.send:
        if source not in SOURCES:
            yield Ref(("send", name), RefKind.VARIABLE, source)
    yield Ref(("next",), RefKind.NODE, node.next, by_itself=True)
    yield Ref(("otherwise",), RefKind.NODE, node.otherwise, by_itself=True)


def _when(keys: Keys, when: When) -> Iterator[Ref]:
    yield from _validity(keys, when.validity)
    if when.closed:
        yield Ref((*keys, "closed"), RefKind.HOURS, when.closed)
    if when.queue is not None and when.queue.queue is not None:
        yield Ref((*keys, "queue", "name"), RefKind.QUEUE, when.queue.queue)
    for index, number in enumerate(when.dialled):
        yield Ref((*keys, "dialled", index), RefKind.ENTRY, number)
    for name, _ in when.variables:
        yield Ref((*keys, "variables", name), RefKind.VARIABLE, name)


def _choice(keys: Keys, choice: Choice, *, by_itself: bool = False) -> Iterator[Ref]:
    yield Ref((*keys, "goto"), RefKind.NODE, choice.goto, by_itself)
    yield from _validity(keys, choice.validity)
    for index, prompt in enumerate(choice.prompts):
        yield Ref((*keys, "prompts", index), RefKind.PROMPT, prompt.id)


def _validity(keys: Keys, validity: Validity | None) -> Iterator[Ref]:
    if validity is not None and validity.hours:
        yield Ref((*keys, "hours"), RefKind.HOURS, validity.hours)


def assignments(node: Node) -> Iterator[tuple[Keys, Assignments]]:
    """List the values that the node may set or compares with, with their places: all of them must exist."""
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
    """List the variables that the node sets."""
    if isinstance(node, Collect):
        yield node.into
    if isinstance(node, Lookup):
        yield from (variable for variable, _ in node.values)
    for _, sets in assignments(node):
        yield from (name for name, _ in sets if not isinstance(name, Attribute))


def ways_on(node: Node) -> tuple[NodeId, ...]:
    """List the nodes that a caller can reach from here in one step."""
    return tuple(ref.name for ref in references(node) if ref.kind is RefKind.NODE)


def led_on(node: Node) -> tuple[NodeId, ...]:
    """List the nodes that a caller who does nothing can reach from here; none if the walk ends, or an agent follows."""
    return tuple(ref.name for ref in references(node) if ref.kind is RefKind.NODE and ref.by_itself)
