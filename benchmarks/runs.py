"""Measured runs in turns: one process each, and medians of what stood side by side."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

from . import trees
from .measured import Measured

MEASURED = Path(__file__).with_name("measured.py")


class Asked(NamedTuple):
    """What is to be run: a kind of `measured.py`, how much of it, in which tree."""

    kind: str
    size: float
    tree: Path


class Wanted(NamedTuple):
    """A ratio that must be reached: so much less CPU time a call than ``slow`` does ``fast`` take. 0: only told."""

    fast: str
    slow: str
    least: float


def once(asked: Asked) -> Measured:
    """Run it in a process of its own."""
    words = [sys.executable, "-P", str(MEASURED), asked.kind, str(asked.size)]
    answer = subprocess.run(
        words, env=trees.environment(asked.tree), check=True, stdout=subprocess.PIPE, text=True, cwd=asked.tree
    )
    return Measured(**json.loads(answer.stdout.splitlines()[-1]))


def in_turns(rows: Mapping[str, Asked], pairs: int) -> dict[str, list[Measured]]:
    """Run all rows one after the other, so many times: what is compared has run in the same minutes."""
    done: dict[str, list[Measured]] = {name: [] for name in rows}
    for pair in range(pairs):
        for name, asked in rows.items():
            _progress(f"{pair + 1} of {pairs}: {name}")
            done[name].append(once(asked))
    _progress("")
    return done


def _progress(what: str) -> None:
    """Show at a terminal what runs now."""
    if sys.stderr.isatty():
        print(f"\r{what:60}\r", end="", file=sys.stderr, flush=True)


def ratio(done: Mapping[str, list[Measured]], wanted: Wanted) -> float:
    """The median of the pairs' ratios."""
    pairs = zip(done[wanted.slow], done[wanted.fast], strict=True)
    return median(slow.us / fast.us for slow, fast in pairs)


def row(name: str, found: list[Measured]) -> str:
    """One line: medians, and the span of the CPU time."""
    each = sorted(one.us for one in found)
    one = found[0]
    return (
        f"{name:34} {one.calls:8,} calls {median(each):9.2f} us a call ({each[0]:.2f} to {each[-1]:.2f}) "
        f"{1e6 / median(each):11,.0f}/s {median(o.cpu_s for o in found):8.2f} s  wait {one.figure_s:6.2f} s "
        f"{max(o.peak_mb for o in found):5.0f} MB"
    )


def judged(done: Mapping[str, list[Measured]], ratios: Iterable[Wanted]) -> bool:
    """Print each ratio beside the wanted one; whether all are reached."""
    reached = True
    for wanted in ratios:
        if wanted.fast in done and wanted.slow in done:
            found = ratio(done, wanted)
            reached = reached and found >= wanted.least
            told = f" (wanted {wanted.least:g})" if wanted.least else ""
            missed = "" if found >= wanted.least else "  MISSED"
            print(f"{wanted.fast + ' against ' + wanted.slow:70} {found:7.2f} x{told}{missed}")
    return reached
