"""Options that several commands share, and the one way a command says that it was used wrongly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from control.refusals import NotDone
from line1555.screen import Screen

SITE_HELP = "Folder with the line's YAML files; without it: the one published last, else the shipped one."
RUN_VARIABLE = "LINE1555_RUN"
SiteOption = Annotated[Path | None, typer.Option("--site", help=SITE_HELP, metavar="DIR")]
SiteArgument = Annotated[Path | None, typer.Argument(help=SITE_HELP, metavar="[DIR]")]
RunOption = Annotated[
    Path,
    typer.Option("--run", help="Folder for journal, secrets, sounds and logs.", metavar="DIR", envvar=RUN_VARIABLE),
]
ScenarioArgument = Annotated[str, typer.Argument(help="A shipped scenario's name, or a YAML file.", metavar="SCENARIO")]
DialplansOption = Annotated[Path | None, typer.Option("--dialplans", help="Where sites are, if not the shipped ones.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same figures.")]
FiguresOption = Annotated[bool, typer.Option("--json", help="The figures as JSON, on stdout.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print figures as JSON.")]
DEFAULT_RUN = Path("run")
EXCEL = "CSV as a Greek spreadsheet opens it: semicolons, decimal commas; the default with --language el."

errors = Screen(stderr=True, soft_wrap=True)


def refuse_as_told(error: NotDone, as_json: bool) -> NoReturn:
    """Say what the line refused: in its words, or as it came, with id and details."""
    if as_json:
        typer.echo(json.dumps(error.answer, ensure_ascii=False, indent=1))
        raise typer.Exit(1)
    refuse(str(error), 1)


def refuse(text: str, status: int = 2) -> NoReturn:
    """Say what is wrong and how to go on, and end."""
    errors.print(text, style="red", markup=False)
    raise typer.Exit(status)
