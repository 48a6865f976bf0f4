"""The steps that wait in memory while the disk takes none: bounded, and what finds no room is counted and marked."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from .steps import Gap

Waiting = tuple[int, float, str | None, str, str | None]
"""A row without its number: run, now, event, facts, gap."""


@dataclass(slots=True)
class Backlog:
    """At most ``most_rows`` steps and ``most_bytes`` of text; the oldest go first. ``gap``: the lost, not yet told."""

    most_rows: int
    most_bytes: int
    gap: Gap | None = None
    dropped: int = 0
    _rows: deque[Waiting] = field(default_factory=deque)
    _bytes: int = 0

    def __len__(self) -> int:
        return len(self._rows)

    def keep(self, row: Waiting) -> None:
        """Let the step wait, and the oldest go where there is no room."""
        self._rows.append(row)
        self._bytes += _size(row)
        while len(self._rows) > self.most_rows or (self._bytes > self.most_bytes and len(self._rows) > 1):
            self.drop(self._pop()[1])

    def drop(self, now: float) -> None:
        """A step of this instant is lost."""
        gap = self.gap or Gap(0, now, now)
        self.gap = Gap(gap.rows + 1, min(gap.first, now), max(gap.last, now))
        self.dropped += 1

    def oldest(self, most: int) -> Sequence[Waiting]:
        """The steps to be written next, at most ``most``; they stay until ``written``."""
        return list(islice(self._rows, most))

    def written(self, rows: int) -> None:
        """The oldest ``rows`` rows are on the disk, and so is the gap."""
        self.gap = None
        for _ in range(rows):
            self._pop()

    def move(self, seconds: float, run: int) -> None:
        """Tell the instants on another scale; steps without a run are of this one."""
        self._rows = deque((was or run, now + seconds, event, facts, gap) for was, now, event, facts, gap in self._rows)
        if self.gap:
            self.gap = Gap(self.gap.rows, self.gap.first + seconds, self.gap.last + seconds)

    def _pop(self) -> Waiting:
        row = self._rows.popleft()
        self._bytes -= _size(row)
        return row


def _size(row: Waiting) -> int:
    return len(row[2] or "") + len(row[3])
