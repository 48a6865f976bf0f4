"""``line1555 check``, ``graph``, ``prompts``: the folder of YAML files, looked at without a running line."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from calls import SettingsError
from ivr import graph as drawing

from .app import build_sounds
from .options import DEFAULT_RUN, DEFAULT_SITE, JsonOption, RunOption, errors, refuse
from .prompts import PromptError
from .site import load_site

SiteArgument = Annotated[Path, typer.Argument(help="Folder with the line's YAML files.", metavar="[DIR]")]


def add(app: typer.Typer) -> None:
    app.command()(check)
    app.command()(graph)
    prompts = typer.Typer(help="The spoken texts.", no_args_is_help=True)
    prompts.command("build")(build)
    app.add_typer(prompts, name="prompts")


def check(site: SiteArgument = DEFAULT_SITE, as_json: JsonOption = False) -> None:
    """Validate the YAML: every problem of every file at once, with its place."""
    try:
        loaded = load_site(site)
    except SettingsError as error:
        if as_json:
            print(
                json.dumps({"ok": False, "problems": [asdict(p) for p in error.problems]}, ensure_ascii=False, indent=1)
            )
        else:
            errors.print(str(error), markup=False)
            errors.print(f"{len(error.problems)} problem(s)", style="red")
        raise typer.Exit(1) from error
    line = loaded.line
    counts = {"numbers": len(line.menus.entries), "nodes": len(line.menus.nodes), "prompts": len(loaded.texts)}
    counts |= {"queues": len(line.queues), "agents": len(line.agents)}
    if as_json:
        print(json.dumps({"ok": True, "problems": [], **counts}))
    else:
        Console().print(f"{site}: fine (" + ", ".join(f"{n} {name}" for name, n in counts.items()) + ")")


def graph(
    site: SiteArgument = DEFAULT_SITE,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to draw; .dot or .svg.")] = Path("menus.svg"),
) -> None:
    """Draw the menus."""
    dot = drawing.dot(load_site(site).line.menus)
    if out.suffix == ".dot":
        out.write_text(dot, "utf-8")
    elif shutil.which("dot") is None:
        refuse("graphviz is missing: `apt-get install graphviz`, or write the text with --out menus.dot")
    else:
        subprocess.run(["dot", "-Tsvg", "-o", str(out)], input=dot, text=True, check=True)
    Console().print(f"wrote {out}")


def build(
    site: Annotated[Path, typer.Option("--site", help="Folder with the line's YAML files.")] = DEFAULT_SITE,
    run: RunOption = DEFAULT_RUN,
) -> None:
    """Speak the prompts that changed; recordings in DIR/recordings take their place."""
    try:
        sounds, _ = build_sounds(load_site(site), run)
    except PromptError as error:
        refuse(str(error))
    Console().print(f"prompts are in {sounds}")
