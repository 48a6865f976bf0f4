"""Make a version of a site's folder where it is in order; choose the version that a starting line runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from calls import SettingsError
from control import status
from control.refusals import NotDone, done
from sites import Site, Version, VersionError, Versions, digest_of, load_site, run_tests, somebody

from . import startable

TAKES_OVER_WITHIN_S = 60.0
FIRST = "the first start"


@dataclass(frozen=True, slots=True)
class Starting:
    """The site that a start runs, and what the operator should know. ``staged``: a version once it has started."""

    site: Site
    told: list[str]
    versions: Versions
    staged: Version | None = None

    def started(self) -> None:
        """Make a version of what has started; what cannot start never becomes one."""
        if self.staged is not None:
            with self.versions.alone():
                self.versions.commit(self.versions.staged(self.staged.number))


def site_to_run(run: Path, said: Path | None, shipped: Path) -> Starting:
    """The newest version, and what the operator should know of the folder ``said``; None: of its own.

    Where nothing was published yet, or this program cannot read it any more, the folder becomes a version; without one,
    what is ``shipped``. Raises ``SettingsError`` where that is broken too.
    """
    versions, told = Versions(run), []
    newest = versions.newest()
    disk = said or (Path(newest.source) if newest else shipped)
    if newest is not None:
        try:
            site = versions.site(newest, startable.problems)
        except SettingsError as error:
            told = [f"version {newest.number} cannot be run: {_briefly(error)}"]
        else:
            return Starting(site, [_state_of(disk, newest, ZoneInfo(site.settings.zone))], versions)
    failed = [problem for test in run_tests(load_site(disk, startable.problems)) for problem in test.problems]
    if failed:
        raise SettingsError(failed)
    with versions.alone():
        version = versions.stage(disk, somebody(), FIRST if newest is None else told[0])
        site = versions.site(version, startable.problems, staged=True)
    return Starting(site, [*told, f"{disk} is version {version.number}, which runs"], versions, version)


def _state_of(disk: Path, newest: Version, zone: ZoneInfo) -> str:
    """Say how the folder differs from what runs."""
    day = datetime.fromisoformat(newest.at).astimezone(zone).date()
    runs = f"version {newest.number} runs ({day}, {newest.by}: {newest.why})"
    if not disk.is_dir():
        return f"{runs}; its folder {disk} is gone"
    if digest_of(disk) == newest.digest:
        return runs
    try:
        load_site(disk, startable.problems)
    except SettingsError as error:
        return f"{disk} IS BROKEN: {_briefly(error)} (`line1555 check {disk}`)\nThe last good one, {runs}"
    return f"{runs}; {disk} has changed since: `line1555 diff`, then `line1555 publish`"


def _briefly(error: SettingsError) -> str:
    more = len(error.problems) - 1
    return f"{error.problems[0]}" + (f", and {more} more" if more else "")


def put_live(run: Path, versions: Versions, version: Version) -> dict[str, object]:
    """The running line takes over what was staged; where none runs, it is what the next start runs.

    Raises ``VersionError`` where the line refuses it, or does not answer.
    """
    try:
        answer = done(status.ask(run, {"order": "publish", "version": version.number}, TAKES_OVER_WITHIN_S))
    except status.Silent as error:
        raise VersionError(f"{error}; `line1555 versions` tells whether version {version.number} is there") from error
    except status.NotRunning:
        versions.commit(version)
        return {"version": version.number, "running": False}
    except NotDone as refused:
        raise VersionError(f"the line refuses version {version.number}: {refused}") from refused
    return {**answer, "running": True}
