"""Wait estimates compared on equal callers: ours, app_queue's, LES, HOL, plain Erlang-A.

    .venv/bin/python -m benchmarks.estimates [--cases single,ramp] [--days 3] [--hours 12] [--seed 1] [--by-queue]
                                             [--json FILE]

For each formula the mean absolute error in seconds, in brackets the mean of (said - came), at entry, over callers who
waited and were served. Each day begins with nothing learnt; its first hour is not counted. The line is that of
`benchmarks.routing` with its plain rule (oldest call, longest idle agent). Exit 0, or 2 for wrong use.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from .routing.baselines import Longest
from .routing.case import HOUR_S, Case, draw
from .routing.cases import COMPARED, erlang
from .routing.estimates import Said, Score, Watched, score
from .routing.floor import Floor

FORMULAS = ("ours", "app_queue", "its average", "LES", "HOL", "Erlang-A")


def single() -> Case:
    """One queue, 140 seats, a day near capacity."""
    return replace(erlang(140, 600.0), name="single", about="one queue, 140 erlang, 140 agents, patience 600 s")


def ramp() -> Case:
    """One queue whose load rises to 1.5 times the agents and falls again."""
    busy = tuple((hour * HOUR_S, height) for hour, height in enumerate((1, 1, 1, 1.2, 1.4, 1.6, 1.8, 1.6, 1.4, 1.2, 1)))
    case = erlang(119, 824.0)
    classes = (replace(case.classes[0], busy=busy),)
    return replace(case, name="ramp", about="one queue, 119 to 214 to 119 erlang by steps", classes=classes)


CASES: dict[str, Callable[[], Case]] = {"single": single, "ramp": ramp} | COMPARED


def main(words: Sequence[str] | None = None) -> int:
    wanted = _parser().parse_args(words)
    names = wanted.cases.split(",") if wanted.cases else list(CASES)
    if unknown := [name for name in names if name not in CASES]:
        print(f"no such case: {', '.join(unknown)}; there are {', '.join(CASES)}", file=sys.stderr)
        return 2
    figures: dict[str, object] = {}
    for name in names:
        case = CASES[name]()
        case = case.lasting(wanted.hours) if wanted.hours else case
        said = [one for day in range(wanted.days) for one in watch(case, wanted.seed, day)]
        parts = _parts(case, said, wanted.by_queue)
        print(f"\n{name}: {case.about}", *map(_row, parts), sep="\n", flush=True)
        figures[name] = {part: asdict(figure) for part, figure in parts if figure is not None}
    if wanted.json:
        Path(wanted.json).write_text(json.dumps(figures, indent=1))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.estimates", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", default="", help=f"of {', '.join(CASES)}")
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--hours", type=float, default=0.0, help="counted hours of a day; default: the case's own")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--by-queue", action="store_true")
    parser.add_argument("--json", default="", help="write the figures here too")
    return parser


def watch(case: Case, seed: int, day: int) -> list[Said]:
    """One day; what was said to the callers who count."""
    rule = Watched(case, Longest(case))
    Floor(case.staff(), draw(case, seed, day), rule).run()
    return [one for one in rule.said if case.warm_s <= one.at < case.ends_at]


def _parts(case: Case, said: list[Said], by_queue: bool) -> list[tuple[str, Score | None]]:
    parts = [("all", score(said))]
    if by_queue:
        parts += [(kind.name, score(s for s in said if s.kind == n)) for n, kind in enumerate(case.classes)]
    return parts


def _row(part: tuple[str, Score | None]) -> str:
    name, figure = part
    if figure is None:
        return f"  {name:8} nobody waited"
    said = [f"{formula} {figure.error_s[formula]:.1f} ({figure.bias_s[formula]:+.1f})" for formula in FORMULAS]
    held = f"held {figure.coverage:.1%}, silent {figure.silent:.1%}"
    return f"  {name:8} {figure.callers:6} waited {figure.mean_wait_s:6.1f} s | {'  '.join(said)} | {held}"


if __name__ == "__main__":
    sys.exit(main())
