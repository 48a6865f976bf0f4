"""The look of every plot, and its inline SVG: text as text, the same bytes for the same figures."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from io import StringIO

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from simulator.ask.answer import local
from simulator.model.weekdays import DAYS

from .words import WORDS, Words

# Okabe and Ito's colours differ for every kind of colour vision; dashes and markers differ without any.
BLACK, BLUE, ORANGE, GREEN, GREY = "#000000", "#0072B2", "#D55E00", "#009E73", "#777777"
DASHED, DOTTED, MIXED = (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2))
WIDTH, HEIGHT = 7.2, 2.5
"""Size of a plot in inches: the text width of an A4 page."""

RC = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.3,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
}


@dataclass(frozen=True, slots=True)
class Pen:
    """The language of a page's plots."""

    language: str

    @property
    def words(self) -> Words:
        return WORDS[self.language]

    @property
    def days(self) -> tuple[str, ...]:
        return DAYS[self.language]

    def number(self, value: float, _: object = None) -> str:
        """Format a tick's label."""
        return local(f"{value:,.10g}".replace("-", "\N{MINUS SIGN}"), self.language)

    def numbers(self, axes: Axes, *, x: bool = False) -> None:
        """Write the ticks in the language's figures."""
        for axis in (axes.xaxis, axes.yaxis) if x else (axes.yaxis,):
            axis.set_major_formatter(FuncFormatter(self.number))


def svg(name: str, draw: Callable[[Figure], None], height: float = HEIGHT) -> str:
    """Give the drawing as an ``<svg>`` element; ids begin with ``name``, so a page may have several."""
    out = StringIO()
    with style.context(["default", RC | {"svg.hashsalt": name}]):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure)
        figure.savefig(out, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    return _inline(out.getvalue(), name)


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with what stands above and under it."""

    name: str
    """Name of its file, unique on a page."""
    title: str
    drawing: str
    note: str = ""

    @property
    def file(self) -> str:
        """Give the drawing as a separate SVG file with its size, and a title for screen readers."""
        size = re.search(r'viewBox="0 0 (\S+) (\S+)"', self.drawing)
        width, height = size.groups() if size else ("", "")
        head = f'<svg width="{width}pt" height="{height}pt" role="img"'
        start, _, rest = self.drawing.replace("<svg", head, 1).partition(">")
        return f"{start}>\n <title>{escape(self.title)}</title>{rest}\n"


def drawn(name: str, title: str, draw: Callable[[Figure], None], height: float = HEIGHT, note: str = "") -> Plot:
    """Draw a plot; ``height`` in inches."""
    return Plot(name, title, svg(name, draw, height), note)


def _inline(document: str, name: str) -> str:
    """Remove what only a separate file needs: declaration, type, comments, size."""
    drawn = re.sub(r"<!--.*?-->\n?", "", document[document.index("<svg") :], flags=re.DOTALL)
    drawn = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", drawn, count=1)
    drawn = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", drawn, count=1)
    return re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{name}-", drawn).strip()
