"""``line1555 init``: what is shipped, copied to where it can be changed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from telephony.shipped import shipped

from .default_site import DEFAULT_SITE
from .options import refuse

SITE, MONITORING = "site", "monitoring"


def add(app: typer.Typer) -> None:
    app.command()(init)


def init(folder: Annotated[Path, typer.Argument(help="A new folder.", metavar="DIR")]) -> None:
    """Copy the shipped line (DIR/site) and its alert rules and dashboard (DIR/monitoring), to make them your own."""
    if folder.exists():
        refuse(f"{folder} is there already: expected a new folder")
    try:
        shutil.copytree(DEFAULT_SITE, folder / SITE)
        shutil.copytree(shipped("monitoring"), folder / MONITORING)
    except OSError as error:
        refuse(f"{folder}: {error}", 1)
    typer.echo(f"wrote {folder / SITE} and {folder / MONITORING}")
    typer.echo(f"Next: line1555 check {folder / SITE}, then line1555 up --site {folder / SITE}")
