"""The annotations of a class, also where it was compiled."""

from __future__ import annotations

import ast
import sys
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any, get_type_hints


def annotations_of(kind: type) -> dict[str, Any]:
    """Give the type of each field. Of a class that mypyc compiled only the source beside it still has them whole."""
    if not _is_compiled(kind):
        return get_type_hints(kind)
    hints: dict[str, Any] = {}
    for one in _family(kind):
        written = {name: ast.unparse(field.annotation) for name, field in _declared(one).items()}
        twin = type(one.__name__, (), {"__annotations__": written, "__module__": one.__module__})
        hints.update(get_type_hints(twin))
    return hints


def required_of(kind: type) -> frozenset[str]:
    """Name the fields of a class that have no default where they are declared."""
    return frozenset(name for one in _family(kind) for name, field in _declared(one).items() if field.value is None)


def _family(kind: type) -> list[type]:
    """List the class and those it is made of, the first one first. A compiled plain class has no annotations at all."""
    return [one for one in reversed(kind.__mro__) if "__annotations__" in vars(one) or _is_compiled(one)]


def _is_compiled(kind: type) -> bool:
    return str(getattr(sys.modules[kind.__module__], "__file__", "")).endswith(tuple(EXTENSION_SUFFIXES))


def _declared(kind: type) -> dict[str, ast.AnnAssign]:
    """Give the fields that a class itself declares, as they are written."""
    package, _, stem = kind.__module__.rpartition(".")
    return _classes(Path(sys.modules[package].__path__[0], f"{stem}.py")).get(kind.__name__, {})


@cache
def _classes(source: Path) -> dict[str, dict[str, ast.AnnAssign]]:
    """Read the fields that each class of a file declares."""
    classes = [node for node in ast.parse(source.read_text("utf-8")).body if isinstance(node, ast.ClassDef)]
    return {
        known.name: {
            field.target.id: field
            for field in known.body
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        }
        for known in classes
    }
