"""``line1555 load``: a scenario as real SIP calls on a real Asterisk, and how near the simulator comes to them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from calls import SettingsError
from line1555.live import startable
from line1555.live.rehearsal import Phones, RehearsalOptions, RehearsalResult, play
from line1555.screen import Screen
from simulator.ask.agreement import Agreement, AgreementRow
from simulator.ask.lapse import Lapse, LapsePeriod, lapse
from simulator.run.replication import UnreachableError
from simulator.scenario.schema import seconds_of
from simulator.sip.scripted import LIMIT as MOST_PYVOIP
from sites import Site, load_site

from .options import DEFAULT_RUN, DialplansOption, JsonOption, RunOption, ScenarioArgument, refuse
from .scenario_files import DIALPLANS, load_scenario, named_scenario
from .up import WRONG, log_to

MOST_AGENTS = 140
"""Phones that fit on one machine; see docs/scenarios.md."""
PYVOIP_PICK_UP_S = 1.5
"""pyVoIP rings for a second at least."""
VOICE_UP_TO = 20
"""Agents up to which callers send sound if nothing is said: more of it costs more than the line itself."""
MOVED = 20
"""Simulations with every arrival a little late or early: how much of a difference a real call's set-up may make."""


def add(app: typer.Typer) -> None:
    app.command(name="load")(load)


Agents = Annotated[
    int, typer.Option("--agents", min=1, max=MOST_AGENTS, help="Phones; callers in the same proportion to the seats.")
]
Begins = Annotated[str, typer.Option("--from", help="Local time of the scenario's first day.", metavar="HH:MM")]
Minutes = Annotated[float, typer.Option("--minutes", min=0.2, max=240, help="How long calls come, real time.")]
Speed = Annotated[float, typer.Option("--speed", min=1, max=60, help="Everything people do is so many times as fast.")]
Factor = Annotated[float, typer.Option("--load", min=0.01, max=10, help="Factor on the callers.")]
PhonesOption = Annotated[
    Phones, typer.Option("--phones", help=f"Agents' phones; pyvoip for at most {MOST_PYVOIP} agents.")
]
Voice = Annotated[
    bool | None, typer.Option("--voice/--no-voice", help=f"Callers send sound; default: up to {VOICE_UP_TO} agents.")
]
Within = Annotated[
    float | None,
    typer.Option("--within", min=0, help="Exit with 1 where the mean waits are further apart.", metavar="SECONDS"),
]
CallersSeed = Annotated[int, typer.Option("--seed", min=0, help="The same seed brings the same callers.")]
Keep = Annotated[bool, typer.Option("--keep", help="Leave journal, records and logs of the run behind.")]


def load(
    scenario: ScenarioArgument,
    agents: Agents = 20,
    begins: Begins = "10:30",
    minutes: Minutes = 3.0,
    speed: Speed = 10.0,
    factor: Factor = 1.0,
    phones: PhonesOption = Phones.BARESIP,
    voice: Voice = None,
    within: Within = None,
    seed: CallersSeed = 1,
    run: RunOption = DEFAULT_RUN,
    keep: Keep = False,
    as_json: JsonOption = False,
    dialplans: DialplansOption = None,
) -> None:
    """Play a stretch of a scenario with real calls, simulate the same callers, and print the difference.

    Brings up an Asterisk of its own on loopback, beside a line that may be running. Exit 1 where a call was lost.
    """
    if phones is Phones.PYVOIP and agents > MOST_PYVOIP:
        refuse(f"--agents {agents}: at most {MOST_PYVOIP} with --phones pyvoip; --phones baresip takes {MOST_AGENTS}")
    pick_up_s = PYVOIP_PICK_UP_S if phones is Phones.PYVOIP else None
    wanted = LapsePeriod(agents, _seconds(begins), minutes, speed, factor, pick_up_s)
    site, stretch = _drawn(scenario, wanted, seed, dialplans or DIALPLANS)
    moved = [stretch.simulated(jitter) for jitter in range(1, MOVED + 1)]
    with _folder(run, keep=keep) as folder:
        played = _played(site, stretch, folder, phones, agents <= VOICE_UP_TO if voice is None else voice)
    within_s = stretch.plan.scenario.target.within_s
    found = LoadResult(stretch, played, Agreement(played.waits, stretch.simulated(), moved, within_s))
    _show(found, as_json)
    apart = abs(found.row("mean_wait_s").difference)
    if within is not None and apart > within:
        refuse(f"--within {within:g}: the mean waits are {apart:.2f} s apart", 1)
    if played.lost:
        raise typer.Exit(1)


def _show(found: LoadResult, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found.plain(), ensure_ascii=False, indent=1))
    else:
        found.tell(Screen())


def _drawn(scenario: str, wanted: LapsePeriod, seed: int, dialplans: Path) -> tuple[Site, Lapse]:
    """The scenario's line, and who calls it; what cannot be played ends the command before anything is started."""
    try:
        plan = load_scenario(named_scenario(scenario), dialplans)
        if plan.scenario.site is None:
            refuse(f"{scenario}: it has a plain line, without menus and phones; expected a scenario with a site")
        site, stretch = load_site(dialplans / plan.scenario.site, startable.problems), lapse(plan, wanted, seed)
        for row in range(len(stretch.citizens.at)):
            stretch.path(row)
    except (SettingsError, UnreachableError) as error:
        refuse(str(error))
    except ValueError as error:
        refuse(f"{scenario}: {error}; another --from, or more --minutes or --load")
    # Hours and dates of the menus are the real line's, which has today's.
    return site, replace(stretch, plan=replace(stretch.plan, begins=time.time()))


def _seconds(clock: str) -> float:
    hours, _, minutes = clock.partition(":")
    if not (hours.isdigit() and minutes.isdigit() and int(hours) < 24 and int(minutes) < 60):
        refuse(f"--from {clock}: expected a time of day such as 10:30")
    return seconds_of(clock)


@contextlib.contextmanager
def _folder(run: Path, *, keep: bool) -> Iterator[Path]:
    """A run directory for this play alone; the prompts are those of ``run``, spoken once."""
    (run / "sounds").mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="load-", dir=run))
    (folder / "sounds").symlink_to((run / "sounds").resolve(), target_is_directory=True)
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _played(site: Site, stretch: Lapse, folder: Path, phones: Phones, voice: bool) -> RehearsalResult:
    """The real calls, with a bar on stderr; what keeps the line or its phones from starting ends the command."""
    log_to(folder, echo=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Screen(stderr=True), transient=True) as bars:
        prompts = bars.add_task("prompts", total=None)
        calls = bars.add_task("calls", total=len(stretch.citizens.at))
        how = RehearsalOptions(
            phones,
            voice,
            lambda over: bars.update(calls, completed=over),
            lambda done, total: bars.update(prompts, completed=done, total=total),
        )
        try:
            return asyncio.run(play(site, stretch, folder, how))
        except (*WRONG, TimeoutError) as error:
            refuse(f"{error or 'the phones did not register in time'} (logs: {folder}/log, with --keep)", 1)


WORDS = {
    "offered": "callers in a queue",
    "abandoned": "gave up",
    "within": "answered within {within:g} s",
    "mean_wait_s": "mean wait, s",
    "p50_s": "half waited at most, s",
    "p95_s": "95 % waited at most, s",
    "longest_s": "longest wait, s",
}


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The calls that were played, and how near the simulation is."""

    stretch: Lapse
    played: RehearsalResult
    agreement: Agreement

    def row(self, name: str) -> AgreementRow:
        """Give the agreement's row of this name, which must be there."""
        return next(row for row in self.agreement.rows() if row.name == name)

    def plain(self) -> dict[str, Any]:
        """Give the result as ``--json`` prints it; waits and ``apart_s`` in seconds."""
        return {
            "calls": len(self.stretch.citizens.at),
            "agents": self.stretch.staff.seats,
            "lost": self.played.lost.total(),
            "lost_how": dict(self.played.lost),
            "oddities": dict(self.played.oddities),
            "figures": [asdict(row) | {"difference": row.difference} for row in self.agreement.rows()],
            "same_end": self.agreement.same_end(),
            "apart_s": {share: self.agreement.apart_s(share) for share in (0.5, 0.95)},
        }

    def tell(self, console: Screen) -> None:
        """Print the result for people: the two days side by side, then what was lost and what was odd."""
        table = Table("", "real calls", "simulated", "difference", f"{MOVED} times, arrivals moved")
        for column in table.columns[1:]:
            column.justify = "right"
        for row in self.agreement.rows():
            words = WORDS[row.name].format(within=self.agreement.within_s)
            cells = (_cell(row.name, figure) for figure in (row.real, row.simulated, row.difference))
            table.add_row(words, *cells, f"{_cell(row.name, row.low)} to {_cell(row.name, row.high)}")
        console.print(f"{len(self.stretch.citizens.at)} real calls to {self.stretch.staff.seats} agents")
        console.print(table)
        half, most = self.agreement.apart_s(0.5), self.agreement.apart_s(0.95)
        console.print(
            f"The two waits of a caller are at most {half:.2f} s apart for half of them, {most:.2f} s for 95 %;"
        )
        console.print(f"{self.agreement.same_end():.1%} ended the same way both times.")
        lost, how = self.played.lost.total(), ", ".join(f"{name} {n}" for name, n in self.played.lost.items())
        console.print(f"{lost} calls lost{f': {how}' if lost else ''}", style="red" if lost else "")
        if self.played.oddities:
            console.print(f"noted by the line: {dict(self.played.oddities)}")


def _cell(name: str, figure: float) -> str:
    form = {"abandoned": ".1%", "within": ".1%", "offered": "g"}.get(name, ".2f")
    return f"{figure:{form}}"
