"""How soon the commands answer, what a replication holds in memory, how long compiling took.

    .venv/bin/python -m benchmarks.startup [--tries 5]

Medians by the clock, with the CPU time beside: on a busy machine the second says more. Exit 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from . import trees
from .runs import Asked, once

REPLICATION_MB = 120.0
BUILD_S = 90.0


class Limit(NamedTuple):
    """A command, and within how many seconds it is done; ``first``: within which its first line is there."""

    words: tuple[str, ...]
    seconds: float
    first: bool = False

    @property
    def name(self) -> str:
        return f"line1555 {' '.join(self.words)}{', first line' if self.first else ''}"


LIMITS = (
    Limit(("--help",), 0.4),
    Limit(("status",), 0.4),
    Limit(("simulate", "1555-week", "--runs", "1"), 1.0, first=True),
)


def shown(tree: Path, tries: int = 5) -> bool:
    """Print all figures of that copy of the tree; whether all limits are kept."""
    kept = True
    for limit in LIMITS:
        times = [_first_line(limit, tree) if limit.first else _whole(limit, tree) for _ in range(tries)]
        by_clock, cpu_s = (median(column) for column in zip(*times, strict=True))
        kept = _told(limit.name, by_clock, limit.seconds, f"s, {cpu_s:.2f} s of CPU") and kept
    peak_mb = once(Asked("week", 168, tree)).peak_mb
    kept = _told("a replication of the week", peak_mb, REPLICATION_MB, "MB") and kept
    took, cpu_s = trees.built_s(tree)
    return _told("compiling", took, BUILD_S, f"s, {cpu_s:.0f} s of CPU") and kept


def _told(name: str, found: float, most: float, unit: str) -> bool:
    print(f"{name:50} {found:8.2f} {unit} (at most {most:g}){'' if found <= most else '  MISSED'}", flush=True)
    return found <= most


def _command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-P", "-c", "from line1555.start import main; main()", *words]


def _whole(limit: Limit, tree: Path) -> tuple[float, float]:
    """Seconds by the clock and of CPU until the command has ended."""
    began, spent = perf_counter(), trees.children_s()
    subprocess.run(_command(limit.words), env=trees.environment(tree), cwd=tree, capture_output=True, check=False)
    return perf_counter() - began, trees.children_s() - spent


def _first_line(limit: Limit, tree: Path) -> tuple[float, float]:
    """Seconds until somebody at a terminal sees something; the command is ended then."""
    ours, theirs = pty.openpty()
    began, spent = perf_counter(), trees.children_s()
    with subprocess.Popen(
        _command(limit.words), env=trees.environment(tree, TERM="xterm"), cwd=tree, stdout=theirs, stderr=theirs,
        stdin=subprocess.DEVNULL,
    ) as command:  # fmt: skip
        os.close(theirs)
        said = b""
        with suppress(OSError):  # the command has ended
            while not said.strip():
                said += os.read(ours, 4096)
        took = perf_counter() - began
        command.terminate()
    os.close(ours)
    return took, trees.children_s() - spent


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.startup", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tries", type=int, default=5)
    asked = parser.parse_args()
    print(trees.interpreter(), flush=True)
    return 0 if shown(trees.ready(compiled=True), asked.tries) else 1


if __name__ == "__main__":
    sys.exit(main())
