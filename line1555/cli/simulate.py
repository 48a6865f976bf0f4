"""``line1555 simulate``: what happens if, by the very engine that answers the phone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.ask.keys import KEYS
from simulator.run.seed import SEED

from .options import DialplansOption, FiguresOption, ScenarioArgument, SeedOption, errors


def add(app: typer.Typer) -> None:
    app.command(name="simulate")(simulate)


Replications = Annotated[int, typer.Option("--runs", min=1, max=100_000, help="Replications at most.")]
Jobs = Annotated[int | None, typer.Option("--jobs", min=1, max=256, help="Processes; default: one for each core.")]
Precision = Annotated[
    float, typer.Option("--precision", min=0.0, help="Stop when the service level is known to +- this much.")
]
Varied = Annotated[
    list[str] | None,
    typer.Option("--vary", help=f"seats=120:160:5, topic.dypa=1,2, ... Keys: {KEYS}", metavar="KEY=VALUES"),
]
Cluster = Annotated[str, typer.Option("--cluster", help="A Dask scheduler, host:port.", metavar="ADDRESS")]
ReportFile = Annotated[
    Path | None, typer.Option("--report", help="Also write an HTML page with plots.", metavar="FILE")
]
PlotsFolder = Annotated[
    Path | None, typer.Option("--plots", help="Also write the page's plots as SVG files.", metavar="DIR")
]
Search = Annotated[
    bool, typer.Option("--search/--no-search", help="Where the seats are too few, find how many would be enough.")
]
Limit = Annotated[bool, typer.Option("--limit", help="Also find up to which load the seats are enough.")]
Require = Annotated[bool, typer.Option("--require", help="Exit with 1 unless the target holds for sure.")]
TableLanguage = Annotated[str, typer.Option("--language", help="Of table and report: en, el.")]


def simulate(
    scenario: ScenarioArgument,
    replications: Replications = 10,
    jobs: Jobs = None,
    seed: SeedOption = SEED,
    precision: Precision = 0.0,
    varied: Varied = None,
    cluster: Cluster = "",
    report: ReportFile = None,
    plots: PlotsFolder = None,
    search: Search = False,
    limit: Limit = False,
    require: Require = False,
    as_json: FiguresOption = False,
    language: TableLanguage = "en",
    dialplans: DialplansOption = None,
) -> None:
    """Run a scenario: many replications on virtual time, with confidence intervals, and a plain answer."""
    errors.print(f"{scenario}: up to {replications} replications, seed {seed}", markup=False)
    from . import simulating  # only here: what computes takes a second to load, and a planner looks at a screen

    simulating.simulate(
        simulating.Asked(
            scenario, replications, jobs, seed, precision, varied or (), cluster,
            report, plots, search, limit, require, as_json, language, dialplans,
        )
    )  # fmt: skip
