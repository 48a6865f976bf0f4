"""``line1555 publish``, ``rollback``, ``versions``, ``diff`` and ``watch``: changes put live, and taken back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from calls import SettingsError
from control.refusals import NotDone
from line1555.extras import MissingExtra, needs
from line1555.live import site_assets, startable
from line1555.live.publishing import put_live
from line1555.screen import Screen
from sites import Site, Version, VersionError, Versions, difference, digest_of, load_site, run_tests, somebody
from sounds import prompts

from .current import folder_of, local_now, zone_of
from .options import DEFAULT_RUN, JsonOption, RunOption, SiteOption, errors, refuse, refuse_as_told
from .site import tell_tests
from .up import progress_bar

DISK = "disk"
JOURNAL = "journal.db"
LOOK_S = 1.0
ByOption = Annotated[str, typer.Option("--by", help="Who; without it: your name on this machine.", metavar="NAME")]


def add(app: typer.Typer) -> None:
    app.command()(publish)
    app.command()(rollback)
    app.command(name="versions")(list_versions)
    app.command()(diff)
    app.command()(watch)


def publish(
    site: SiteOption = None,
    run: RunOption = DEFAULT_RUN,
    why: Annotated[str, typer.Option("--why", help="What for, in a few words.", metavar="TEXT")] = "",
    by: ByOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show all of it, and publish nothing.")] = False,
    no_replay: Annotated[bool, typer.Option("--no-replay", help="Do not replay yesterday.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the folder a version and put it live: checked, its tests run, yesterday replayed; then in one step.

    Callers in the menus finish on the version they began with; queues and agents change at once, also for those who
    wait. Where no line runs in --run, the version is what its next start runs.
    """
    if not why and not dry_run:
        refuse('expected --why "what for": it is what the next person reads in `line1555 versions`')
    folder = folder_of(site, run)
    _in_order(folder, Screen(stderr=True))
    with _publishing(run, as_json) as versions:
        version = versions.stage(folder, by or somebody(), why)
        with _or_discarded(versions, version):
            report = _Report(as_json)
            _look_through(report, versions, version, None if no_replay else run)
            if dry_run:
                versions.discard(version)
                report.end({"version": None})
            else:
                report.end(_go(run, versions, version))


def rollback(
    number: Annotated[
        int, typer.Argument(help="The version whose files come back; without it: the one that ran before.")
    ] = 0,
    run: RunOption = DEFAULT_RUN,
    why: Annotated[str, typer.Option("--why", help="What for, in a few words.", metavar="TEXT")] = "",
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Bring an older version back, as a new one. Quick: it was tested when it was published, so it is only checked."""
    with _publishing(run, as_json) as versions:
        newest = versions.newest()
        wanted = number or (newest.after if newest else 0)
        if not wanted:
            refuse("there is no version to go back to: `line1555 versions`", 1)
        older = versions.card(wanted)
        versions.site(older, startable.problems)  # it is what it was, and this program can read it
        words = why or f"back to version {wanted} ({older.why})"
        version = versions.stage(versions.path(wanted), by or somebody(), words, again=wanted)
        with _or_discarded(versions, version):
            _Report(as_json).end(_go(run, versions, version))


def list_versions(run: RunOption = DEFAULT_RUN, as_json: JsonOption = False) -> None:
    """List what was published: number, when, by whom, what for. The newest one runs."""
    known = Versions(run).all()
    if as_json:
        typer.echo(json.dumps([asdict(version) for version in known], ensure_ascii=False, indent=1))
        return
    zone = zone_of(run)
    table = Table("", "version", "published", "by", "what for", box=None, padding=(0, 2, 0, 0))
    for version in reversed(known):
        mark = "->" if version is known[-1] else ""
        at = datetime.fromisoformat(version.at).astimezone(zone)
        said = (_plain(words) for words in (version.by, version.why))
        table.add_row(mark, str(version.number), f"{at:%Y-%m-%d %H:%M}", *said)
    Screen().print(table if known else f"nothing was published in {run} yet: `line1555 publish`")


def diff(
    old: Annotated[str, typer.Argument(help=f"A version, or `{DISK}`; without it: the newest.", metavar="[A]")] = "",
    new: Annotated[
        str, typer.Argument(help=f"A version, or `{DISK}`; without it: what came after A.", metavar="[B]")
    ] = "",
    site: SiteOption = None,
    run: RunOption = DEFAULT_RUN,
) -> None:
    """Show what differs between two versions, or between a version and the folder on disk."""
    versions = Versions(run)
    try:
        newest = versions.newest()
        first = old or (str(newest.number) if newest else "")
        if not first:
            refuse("nothing was published yet: `line1555 publish`", 1)
        second = new or (str(int(first) + 1) if first.isdigit() and newest and int(first) < newest.number else DISK)
        sides = [folder_of(site, run) if name == DISK else _folder(versions, name) for name in (first, second)]
        _print_diff(difference(*sides))
    except VersionError as error:
        refuse(str(error), 1)


def watch(
    site: SiteOption = None,
    run: RunOption = DEFAULT_RUN,
    live: Annotated[bool, typer.Option("--publish", help="Publish each change that is in order.")] = False,
    seconds: Annotated[float, typer.Option(help="Stop after so long; 0: when told to (Ctrl-C).")] = 0.0,
) -> None:
    """Check the folder at each change, as `check --tests` does; with --publish, what is in order goes live."""
    ends, seen, console = time.monotonic() + seconds if seconds else None, "", Screen()
    folder = folder_of(site, run)
    console.print(f"watching {folder} (Ctrl-C ends it)", markup=False)
    while ends is None or time.monotonic() < ends:
        found = _digest(folder)
        if found == seen or found != _settled(folder):
            time.sleep(LOOK_S)
            continue
        seen = found
        try:
            _in_order(folder, console)
            if live:
                publish(folder, run, why="a change of the folder, seen by `line1555 watch`", no_replay=True)
        except SettingsError as error:
            errors.print(str(error), style="red", markup=False)
        except typer.Exit:
            pass  # it is said why


def _in_order(site: Path, console: Screen) -> None:
    """The folder can be read and its tests pass; told by the names of its own files, not of a copy's.

    Raises ``SettingsError``, or ends the command.
    """
    tested = list(run_tests(load_site(site, startable.problems)))
    tell_tests(tested, console)
    if any(test.problems for test in tested):
        raise typer.Exit(1)


# --- the steps of a publication ---------------------------------------------------------------------------------------


class _Report:
    """Findings on the way, shown as they come or, as JSON, at the end."""

    def __init__(self, as_json: bool) -> None:
        self.console = Screen(quiet=as_json)
        self.found: dict[str, Any] = {}
        self._as_json = as_json

    def end(self, came_of_it: dict[str, Any]) -> None:
        """Print how it ended: all findings as JSON, or what the version is now in words."""
        self.found |= came_of_it
        if self._as_json:
            typer.echo(json.dumps(self.found, ensure_ascii=False, indent=1))
            return
        number = came_of_it["version"]
        if number is None:
            self.console.print("nothing was published (--dry-run)")
        elif not came_of_it["running"]:
            self.console.print(f"version {number} is what the next start runs: no line is up")
        else:
            self.console.print(f"version {number} is live; the switch took {came_of_it['switched_ms']} ms")
        if asterisk := came_of_it.get("asterisk"):
            errors.print(f"Asterisk: {asterisk}", style="yellow", markup=False)


@contextmanager
def _publishing(run: Path, as_json: bool) -> Iterator[Versions]:
    """The versions, while nobody else publishes; what cannot be done ends the command."""
    versions = Versions(run)
    try:
        with versions.alone():
            yield versions
    except (VersionError, prompts.PromptError) as error:
        if as_json and isinstance(error.__cause__, NotDone):
            refuse_as_told(error.__cause__, as_json)
        refuse(str(error), 1)
    except OSError as error:
        refuse(f"{versions.folder}: {error.strerror or error}", 1)


@contextmanager
def _or_discarded(versions: Versions, version: Version) -> Iterator[None]:
    try:
        yield
    except BaseException:
        versions.discard(version)  # where it became a version nothing is left to discard
        raise


def _look_through(report: _Report, versions: Versions, version: Version, run: Path | None) -> None:
    """Look through a site that is in order: what changes, and what that would have done to yesterday."""
    candidate = versions.site(version, staged=True)
    newest = versions.newest()
    if newest is not None:
        lines = difference(versions.path(newest.number), candidate.directory)
        report.found["diff"] = lines
        _print_diff(lines, report.console)
    if newest is not None and run is not None:
        try:
            before = versions.site(newest)
        except SettingsError:  # of an older program, or damaged: the more urgent is the next one
            report.console.print(f"nothing is replayed: version {newest.number} cannot be read any more")
        else:
            _replay_yesterday(report, run, before, candidate)


def _replay_yesterday(report: _Report, run: Path, before: Site, after: Site) -> None:
    """Tell what the change would have done to yesterday's callers; that there were none is no reason not to publish."""
    try:
        with needs("plan"):
            from . import replay as days  # its libraries take long to load, and a rollback is in a hurry
    except MissingExtra as missing:
        report.found["replay"] = None
        report.console.print(f"nothing is replayed: {missing}", markup=False)
        return
    zone = ZoneInfo(before.settings.zone)
    yesterday = (local_now(run, zone) - timedelta(days=1)).date().isoformat()
    report.console.print(f"replaying {yesterday} ...", style="dim")
    try:
        day = days.day_of(run / JOURNAL, yesterday, zone)
        change = days.changed_day(day, before, after)
    except days.NoDayError as error:
        report.found["replay"] = None
        report.console.print(f"nothing is replayed: {error}", markup=False)
        return
    report.found["replay"] = days.plain(day, change)
    days.tell(report.console, day, change)


def _go(run: Path, versions: Versions, version: Version) -> dict[str, Any]:
    site = versions.site(version, staged=True)
    with progress_bar() as progress:
        prompts.make(site_assets.needed_sounds(site), site_assets.sounds_folder(run), progress)
    return put_live(run, versions, version)


# --- odds and ends ----------------------------------------------------------------------------------------------------


def _folder(versions: Versions, name: str) -> Path:
    if not name.isdigit():
        raise VersionError(f"{name} is no version: expected a number, or `{DISK}`")
    return versions.path(versions.card(int(name)).number)


def _print_diff(lines: list[str], console: Screen | None = None) -> None:
    console = console or Screen()
    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in lines or ["no difference"]:
        console.print(_plain(line), style=styles.get(line[:1], ""), markup=False, soft_wrap=True)


def _plain(said: str) -> str:
    """Make text of a file fit to print: nothing in it shall move the terminal's cursor."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in said)


def _digest(site: Path) -> str:
    """Give the digest of the folder as it is now; empty while it cannot be read, as in the middle of a save."""
    try:
        return digest_of(site)
    except OSError:
        return ""


def _settled(site: Path) -> str:
    """The digest a moment later: an editor may be saving several files."""
    time.sleep(LOOK_S)
    return _digest(site)
