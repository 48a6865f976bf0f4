"""The menus as a picture: text for graphviz. Draws what the model says and knows nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .model import (
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
    NodeId,
    Return,
    Say,
    Survey,
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
    Survey: 'shape=box, style="rounded,bold"',
    Branch: "shape=diamond",
    Banner: "shape=note, style=dashed",
    Goodbye: "shape=doublecircle",
}

Edge = tuple[NodeId, NodeId, str]


def dot(menus: Menus, name: str = "line") -> str:
    """The whole tree in the DOT language: numbers on the left, ways on by key."""
    lines = [f"digraph {_quoted(name)} {{", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    for number, entry in menus.entries.items():
        lines.append(f"  {_quoted('number ' + number)} [label={_quoted(number)}, shape=plaintext];")
        lines.append(f"  {_quoted('number ' + number)} -> {_quoted(entry.start)};")
    for node in menus.nodes.values():
        lines.append(f"  {_quoted(node.id)} [label={_quoted(_label(node))}, {_LOOKS[type(node)]}];")
        lines += [f"  {_quoted(a)} -> {_quoted(b)} [label={_quoted(said)}];" for a, b, said in edges(node)]
    return "\n".join([*lines, "}", ""])


def edges(node: Node) -> Iterator[Edge]:
    """From, to, and what makes a caller go that way."""
    if node.instead is not None:
        yield node.id, node.instead, "not there"
    match node:
        case Say() | Banner() | Survey():
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
    """Ways that lead to one place are one edge."""
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
