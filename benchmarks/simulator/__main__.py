"""How fast the simulator is, and how much faster than its peers: `python -m benchmarks.simulator`.

    .venv/bin/python -m benchmarks.simulator [--calls 20000] [--only NAME] [--json]

Each model runs in a process of its own, one after the other; CPU seconds (user and system) of the run itself, peak
memory of the process. ``router``: the production distributor, agents and queues on a bare floor
(`benchmarks.routing.floor`); ``engine``: the whole engine under `simulator.run.replication`, facts and all. The peers
need `pip install simpy==4.1.2 ciw==3.2.7`; without them only ours are run.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context

from .models import MODELS, Timed, timed

NEEDS = {"SimPy": "simpy", "Ciw": "ciw"}
RATIOS = (
    ("M/M/140+M, router", "M/M/140+M, SimPy", 3.0),
    ("M/M/140+M, router", "M/M/140+M, Ciw", 10.0),
    ("M/M/140+M, engine", "M/M/140+M, SimPy", 3.0),
    ("M/M/140+M, engine", "M/M/140+M, Ciw", 10.0),
    ("skills, router", "skills, Ciw", 10.0),
)
"""(ours, theirs, wanted ratio of callers per CPU second)."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--only", default="", help="models whose name contains this")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    done: dict[str, Timed] = {}
    for name in MODELS:
        needed = next((module for word, module in NEEDS.items() if word in name), None)
        if asked.only in name and (needed is None or find_spec(needed) is not None):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
                done[name] = alone.submit(timed, name, asked.calls, 1555).result()
            print(_row(name, done[name]), file=sys.stderr if asked.json else sys.stdout, flush=True)
    ratios = {f"{a} / {b}": done[a].per_second / done[b].per_second for a, b, _ in RATIOS if a in done and b in done}
    if asked.json:
        print(json.dumps({name: one._asdict() for name, one in done.items()} | {"ratios": ratios}, indent=1))
        return
    for ours, theirs, wanted in RATIOS:
        if (key := f"{ours} / {theirs}") in ratios:
            print(f"{key:45} {ratios[key]:6.2f} (wanted {wanted:g})")


def _row(name: str, one: Timed) -> str:
    return (
        f"{name:22} {one.calls:8,} callers {one.cpu_s:8.2f} s  {one.per_second:10,.0f} callers/s  "
        f"{one.cpu_s / one.calls * 1e6:7.1f} us each  mean wait {one.wait_s:6.2f} s  {one.peak_mb:5.0f} MB"
    )


if __name__ == "__main__":
    main()
