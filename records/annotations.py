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
    package, _, stem = name.rpartition(".")
    source = Path(sys.modules[package].__path__[0], f"{stem}.py")
    twin = type(kind.__name__, (), {"__annotations__": _written(source)[kind.__name__], "__module__": name})
    return get_type_hints(twin)


@cache
def _written(source: Path) -> dict[str, dict[str, str]]:
    """Read what stands behind the colon of each field of each class."""
    classes = [node for node in ast.parse(source.read_text("utf-8")).body if isinstance(node, ast.ClassDef)]
    return {
        known.name: {
            field.target.id: ast.unparse(field.annotation)
            for field in known.body
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        }
        for known in classes
    }
