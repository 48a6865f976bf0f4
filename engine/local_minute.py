"""The line's local time to the minute, worked out once a minute: menus and queues ask for it at every step."""

from __future__ import annotations

from datetime import datetime
from typing import final

from ivr import Zone


@final
class LocalMinute:
    """The minute that was asked for last, and its local time."""

    def __init__(self) -> None:
        self.number: float = -1.0
        """Of the epoch."""
        self.begins: datetime = datetime.min
        self.zone: Zone | None = None

    def at(self, wall: float, zone: Zone) -> datetime:
        """Give the beginning of the local minute at an instant (epoch seconds)."""
        number = wall // 60.0
        if number != self.number or zone is not self.zone:
            if not zone.in_whole_minutes:
                return zone.local(wall).replace(second=0, microsecond=0)
            self.number, self.zone, self.begins = number, zone, zone.local(number * 60.0)
        return self.begins
