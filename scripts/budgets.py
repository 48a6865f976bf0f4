"""Measures the product's packages against the budgets of docs/design.md section 2; exit 1 where one is exceeded.

The budgets keep rooms small: a file, function or class beyond its size holds two things, and a suppression hides a form
or a type that could be put right. Tests, benchmarks and scripts are not counted.
Another tree may be named: ``scripts/budgets.py DIR``.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILE_LINES = 400
FUNCTION_LINES = 40
CLASS_METHODS = 15
Found = tuple[str, int]
"""A place in the tree, and its size."""


@dataclass(frozen=True)
class Budget:
    """A limit, how many places may exceed it, and those that do."""

    name: str
    allowed: int
    found: tuple[Found, ...]

    @property
    def kept(self) -> bool:
        return len(self.found) <= self.allowed


@dataclass(frozen=True)
class Source:
    """A module of the product: where it is, its text and its syntax tree."""

    where: str
    text: str
    tree: ast.Module

    @classmethod
    def read(cls, file: Path, root: Path) -> Source:
        text = file.read_text(encoding="utf-8")
        return cls(str(file.relative_to(root)), text, ast.parse(text))

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    def functions(self) -> Iterator[Found]:
        """Every function and method with its lines, from ``def`` to its end."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{self.where}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1

    def classes(self) -> Iterator[Found]:
        """Every class with the number of its methods, properties and private ones among them."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ClassDef):
                methods = sum(isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) for child in node.body)
                yield f"{self.where}:{node.lineno} {node.name}", methods

    def marked(self, pattern: str) -> Iterator[Found]:
        """The lines with a comment that suppresses something."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if re.search(rf"#\s*{pattern}", line):
                yield f"{self.where}:{number}", 1


def packages(root: Path) -> list[str]:
    """The packages of the product, as pyproject.toml lists them."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    listed: list[str] = project["tool"]["setuptools"]["packages"]
    return listed


def sources(root: Path) -> list[Source]:
    """Every module of the product."""
    folders = (root.joinpath(*package.split(".")) for package in packages(root))
    return [Source.read(file, root) for folder in folders for file in sorted(folder.glob("*.py"))]


def budgets(root: Path = ROOT) -> list[Budget]:
    """Every budget with what counts against it."""
    read = sources(root)
    files = [(source.where, source.lines) for source in read]
    functions = [found for source in read for found in source.functions()]
    classes = [found for source in read for found in source.classes()]
    return [
        Budget(f"files over {FILE_LINES} lines", 3, _over(files, FILE_LINES)),
        Budget("files over 500 lines", 0, _over(files, 500)),
        Budget(f"functions over {FUNCTION_LINES} lines", 0, _over(functions, FUNCTION_LINES)),
        Budget(f"classes over {CLASS_METHODS} methods", 6, _over(classes, CLASS_METHODS)),
        *(
            Budget(name, allowed, tuple(found for source in read for found in source.marked(pattern)))
            for name, pattern, allowed in (
                ("noqa", "noqa", 11),
                ("type: ignore", r"type:\s*ignore", 5),
                ("fmt: skip or off", r"fmt:\s*(skip|off)", 28),
            )
        ),
    ]


def _over(sizes: list[Found], limit: int) -> tuple[Found, ...]:
    return tuple(sorted((found for found in sizes if found[1] > limit), key=lambda found: -found[1]))


def main(root: Path = ROOT) -> int:
    measured = budgets(root)
    for budget in measured:
        print(f"{budget.name:32} {len(budget.found):3} of {budget.allowed:3} {'' if budget.kept else '  OVER'}")
        for where, size in budget.found:
            print(f"    {where}" + (f"  {size}" if size > 1 else ""))
    return 0 if all(budget.kept for budget in measured) else 1


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
