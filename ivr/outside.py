"""What a walk may ask of the world around it: the time, the queues, the caller. The engine answers, or a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from calls import QueueId

from .calendar import EPOCH


class QueueLook(NamedTuple):
    """A queue of a world that stands still. ``expected_wait_s`` None: unknown."""

    open: bool = True
    waiting: int = 0
    agents_in: int = 0
    expected_wait_s: float | None = None


EMPTY = QueueLook()


class Outside(Protocol):
    """The world around a walk. It is asked only when a node needs it."""

    @property
    def ani(self) -> str:
        """The caller's number; empty if withheld."""

    @property
    def dnis(self) -> str:
        """The number that the caller dialled."""

    @property
    def banner(self) -> str:
        """The prompt of the emergency banner; empty: it is off."""

    def local(self) -> datetime:
        """Give the line's local time, without a zone."""

    def minute(self) -> datetime:
        """Give the beginning of the present minute of the line's local time."""

    def is_open(self, queue: QueueId) -> bool:
        """Tell whether the queue takes callers."""

    def waiting(self, queue: QueueId) -> int:
        """Count who waits in the queue."""

    def agents_in(self, queue: QueueId, language: str) -> int:
        """Count the agents at work who could take a caller of this queue and language."""

    def expected_wait_s(self, queue: QueueId, language: str) -> float | None:
        """Estimate the wait (s) of a caller who came to the queue now; None: unknown."""

    def called_before_s(self) -> float | None:
        """Give the seconds since the last call from the caller's number; None if none is remembered."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A world that stands still, for tests and trials."""

    at: datetime = EPOCH
    ani: str = ""
    dnis: str = ""
    look: QueueLook = EMPTY
    before_s: float | None = None
    banner: str = ""

    def local(self) -> datetime:
        return self.at

    def minute(self) -> datetime:
        return self.at.replace(second=0, microsecond=0)

    def is_open(self, queue: QueueId) -> bool:
        return self.look.open

    def waiting(self, queue: QueueId) -> int:
        return self.look.waiting

    def agents_in(self, queue: QueueId, language: str) -> int:
        return self.look.agents_in

    def expected_wait_s(self, queue: QueueId, language: str) -> float | None:
        return self.look.expected_wait_s

    def called_before_s(self) -> float | None:
        return self.before_s


CALM: Outside = Fixed()
"""A quiet world: queues are open and empty, nobody called before."""
