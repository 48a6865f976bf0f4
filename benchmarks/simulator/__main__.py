"""How fast router, engine and simulator are, with SimPy and Ciw beside them in the same minutes.

    .venv/bin/python -m benchmarks.simulator [--pairs 5] [--only WORD] [--all] [--json FILE]

Each model runs in a process of its own, in turns; CPU time a call, medians, and the median of the pairs' ratios. The
tree is copied and compiled first (`benchmarks/trees.py`), so it does not matter what was built in it. Then every single
wait of the router's bare floor is compared with the whole engine's. ``--all``: build time, memory and how soon the
commands answer as well. The peers need `pip install simpy==4.1.2 ciw==3.2.7`; without them only ours are run.
Exit 1 where a wait differs or a wanted ratio is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from benchmarks import startup, trees
from benchmarks.runs import Asked, Wanted, in_turns, judged, row

ROUTER, BALANCED, ENGINE = "router, M/M/140+M", "router, seven classes, balanced", "engine, M/M/140+M"
SIMPY, CIW, CIW_SKILLS = "SimPy, M/M/140+M", "Ciw, M/M/140+M", "Ciw, seven classes"
LOADED = "Ciw and its import, M/M/140+M"
"""20,000 calls as their user starts them: the wanted ratios to Ciw were set on this."""
PLAIN = ", plain"
WANTED = (
    Wanted(ROUTER, SIMPY, 8.0),
    Wanted(ROUTER, LOADED, 30.0),
    Wanted(ROUTER, CIW, 0.0),
    Wanted(BALANCED, SIMPY, 7.0),
    Wanted(BALANCED, CIW_SKILLS, 10.0),
    Wanted(ROUTER + PLAIN, SIMPY, 0.7),
    Wanted(ENGINE, SIMPY, 1.5),
    Wanted(ENGINE, LOADED, 5.0),
    Wanted(ENGINE, CIW, 0.0),
)
WAITS = 20_000
"""Callers whose waits are compared."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.simulator", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--all", action="store_true", help="build time, memory and start-up as well")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    asked = parser.parse_args()
    print(trees.interpreter(), flush=True)
    compiled, plain = trees.ready(compiled=True), trees.ready(compiled=False)
    rows = {name: one for name, one in _rows(compiled, plain).items() if asked.only in name}
    done = in_turns(rows, asked.pairs)
    for name, found in done.items():
        print(row(name, found))
    reached = judged(done, WANTED)
    equal = all(_waits(name, compiled) for name in ("router", "balanced"))
    met = not asked.all or startup.shown(compiled)
    if asked.json:
        asked.json.write_text(json.dumps({name: [one._asdict() for one in found] for name, found in done.items()}))
    return 0 if reached and equal and met else 1


def _rows(compiled: Path, plain: Path) -> dict[str, Asked]:
    rows = {
        ROUTER: Asked("router", 100_000, compiled),
        BALANCED: Asked("balanced", 100_000, compiled),
        ENGINE: Asked("engine", 20_000, compiled),
        "week": Asked("week", 168, compiled),
        ROUTER + PLAIN: Asked("router", 20_000, plain),
        ENGINE + PLAIN: Asked("engine", 5_000, plain),
    }
    if find_spec("simpy") is not None:
        rows[SIMPY] = Asked("simpy", 50_000, plain)
    if find_spec("ciw") is not None:
        rows |= {CIW: Asked("ciw", 20_000, plain), LOADED: Asked("ciw_loaded", 20_000, plain)}
        rows[CIW_SKILLS] = Asked("ciw_skills", 20_000, plain)
    return rows


def _waits(name: str, tree: Path) -> bool:
    """Print how many waits of the floor are the whole engine's; whether all are."""
    ask = f"from benchmarks.simulator.systems import SYSTEMS, unequal; print(unequal(SYSTEMS[{name!r}], {WAITS}, 1555))"
    words = [sys.executable, "-P", "-c", ask]
    answer = subprocess.run(words, env=trees.environment(tree), check=True, stdout=subprocess.PIPE, text=True)
    other = int(answer.stdout)
    print(
        f"{name}: {WAITS - other:,} of {WAITS:,} waits are those of the whole engine{'' if not other else '  MISSED'}"
    )
    return not other


if __name__ == "__main__":
    sys.exit(main())
