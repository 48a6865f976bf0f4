"""``line1555 simulate``: what happens if, by the very engine that answers the phone."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from calls import SettingsError
from simulator import answer, runs, tables, vary
from simulator.replication import UnreachableError
from simulator.scenario import Plan

from .options import refuse
from .scenarios import DIALPLANS, SHIPPED, find_scenario, load_scenario


def add(app: typer.Typer) -> None:
    app.command(name="simulate")(simulate)


def simulate(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario's name, or a YAML file.", metavar="SCENARIO")],
    replications: Annotated[int, typer.Option("--runs", min=1, max=100_000, help="Replications at most.")] = 10,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=256, help="Processes; default: one for each core.")] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same figures.")] = 1555,
    precision: Annotated[
        float, typer.Option("--precision", min=0.0, help="Stop when the service level is known to +- this much.")
    ] = 0.0,
    varied: Annotated[
        list[str] | None,
        typer.Option("--vary", help=f"seats=120:160:5, load=1.2, ... Keys: {vary.KEYS}", metavar="KEY=VALUES"),
    ] = None,
    cluster: Annotated[str, typer.Option("--cluster", help="A Dask scheduler, host:port.", metavar="ADDRESS")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON, on stdout.")] = False,
    language: Annotated[str, typer.Option("--language", help="Of table and report: en, el.")] = "en",
    dialplans: Annotated[Path, typer.Option("--dialplans", help="Where sites are.")] = DIALPLANS,
) -> None:
    """Run a scenario: many replications on virtual time, with confidence intervals, and a plain answer."""
    if language not in answer.LANGUAGES:
        refuse(f"{language!r}: expected one of {', '.join(answer.LANGUAGES)}")
    plan = _plan(scenario, dialplans)
    try:
        changes = list(vary.combinations([vary.parse(text) for text in varied or ()]))
        plans = [vary.changed(plan, change) for change in changes]
    except vary.UnknownChangeError as error:
        refuse(str(error))
    order = runs.Order(replications, seed, precision)
    try:
        results = _run(plans, order, jobs or os.cpu_count() or 1, cluster)
    except UnreachableError as error:
        refuse(str(error), 1)
    _show(results, changes, as_json=as_json, language=language)


def _plan(name: str, dialplans: Path) -> Plan:
    path = find_scenario(name)
    if path is None:
        refuse(
            f"no scenario {name}: a YAML file, or one of {', '.join(sorted(p.stem for p in SHIPPED.glob('*.yaml')))}"
        )
    try:
        return load_scenario(path, dialplans)
    except SettingsError as error:
        refuse(str(error))


def _run(plans: list[Plan], order: runs.Order, jobs: int, cluster: str) -> list[runs.Result]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    results: list[runs.Result] = []
    with runs.workers(jobs, cluster) as pool, Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("replications", total=order.runs * len(plans))
        for number, plan in enumerate(plans):
            base = number * order.runs
            told = lambda done, base=base: progress.update(task, completed=base + done)  # noqa: E731
            results.append(runs.run(plan, order, pool, 2 * jobs, told))
    return results


def _show(results: list[runs.Result], changes: list[dict[str, float]], *, as_json: bool, language: str) -> None:
    if as_json:
        plain: list[dict[str, Any]] = [
            tables.plain(result) | {"changes": change} for result, change in zip(results, changes, strict=True)
        ]
        typer.echo(json.dumps(plain[0] if len(plain) == 1 else plain, ensure_ascii=False, indent=1))
        return
    console = Console()
    for line in tables.rendered(results, changes, language):
        console.print(line)
