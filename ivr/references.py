"""Everything a node refers to. One list for all who need it: the checker, the walk of the tree, the picture."""

from __future__ import annotations

from collections.abc import Iterator

from calls import Attribute

from .model import NodeId
from .nodes import Node
from .nodes.refs import Keys, Ref, RefKind, validity_refs

__all__ = ["Keys", "Ref", "RefKind", "led_on", "references", "variables_set", "ways_on"]


def references(node: Node) -> Iterator[Ref]:
    """List everything the node names."""
    yield from validity_refs((), node.validity)
    if node.fallback is not None:
        yield Ref(("instead",), RefKind.NODE, node.fallback, by_itself=True, said="not there")
    yield from node.names()


def variables_set(node: Node) -> Iterator[str]:
    """List the variables that the node sets."""
    yield from node.variables()
    for _, sets in node.assignments():
        yield from (name for name, _ in sets if not isinstance(name, Attribute))


def ways_on(node: Node) -> tuple[NodeId, ...]:
    """List the nodes that a caller can reach from here in one step."""
    return tuple(ref.name for ref in references(node) if ref.kind is RefKind.NODE)


def led_on(node: Node) -> tuple[NodeId, ...]:
    """List the nodes that a caller who does nothing can reach from here; none if the walk ends, or an agent follows."""
    return tuple(ref.name for ref in references(node) if ref.kind is RefKind.NODE and ref.by_itself)
