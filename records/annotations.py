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
    name = kind.__module__
    if not str(sys.modules[name].__file__).endswith(tuple(EXTENSION_SUFFIXES)):
        return get_type_hints(kind)
    twin = type(kind.__name__, (), {"__annotations__": _written(_source_of(kind))[kind.__name__], "__module__": name})
    return get_type_hints(twin)


def required_of(kind: type) -> frozenset[str]:
    """Name the fields of a class that have no default where they are declared. Of a plain class only its source, or an
    uncompiled class, tells it."""
    return frozenset(annotations_of(kind)) - _defaulted(_source_of(kind))[kind.__name__]


def _source_of(kind: type) -> Path:
    """Give the source of a class: beside the compiled module, if it is one."""
    package, _, stem = kind.__module__.rpartition(".")
    return Path(sys.modules[package].__path__[0], f"{stem}.py")


@cache
def _written(source: Path) -> dict[str, dict[str, str]]:
    """Read what stands behind the colon of each field of each class."""
    return {
        name: {field: ast.unparse(found.annotation) for field, found in fields.items()}
        for name, fields in _declared(source).items()
    }


@cache
def _defaulted(source: Path) -> dict[str, frozenset[str]]:
    """Read which fields of each class have a default."""
    return {
        name: frozenset(field for field, found in fields.items() if found.value is not None)
        for name, fields in _declared(source).items()
    }


@cache
def _declared(source: Path) -> dict[str, dict[str, ast.AnnAssign]]:
    """Read the fields that each class declares."""
    classes = [node for node in ast.parse(source.read_text("utf-8")).body if isinstance(node, ast.ClassDef)]
    return {
        known.name: {
            field.target.id: field
            for field in known.body
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        }
        for known in classes
    }
