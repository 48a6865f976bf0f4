"""``line1555 person``: what is kept of one citizen, out or away."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy.exc import SQLAlchemyError

from calls import mask
from control.refusals import NotDone
from line1555.live import audit
from line1555.live.person import ErasureRefused, Errors, PersonStores, export, forget
from records.person import NoNumber, Person

from .current import site_of
from .options import DEFAULT_RUN, JsonOption, RunOption, SiteOption, refuse, refuse_as_told

T = TypeVar("T")

NumberArgument = Annotated[
    str, typer.Argument(help="The citizen's number, as they write it: 6941234567, +30 694 123 4567.", metavar="NUMBER")
]

app = typer.Typer(help="What is kept of one citizen: out of it as files, or away.", no_args_is_help=True)


def add(to: typer.Typer) -> None:
    to.add_typer(app, name="person")


@app.command(name="export")
def export_person(
    number: NumberArgument,
    to: Annotated[Path, typer.Option("--to", help="A new folder for it.", metavar="FOLDER")] = Path("person"),
    site: SiteOption = None,
    run: RunOption = DEFAULT_RUN,
    as_json: JsonOption = False,
) -> None:
    """Everything that is kept of one citizen: a file of JSON and the messages they left. RUN/audit.jsonl notes it."""
    person = _person(number)
    found = _tried(lambda: export(_place(site, run), person, to))
    if as_json:
        typer.echo(json.dumps({"folder": str(to), **found}))
    else:
        typer.echo(f"{to}: {found['calls']} calls, {found['steps']} steps, {found['messages']} messages")


@app.command(name="erase")
def erase_person(
    number: NumberArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    site: SiteOption = None,
    run: RunOption = DEFAULT_RUN,
    as_json: JsonOption = False,
) -> None:
    """A token in the place of a citizen's number everywhere; what they typed and left on tape goes, for ever.

    Journal, stored states, reporting database, messages and logs; the line may be up or down. Not in your backups.
    """
    person, place = _person(number), _place(site, run)
    if not yes:
        asked = f"Erase {mask(person.core)} for ever? `line1555 person export` keeps what they may want"
        typer.confirm(asked, abort=True, err=True)
    done = _tried(lambda: forget(place, person, audit.who()), as_json)
    if as_json:
        typer.echo(json.dumps(asdict(done)))
        return
    typer.echo(
        f"{mask(person.core)} is {done.token} from now on: {done.calls} calls, {done.steps} steps, {done.rows} rows,"
        f" {done.messages} messages, {done.logs} logs"
    )
    for name in done.removed:
        typer.echo(f"{name} could not be rewritten and is gone")


def _place(site: Path | None, run: Path) -> PersonStores:
    if not run.is_dir():
        refuse(f"there is no {run}: has the line been up there? (--run DIR)", 1)
    return PersonStores.of(site_of(site, run), run)


def _person(number: str) -> Person:
    try:
        return Person.of(number)
    except NoNumber as error:
        refuse(str(error))


def _tried(act: Callable[[], T], as_json: bool = False) -> T:
    try:
        return act()
    except ErasureRefused as error:
        if as_json and isinstance(error.__cause__, NotDone):
            refuse_as_told(error.__cause__, as_json)
        refuse(str(error), 1)
    except SQLAlchemyError as error:
        refuse(f"the reporting database cannot be had: {str(error).splitlines()[0]}", 1)
    except Errors as error:
        refuse(f"{type(error).__name__}: {error}", 1)
