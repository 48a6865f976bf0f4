"""What a large dialplan costs: to read and check its YAML, and to take a caller one step through it.

    .venv/bin/python benchmarks/dialplan.py [--nodes 1000] [--steps 100000] [--json]

The shipped site with so many menus more, in a tree of four choices each, every one with a prompt of its own in both
languages. Wall time of ``load_site`` (six files, everything checked), the best of five; then callers who press keys at
random, each step measured alone. Exit 1 where reading takes 2 s or the median step 100 us.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from calls import CallId
from ivr import ALL_KEYS, Input, Session, WalkState
from line1555.cli.default_site import DEFAULT_SITE
from sites import Site, load_site, yamlfile

MOST_S, MOST_US = 2.0, 100.0
ENTRY = "1556"
"""The number whose callers walk through the large tree."""


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(grown(Path(folder, "site"), options.nodes), options.steps)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(f"{name:28} {figure:>12,.1f}")
    return int(figures["load_ms"] >= MOST_S * 1000 or figures["step_p50_us"] >= MOST_US)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def grown(folder: Path, nodes: int) -> Path:
    """The shipped site with a tree of so many menus at a number of its own."""
    shutil.copytree(DEFAULT_SITE, folder)
    menus, prompts, line = (folder / name for name in ("menus.yaml", "prompts.yaml", "line.yaml"))
    with menus.open("a", encoding="utf-8") as file:
        file.writelines(_menu(n, nodes) for n in range(nodes))
    said = "".join(
        f"  big.n{n}:\n    el: Για το θέμα {n}, πατήστε 1.\n    en: For {n}, press 1.\n" for n in range(nodes)
    )
    _replace(prompts, "\nnumbered:\n", f"\n{said}\nnumbered:\n")
    _replace(line, "numbers:\n", f'numbers:\n  "{ENTRY}": {{start: n0}}\n')
    return folder


def _menu(n: int, nodes: int) -> str:
    ways = {key: 4 * n + key for key in range(1, 5)}
    choices = "".join(
        f'      "{key}": {{sets: {{topic: dypa}}, goto: {f"n{to}" if to < nodes else "agent"}}}\n'
        for key, to in ways.items()
    )
    return f"  n{n}:\n    type: menu\n    prompts: [big.n{n}]\n    choices:\n{choices}"


def _replace(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


def measure(folder: Path, steps: int) -> dict[str, float]:
    """All figures."""
    files = sorted(folder.glob("*.yaml"))
    scanned = min(_seconds(lambda: [yamlfile.read(file) for file in files]) for _ in range(5))
    loaded = min(_seconds(lambda: load_site(folder)) for _ in range(5))
    site = load_site(folder)
    spent = sorted(_steps(site, steps))
    return {
        "nodes": len(site.line.menus.nodes),
        "bytes": sum(file.stat().st_size for file in files),
        "scan_ms": scanned * 1e3,
        "load_ms": loaded * 1e3,
        "load_peak_mb": _peak_mb(folder),
        "step_p50_us": statistics.median(spent) / 1e3,
        "step_p99_us": spent[len(spent) * 99 // 100] / 1e3,
    }


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _peak_mb(folder: Path) -> float:
    tracemalloc.start()
    load_site(folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def _steps(site: Site, steps: int) -> Iterator[int]:
    """Nanoseconds of each step of callers who press anything, or nothing."""
    dice, menus = random.Random(1), site.line.menus
    session: Session | None = None
    for _ in range(steps):
        if session is None or session.state is WalkState.DONE:
            session, _acts = Session.begin(CallId("n1-1"), menus, menus.entries[ENTRY])
        key, happened = dice.choice(ALL_KEYS), dice.choice((Input.KEY, Input.KEY, Input.PROMPT_ENDED, Input.SILENCE))
        began = time.perf_counter_ns()
        session.feed(happened, key)
        yield time.perf_counter_ns() - began
        session.take_facts()


if __name__ == "__main__":
    sys.exit(main())
