"""The one way commands print: what stands in a file or a name is shown as it is, and no table is ever cut.

A terminal folds lines that are too long for it; a pipe or a file, which has no width, gets every line whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console, Group
from rich.measure import Measurement
from rich.table import Table

WIDEST = 10_000


class Screen(Console):
    """Without rich's markup and emoji: `[red]` is a word, and line 100 of a file is no picture.

    A table is as wide as its figures and labels need. ``stderr``, ``quiet``, ``soft_wrap``: see rich.
    """

    def __init__(self, *, stderr: bool = False, quiet: bool = False, soft_wrap: bool = False) -> None:
        super().__init__(stderr=stderr, quiet=quiet, soft_wrap=soft_wrap, markup=False, emoji=False, highlight=False)

    def print(self, *objects: Any, **how: Any) -> None:
        """Print as rich does, but no narrower than the tables need; away from a terminal lines are not folded."""
        if not self.is_terminal:
            how.setdefault("soft_wrap", True)
        usual = self.width
        self.width = max([usual, *(self._needs(table) for table in _tables(objects))])
        try:
            super().print(*objects, **how)
        finally:
            self.width = usual

    def _needs(self, table: Table) -> int:
        room = self.options.update(width=WIDEST, max_width=WIDEST)
        return Measurement.get(self, room, table).maximum


def _tables(objects: Any) -> Iterator[Table]:
    for one in objects:
        if isinstance(one, Table):
            yield one
        elif isinstance(one, Group):
            yield from _tables(one.renderables)
