"""``line1555 staff``: how many seats when, a week's shifts for so many people, and whom to teach what next."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from calls import SettingsError
from line1555.screen import Screen
from simulator.ask.answer import LANGUAGES
from simulator.days.table_files import write_csv
from simulator.run import runs
from simulator.run.replication import UnreachableError
from simulator.run.seed import SEED
from simulator.scenario import Plan
from simulator.staffing import LabourRules, ShiftSettings, StaffingTarget, Trust, export, show
from simulator.staffing.people_week import Week, plan_week, week_of
from simulator.staffing.rules_file import read_rules
from simulator.staffing.seats import CHECKS, Seats, SeatsRequest, find_seats
from simulator.staffing.teaching import Lessons, lessons
from simulator.staffing.trial import SeatTrial, Where

from .options import EXCEL, DialplansOption, FiguresOption, ScenarioArgument, SeedOption, refuse
from .scenario_files import DIALPLANS, load_scenario, named_scenario
from .simulating import STOPPED


def add(app: typer.Typer) -> None:
    app.command(name="staff")(staff)


Target = Annotated[str, typer.Option("--target", help="80/20, 90/10, 'no-wait 95'; perhaps ', wait 15, abandoned 3'.")]
Confidence = Annotated[
    float, typer.Option("--confidence", min=0.5, max=0.9999, help="How sure each half hour has to be.")
]
Replications = Annotated[int, typer.Option("--runs", min=2, max=10_000, help="Replications of each round.")]
Rounds = Annotated[
    int, typer.Option("--rounds", min=0, max=50, help="Rounds of correction at most; 0: Erlang A alone.")
]
Least = Annotated[int, typer.Option("--least", min=0, max=1000, help="Never fewer seats where anybody calls.")]
Most = Annotated[int, typer.Option("--most", min=0, max=100_000, help="Never more; 0: as many as needed.")]
People = Annotated[
    int, typer.Option("--people", min=0, max=100_000, help="Also plan a week's shifts for so many people.")
]
WeekDay = Annotated[str, typer.Option("--week", help="Which week to plan, by one of its days.", metavar="DATE")]
Rules = Annotated[
    Path | None, typer.Option("--rules", help="Labour rules and shifts, where not the defaults.", metavar="FILE")
]
PlanFile = Annotated[Path | None, typer.Option("--plan", help="The shift plan by person, as CSV.", metavar="FILE")]
Teach = Annotated[
    int, typer.Option("--teach", min=0, max=10_000, help="Instead: what one skill more for so many would change.")
]
CsvFile = Annotated[Path | None, typer.Option("--csv", help="The seats by half hour, as CSV.", metavar="FILE")]
Excel = Annotated[bool | None, typer.Option("--excel/--no-excel", help=EXCEL)]
Jobs = Annotated[int, typer.Option("--jobs", min=0, max=256, help="Processes; 0: one for each core.")]
AnswerLanguage = Annotated[str, typer.Option("--language", help="Of the answer: en, el.")]


def staff(
    scenario: ScenarioArgument,
    target: Target = "",
    confidence: Confidence = 0.95,
    replications: Replications = 10,
    rounds: Rounds = 5,
    least: Least = 1,
    most: Most = 0,
    people: People = 0,
    week: WeekDay = "",
    rules: Rules = None,
    plan_file: PlanFile = None,
    teach: Teach = 0,
    csv_file: CsvFile = None,
    excel: Excel = None,
    jobs: Jobs = 0,
    seed: SeedOption = SEED,
    as_json: FiguresOption = False,
    language: AnswerLanguage = "en",
    dialplans: DialplansOption = None,
) -> None:
    """Tell how many seats per half hour, a shift plan for a week, or which skill to teach whom next."""
    _check(language, people, teach, plan_file, csv_file, week)
    order, monday, jobs = runs.RunRequest(replications, seed), _day(week), jobs or os.cpu_count() or 1
    runs.warm_up(jobs)
    with _refusing():
        plan = load_scenario(named_scenario(scenario), dialplans or DIALPLANS)
        wanted = _wanted(plan, target, confidence, order, rounds, least, most or None)
        labour = read_rules(rules, plan.scenario.people.shrinkage if plan.scenario.people else 0.0)
        with _work(jobs) as work:
            if teach:
                found = _lessons(work, plan, teach, order)
                _tell(export.lessons_plain(found), show.lessons_shown(plan, found, teach, language), as_json)
                return
            seats = _seats(work, week_of(plan, monday) if people else plan, wanted, order)
            found_week = _week(work, seats, people, labour, order) if people else None
    _save(seats, csv_file, found_week, plan_file, excel=language == "el" if excel is None else excel)
    _answer(seats, found_week, language, as_json)


@contextmanager
def _refusing() -> Iterator[None]:
    """End the command in one line where it is stopped, or where what it asks for cannot be."""
    try:
        yield
    except runs.Stopped:
        refuse(
            "stopped. Without replications, at once: --rounds 0 (Erlang A alone); with fewer: --runs, --rounds", STOPPED
        )
    except (SettingsError, UnreachableError, ValueError, TimeoutError) as error:
        refuse(str(error))


def _save(seats: Seats, csv_file: Path | None, week: Week | None, plan_file: Path | None, *, excel: bool) -> None:
    _write(csv_file, export.seats_csv(seats, excel=excel))
    if week is not None:
        _write(plan_file, export.week_csv(week, excel=excel))


@dataclass(frozen=True, slots=True)
class _Work:
    """The replications' workers, and the bar on stderr."""

    where: Where
    bar: Progress


@contextmanager
def _work(jobs: int) -> Iterator[_Work]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with runs.workers(jobs) as pool, Progress(*columns, console=Screen(stderr=True)) as bar:
        yield _Work(Where(pool, runs.ahead(pool, jobs)), bar)


def _check(language: str, people: int, teach: int, plan_file: Path | None, csv_file: Path | None, week: str) -> None:
    if language not in LANGUAGES:
        refuse(f"--language {language}: expected one of {', '.join(LANGUAGES)}")
    if teach and (people or csv_file):
        refuse("--teach: expected without --people and --csv: it asks another question, of the scenario's own people")
    if week and not people:
        refuse("--week: expected with --people N")
    if plan_file and not people:
        refuse("--plan: expected with --people N")
    for name, path in (("--plan", plan_file), ("--csv", csv_file)):
        if path is not None and (path.is_dir() or not path.parent.is_dir()):
            refuse(f"{name} {path}: expected a file in a folder that exists")


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        refuse(f"--week {said}: expected a date such as 2026-11-23")


def _wanted(
    plan: Plan, target: str, confidence: float, order: runs.RunRequest, rounds: int, least: int, most: int | None
) -> SeatsRequest:
    """The target of the options, or the scenario's own."""
    own = plan.scenario.target
    named = StaffingTarget.parse(target) if target else StaffingTarget(own.share, own.within_s)
    return SeatsRequest(named, Trust(confidence, runs=order.runs), rounds, least, most)


def _lessons(work: _Work, plan: Plan, count: int, order: runs.RunRequest) -> Lessons:
    task = work.bar.add_task("teach", total=None)
    return lessons(plan, count, order, work.where, lambda done, of: work.bar.update(task, completed=done, total=of))


def _seats(work: _Work, plan: Plan, wanted: SeatsRequest, order: runs.RunRequest) -> Seats:
    """One bar for all rounds and the check; rounds that were not needed count as done."""
    task = work.bar.add_task("seats", total=order.runs * (wanted.rounds + 2 * CHECKS), visible=wanted.rounds > 0)

    def told(number: int, done: float) -> None:
        before = (number - 1 if number > 0 else wanted.rounds - 2 * number) * order.runs
        said = f"round {number}" if number > 0 else f"check {1 - number}"
        work.bar.update(task, description=f"seats, {said}", completed=before + done)

    return find_seats(plan, wanted, order, work.where, told)


def _week(
    work: _Work, seats: Seats, people: int, labour: tuple[LabourRules, ShiftSettings], order: runs.RunRequest
) -> Week:
    task = work.bar.add_task("shift plan", total=None)

    def told(_: int, done: float) -> None:
        work.bar.update(task, description="shift plan, simulated", completed=done, total=2 * order.runs)

    wanted = seats.wanted
    trial = SeatTrial(seats.plan, wanted.target, order, work.where, wanted.trust.confidence, told)
    return plan_week(seats, people, *labour, trial if wanted.rounds else None)


def _write(path: Path | None, text: str) -> None:
    if path is None:
        return
    try:
        write_csv(path, text)
    except OSError as error:
        refuse(f"{path}: {error.strerror}")


def _answer(seats: Seats, week: Week | None, language: str, as_json: bool) -> None:
    plain = export.seats_plain(seats) | ({"week": export.week_plain(week)} if week else {})
    shown = [*show.seats_shown(seats, language), *(show.week_shown(week, language) if week else ())]
    _tell(plain, iter(shown), as_json)
    if week is not None and week.broken:
        raise typer.Exit(1)


def _tell(plain: dict[str, Any], shown: Iterator[RenderableType], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=1))
        return
    console = Screen()
    for part in shown:
        console.print(part)
