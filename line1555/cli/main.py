"""The ``line1555`` command. Exit status: 0 done, 1 found problems, 2 wrong use or settings."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from calls import SettingsError
from line1555.compiled import form
from line1555.extras import MissingExtra
from line1555.screen import Screen

from .commands import Commands

app = typer.Typer(
    name="line1555",
    cls=Commands,
    help="The citizens' line 1555: a pure engine in front of a real Asterisk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"line1555 {version('line1555')} ({form()})")
        raise typer.Exit


@app.callback()
def _line1555(
    _: Annotated[
        bool,
        typer.Option("--version", help="Print version and form, and end.", callback=_tell_version, is_eager=True),
    ] = False,
) -> None:
    """The citizens' line 1555: a pure engine in front of a real Asterisk."""


def main() -> None:
    """The entry point; what a user did wrong ends with a message and status 2, never a traceback."""
    try:
        app()
    except (MissingExtra, SettingsError) as error:
        refuse(str(error))


def refuse(text: str) -> NoReturn:
    """Print the text on stderr and leave with exit status 2."""
    Screen(stderr=True, soft_wrap=True).print(text, style="red", markup=False)
    sys.exit(2)
