"""The course of a replication: the virtual clock, what is planned, and what all who act in it share."""

from __future__ import annotations

from typing import Any, Final, final

from calls import events as e
from engine import LineView

from .collector import Collector
from .later import Later, Planned

# What is planned for later, in the order of law at the same instant.
ENDED: Final = 0
ANSWERS: Final = 1
GIVES_UP: Final = 2
DUTY: Final = 3
HEARD: Final = 4
KEY: Final = 5
WRAPPED: Final = 6
COMES_BACK: Final = 7
CALLS: Final = 8
TOLD: Final = 9


@final
class Soon:
    """An event that happens at once: its kind, whom it is about, and the value that ``Line.do`` takes.

    Without a kind the value is the event itself.
    """

    def __init__(self, kind: type | None, subject: str, value: Any) -> None:
        self.kind, self.subject, self.value = kind, subject, value


@final
class Course:
    """What happens outside the engine: at once (``soon``), and later, by time, kind and order of planning.

    ``view``: what may be asked of the line, there once the line is; ``collector`` counts.
    """

    view: LineView

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.now: float = 0.0
        self.sequence = 0
        self.soon: list[Soon] = []
        self.later = Later()

    def do(self, kind: type, subject: str, value: Any = None) -> None:
        """Let an event happen at once, after what is happening now; ``value`` as for ``Line.do``."""
        self.soon.append(Soon(kind, subject, value))

    def happen(self, event: e.Event) -> None:
        """Let the event of this message happen at once: one that is rare, or has no other form."""
        self.soon.append(Soon(None, "", event))

    def plan(self, after_s: float, kind: int, subject: Any, value: Any = None) -> None:
        """Let something happen after some seconds; ``subject`` and ``value`` are for who does it."""
        self.sequence += 1
        self.later.push(Planned(self.now + after_s, kind, self.sequence, subject, value))

    def enrol(self, begins_at: float, kind: int, subject: Any, value: Any) -> None:
        """Put something on the roster, as known before all else begins."""
        self.sequence += 1
        self.later.roster.append(Planned(begins_at, kind, self.sequence, subject, value))
