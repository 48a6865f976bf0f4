"""The wall clock at a step of the journal: its anchor was moved where somebody set the clock."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise
from math import inf


@dataclass(frozen=True, slots=True)
class WallClock:
    """``spans``: from which ``now`` on which anchor (epoch seconds at ``now`` 0) holds. The first: always."""

    spans: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, anchor: float, moves: Iterable[tuple[float, float, float]] = ()) -> WallClock:
        """``moves``: (now, anchor from there, seconds it moved by), in order; ``anchor`` holds where there are none."""
        told = list(moves)
        first = told[0][1] - told[0][2] if told else anchor
        return cls(((-inf, first), *((now, there) for now, there, _ in told)))

    def anchor(self, now: float) -> float:
        """Epoch seconds at ``now`` 0, as they held at this step."""
        return self.spans[bisect_right(self.spans, (now, inf)) - 1][1]

    def at(self, now: float) -> float:
        """Epoch seconds of an engine instant."""
        return self.anchor(now) + now

    def local(self, now: float, zone: tzinfo) -> datetime:
        """Local time of a step."""
        return datetime.fromtimestamp(self.at(now), zone)

    def of_day(self, begins: float) -> float:
        """The anchor by which a day that began at this epoch second was lived."""
        ends = [anchor + later for (_, anchor), (later, _) in pairwise(self.spans)]
        return next((self.spans[i][1] for i, end in enumerate(ends) if end > begins), self.spans[-1][1])

    def earliest(self, epoch: float) -> float:
        """No step before this ``now`` was told at ``epoch`` or later."""
        return min(epoch - anchor for _, anchor in self.spans)
