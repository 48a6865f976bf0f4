"""``line1555 graph``: the menus as a picture or a page, with how many callers took each way."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections import Counter
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from calls import ContractError
from ivr import graph as drawing
from line1555.live import journalled
from line1555.live.site_assets import hidden
from line1555.readers import tree_page
from line1555.screen import Screen
from metrics.traffic import MenuTraffic
from sites import Site, load_site

from .current import folder_of
from .options import JsonOption, SiteArgument, refuse

DRAW_WITHIN_S = 120.0


def add(app: typer.Typer) -> None:
    app.command()(graph)


def graph(
    site: SiteArgument = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Where to draw: .html (a page to click through), .svg or .dot.")
    ] = Path("menus.svg"),
    run: Annotated[
        Path | None, typer.Option("--run", help="Count callers in this run directory's journal.", metavar="DIR")
    ] = None,
    date: Annotated[str, typer.Option("--date", help="Only callers of this local day, e.g. 2026-11-24.")] = "",
    language: Annotated[str, typer.Option("--language", help="Of the page's own words: el or en.")] = "el",
    as_json: JsonOption = False,
) -> None:
    """Draw the menus; with --run, how many callers took each way, and where they hung up."""
    if date and run is None:
        refuse("--date is for callers counted in a journal: expected it with --run DIR")
    if language not in tree_page.WORDS:
        refuse(f"--language {language}: expected one of {', '.join(tree_page.WORDS)}")
    loaded = load_site(folder_of(site, run))
    traffic = _traffic(loaded, run, date) if run is not None else None
    if as_json:
        typer.echo(json.dumps(_plain(traffic or MenuTraffic()), ensure_ascii=False, indent=1))
        return
    counts = drawing.Counts(traffic.calls, traffic.visits, traffic.ways) if traffic else None
    dot = drawing.dot(loaded.line.menus, counts=counts)
    if out.suffix == ".dot":
        text = dot
    elif out.suffix == ".html":
        text = tree_page.page(loaded, _svg(dot), traffic, language)
    else:
        text = _svg(dot)
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        refuse(f"--out {out}: {error.strerror}")
    Screen().print(f"wrote {out}" + (f": {traffic.calls:,} calls" if traffic else ""))


def _traffic(site: Site, run: Path, date: str) -> MenuTraffic:
    """The journal's callers. Of confidential nodes nothing: a single visit would be a trace."""
    journal, zone, traffic = run / "journal.db", ZoneInfo(site.settings.zone), MenuTraffic()
    try:
        clock = journalled.clock(journal)
        for now, told in journalled.steps(journal):
            if not date or clock.local(now, zone).date().isoformat() == date:
                for fact in told:
                    traffic.apply(fact)
    except (sqlite3.Error, OSError):
        refuse(f"there is no journal in {run}: has the line been up there? Without --run nobody is counted", 1)
    except ContractError as error:
        refuse(f"the journal was written by another version: {error}", 1)
    known = traffic.without(hidden(site))
    known.ways = Counter(drawing.through_fragments(site.line.menus, known.ways))
    return known


def _plain(traffic: MenuTraffic) -> dict[str, object]:
    ways = [{"from": a, "to": b, "calls": n} for (a, b), n in sorted(traffic.ways.items())]
    counts = {"visits": traffic.visits, "missed": traffic.missed, "left": traffic.left}
    return {"calls": traffic.calls, "ways": ways, **{name: dict(sorted(n.items())) for name, n in counts.items()}}


def _svg(dot: str) -> str:
    if shutil.which("dot") is None:
        refuse("graphviz is missing: `apt-get install graphviz`, or write the text with --out menus.dot")
    try:
        drawn = subprocess.run(
            ["dot", "-Tsvg"], input=dot, text=True, check=True, capture_output=True, timeout=DRAW_WITHIN_S
        )
    except subprocess.TimeoutExpired:
        refuse(f"graphviz has not drawn it within {DRAW_WITHIN_S:g} s: write the text with --out menus.dot", 1)
    except subprocess.CalledProcessError as error:
        refuse(f"graphviz cannot draw it: {error.stderr.strip()}", 1)
    return drawn.stdout
