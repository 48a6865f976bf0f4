"""Find the site that a command means where nobody says so, and the time on a running line.

A version that was published says more of this line than the tree that is shipped: its folder is the one to be changed,
its files are what runs.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from calls import SettingsError
from control import status
from sites import Site, VersionError, Versions, load_site

from .default_site import DEFAULT_SITE
from .options import DEFAULT_RUN, RUN_VARIABLE, refuse

CLOCK_WITHIN_S = 2.0


def usual_run() -> Path:
    """The run directory of commands that have no option for it."""
    return Path(os.environ.get(RUN_VARIABLE) or DEFAULT_RUN)


def folder_of(said: Path | None, run: Path | None = None) -> Path:
    """The folder to be changed: the one said, else the newest version's own, else the one that is shipped."""
    if said is not None:
        return said
    newest = Versions(run or usual_run()).newest()
    if newest is None:
        return DEFAULT_SITE
    source = Path(newest.source)
    if not source.is_dir():
        refuse(f"{source}, which version {newest.number} was published from, is gone: name the folder (--site DIR)", 1)
    return source


def site_of(said: Path | None, run: Path) -> Site:
    """The site of what ran in ``run``: the one said, else the newest version, else the one that is shipped.

    Raises ``SettingsError``.
    """
    versions = Versions(run)
    newest = versions.newest() if said is None else None
    if newest is None:
        return load_site(said or DEFAULT_SITE)
    try:
        return versions.site(newest)
    except VersionError as error:
        refuse(str(error), 1)


def local_now(run: Path, zone: ZoneInfo) -> datetime:
    """Give the time by the clock of the line in ``run``; where none runs, this machine's."""
    try:
        shown = str(status.ask(run, within_s=CLOCK_WITHIN_S)["time"])
    except (status.NotRunning, KeyError, ValueError):
        return datetime.now(zone)
    return datetime.fromisoformat(shown).astimezone(zone)


def zone_of(run: Path) -> ZoneInfo:
    """The zone of the newest version that can be read, or of what is shipped."""
    try:
        return ZoneInfo(site_of(None, run).settings.zone)
    except SettingsError:
        return ZoneInfo(load_site(DEFAULT_SITE).settings.zone)
