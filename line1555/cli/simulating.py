"""Carries out ``line1555 simulate``: reads the plan, runs it, prints what came of it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from calls import SettingsError
from line1555.screen import Screen
from simulator.ask import answer, capacity, tables, vary
from simulator.run import runs
from simulator.run.replication import UnreachableError
from simulator.scenario import Plan

from .options import refuse
from .scenario_files import DIALPLANS, load_scenario, named_scenario


@dataclass(frozen=True, slots=True)
class Asked:
    """What a planner asks for: the options of the command (``line1555/cli/simulate.py``)."""

    scenario: str
    replications: int
    jobs: int | None
    seed: int
    precision: float
    varied: Sequence[str]
    cluster: str
    report: Path | None
    plots: Path | None
    search: bool
    limit: bool
    require: bool
    as_json: bool
    language: str
    dialplans: Path | None


def simulate(asked: Asked) -> None:
    """Run the scenario and print it; ends the command as `--require`, Ctrl-C or wrong use would have it."""
    _check(asked.language, asked.report, asked.plots)
    jobs = asked.jobs or os.cpu_count() or 1
    runs.warm_up(1 if asked.cluster else min(jobs, asked.replications))
    plans, changes = _cases(asked.scenario, asked.dialplans or DIALPLANS, asked.varied)
    if asked.limit and len(plans) > 1:
        refuse("--limit: expected one case, found several by --vary; --vary load=... shows where the limit lies")
    order = runs.RunRequest(asked.replications, asked.seed, asked.precision)
    work = Work(order, jobs, asked.cluster, asked.search, asked.limit)
    try:
        found = work.run(plans, changes)
    except runs.Stopped:
        refuse("stopped before a replication was done: nothing to show", STOPPED)
    except (UnreachableError, runs.ClusterError) as error:
        refuse(str(error))
    _write(asked.report, asked.plots, found, asked.language)
    _show(found, as_json=asked.as_json, language=asked.language, more=work.more(found))
    if found.stopped:
        raise typer.Exit(STOPPED)
    if asked.require and any(answer.verdict(result) is not answer.Verdict.ENOUGH for result in found.results):
        raise typer.Exit(1)


def _check(language: str, report: Path | None, plots: Path | None) -> None:
    if language not in answer.LANGUAGES:
        refuse(f"--language {language}: expected one of {', '.join(answer.LANGUAGES)}")
    if report is not None and (report.is_dir() or not report.parent.is_dir()):
        refuse(f"--report {report}: expected a file in a folder that exists")
    if plots is not None and not (plots.is_dir() or (plots.parent.is_dir() and not plots.exists())):
        refuse(f"--plots {plots}: expected a folder, or a new one in a folder that exists")


def _cases(scenario: str, dialplans: Path, varied: Sequence[str]) -> tuple[list[Plan], list[dict[str, float]]]:
    """The plan once for each combination of what is varied, and these changes."""
    try:
        plan = load_scenario(named_scenario(scenario), dialplans)
        changes = list(vary.combinations([vary.parse(text) for text in varied]))
        return [vary.changed(plan, change) for change in changes], changes
    except (SettingsError, vary.UnknownChangeError) as error:
        refuse(str(error))


STOPPED_WORDS = {
    "en": "STOPPED: what follows is of the replications that were done by then.",
    "el": "ΔΙΑΚΟΠΗ: όσα ακολουθούν είναι από τις επαναλήψεις που είχαν γίνει ως τότε.",
}
MORE_WORDS = {
    "en": "How many seats would be enough? The same command with --search finds out; it takes several times as long.",
    "el": "Πόσες θέσεις θα αρκούσαν; Το βρίσκει η ίδια εντολή με --search, σε πολλαπλάσιο χρόνο.",
}
STOPPED = 130
"""Exit status of whom Ctrl-C ended, as shells have it: 128 and the signal's number."""


@dataclass(frozen=True, slots=True)
class SimulationResults:
    """Results in the order of their changes; of a single case also what was searched. ``stopped``: by Ctrl-C."""

    results: list[runs.Result]
    changes: list[dict[str, float]]
    needed: answer.Searched | None = None
    limit: answer.Searched | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """The runs to make and where, with a bar on stderr."""

    order: runs.RunRequest
    jobs: int
    cluster: str
    search: bool
    limit: bool

    def more(self, found: SimulationResults) -> bool:
        """Tell whether the search for seats can still be asked for."""
        (result, *others) = found.results
        unsure = answer.verdict(result) is not answer.Verdict.ENOUGH and not isnan(result["service_level"].mean)
        return not (others or self.search or found.stopped) and unsure

    def run(self, plans: list[Plan], changes: list[dict[str, float]]) -> SimulationResults:
        """Raises ``Stopped`` where nothing is done yet."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with runs.workers(self.jobs, self.cluster) as pool, Progress(*columns, console=Screen(stderr=True)) as bar:
            at_once = runs.ahead(pool, self.jobs)
            task = bar.add_task("replications", total=self.order.runs * len(plans))
            try:
                results = runs.run_all(plans, self.order, pool, at_once, lambda done: bar.update(task, completed=done))
                found = SimulationResults(results, changes)
                return self._searched(found, pool, at_once, bar) if len(results) == 1 else found
            except runs.Stopped as stopped:
                bar.stop()
                return self._part(stopped, changes, pool)

    def _part(self, stopped: runs.Stopped, changes: list[dict[str, float]], pool: runs.Pool) -> SimulationResults:
        """Give what there is; nothing runs on."""
        runs.end(pool)
        if not stopped.results:
            raise stopped
        return SimulationResults(stopped.results, changes[: len(stopped.results)], stopped=True)

    def _searched(self, found: SimulationResults, pool: runs.Pool, at_once: int, bar: Progress) -> SimulationResults:
        """Search for seats; where it is stopped the case itself is kept."""
        (result,) = found.results
        needed = limit = None
        known = not isnan(result["service_level"].mean)
        try:
            if self.search and known and answer.verdict(result) is not answer.Verdict.ENOUGH:
                say = self._say(bar, "seats")
                needed = capacity.seats_needed(result.plan, self.order, pool, at_once, result, say)
            if self.limit and known:
                limit = capacity.load_limit(result.plan, self.order, pool, at_once, result, self._say(bar, "load"))
        except runs.Stopped:
            bar.stop()
            runs.end(pool)
            return replace(found, needed=needed, stopped=True)
        return replace(found, needed=needed, limit=limit)

    def _say(self, bar: Progress, key: str) -> capacity.Say:
        """A search has a bar of its own, which begins anew with each value that is tried."""
        task = bar.add_task(f"{key} ...", total=self.order.runs)
        return lambda value, done: bar.update(task, description=f"{key} {value:g}", completed=done)


def _write(page: Path | None, folder: Path | None, found: SimulationResults, language: str) -> None:
    if page is None and folder is None:
        return
    from simulator import report  # only here: plots are slow to load

    what = (found.results, found.changes, language, found.needed, found.limit)
    files = {page: report.report(*what)} if page is not None else {}
    if folder is not None:
        files |= {folder / name: drawing for name, drawing in report.pictures(*what).items()}
    for path, text in files.items():
        try:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            refuse(f"{path}: {error.strerror}")


def _show(found: SimulationResults, *, as_json: bool, language: str, more: bool) -> None:
    if as_json:
        first = found.results[0]
        plain: list[dict[str, Any]] = [
            tables.plain(result, found.needed, found.limit)
            | {"changes": change, "stopped": found.stopped}
            | ({} if result is first else {"against_first": tables.plain_change(first, result)})
            for result, change in zip(found.results, found.changes, strict=True)
        ]
        typer.echo(json.dumps(plain[0] if len(plain) == 1 else plain, ensure_ascii=False, indent=1))
        return
    console = Screen()
    if found.stopped:
        console.print(STOPPED_WORDS[language], style="yellow", markup=False)
    for line in tables.rendered(found.results, found.changes, language, found.needed, found.limit):
        console.print(line)
    if more:
        console.print(MORE_WORDS[language], markup=False)
