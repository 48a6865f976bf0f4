"""The plots of several cases: service level against one key with its confidence band, or a shaded grid of two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from simulator.ask import answer
from simulator.run.runs import Result

from .drawing import BLUE, DOTTED, HEIGHT, ORANGE, Pen, Plot, drawn
from .pairs import pair_plots
from .plots import crosses, shaded, wanted, whole_numbers
from .profile import Floats
from .words import key_name

MOST_TEXTS = 150
"""Cells of a grid that carry their figure as text."""
MOST_TICKS = 16
LEAST_POINTS = 3
"""Least number of values tried that are drawn as a curve."""


def sweep_plots(results: Sequence[Result], changes: Sequence[Mapping[str, float]], pen: Pen) -> Iterator[Plot]:
    """Draw a sweep. One key: a curve, or two values by half hour; two keys: a grid.

    More cannot be drawn on paper, and the table tells them.
    """
    keys = answer.varied(changes)
    if len(keys) == 1:
        tried = {change[keys[0]]: result for change, result in zip(changes, results, strict=True)}
        yield from pair_plots(tried, keys[0], pen) if len(tried) == 2 else (curve(tried, keys[0], pen),)
    elif len(keys) == 2:
        names = [key_name(key, pen.words) for key in keys]
        title = pen.words["grid_plot"].format(key=names[0], other=names[1])
        rows = len({change[keys[0]] for change in changes})
        height = min(7.5, max(2.2, 1.0 + 0.28 * rows))
        yield drawn("grid", title, lambda figure: _grid(figure, results, changes, pen), height)


def curve(tried: Mapping[float, Result], key: str, pen: Pen, name: str = "curve") -> Plot:
    """Draw the service level at each value of one key, which are enough, and for loads where the target is lost."""
    title = pen.words["sweep_plot"].format(key=key_name(key, pen.words))
    return drawn(name, title, lambda figure: _curve(figure, tried, key, pen), 1.2 * HEIGHT)


def searched_plots(searched: Mapping[str, answer.Searched | None], pen: Pen) -> dict[str, Plot]:
    """Draw, by key, each search that tried enough values for a curve."""
    return {
        key: curve(of.tried, key, pen, f"searched-{key}")
        for key, of in searched.items()
        if of is not None and len(of.tried) >= LEAST_POINTS
    }


def _curve(figure: Figure, tried: Mapping[float, Result], key: str, pen: Pen) -> None:
    axes, words = figure.add_subplot(), pen.words
    values = np.array(sorted(tried))
    results = [tried[float(value)] for value in values]
    levels = [result["service_level"] for result in results]
    mean, half = (100 * np.array([getattr(level, part) for level in levels]) for part in ("mean", "half_width"))
    if not np.isnan(half).all():
        low, high = np.clip(mean - half, 0, 100), np.clip(mean + half, 0, 100)
        axes.fill_between(values, low, high, color=BLUE, alpha=0.25, linewidth=0, label=words["band"])
    axes.plot(values, mean, color=BLUE)
    sure = np.array([answer.verdict(result) is answer.Verdict.ENOUGH for result in results])
    axes.plot(values[sure], mean[sure], "o", color=BLUE, markersize=5, label=words["sure"])
    axes.plot(values[~sure], mean[~sure], "o", color=BLUE, mfc="white", markersize=5, label=words["not_sure"])
    wanted(axes, results[0], pen)
    if key == "load":
        _limit(figure, values, mean, results[0], pen)
    if key == "seats":
        whole_numbers(axes)
    axes.set_xlabel(key_name(key, words))
    axes.set_ylabel(words["level_axis"])
    axes.set_ylim(min(50.0, float(np.nanmin(mean, initial=50.0)) // 10 * 10), 102)
    pen.numbers(axes, x=True)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0)


def _limit(figure: Figure, values: Floats, mean: Floats, result: Result, pen: Pen) -> None:
    points = [(float(value), float(level)) for value, level in zip(values, mean, strict=True)]
    limit = answer.load_limit(points, 100 * result.plan.scenario.target.share)
    if limit is not None:
        label = pen.words["limit"].format(value=answer.local(f"{limit:.2f}", pen.language))
        figure.axes[0].axvline(limit, color=ORANGE, linestyle=DOTTED, label=label)


def _grid(figure: Figure, results: Sequence[Result], changes: Sequence[Mapping[str, float]], pen: Pen) -> None:
    axes = figure.add_subplot()
    (down, across), share = answer.varied(changes), 100 * results[0].plan.scenario.target.share
    rows, columns = (sorted({change[key] for change in changes}) for key in (down, across))
    levels = np.full((len(rows), len(columns)), np.nan)
    sure = np.zeros(levels.shape, dtype=bool)
    for result, change in zip(results, changes, strict=True):
        cell = rows.index(change[down]), columns.index(change[across])
        levels[cell] = 100 * result["service_level"].mean
        sure[cell] = answer.verdict(result) is answer.Verdict.ENOUGH
    shaded(figure, axes, np.arange(len(columns) + 1.0), np.arange(len(rows) + 1.0), levels, share, pen)
    texts = levels.size <= MOST_TEXTS and len(columns) <= MOST_TICKS
    y, x = np.nonzero(~sure)
    crosses(axes, x + (0.82 if texts else 0.5), y + 0.5, levels[y, x], 18)
    if texts:
        _texts(figure, levels, pen)
    _ticks(figure, rows, columns, pen)
    axes.set_xlabel(key_name(across, pen.words))
    axes.set_ylabel(key_name(down, pen.words))


def _texts(figure: Figure, levels: Floats, pen: Pen) -> None:
    for (row, column), level in np.ndenumerate(levels):
        if not np.isnan(level):
            colour = "black" if level >= 80 else "white"
            said = answer.local(f"{level:.1f}", pen.language)
            figure.axes[0].text(column + 0.42, row + 0.5, said, ha="center", va="center", color=colour, fontsize=8)


def _ticks(figure: Figure, rows: Sequence[float], columns: Sequence[float], pen: Pen) -> None:
    axes = figure.axes[0]
    for set_ticks, values in ((axes.set_xticks, columns), (axes.set_yticks, rows)):
        every = -(-len(values) // MOST_TICKS)
        places = range(0, len(values), every)
        set_ticks([place + 0.5 for place in places], [pen.number(values[place]) for place in places])
