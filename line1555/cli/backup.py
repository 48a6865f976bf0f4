"""``line1555 backup`` and ``line1555 restore``: a run directory into one file, while the line runs, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from line1555.live import backup as backups

from .options import DEFAULT_RUN, RunOption, refuse

FileArgument = Annotated[Path, typer.Argument(help="The backup, a .tar.gz.", metavar="FILE", dir_okay=False)]


def add(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)


def backup(file: FileArgument, run: RunOption = DEFAULT_RUN) -> None:
    """Copy journal, records, secrets, versions and messages into one file. The line may run meanwhile."""
    try:
        names = backups.back_up(run.resolve(), file.resolve())
    except backups.BackupError as error:
        refuse(str(error), 1)
    size = file.stat().st_size / 1e6
    typer.echo(f"{file}: {len(names)} files, {size:.1f} MB. It holds numbers and passwords: keep it safe.")


def restore(file: FileArgument, run: RunOption = DEFAULT_RUN) -> None:
    """Make a run directory from a backup; it must be new or empty, and nothing may run in it."""
    try:
        names = backups.restore(file.resolve(), run.resolve())
    except backups.BackupError as error:
        refuse(str(error), 1)
    typer.echo(f"{run}: {len(names)} files are back. Start with: line1555 up --run {run}")
