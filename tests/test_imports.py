"""No module of the product imports another that imports it, by whatever way round."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .test_tree import PACKAGES

ROOT = Path(__file__).resolve().parents[1]
Graph = dict[str, set[str]]


def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name."""
    found = {}
    for package in PACKAGES:
        for file in (ROOT / package.replace(".", "/")).glob("*.py"):
            found[package if file.stem == "__init__" else f"{package}.{file.stem}"] = file
    return found


def imported(name: str, file: Path, known: set[str]) -> Iterator[str]:
    """What the module imports from the product: inside functions and under TYPE_CHECKING too."""
    package = name if file.stem == "__init__" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            inner = {f"{base}.{alias.name}" for alias in node.names} & known
            yield from inner or ({base} & known)


def graph() -> Graph:
    known = modules()
    return {name: set(imported(name, file, set(known))) - {name} for name, file in known.items()}


def circles(of: Graph) -> list[list[str]]:
    """The strongly connected parts with more than one module (Tarjan, 1972)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in of[name]:
            if other not in order:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], order[other])
        if low[name] == order[name]:
            part = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(part) > 1:
                found.append(sorted(part))

    for name in of:
        if name not in order:
            visit(name)
    return found


def test_no_import_circle() -> None:
    assert circles(graph()) == []


@pytest.mark.parametrize(
    ("of", "expected"),
    [({"a": {"b"}, "b": set()}, []), ({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, [["a", "b", "c"]])],
    ids=["none", "three"],
)
def test_a_circle_is_found(of: Graph, expected: list[list[str]]) -> None:
    assert circles(of) == expected
