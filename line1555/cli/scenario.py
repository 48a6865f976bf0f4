"""``line1555 scenario``: what scenarios there are, whether one is right, and the schema that editors complete from."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from calls import SettingsError
from line1555.screen import Screen
from simulator.scenario import ScenarioFile, json_schema
from sites import loader

from .options import JsonOption, refuse
from .scenario_files import DIALPLANS, SHIPPED, load_scenario, named_scenario

COLUMN = {
    "en": "- {file}, {column}: {values} values, {empty} empty cells left out ({encoding}, separated by {separated_by})",
    "el": "- {file}, {column}: {values} τιμές, {empty} κενά κελιά έμειναν έξω ({encoding}, {separated_by})",
}


def add(app: typer.Typer) -> None:
    app.command(name="scenario")(scenario)


def scenario(
    name: Annotated[str, typer.Argument(help="A shipped scenario's name, or a YAML file.", metavar="[NAME]")] = "",
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of scenario files.")] = False,
    as_json: JsonOption = False,
    language: Annotated[str, typer.Option("--language", help="Of what scenarios say about themselves.")] = "en",
    dialplans: Annotated[Path, typer.Option("--dialplans", help="Where sites are.")] = DIALPLANS,
) -> None:
    """List the shipped scenarios; or check one and print what it is about, what it assumes and what is known of it."""
    if schema:
        typer.echo(json.dumps(json_schema(), ensure_ascii=False, indent=1))
    elif name:
        _show(name, dialplans, language, as_json=as_json)
    else:
        _list(language, as_json=as_json)


def shipped() -> dict[str, ScenarioFile]:
    """The scenarios of the tree by name."""
    files = {path.stem: loader.load(path, ScenarioFile).model for path in sorted(SHIPPED.glob("*.yaml"))}
    return {name: model for name, model in files.items() if model is not None}


def _about(of: ScenarioFile, language: str) -> str:
    return of.about.get(language) or next(iter(of.about.values()), "")


def _list(language: str, *, as_json: bool) -> None:
    about = {name: _about(of, language) for name, of in shipped().items()}
    if as_json:
        typer.echo(json.dumps(about, ensure_ascii=False, indent=1))
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, said in about.items():
        table.add_row(name, said)
    Screen().print(table)


def _show(name: str, dialplans: Path, language: str, *, as_json: bool) -> None:
    path = named_scenario(name)
    try:
        plan = load_scenario(path, dialplans)
        found = plan.scenario
    except SettingsError as error:
        refuse(str(error))
    if as_json:
        typer.echo(found.model_dump_json(by_alias=True, exclude_none=True, indent=1))
        return
    typer.echo(f"{path}\n{_about(found, language)}\n")
    for line in found.assumptions:
        typer.echo(f"- {line}")
    for read in plan.columns:
        typer.echo(COLUMN[language if language in COLUMN else "en"].format(**asdict(read)))
    for figure, known in found.known.items():
        typer.echo(f"- {figure} is known: {known.value:g} ({known.source})")
