"""``line1555 asterisk fetch``: an Asterisk for the line to start, found on this machine or brought from Debian."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from telephony.asterisk import fetch as asterisk
from telephony.shipped import asterisk_home

from .options import refuse


def add(app: typer.Typer) -> None:
    group = typer.Typer(help="The Asterisk that `line1555 up` starts.", no_args_is_help=True)
    group.callback()(_group)
    group.command()(fetch)
    app.add_typer(group, name="asterisk")


def _group() -> None:
    """The Asterisk that `line1555 up` starts."""


def fetch(
    suite: Annotated[
        str,
        typer.Option(
            help=f"Debian suite to take it from; without it: {asterisk.DEFAULT_SUITE}.", envvar="ASTERISK_SUITE"
        ),
    ] = "",
    home: Annotated[Path | None, typer.Option(help="Folder to fill instead of the usual one.", metavar="DIR")] = None,
    no_host: Annotated[bool, typer.Option("--no-host", help="Do not use an Asterisk on PATH.")] = False,
) -> None:
    """Use the Asterisk on PATH, where it is new enough; else unpack Debian's own into a folder. Needs no root."""
    folder = (home or asterisk_home()).resolve()
    wanted = asterisk.FetchRequest(
        suite or asterisk.DEFAULT_SUITE, not no_host, lambda text: typer.echo(f"asterisk: {text}")
    )
    try:
        version = asterisk.fetch(folder, wanted)
    except asterisk.CannotError as error:
        refuse(str(error))
    typer.echo(f"asterisk: {version} is ready ({folder / asterisk.LAUNCH})")
