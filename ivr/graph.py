"""The menus as a picture: text for graphviz. Draws the model, and the callers counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .model import NodeId
from .nodes import (
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
    Menus,
    Node,
    Return,
    Say,
    Survey,
    Voicemail,
)

_LOOKS = {
    Say: "shape=note",
    Menu: "shape=box, style=rounded",
    Collect: 'shape=box, style="rounded,dashed"',
    Enqueue: "shape=cds, style=filled, fillcolor=palegreen",
    DialOut: "shape=rarrow, style=filled, fillcolor=mistyrose",
    Lookup: "shape=component",
    Fragment: "shape=folder",
    Return: "shape=circle",
    Voicemail: "shape=tab",
    Survey: 'shape=box, style="rounded,bold"',
    Branch: "shape=diamond",
    Banner: "shape=note, style=dashed",
    Goodbye: "shape=doublecircle",
}

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
    nodes = menus.nodes.values()
    returns = [node.id for node in nodes if isinstance(node, Return)]
    ends = ((node.id, node.next) for node in nodes if isinstance(node, Fragment))
    back = {(fragment, goal): sum(ways.get((end, goal), 0) for end in returns) for fragment, goal in ends}
    return {**ways, **{way: n for way, n in back.items() if n}}


def dot(menus: Menus, name: str = "line", counts: Counts | None = None) -> str:
    """Draw the whole tree in the DOT language: numbers on the left, ways by key, each node a link to ``#node.<id>``."""
    lines = [f"digraph {_quoted(name)} {{", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    lines.append('  edge [fontname="sans-serif", fontsize=11];')
    for number, entry in menus.entries.items():
        lines.append(f"  {_quoted(NUMBER + number)} [label={_quoted(number)}, shape=plaintext];")
        lines.append(_edge((NUMBER + number, entry.start, ""), counts))
    secret = {node.id for node in menus.nodes.values() if isinstance(node, DialOut) and node.confidential}
    for node in menus.nodes.values():
        label = _label(node) + (f"\n{counts.visits.get(node.id, 0):,}" if counts and node.id not in secret else "")
        link = f"URL={_quoted('#node.' + node.id)}, tooltip={_quoted(node.id)}"
        lines.append(f"  {_quoted(node.id)} [label={_quoted(label)}, {link}, {_LOOKS[type(node)]}];")
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
    """List the ways from a node: from, to, and what leads a caller there."""
    if node.fallback is not None:
        yield node.id, node.fallback, "not there"
    match node:
        case Say() | Banner() | Survey() | Voicemail():
            yield node.id, node.next, ""
        case DialOut():
            yield node.id, node.otherwise, "no answer"
        case Menu():
            ways = [(choice.goto, _said(key, choice)) for key, choice in node.choices.items()]
            ways += [(node.silence.goto, _said("silence", node.silence))] if node.silence else []
            yield from _merged(node.id, ways)
        case Collect():
            yield node.id, node.next, "typed"
            yield node.id, node.otherwise, "otherwise"
        case Lookup():
            yield node.id, node.next, "answered"
            yield node.id, node.otherwise, "otherwise"
        case Enqueue():
            if node.closed is not None:
                yield node.id, node.closed, "closed"
        case Branch():
            yield from _merged(node.id, [(case.goto, f"case {n}") for n, case in enumerate(node.cases, 1)])
            yield node.id, node.otherwise, "otherwise"
        case Fragment():
            yield node.id, node.start, "in"
            yield node.id, node.next, "then"
        case Goodbye() | Return():
            return


def _merged(node: NodeId, ways: Iterable[tuple[NodeId, str]]) -> Iterator[Edge]:
    """Merge ways to the same node into one edge."""
    said: dict[NodeId, list[str]] = {}
    for goto, label in ways:
        said.setdefault(goto, []).append(label)
    yield from ((node, goto, "\n".join(labels)) for goto, labels in said.items())


def _said(key: str, choice: Choice) -> str:
    return key if choice.meaning == choice.goto else f"{key} {choice.meaning}"


def _label(node: Node) -> str:
    match node:
        case Enqueue():
            return f"{node.id}\nqueue: {node.queue or 'by topic'}"
        case DialOut():
            return f"{node.id}\ndials {node.target}"
    return node.id


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
