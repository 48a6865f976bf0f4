"""``line1555 replay``: a recorded day with other menus, queues or agents, before anybody hears them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from calls import ContractError
from line1555.live import journalled
from line1555.screen import Screen
from simulator.days import day_files
from simulator.days.recorded import Recorded, recorded
from simulator.days.replay import LONGER_S, ReplayDifference, compare, replay
from simulator.run.replication import UnreachableError
from sites import Site, load_site

from .current import site_of
from .options import DEFAULT_RUN, JsonOption, RunOption, SiteOption, refuse

WITHIN_S = 20.0
SEED = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of what a change may do; None: no such limit."""

    within: float | None = None
    worst_wait_s: float | None = None
    longer: int | None = None

    def broken(self, change: ReplayDifference) -> list[str]:
        """Name the limits that the changed line breaks, in words."""
        after = change.after
        found = []
        if self.within is not None and after.within(WITHIN_S) < self.within:
            found.append(f"answered within {WITHIN_S:g} s: {after.within(WITHIN_S):.1%}, at least {self.within:.1%}")
        topic, wait_s = after.worst_topic
        if self.worst_wait_s is not None and wait_s > self.worst_wait_s:
            found.append(f"mean wait of {topic}: {wait_s:.1f} s, at most {self.worst_wait_s:g} s")
        if self.longer is not None and len(change.longer) > self.longer:
            found.append(
                f"callers who would wait over {LONGER_S:g} s longer: {len(change.longer)}, at most {self.longer}"
            )
        return found


DayFolder = Annotated[
    Path | None,
    typer.Option("--day", help="A day as CSV (calls.csv, people.csv) in place of the journal.", metavar="DIR"),
]


def add(app: typer.Typer) -> None:
    app.command(name="replay")(replay_day)


def replay_day(
    changed: Annotated[Path, typer.Argument(help="Folder with the changed YAML files.", metavar="SITE")],
    site: SiteOption = None,
    run: RunOption = DEFAULT_RUN,
    date: Annotated[str, typer.Option("--date", help="Only this local day of the journal, e.g. 2026-11-24.")] = "",
    day_folder: DayFolder = None,
    save: Annotated[
        Path | None, typer.Option("--save", help="Also write the recorded day as CSV into this folder.", metavar="DIR")
    ] = None,
    excel: Annotated[
        bool, typer.Option("--excel", help="--save as a Greek spreadsheet opens it: semicolons, decimal commas.")
    ] = False,
    least_within: Annotated[
        float | None, typer.Option("--least-within", min=0, max=1, help=f"Share answered within {WITHIN_S:g} s.")
    ] = None,
    most_wait: Annotated[
        float | None, typer.Option("--most-wait", min=0, help="Mean wait of the worst topic, s.", metavar="SECONDS")
    ] = None,
    most_longer: Annotated[
        int | None, typer.Option("--most-longer", min=0, help=f"Callers who wait over {LONGER_S:g} s longer.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="For what the journal cannot know.")] = SEED,
    as_json: JsonOption = False,
) -> None:
    """Run a recorded day on changed settings; exit 1 where a limit is broken, so it can guard a change."""
    before, after = site_of(site, run), load_site(changed)
    if day_folder is not None and date:
        refuse("--date is for a journal: expected it without --day")
    try:
        day = _day(run / "journal.db", date, day_folder, before)
        if save is not None:
            _save(day, save, ZoneInfo(before.settings.zone), excel)
        change = changed_day(day, before, after, seed)
    except NoDayError as error:
        refuse(str(error), 1)
    broken = Limits(least_within, most_wait, most_longer).broken(change)
    _show(day, change, broken, seed, as_json)
    if broken:
        raise typer.Exit(1)


class NoDayError(LookupError):
    """A day that cannot be replayed; the text says why."""


def day_of(journal: Path, date: str, zone: ZoneInfo) -> Recorded:
    """The journal's day of that local date; all of it without one. Raises ``NoDayError``."""
    try:
        clock = journalled.clock(journal)
        if not date:
            return recorded(journalled.steps(journal), None, clock.of_day(-inf))
        midnight = datetime.fromisoformat(date).replace(tzinfo=zone).timestamp()
        steps = journalled.steps(journal, clock.earliest(midnight))
        return recorded(steps, lambda now: clock.local(now, zone).date().isoformat() == date, clock.of_day(midnight))
    except ValueError as error:
        raise NoDayError(f"{journal}: {error}{f' on {date}' if date else ''}") from None
    except (sqlite3.Error, OSError):
        raise NoDayError(f"there is no journal in {journal.parent}: has the line been up there? (--run DIR)") from None
    except ContractError as error:
        raise NoDayError(f"the journal was written by another version: {error}") from None


def changed_day(day: Recorded, before: Site, after: Site, seed: int = SEED) -> ReplayDifference:
    """The day on both settings. Raises ``NoDayError`` where a caller's wish has no way in one of them."""
    try:
        was = replay(day, before.line, seed, before.settings.zone)
        would = replay(day, after.line, seed, after.settings.zone)
    except UnreachableError as error:
        raise NoDayError(f"{after.directory}: {error}") from None
    return compare(was, would)


def _day(journal: Path, date: str, folder: Path | None, site: Site) -> Recorded:
    """The day of the journal, or of CSV files: wrong ones end the command as a wrong dialplan does."""
    zone = ZoneInfo(site.settings.zone)
    return day_of(journal, date, zone) if folder is None else day_files.read(folder, zone, site.line.agents)


def _save(day: Recorded, folder: Path, zone: ZoneInfo, excel: bool) -> None:
    try:
        day_files.write(day, folder, zone, excel=excel)
    except OSError as error:
        refuse(f"--save {folder}: {error.strerror}")


def _show(day: Recorded, change: ReplayDifference, broken: Sequence[str], seed: int, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(plain(day, change, broken), ensure_ascii=False, indent=1))
    else:
        tell(Screen(), day, change, broken, seed)


def plain(day: Recorded, change: ReplayDifference, broken: Sequence[str] = ()) -> dict[str, Any]:
    """The difference, JSON-ready."""
    ways = {"recorded settings": change.before, "changed settings": change.after}
    return {
        "calls": len(day.calls),
        "recorded_within": day.within(WITHIN_S),
        "ways": {
            name: {
                "offered": len(way.waits),
                "within": way.within(WITHIN_S),
                "mean_waits_s": way.mean_waits(),
                "worst_topic": way.worst_topic[0],
                "missing_agents": way.missing,
            }
            for name, way in ways.items()
        },
        "longer": [{"caller": who, "before_s": was, "after_s": would} for who, was, would in change.longer],
        "shorter": change.shorter,
        "broken": list(broken),
    }


def tell(
    console: Screen, day: Recorded, change: ReplayDifference, broken: Sequence[str] = (), seed: int = SEED
) -> None:
    """The difference as a table."""
    before, after = change.before, change.after
    console.print(f"Behind each figure: the recorded day, once each way (seed {seed}). What it cannot know is drawn.")
    console.print(f"{len(day.calls)} calls; as recorded {day.within(WITHIN_S):.1%} answered within {WITHIN_S:g} s")
    table = Table("", "settings of then, replayed", "changed settings")
    table.add_row(f"answered within {WITHIN_S:g} s", f"{before.within(WITHIN_S):.1%}", f"{after.within(WITHIN_S):.1%}")
    waits = before.mean_waits(), after.mean_waits()
    for topic in sorted(waits[0].keys() | waits[1].keys()):
        cells = (f"{wait[topic]:.1f}" if topic in wait else "-" for wait in waits)
        table.add_row(f"mean wait of {topic}, s", *cells)
    table.add_row("worst topic", before.worst_topic[0], after.worst_topic[0])
    console.print(table)
    console.print(
        f"{len(change.longer)} would wait over {LONGER_S:g} s longer, {change.shorter} over {LONGER_S:g} s less"
    )
    for who, was, would in change.longer[:5]:
        topic = after.topics[who]
        console.print(f"  caller {who + 1} ({topic}): {was:.0f} s -> {would:.0f} s")
    if after.missing:
        console.print(f"agents of that day who are not in the changed settings: {', '.join(after.missing)}")
    for line in broken:
        console.print(f"broken: {line}", style="red")
