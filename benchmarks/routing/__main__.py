"""Routing rules on equal callers: one table for each case.

    .venv/bin/python -m benchmarks.routing [--cases a,b] [--rules x,y] [--days 5] [--hours 12] [--seed 1] [--jobs 2]
                                           [--json FILE]

Days are independent and equal for all rules. The mean wait is of all callers, those who gave up included, with the
95 % confidence interval over the days; busy and quiet days make it wide. "Against reference" is the difference to the
reference (longest_idle where it runs, else the first) day by day on the same callers: much narrower. Compare occupancy
spreads only over equal numbers of days. ``--cases all`` adds the systems with known figures. Exit 0; 2 for wrong use.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TextColumn
from rich.table import Table

from .cases import ALL, COMPARED
from .contest import Job, case_of, rules, run
from .figures import Day, Result, result

COLUMNS = (
    "mean wait s", "against reference", "ASA s", "P50", "P95", "P99", "worst topic P99",
    "abandoned", "in 20 s", "occupancy", "its sd", "max-min",
)  # fmt: skip

REFERENCE = "longest_idle"

Results = dict[str, Result]


def main(words: Sequence[str] | None = None) -> int:
    wanted = _parser().parse_args(words)
    cases = _chosen(wanted.cases, COMPARED, ALL)
    names = _chosen(wanted.rules, rules(), rules())
    if cases is None or names is None:
        return 2
    console = Console(width=None if sys.stdout.isatty() else 160)
    results: dict[str, Results] = {}
    for case, done in _all(cases, names, wanted):
        results[case] = done
        console.print(_table(case, done))
    if wanted.json:
        plain = {case: {name: r.plain() for name, r in done.items()} for case, done in results.items()}
        Path(wanted.json).write_text(json.dumps(plain, indent=1))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.routing", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", default="", help=f"of {', '.join(ALL)}; or all")
    parser.add_argument("--rules", default="", help=f"of {', '.join(rules())}")
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--hours", type=float, default=0.0, help="counted hours of a day; default: the case's own")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", default="", help="write the figures here too")
    return parser


def _chosen(words: str, usual: Collection[str], every: Collection[str]) -> list[str] | None:
    """The names asked for; None and a word about it where there is no such name."""
    names = list(every if words == "all" else words.split(",") if words else usual)
    if unknown := [name for name in names if name not in every]:
        print(f"no such name: {', '.join(unknown)}; there are: {', '.join(every)}", file=sys.stderr)
        return None
    return names


def _all(cases: Sequence[str], names: Sequence[str], wanted: argparse.Namespace) -> Iterator[tuple[str, Results]]:
    """Each case as soon as its last run has ended."""
    shown = (*Progress.get_default_columns(), TextColumn("{task.fields[case]}"))
    progress = Progress(*shown, console=Console(stderr=True))
    total = len(cases) * len(names) * wanted.days
    with ProcessPoolExecutor(wanted.jobs) as pool, progress:
        task = progress.add_task("runs", total=total, case="")
        for case in cases:
            progress.update(task, case=case)
            jobs = [Job(case, name, wanted.seed, day, wanted.hours) for name in names for day in range(wanted.days)]
            days: dict[str, list[Day]] = {name: [] for name in names}
            for job, day in zip(jobs, pool.map(run, jobs), strict=True):
                days[job.rule].append(day)
                progress.advance(task)
            house = case_of(case, wanted.hours)
            yield case, {name: result(house, own) for name, own in days.items()}


def _table(name: str, done: Results) -> Table:
    case = case_of(name)
    table = Table(title=f"{name}: {case.about} ({case.erlang():.1f} erlang, {len(case.seats)} agents)")
    table.add_column("rule", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right")
    reference = done.get(REFERENCE, next(iter(done.values())))
    for rule, figures in done.items():
        table.add_row(rule, *_row(figures, reference))
    return table


def _row(r: Result, reference: Result) -> list[str]:
    seconds = [r.total.asa, r.total.p50, r.total.p95, r.total.p99, r.worst_p99]
    shares = [r.total.lost, r.total.within, r.occupancy, r.occupancy_sd, r.occupancy_range]
    mean = f"{r.total.wait:.2f} +- {r.wait_ci:.2f}"
    gap = "" if r is reference else "{:+.2f} +- {:.2f}".format(*r.against(reference))
    return [mean, gap, *(f"{s:.1f}" for s in seconds), *(f"{share:.2%}" for share in shares)]


if __name__ == "__main__":
    sys.exit(main())
