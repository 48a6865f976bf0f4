"""The place of a waiting caller whom the line lost, kept for when they call again. Plain data."""

from __future__ import annotations

from dataclasses import dataclass

from calls import CallId, Known
from queues import Place, Relax


@dataclass(slots=True)
class KeptPlace:
    """What is kept of ``call``: its place, and what was known of the citizen."""

    call: CallId
    place: Place
    dnis: str
    known: Known
    extra_points: float
    relaxing: tuple[Relax, ...]
    relaxed: tuple[Relax, ...]
