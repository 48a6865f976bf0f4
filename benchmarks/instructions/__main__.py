"""Counts the instructions of a call, by function, and compares them with the accepted ones.

    .venv/bin/python -m benchmarks.instructions [KIND ...] [--accept] [--profile DIR]

Each kind runs compiled (`benchmarks.trees`) under valgrind's callgrind, which apt brings where it is missing. The same
code gives the same count within a thousandth, however busy the machine is. ``--accept`` writes ``accepted.txt``: commit
it with the change that explains it. ``--profile``: the 60 dearest functions of each kind into a file, the interpreter's
too (their names need Debian's ``python3-dbg``). Exit 1 where a total is over the accepted one by more than 2 %.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import trees

from . import accepted
from .counting import Counted, count, programs

SIZES = {"router": 20_000.0, "balanced": 20_000.0, "engine": 3_000.0, "week": 12.0}
"""Kinds of `benchmarks/measured.py`, and how much of each is run."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.instructions", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", default=list(SIZES), help=", ".join(SIZES))
    parser.add_argument("--accept", action="store_true", help="these counts are the accepted ones from now on")
    parser.add_argument("--profile", type=Path, help="a folder for the whole profiles")
    asked = parser.parse_args()
    programs()
    print(trees.interpreter())
    tree = trees.ready(compiled=True)
    found: list[accepted.Row] = []
    for kind in asked.kinds:
        counted = count(kind, SIZES[kind], tree)
        found += accepted.rows(counted)
        if asked.profile:
            (asked.profile / f"profile-{kind}.txt").write_text("\n".join(_profile(counted)) + "\n")
    if asked.accept:
        accepted.write(found)
        print(*(row.line() for row in found), sep="\n")
        return 0
    return _compare(found)


def _compare(found: list[accepted.Row]) -> int:
    with_tools, before = accepted.read()
    if with_tools and with_tools != accepted.tools():
        print(
            f"counted with {accepted.tools()}, accepted with {with_tools}: other tools, other counts", file=sys.stderr
        )
    told = list(accepted.compared(found, before))
    print(*(line for line, _ in told), sep="\n")
    return 1 if any(grown for _, grown in told) else 0


def _profile(counted: Counted) -> list[str]:
    calls, profile = counted.calls, counted.profile
    lines = [f"{counted.kind}: {calls:,} calls, {counted.each:,.0f} instructions a call"]
    for column, name in (("own", "itself"), ("whole", "with all that it calls")):
        lines += ["", f"-- {name}: instructions a call, share, calls a call, instructions of one", ""]
        for function in profile.by(column)[:60]:
            cost = profile.cost(function)
            part: int = getattr(cost, column)
            lines.append(
                f"{part / calls:11,.0f} {part / profile.total:6.1%} {cost.calls / calls:9.2f} "
                f"{part / max(1, cost.calls):10,.0f}  {function}"
            )
    return lines


if __name__ == "__main__":
    sys.exit(main())
