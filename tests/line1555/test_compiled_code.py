"""What mypyc does to code that is compiled, without a word: slow look-ups, classes that are never initialised."""

from __future__ import annotations

import ast
import enum
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import ParamSpec, TypeVar, get_type_hints

from agents.agent import Agent
from calls import OfferId, annotations_of
from calls.words import AgentState
from line1555.start import OURS

ROOT = Path(__file__).resolve().parents[2]


@cache
def compiled_files() -> tuple[str, ...]:
    """The list in setup.py."""
    script = "from setup import modules; print(*modules())"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(done.stdout.split())


@cache
def code(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text("utf-8"))


def module_of(file: str) -> ModuleType:
    return import_module(file.removesuffix(".py").replace("/", "."))


def loose_constants(tree: ast.Module, module: ModuleType) -> Iterator[str]:
    """Name the values of a module that compiled code looks up by their names at each use: those not ``Final``.

    Names of types are no values: mypyc knows what they stand for.
    """
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) if name != "__all__" and is_value(vars(module)[name]):
                yield f"{node.lineno}: {name}"
            case ast.AnnAssign(target=ast.Name(id=name)) if "Final" not in ast.unparse(node.annotation):
                yield f"{node.lineno}: {name}"


def is_value(kept: object) -> bool:
    """Tell values from types, aliases of types, and type variables."""
    return not (
        isinstance(kept, type | TypeVar | ParamSpec)
        or type(kept).__module__ in ("typing", "types", "collections.abc")
        or hasattr(kept, "__origin__")
    )


def slow_words(tree: ast.Module, module: ModuleType, compiled: frozenset[str]) -> Iterator[str]:
    """Name the members of enums that functions ask the enum's metaclass for: those of modules that are not compiled."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(ast.Module(function.body, [])):
            match node:
                case ast.Attribute(value=ast.Name(id=name)):
                    kind = vars(module).get(name)
                    if isinstance(kind, enum.EnumMeta) and kind.__module__ not in compiled:
                        yield f"{node.lineno}: {name}.{node.attr} of {kind.__module__}"


def uninitialised(tree: ast.Module) -> Iterator[str]:
    """Name what marks a class as serializable: interpreted code makes such a class without running its ``__init__``.

    A class with ``__reduce__``, or whose ``__init__`` can do without arguments, can be pickled and copied without it.
    """
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="serializable"):
                yield f"{node.lineno}: serializable"
            case ast.ImportFrom(module="mypy_extensions") | ast.Import(names=[ast.alias(name="mypy_extensions")]):
                yield f"{node.lineno}: mypy_extensions"


def heirs(file: Path, compiled: frozenset[str]) -> Iterator[str]:
    """Name the classes that inherit from one of a compiled module: interpreted ones are refused when they are made."""
    tree = ast.parse(file.read_text("utf-8"))
    here = file.relative_to(ROOT).parts
    imported = {
        alias.asname or alias.name: ".".join([*(here[: -node.level] if node.level else ()), node.module or ""]).strip(
            "."
        )
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for node in [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]:
        for base in node.bases:
            if isinstance(base, ast.Name) and imported.get(base.id, "").partition(".")[0] in OURS:
                kind = getattr(import_module(imported[base.id]), base.id)
                if kind.__module__ in compiled and not issubclass(kind, OPEN):
                    yield f"{node.name} of {kind.__module__}.{base.id}"


TRIED_PLAIN = {"tests/sites/test_node_types.py: Chime of ivr.nodes.base.Node"}
"""Heirs that are made in the plain form alone."""
OPEN = (enum.Enum, BaseException)
"""Compiled classes of these are Python's own, and open to heirs."""


def test_no_interpreted_class_inherits_from_a_compiled_one() -> None:
    compiled = frozenset(module_of(file).__name__ for file in compiled_files())
    files = [file for name in (*OURS, "line1555", "tests", "benchmarks") for file in (ROOT / name).rglob("*.py")]
    interpreted = (file for file in files if str(file.relative_to(ROOT)) not in compiled_files())
    found = {f"{file.relative_to(ROOT)}: {what}" for file in interpreted for what in heirs(file, compiled)}
    assert found - TRIED_PLAIN == set()


def test_constants_of_compiled_code_are_final() -> None:
    loose = [f"{file}:{what}" for file in compiled_files() for what in loose_constants(code(file), module_of(file))]
    assert loose == [], "annotate with Final"


def test_words_of_compiled_code_are_compiled_too() -> None:
    modules = frozenset(module_of(file).__name__ for file in compiled_files())
    slow = [f"{file}:{what}" for file in compiled_files() for what in slow_words(code(file), module_of(file), modules)]
    assert slow == [], "compile the module of the enum (setup.py)"


def test_no_compiled_class_is_made_without_its_init() -> None:
    assert [f"{file}:{what}" for file in compiled_files() for what in uninitialised(code(file))] == []


READ_ANNOTATIONS = {
    "calls/annotations.py": "from the source, where a class is compiled",
    "sites/loader.py": "of the forms of YAML",
    "telephony/asterisk/settings.py": "of its own classes",
}
"""Who asks at run time what type a field has, and of which classes."""


def test_who_reads_annotations_is_known() -> None:
    """Of a compiled class they lack what stands in brackets: `tuple[int]` is told as `tuple`, and nothing warns."""
    packages = (
        "calls",
        "agents",
        "queues",
        "acd",
        "ivr",
        "engine",
        "metrics",
        "sites",
        "control",
        "telephony",
        "records",
    )
    files = (file for name in (*packages, "simulator", "line1555") for file in (ROOT / name).rglob("*.py"))
    readers = {
        str(file.relative_to(ROOT))
        for file in files
        if re.search("get_type_hints|__annotations__", file.read_text("utf-8"))
    }
    assert readers == set(READ_ANNOTATIONS)


def test_a_compiled_plain_class_has_its_annotations_too() -> None:
    """Python tells none at all of it; what is written in its body is kept, what its ``__init__`` adds is not."""
    hints = annotations_of(Agent)
    assert (hints["missing"], hints["offer"]) == (frozenset[str], OfferId | None)


def told_kinds() -> Iterator[type]:
    """The classes whose annotations are read as Python tells them, by tests and tools: messages."""
    for module in map(import_module, ("calls.commands", "calls.events", "calls.facts")):
        yield from (kind for kind in vars(module).values() if isinstance(kind, type) and is_dataclass(kind))


def test_annotations_that_are_read_are_whole() -> None:
    """Who reads those of compiled classes needs ``calls.annotations_of``."""
    cut = [kind for kind in told_kinds() if get_type_hints(kind) != annotations_of(kind)]
    assert cut == []


TRAPS = """
from mypy_extensions import mypyc_attr
from calls.words import AgentState
from telephony.legs import LegKind
LIMIT = 5
KNOWN: dict[str, int] = {}
Pair = tuple[str, int]
@mypyc_attr(serializable=True)
class Kept: ...
def used() -> tuple[AgentState, LegKind]:
    return AgentState.READY, LegKind.CALLER
"""


def test_each_trap_is_seen() -> None:
    """The tests above would be green on any code if they saw nothing."""
    tree, module = ast.parse(TRAPS), ModuleType("traps")

    class LegKind(enum.Enum):
        CALLER = 1

    vars(module).update(AgentState=AgentState, LegKind=LegKind, LIMIT=5, KNOWN={}, Pair=tuple[str, int])
    assert list(loose_constants(tree, module)) == ["5: LIMIT", "6: KNOWN"]
    assert list(uninitialised(tree)) == ["2: mypy_extensions", "8: serializable"]
    assert list(slow_words(tree, module, frozenset({"calls.words"}))) == [f"11: LegKind.CALLER of {__name__}"]
