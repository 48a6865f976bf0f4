"""How the cost of a call grows with agents, with callers who wait, and with queues.

    .venv/bin/python -m benchmarks.growth [--only WORD]

Counted instructions of the compiled engine (`benchmarks.instructions`), so that a busy machine does not matter; only
the longest step is by the clock of the thread. Exit 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

from . import trees
from .instructions.counting import count, programs
from .runs import Asked, once


class Growth(NamedTuple):
    """A kind at several sizes: the dearest may cost so many times what the first costs."""

    name: str
    kind: str
    sizes: tuple[int, ...]
    most: float


GROWTHS = (
    Growth("a call, by agents", "agents", (140, 14, 1_400, 14_000), 1.2),
    Growth("a call, by callers who wait", "waiting", (10, 1_000, 100_000), 2.0),
    Growth("an announcement, by callers who wait", "announcements", (1_000, 20_000), 1.2),
    Growth("a call, by queues (1,000 agents, estimates)", "queues", (7, 50, 200), 1.5),
)
LONGEST_MS = 20.0
"""No step may take longer, 100,000 callers waiting and all their announcements due."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.growth", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="rows whose name contains this")
    asked = parser.parse_args()
    programs()
    print(trees.interpreter(), flush=True)
    tree = trees.ready(compiled=True)
    kept = [_grown(growth, tree) for growth in GROWTHS if asked.only in growth.name]
    if asked.only in "the longest step":
        kept.append(_longest(tree))
    return 0 if all(kept) else 1


def _grown(growth: Growth, tree: Path) -> bool:
    """Print a row for each size; whether each is within the limit."""
    first, kept = 0.0, True
    for size in growth.sizes:
        each = count(growth.kind, size, tree).each
        first = first or each
        missed = each > growth.most * first
        told = f"{each / first:6.2f} of the first (at most {growth.most:g}){'  MISSED' if missed else ''}"
        print(f"{growth.name:46} {size:8,} {each:12,.0f} instructions {told}", flush=True)
        kept = kept and not missed
    return kept


def _longest(tree: Path) -> bool:
    """Print the longest step there is; whether it is short enough."""
    found = once(Asked("announcements", 100_000, tree))
    longest_ms = found.figure_s * 1e3
    missed = "" if longest_ms <= LONGEST_MS else "  MISSED"
    print(f"the longest step, {found.calls:,} announcements due: {longest_ms:.1f} ms (at most {LONGEST_MS:g}){missed}")
    return not missed


if __name__ == "__main__":
    sys.exit(main())
