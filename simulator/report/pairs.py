"""The plots of two cases: the service level of both by half hour, and in every part of the calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from matplotlib.figure import Figure

from simulator.ask.parts import Part, parts
from simulator.run.runs import Result

from .drawing import BLUE, DASHED, ORANGE, Pen, Plot, drawn
from .plots import banded, from_zero, wanted
from .profile import profile_of
from .words import key_name

LOOKS = ((BLUE, "o", "-"), (ORANGE, "s", DASHED))
"""Colour, marker and line of the first case and of the second."""


def pair_plots(tried: Mapping[float, Result], key: str, pen: Pen) -> Iterator[Plot]:
    """Draw the plots of two cases. ``tried``: the two results by the value of the key."""
    words, name = pen.words, key_name(key, pen.words)
    cases = {f"{key} = {pen.number(value)}": result for value, result in tried.items()}
    yield drawn("both", words["both_plot"].format(key=name), lambda figure: _by_half_hour(figure, cases, pen))
    found = parts(next(iter(cases.values())))
    height = 0.9 + 0.26 * len(found)
    yield drawn(
        "parts", words["parts_plot"].format(key=name), lambda figure: _by_part(figure, cases, found, pen), height
    )


def _by_half_hour(figure: Figure, cases: Mapping[str, Result], pen: Pen) -> None:
    axes = figure.add_subplot()
    for (label, result), (colour, _, dashes) in zip(cases.items(), LOOKS, strict=True):
        profile = profile_of(result)
        banded(axes, profile, label, colour=colour, dashes=dashes)
    wanted(axes, result, pen)
    axes.set_ylabel(pen.words["level_axis"])
    from_zero(axes, profile, pen, top=102)


def _by_part(figure: Figure, cases: Mapping[str, Result], found: list[Part], pen: Pen) -> None:
    """Draw a row for each part; the two cases a little apart, so that neither hides the other."""
    axes, words = figure.add_subplot(), pen.words
    rows = np.arange(len(found))
    for (label, result), (colour, marker, _), apart in zip(cases.items(), LOOKS, (-0.14, 0.14), strict=True):
        levels = [part.estimate(result, "service_level") for part in found]
        mean, half = (100 * np.array([getattr(level, name) for level in levels]) for name in ("mean", "half_width"))
        axes.errorbar(
            mean, rows + apart, xerr=np.nan_to_num(half), fmt=marker, color=colour, markersize=4, capsize=2, label=label
        )
    share = 100 * result.plan.scenario.target.share
    axes.axvline(share, color="black", linewidth=0.9, linestyle=DASHED, label=f"{words['wanted']} {share:g} %")
    axes.set_yticks(rows, [_name(part, result, pen) for part in found])
    axes.invert_yaxis()
    axes.set_xlim(0, 102)
    axes.set_xlabel(words["level_axis"])
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0)


def _name(part: Part, result: Result, pen: Pen) -> str:
    """Give the label of a queue, or the name of a language."""
    labels = {str(queue): settings.label for queue, settings in result.plan.settings.queues.items()}
    return {"line": pen.words["line"], "queue": labels.get(part.name, part.name)}.get(part.kind) or (
        pen.words["speak"].format(language=part.name)
    )
