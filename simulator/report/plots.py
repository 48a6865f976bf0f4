"""The plots of one case: calls, waits, service level and people by half hour, and the heat map of the week."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator
from numpy.typing import NDArray

from simulator.run.runs import Result

from .drawing import BLACK, BLUE, DASHED, DOTTED, GREEN, GREY, HEIGHT, MIXED, ORANGE, Pen, Plot, drawn
from .profile import A_DAY, Floats, Profile, Span, day_of, profile_of

LEVELS = (0, 50, 60, 70, 80, 90, 95, 100)
"""Steps of the heat map's colours (%); the target is one too."""
MOST_DAYS = 7
Places = NDArray[np.floating[Any]]


def plots(result: Result, pen: Pen) -> Iterator[Plot]:
    """Draw all plots of one case, in the order of the page."""
    profile, words = profile_of(result), pen.words
    yield drawn("calls", words["calls_plot"], lambda figure: _calls(figure, profile, pen))
    yield drawn("level", words["level_plot"], lambda figure: _level(figure, profile, pen))
    yield drawn("waits", words["waits_plot"], lambda figure: _waits(figure, profile, pen))
    yield drawn("staff", words["staff_plot"], lambda figure: _staff(figure, profile, pen), 1.5 * HEIGHT)
    week = profile if profile.span is Span.WEEK else profile_of(result, Span.DAYS)
    if week.size >= 2 * A_DAY:
        height = 1.1 + 0.22 * week.size / A_DAY
        yield drawn("heat", words["heat_plot"], lambda figure: _heat(figure, week, pen), height, words["heat_note"])


def _calls(figure: Figure, profile: Profile, pen: Pen) -> None:
    axes, words = figure.add_subplot(), pen.words
    hours = profile.hours()
    lines = (
        ("offered", BLACK, "-", lambda f: f.offered.sum(axis=1)),
        ("handled", BLUE, DASHED, lambda f: f.handled.sum(axis=1)),
        ("abandoned", ORANGE, DOTTED, lambda f: f.abandoned.sum(axis=1)),
        ("elsewhere", GREEN, MIXED, lambda f: f.elsewhere.sum(axis=1)),
    )
    for name, colour, dashes, of in lines:
        values = profile.mean(of)
        if name != "elsewhere" or np.nansum(values) > 0:
            axes.plot(hours, values, color=colour, linestyle=dashes, label=words[name])
    axes.set_ylabel(words["calls_axis"])
    from_zero(axes, profile, pen)


def _level(figure: Figure, profile: Profile, pen: Pen) -> None:
    axes, words = figure.add_subplot(), pen.words
    banded(axes, profile, words["level_axis"].partition(",")[0], words["band"])
    wanted(axes, profile.result, pen)
    axes.set_ylabel(words["level_axis"])
    from_zero(axes, profile, pen, top=102)


def banded(axes: Axes, profile: Profile, label: str, band: str = "", colour: str = BLUE, dashes: Any = "-") -> None:
    """Draw service levels (%) by half hour with their confidence band; ``band``: its label."""
    levels, hours = profile.levels(), profile.hours()
    mean, half = (100 * np.array([getattr(level, part) for level in levels]) for part in ("mean", "half_width"))
    if not np.isnan(half).all():
        low, high = np.clip(mean - half, 0, 100), np.clip(mean + half, 0, 100)
        axes.fill_between(hours, low, high, color=colour, alpha=0.25, linewidth=0, label=band or None)
    axes.plot(hours, mean, color=colour, linestyle=dashes, label=label)


def wanted(axes: Axes, result: Result, pen: Pen) -> None:
    """Draw the line of the target."""
    share = 100 * result.plan.scenario.target.share
    axes.axhline(share, color=BLACK, linewidth=0.9, linestyle=DASHED, label=f"{pen.words['wanted']} {share:g} %")


def _waits(figure: Figure, profile: Profile, pen: Pen) -> None:
    axes, hours = figure.add_subplot(), profile.hours()
    for share, colour, dashes in ((0.99, ORANGE, DOTTED), (0.95, BLUE, DASHED), (0.50, BLACK, "-")):
        axes.plot(hours, profile.waits(share), color=colour, linestyle=dashes, label=f"P{share * 100:.0f}")
    within = profile.result.plan.scenario.target.within_s
    axes.axhline(within, color=GREY, linewidth=0.9, label=f"T = {within:g}")
    axes.set_ylabel(pen.words["wait_axis"])
    from_zero(axes, profile, pen)


def _staff(figure: Figure, profile: Profile, pen: Pen) -> None:
    above, below = figure.subplots(2, 1, sharex=True)
    hours, words = profile.hours(), pen.words
    above.step(hours, profile.seated(), where="mid", color=BLACK)
    above.set_ylabel(words["seats_axis"])
    above.set_ylim(bottom=0)
    pen.numbers(above)
    _midnights(above, profile)
    below.plot(hours, 100 * profile.occupancy(), color=BLUE)
    below.set_ylabel(words["occupancy_axis"])
    from_zero(below, profile, pen, top=102, legend=False)


def from_zero(axes: Axes, profile: Profile, pen: Pen, top: float | None = None, *, legend: bool = True) -> None:
    """Set the axes: from 0 up, along local time."""
    axes.set_ylim(0, top)
    pen.numbers(axes)
    _clock(axes, profile, pen)
    if legend:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=5, borderaxespad=0)


def _clock(axes: Axes, profile: Profile, pen: Pen) -> None:
    """Set the axis of local time; for a week the days too."""
    hours = profile.size // 2 + profile.size % 2
    axes.set_xlim(0, profile.size / 2)
    zone = profile.result.plan.zone
    if profile.span is Span.WEEK:
        ticks = range(0, hours + 1, 12)
        labels = [f"{hour % 24:02d}" + (f"\n{pen.days[hour // 24]}" if hour % 24 == 12 else "") for hour in ticks]
        axes.set_xlabel(pen.words["day_clock_axis"].format(zone=zone))
        _midnights(axes, profile)
    else:
        ticks = range(0, hours + 1, 2 if hours > 12 else 1)
        labels = [f"{hour:02d}:00" for hour in ticks]
        axes.set_xlabel(pen.words["clock_axis"].format(zone=zone))
    axes.set_xticks(list(ticks), labels)


def _midnights(axes: Axes, profile: Profile) -> None:
    for midnight in range(24, profile.size // 2, 24):
        axes.axvline(midnight, color=GREY, linewidth=0.6)


def _heat(figure: Figure, profile: Profile, pen: Pen) -> None:
    axes, words = figure.add_subplot(), pen.words
    levels = 100 * np.array([level.mean for level in profile.levels()]).reshape(-1, A_DAY)
    share = 100 * profile.result.plan.scenario.target.share
    shaded(figure, axes, np.arange(A_DAY + 1) / 2, np.arange(len(levels) + 1.0), levels, share, pen)
    rows, columns = np.nonzero(levels < share)
    crosses(axes, (columns + 0.5) / 2, rows + 0.5, levels[rows, columns], 14)
    axes.set_xticks(range(0, 25, 3), [f"{hour:02d}:00" for hour in range(0, 25, 3)])
    step = 1 if len(levels) <= MOST_DAYS else 2
    axes.set_yticks(np.arange(0, len(levels), step) + 0.5, [_row(profile, n, pen) for n in range(0, len(levels), step)])
    axes.invert_yaxis()
    axes.set_xlabel(words["clock_axis"].format(zone=profile.result.plan.zone))
    axes.set_ylabel(words["day_axis"])


def _row(profile: Profile, number: int, pen: Pen) -> str:
    if profile.span is Span.WEEK:
        return pen.days[number]
    day = day_of(profile.result, number)
    return f"{pen.days[day.weekday()]} {day.day}/{day.month}"


def shaded(figure: Figure, axes: Axes, x: Floats, y: Floats, levels: Floats, share: float, pen: Pen) -> None:
    """Draw service levels (%) as shades, dark to light, in steps that include the target; x, y: the cells' edges."""
    steps = sorted({*LEVELS, share})
    axes.grid(visible=False)
    norm = BoundaryNorm(steps, 256)
    mesh = axes.pcolormesh(
        x, y, np.ma.masked_invalid(levels), cmap="cividis", norm=norm, edgecolors="white", linewidth=0.4
    )
    bar = figure.colorbar(mesh, ax=axes, spacing="uniform", pad=0.01, aspect=12)
    bar.set_label(pen.words["level_axis"])
    bar.ax.yaxis.set_major_locator(FixedLocator(steps))
    pen.numbers(bar.ax)


def crosses(axes: Axes, x: Places, y: Places, levels: Floats, size: float) -> None:
    """Draw marks on shaded cells: white on dark ones, black on light ones."""
    for colour, which in (("white", levels < _LIGHT), ("black", levels >= _LIGHT)):
        axes.scatter(x[which], y[which], marker="x", s=size, color=colour, linewidths=0.9)


def whole_numbers(axes: Axes) -> None:
    """Set ticks at whole numbers, for seats."""
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


_LIGHT = 80
