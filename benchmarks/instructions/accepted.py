"""The accepted counts: a file that is reviewed like code, and what a new count says beside it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from .counting import Counted

FILE = Path(__file__).with_name("accepted.txt")
LISTED = 30
"""So many functions of each kind are in the file."""
TOTAL = "total"
MORE, NOTABLE = 0.02, 0.005
"""A total may grow by this share; a function is told of when it changes by this share of the total."""


class Row(NamedTuple):
    """Instructions of a call that pass in a function (with all that it calls), and how often it is called in a call."""

    kind: str
    function: str
    instructions: int
    calls: float

    def line(self) -> str:
        return f"{self.kind:9}{self.instructions:12,} {self.calls:9.2f}  {self.function}"


def rows(counted: Counted) -> list[Row]:
    """The total and the dearest functions of ours."""
    profile, calls = counted.profile, counted.calls
    ours = [name for name in profile.by("whole") if name in profile.ours][:LISTED]
    found = [Row(counted.kind, TOTAL, round(counted.each), 1.0)]
    for name in ours:
        cost = profile.cost(name)
        found.append(Row(counted.kind, name, round(cost.whole / calls), round(cost.calls / calls, 2)))
    return found


def tools() -> str:
    """What the counts depend on besides our code."""
    compiler = subprocess.run(["gcc", "-dumpfullversion"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
    return f"Python {sys.version.split()[0]}, mypyc {version('mypy')}, gcc {compiler}"


def write(found: Iterable[Row], file: Path = FILE) -> None:
    """Accept these counts; those of kinds that were not counted stay."""
    new = list(found)
    counted = {row.kind for row in new}
    kept = [row for row in read(file)[1] if row.kind not in counted]
    head = (
        "# Instructions a call, counted by callgrind: `python -m benchmarks.instructions --accept` writes this.",
        f"# {tools()}",
        "# kind     instructions  calls a call  function (with all that it calls)",
    )
    file.write_text("\n".join([*head, *(row.line() for row in sorted([*new, *kept], key=_order))]) + "\n")


def _order(row: Row) -> tuple[str, bool, int, str]:
    return row.kind, row.function != TOTAL, -row.instructions, row.function


def read(file: Path = FILE) -> tuple[str, list[Row]]:
    """The tools they were counted with, and the accepted counts."""
    if not file.exists():
        return "", []
    lines = file.read_text().splitlines()
    return lines[1].removeprefix("# "), [_row(line) for line in lines if line and not line.startswith("#")]


def _row(line: str) -> Row:
    kind, instructions, calls, function = re.split(r" +", line, maxsplit=3)
    return Row(kind, function, int(instructions.replace(",", "")), float(calls))


def compared(found: Iterable[Row], accepted: Iterable[Row]) -> Iterator[tuple[str, bool]]:
    """Lines that tell what has changed, each with whether it is too much: a total that has grown."""
    before = {(row.kind, row.function): row for row in accepted}
    total = 1
    for row in found:
        old = before.get((row.kind, row.function))
        if row.function == TOTAL:
            total = row.instructions
            grown = old is not None and row.instructions > old.instructions * (1 + MORE)
            yield _told(row, old) + (" MORE THAN ACCEPTED" if grown else ""), grown
        elif old is not None and abs(row.instructions - old.instructions) > NOTABLE * total:
            yield _told(row, old), False


def _told(row: Row, old: Row | None) -> str:
    if old is None:
        return f"{row.line()}  (nothing accepted)"
    return f"{row.line()}  (accepted: {old.instructions:,}, {row.instructions / old.instructions - 1:+.1%})"
