"""``line1555 status``: what a running line is doing now."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from control import status
from line1555.screen import Screen

from .options import DEFAULT_RUN, JsonOption, RunOption, refuse


def add(app: typer.Typer) -> None:
    app.command(name="status")(show_status)


def show_status(
    run: RunOption = DEFAULT_RUN,
    as_json: JsonOption = False,
    check: Annotated[bool, typer.Option("--check", help="Only what is not well, a row each; exit 1 if so.")] = False,
) -> None:
    """Show what the running line is doing now."""
    try:
        snapshot = status.ask(run)
    except status.NotRunning as error:
        refuse(str(error), 1)
    if check:
        if problems := status.problems(snapshot):
            refuse("\n".join(problems), 1)
        typer.echo("all is well")
    elif as_json:
        print(json.dumps(snapshot, ensure_ascii=False, indent=1))
    else:
        from line1555.readers import board

        Screen().print(board.render(snapshot, "en"))
