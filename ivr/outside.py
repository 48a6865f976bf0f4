"""What a walk may ask of the world around it: the time, the queues, the caller. The engine answers, or a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from calls import QueueId

from .calendar import EPOCH


class QueueLook(NamedTuple):
    """A queue as a caller of one language would find it now. ``expected_wait_s`` None: unknown."""

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

    def queue(self, queue: QueueId, language: str) -> QueueLook:
        """Give the queue as a caller who speaks ``language`` would find it."""

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

    def queue(self, queue: QueueId, language: str) -> QueueLook:
        return self.look

    def called_before_s(self) -> float | None:
        return self.before_s


CALM: Outside = Fixed()
"""A quiet world: queues are open and empty, nobody called before."""
