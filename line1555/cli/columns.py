"""Tables of text: as wide as what stands in them, so that no figure and no id is ever cut; a pipe gets the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

GAP = "  "


def aligned(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The table, a line each. A terminal that is too narrow breaks lines; nothing is lost."""
    lines = [list(head), *map(list, rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)).rstrip()


def clock(seconds: float | None) -> str:
    """``2:10``, ``1:02:10``; ``-`` for nothing."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
