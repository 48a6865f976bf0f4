"""Options that several commands share, and the one way a command says that it was used wrongly."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from line1555.screen import Screen
from telephony.ami import AmiSettings
from telephony.shipped import shipped

DEFAULT_SITE = shipped("dialplans") / "1555"

SITE_HELP = "Folder with the line's YAML files; without it: the one published last, else the shipped one."
RUN_VARIABLE = "LINE1555_RUN"
SiteOption = Annotated[Path | None, typer.Option("--site", help=SITE_HELP, metavar="DIR")]
SiteArgument = Annotated[Path | None, typer.Argument(help=SITE_HELP, metavar="[DIR]")]
RunOption = Annotated[
    Path,
    typer.Option("--run", help="Folder for journal, secrets, sounds and logs.", metavar="DIR", envvar=RUN_VARIABLE),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print figures as JSON.")]
DEFAULT_RUN = Path("run")
EXCEL = "CSV as a Greek spreadsheet opens it: semicolons, decimal commas; the default with --language el."

errors = Screen(stderr=True, soft_wrap=True)


def refuse(text: str, status: int = 2) -> NoReturn:
    """Say what is wrong and how to go on, and end."""
    errors.print(text, style="red", markup=False)
    raise typer.Exit(status)


def ami_settings(address: str, file: Path | None) -> AmiSettings:
    """An Asterisk that runs already. Its user and secret come from the environment or a file, never from the command.

    The file has two lines, user and secret; the variables are LINE1555_AMI_USER and LINE1555_AMI_SECRET.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        refuse(f"--ami {address}: expected HOST:PORT, e.g. 127.0.0.1:5038")
    user, secret = os.environ.get("LINE1555_AMI_USER", ""), os.environ.get("LINE1555_AMI_SECRET", "")
    if file is not None:
        try:
            user, secret = file.read_text("utf-8").split()[:2]
        except (OSError, ValueError) as error:
            refuse(f"--ami-file {file}: expected two lines, user and secret ({error})")
    if not user or not secret:
        refuse("--ami needs LINE1555_AMI_USER and LINE1555_AMI_SECRET in the environment, or --ami-file FILE")
    return AmiSettings(host, int(port), user, secret)
