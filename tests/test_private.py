"""Nobody outside ``engine/`` reads what is the engine's own: what readers may know, ``Line.view`` answers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

import engine

from .test_tree import PACKAGES, ROOT

OWN = "engine"
FOLDERS = (*sorted({package.split(".")[0] for package in PACKAGES} - {OWN}), "benchmarks", "scripts")
FILES = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def private_names() -> frozenset[str]:
    """The private methods and attributes of the engine's classes."""
    found: set[str] = set()
    for file in (ROOT / OWN).glob("*.py"):
        classes = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ClassDef)]
        for node in (inner for of in classes for inner in ast.walk(of)):
            if isinstance(node, ast.FunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
                found.add(node.attr)
    return frozenset(filter(is_private, found))


PRIVATE = private_names()


def intrusions(source: str) -> Iterator[tuple[int, str]]:
    """Where a file reads a private name of another object, says one, or imports what the engine does not offer."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(ast.Name("self" | "cls")):
                pass  # an object's own names
            case ast.Attribute(attr=name) | ast.Constant(str(name)) if name in PRIVATE:
                yield node.lineno, name
            case ast.Import(names) | ast.ImportFrom(None, names):
                yield from ((node.lineno, name.name) for name in names if name.name.startswith(f"{OWN}."))
            case ast.ImportFrom(str(module), level=0) if module.startswith(f"{OWN}."):
                yield node.lineno, module
            case ast.ImportFrom("engine", names, level=0):
                yield from ((node.lineno, name.name) for name in names if name.name not in engine.__all__)


@pytest.mark.parametrize("folder", FOLDERS)
def test_nobody_reads_what_is_the_engines_own(folder: str) -> None:
    files = [file for file in FILES if file.is_relative_to(ROOT / folder)]
    found = [
        f"{file.relative_to(ROOT)}:{line}: {name}" for file in files for line, name in intrusions(file.read_text())
    ]
    assert files and not found


def test_the_private_names_are_found() -> None:
    assert "_state" in PRIVATE and "_publish" in PRIVATE


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("line.view.now", []),
        ("self._state.now", []),
        ("from engine import Line, LineSettings", []),
        ("line._state.now", ["_state"]),
        ("self.line._state", ["_state"]),
        ("driver.line.view._state.calls", ["_state"]),
        ("getattr(line, '_state')", ["_state"]),
        ("from engine.state import EngineState", ["engine.state"]),
        ("import engine.state", ["engine.state"]),
        ("from engine import state", ["state"]),
    ],
)
def test_an_intrusion_is_found(source: str, found: list[str]) -> None:
    assert [name for _, name in intrusions(source)] == found
