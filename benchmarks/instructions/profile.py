"""What callgrind has counted: reads its file into costs by function."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

_NAME = re.compile(r"\((\d+)\)(?: (.*))?")
_APPENDED = re.compile(r"('\d+|\.(lto_priv|constprop|isra|part|cold)[.\d]*)+$")
NATIVE, WRAPPER = "CPyDef_", "CPyPy_"


class Cost(NamedTuple):
    """Instructions of a function in itself, with all that it calls, and how often it was called."""

    own: int
    whole: int
    calls: int


@dataclass(slots=True)
class Profile:
    """Costs by function. ``total``: all instructions that were counted.

    ``whole`` of a function that calls itself, directly or by others, is counted more than once: the interpreter's.
    """

    total: int = 0
    ours: set[str] = field(default_factory=set)
    """Functions of our own, compiled."""
    own: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    whole: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def cost(self, name: str) -> Cost:
        return Cost(self.own.get(name, 0), self.whole.get(name, 0), self.calls.get(name, 0))

    def by(self, column: str) -> list[str]:
        """Function names, the dearest first, by ``own`` or ``whole``."""
        costs: dict[str, int] = getattr(self, column)
        return sorted(costs, key=lambda name: (-costs[name], name))


def read(file: Path) -> Profile:
    with file.open(encoding="utf-8", errors="replace") as lines:
        return parse(lines)


def parse(lines: Iterable[str]) -> Profile:
    """Add up a file in callgrind's format, version 1: names are compressed, positions may be relative."""
    found, names = Profile(), dict[str, str]()
    caller = called = ""
    calls = 0
    for line in lines:
        if line.startswith("fn="):
            caller = _named(line[3:], names, found.ours)
        elif line.startswith("cfn="):
            called = _named(line[4:], names, found.ours)
        elif line.startswith("calls="):
            calls = int(line[6:].split()[0])
        elif line[0] in "0123456789+-*":
            cost = _cost(line)
            if not calls:
                found.own[caller] += cost
                found.total += cost
                continue
            found.calls[called] += calls
            if called != caller:
                found.whole[called] += cost
            calls = 0
    return found


def _named(text: str, names: dict[str, str], ours: set[str]) -> str:
    match = _NAME.match(text)
    assert match, text
    number, name = match.groups()
    if name:
        names[number] = plain(name)
        if name.startswith(NATIVE):
            ours.add(names[number])
    return names[number]


def _cost(line: str) -> int:
    parts = line.split()
    return int(parts[1]) if len(parts) > 1 else 0


def plain(name: str) -> str:
    """The name without callgrind's number of a cycle and what the C compiler has appended.

    mypyc's C functions become module and function: ``CPyDef_line___Line___handle`` is ``line.Line.handle``, and
    ``CPyPy_`` with the same name what interpreted code calls.
    """
    name = _APPENDED.sub("", name)
    if name.startswith(NATIVE):
        return name.removeprefix(NATIVE).replace("___", ".")
    if name.startswith(WRAPPER):
        return name.removeprefix(WRAPPER).replace("___", ".") + " (from Python)"
    return name
