"""The menus as a picture: text for graphviz. Draws the model, and the callers counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .model import NodeId
from .nodes import Menus, Node
from .references import Keys, RefKind, references

Edge = tuple[NodeId, NodeId, str]


NUMBER = "number "
"""Prefix that marks a number of the line as a node of the picture."""
WIDEST = 6.0
"""Pen width (points) of a way that every caller takes."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of callers: all, by node, and by way (from, to); without confidential nodes."""

    calls: int
    visits: Mapping[str, int]
    ways: Mapping[tuple[str, str], int]


def through_fragments(menus: Menus, ways: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Give the ways taken; a way from a fragment's return counts for the fragment too, as it is drawn.

    If two fragments go on at the same node, the counts do not tell them apart: both get all.
    """
    found = [(node.id, way) for node in menus.nodes.values() for way in node.ways()]
    returns = [node for node, way in found if way.returns]
    ends = [(node, way.back) for node, way in found if way.back is not None]
    back = {(fragment, goal): sum(ways.get((end, goal), 0) for end in returns) for fragment, goal in ends}
    return {**ways, **{way: n for way, n in back.items() if n}}


def dot(menus: Menus, name: str = "line", counts: Counts | None = None) -> str:
    """Draw the whole tree in the DOT language: numbers on the left, ways by key, each node a link to ``#node.<id>``."""
    lines = [f"digraph {_quoted(name)} {{", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    lines.append('  edge [fontname="sans-serif", fontsize=11];')
    for number, entry in menus.entries.items():
        lines.append(f"  {_quoted(NUMBER + number)} [label={_quoted(number)}, shape=plaintext];")
        lines.append(_edge((NUMBER + number, entry.start, ""), counts))
    secret = {node.id for node in menus.nodes.values() if node.is_confidential}
    for node in menus.nodes.values():
        label = node.label + (f"\n{counts.visits.get(node.id, 0):,}" if counts and node.id not in secret else "")
        link = f"URL={_quoted('#node.' + node.id)}, tooltip={_quoted(node.id)}"
        lines.append(f"  {_quoted(node.id)} [label={_quoted(label)}, {link}, {node.look}];")
        lines += [_edge(way, counts if secret.isdisjoint(way[:2]) else None) for way in edges(node)]
    return "\n".join([*lines, "}", ""])


def _edge(way: Edge, counts: Counts | None) -> str:
    """Draw an edge; if callers were counted, the more of them the wider."""
    a, b, said = way
    drawn = ""
    if counts is not None:
        taken = counts.ways.get((a, b), 0)
        share = taken / counts.calls if counts.calls else 0.0
        said = "\n".join(filter(None, (said, f"{taken:,} ({share:.0%})")))
        drawn = f", penwidth={1 + (WIDEST - 1) * min(share, 1.0):.2f}" + ("" if taken else ', color="gray60"')
    return f"  {_quoted(a)} -> {_quoted(b)} [label={_quoted(said)}{drawn}];"


def edges(node: Node) -> Iterator[Edge]:
    """List the ways from a node: from, to, and what leads a caller there; choices to one node are one way."""
    said: dict[tuple[NodeId, Keys], list[str]] = {}
    for ref in references(node):
        if ref.kind is RefKind.NODE:
            one_of_several = len(ref.keys) > 1
            said.setdefault((ref.name, () if one_of_several else ref.keys), []).append(ref.said)
    yield from ((node.id, goal, "\n".join(labels)) for (goal, _), labels in said.items())


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
