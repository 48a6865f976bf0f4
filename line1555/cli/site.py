"""``line1555 check`` and ``prompts``: the folder of YAML files, looked at without a running line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from calls import Problem, SettingsError
from line1555.live import startable
from line1555.live.site_assets import build_sounds, sounds_folder
from line1555.screen import Screen
from sites import Site, Tested, hint, json_schemas, load_site, run_tests
from sounds import PromptError, studio

from .current import folder_of
from .options import DEFAULT_RUN, JsonOption, RunOption, SiteArgument, SiteOption, errors, refuse
from .try_menus import clock, shown


def add(app: typer.Typer) -> None:
    app.command()(check)
    prompts = typer.Typer(help="The spoken texts.", no_args_is_help=True)
    prompts.command("build")(build)
    prompts.command("list")(list_takes)
    app.add_typer(prompts, name="prompts")


def check(
    site: SiteArgument = None,
    tests: Annotated[bool, typer.Option("--tests", help="Run the menu tests (DIR/tests/*.yaml) as well.")] = False,
    as_json: JsonOption = False,
    schema: Annotated[
        str | None, typer.Option(help=f"Print the JSON Schema of a file instead: {', '.join(json_schemas.MODELS)}.")
    ] = None,
    schema_folder: Annotated[
        Path | None,
        typer.Option(help="Write the JSON Schemas of all files here instead, for an editor.", metavar="DIR"),
    ] = None,
) -> None:
    """Validate the YAML: every problem of every file at once, with its place and how to mend it.

    Warnings (a menu that is too long, or too deep) leave the exit status 0.
    """
    if schema is not None or schema_folder is not None:
        _tell_schemas(schema, schema_folder)
        return
    folder, loaded = folder_of(site), None
    problems: Sequence[Problem] = ()
    try:
        loaded = load_site(folder, startable.problems)
    except SettingsError as error:
        problems = error.problems
    warnings = loaded.warnings if loaded else ()
    counts = _counts(loaded) if loaded else {}
    tested = list(run_tests(loaded)) if loaded and tests else []
    failed = [test for test in tested if test.problems]
    if as_json:
        print(json.dumps(_plain(problems, warnings, tested) | counts, ensure_ascii=False, indent=1))
    else:
        _tell(folder, problems, warnings, counts)
        if loaded and tests:
            tell_tests(tested)
    if problems or failed:
        raise typer.Exit(1)


def _tell_schemas(name: str | None, folder: Path | None) -> None:
    if folder is not None:
        for file in json_schemas.write(folder):
            Screen().print(f"wrote {file}")
    if name is not None:
        if name not in json_schemas.MODELS:
            refuse(f"no file {name}.yaml: expected one of {', '.join(json_schemas.MODELS)}")
        print(json.dumps(json_schemas.json_schema(name), ensure_ascii=False, indent=1))


def _counts(site: Site) -> dict[str, int]:
    menus = site.line.menus
    counts = {"numbers": len(menus.entries), "nodes": len(menus.nodes), "prompts": len(site.texts)}
    return counts | {"queues": len(site.line.queues), "agents": len(site.line.agents)}


def _as_json(problem: Problem) -> dict[str, object]:
    return {**asdict(problem), "hint": hint(problem)}


def _plain(problems: Sequence[Problem], warnings: Sequence[Problem], tested: Sequence[Tested]) -> dict[str, object]:
    """What was found, JSON-ready."""
    return {
        "ok": not problems and not any(test.problems for test in tested),
        "problems": list(map(_as_json, problems)),
        "warnings": list(map(_as_json, warnings)),
        "tests": [{"name": test.name, "problems": list(map(asdict, test.problems))} for test in tested],
    }


def _tell(site: Path, problems: Sequence[Problem], warnings: Sequence[Problem], counts: Mapping[str, int]) -> None:
    for kind, found in (("", problems), ("warning: ", warnings)):
        for problem in found:
            errors.print(f"{kind}{problem}", markup=False)
            errors.print(f"    {hint(problem)}", style="dim", markup=False)
    if problems:
        errors.print(f"{len(problems)} problem(s)", style="red")
        return
    told = ", ".join(f"{n} {name}" for name, n in counts.items())
    Screen().print(f"{site}: fine ({told})" + (f", {len(warnings)} warning(s)" if warnings else ""))


def tell_tests(tested: Sequence[Tested], console: Screen | None = None) -> None:
    """Tell which tests failed, with all that the caller heard; and how many did."""
    failed = [test for test in tested if test.problems]
    for test in failed:
        for problem in test.problems:
            errors.print(f"{problem}", style="red", markup=False)
        for told in test.trace:
            errors.print(f"    {clock(told.at)}  {shown(told)}", style="dim", markup=False)
    console = console or Screen()
    if failed:
        errors.print(f"{len(failed)} of {len(tested)} tests failed", style="red")
    elif tested:
        console.print(f"{len(tested)} tests, all fine")
    else:
        console.print("no tests: see docs/dialplans.md, Tests for menus")


def build(
    site: SiteOption = None,
    run: RunOption = DEFAULT_RUN,
) -> None:
    """Speak the prompts that changed; recordings in DIR/recordings take their place."""
    loaded = load_site(folder_of(site, run))
    try:
        build_sounds(loaded, run)
    except PromptError as error:
        refuse(str(error))
    for take in studio.takes(loaded):
        for doubt in take.recording.doubts if take.recording else ():
            errors.print(f"warning: {loaded.recordings / take.file}: {doubt}", markup=False)
    Screen().print(f"prompts are in {sounds_folder(run)}")


def list_takes(
    site: SiteOption = None,
    language: Annotated[str | None, typer.Option(help="Only this language.")] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only what is not recorded yet.")] = False,
    to: Annotated[Path | None, typer.Option("--csv", help="Write a table for the studio.", metavar="FILE")] = None,
    as_json: JsonOption = False,
) -> None:
    """List what the studio has to record: texts, names of files, about how long each is, and what is there.

    Exit status 1 where a recording is broken.
    """
    listed = [
        take
        for take in studio.takes(load_site(folder_of(site)))
        if language in (None, take.language) and not (missing and take.recording)
    ]
    if to is not None:
        studio.write_csv(to, listed)
        Screen().print(f"wrote {to}: {len(listed)} texts, about {sum(t.seconds for t in listed) / 60:.0f} minutes")
    elif as_json:
        print(json.dumps([take.row() for take in listed], ensure_ascii=False, indent=1))
    else:
        for take in listed:
            print("  ".join((f"{take.row()['seconds']:>6} s", f"{take.file:44}", f"[{take.state}]", take.text.strip())))
    if any(take.wrong for take in listed):
        raise typer.Exit(1)
