"""The plots of the page as files of their own, for other documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.ask.answer import Searched
from simulator.run.runs import Result

from .drawing import Pen
from .plots import plots
from .sweeps import searched_plots, sweep_plots


def pictures(
    results: Sequence[Result],
    changes: Sequence[Mapping[str, float]],
    language: str,
    needed: Searched | None = None,
    limit: Searched | None = None,
) -> dict[str, str]:
    """Make the SVG documents of a page by file name; arguments as for ``page.report``."""
    pen = Pen(language)
    if len(results) > 1:
        found = list(sweep_plots(results, changes, pen))
    else:
        found = [*plots(results[0], pen), *searched_plots({"seats": needed, "load": limit}, pen).values()]
    return {f"{plot.name}.svg": plot.file for plot in found}
