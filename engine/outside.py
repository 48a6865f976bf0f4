"""What a caller's walk may ask of the engine (``ivr.Outside``): the time, the queues, the caller's history."""

from __future__ import annotations

from datetime import datetime
from typing import final

from calls import QueueId

from .forecast import agents_in, expected_outside
from .state import EngineState


@final
class Outside:
    """The world around one caller."""

    def __init__(self, state: EngineState, ani: str, dnis: str) -> None:
        self.state = state
        self.ani = ani
        self.dnis = dnis

    @property
    def banner(self) -> str:
        return self.state.banner

    def local(self) -> datetime:
        return self.state.local()

    def minute(self) -> datetime:
        return self.state.minute()

    def is_open(self, queue: QueueId) -> bool:
        return self.state.takes_calls(queue)

    def waiting(self, queue: QueueId) -> int:
        return self.state.room.waiting_in(queue)

    def agents_in(self, queue: QueueId, language: str) -> int:
        return agents_in(self.state, queue, language)

    def expected_wait_s(self, queue: QueueId, language: str) -> float | None:
        return expected_outside(self.state, queue, language)

    def called_before_s(self) -> float | None:
        at = self.state.last_calls.get(self.ani) if self.ani else None
        return None if at is None else self.state.now - at
