"""This tree against an older commit, in pairs: how much less CPU time the same runs take.

    .venv/bin/python -m benchmarks.pairs [--commit f485f94] [--pairs 5] [--only WORD] [--week-hours 168]

The commit is laid beside this tree in ``build/trees`` and built as it says itself, plain and by its `make compiled`,
with this tree's interpreter and packages; then both run in turns. Exit 1 where a wanted ratio is missed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import trees
from .runs import Asked, Wanted, in_turns, judged, row

COMMIT = "f485f94"
"""The tree before the engine's state became native."""
WANTED = (("engine, plain", 2.0), ("engine, compiled", 0.0), ("week, compiled", 6.0))
THEN = " then"


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.pairs", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--commit", default=COMMIT)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--week-hours", type=float, default=168.0)
    asked = parser.parse_args()
    print(trees.interpreter(), flush=True)
    rows = _rows(asked.commit, asked.week_hours, asked.only)
    done = in_turns(rows, asked.pairs)
    for name, found in done.items():
        print(row(name, found))
    return 0 if judged(done, [Wanted(name, name + THEN, least) for name, least in WANTED]) else 1


def _rows(commit: str, week_hours: float, only: str) -> dict[str, Asked]:
    """Each row of then before the one of now."""
    sizes = {"engine, plain": 4_000.0, "engine, compiled": 10_000.0, "week, compiled": week_hours}
    rows: dict[str, Asked] = {}
    for name, size in sizes.items():
        if only in name:
            kind, form = name.split(", ")
            rows[name + THEN] = Asked(kind, size, _tree(commit, form))
            rows[name] = Asked(kind, size, _tree("", form))
    return rows


def _tree(commit: str, form: str) -> Path:
    return trees.ready(commit, compiled=form == "compiled")


if __name__ == "__main__":
    sys.exit(main())
