"""The place of a waiting caller whom the line lost, kept for when they call again. Plain data."""

from __future__ import annotations

from typing import final

from calls import CallId, Known
from queues import Place, Relax


@final
class KeptPlace:
    """What is kept of ``call``: its place, and what was known of the citizen."""

    call: CallId
    place: Place
    dnis: str
    known: Known
    extra_points: float
    relaxing: tuple[Relax, ...]
    relaxed: tuple[Relax, ...]

    def __init__(
        self,
        call: CallId,
        place: Place,
        dnis: str,
        known: Known,
        extra_points: float,
        relaxing: tuple[Relax, ...],
        relaxed: tuple[Relax, ...],
    ) -> None:
        self.call = call
        self.place = place
        self.dnis = dnis
        self.known = known
        self.extra_points = extra_points
        self.relaxing = relaxing
        self.relaxed = relaxed
