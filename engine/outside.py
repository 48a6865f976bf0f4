"""What a caller's walk may ask of the engine (``ivr.Outside``): the time, the queues, his number's history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from calls import QueueId
from ivr import QueueLook

from .forecast import look
from .world import World


@dataclass(slots=True)
class Outside:
    """The world around one caller."""

    world: World
    ani: str
    dnis: str

    @property
    def banner(self) -> str:
        return self.world.banner

    def reads(self, kind: object) -> bool:
        return self.world.reads is None or kind in self.world.reads

    def local(self) -> datetime:
        return self.world.local()

    def queue(self, queue: QueueId, language: str) -> QueueLook:
        return look(self.world, queue, language)

    def called_before_s(self) -> float | None:
        at = self.world.last_calls.get(self.ani) if self.ani else None
        return None if at is None else self.world.now - at
