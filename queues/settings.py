"""What can be said about a queue (a waiting line with its rules)."""

from __future__ import annotations

from dataclasses import dataclass

from calls import Need, QueueId, Requirement, requirement


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """One queue. Times in seconds.

    ``requires`` is asked of every agent on top of the caller's language; ``priority`` is what its calls start with
    (higher is served first). Announcements: ``announce_first_s`` after entry, then every ``announce_every_s``.
    """

    id: QueueId
    label: str
    requires: Requirement
    priority: int = 0
    ring_s: float = 15.0
    wrap_up_s: float = 30.0
    announce_first_s: float = 10.0
    announce_every_s: float = 45.0
    estimate: bool = True
    music: str = "default"

    def needs(self, language: str) -> Requirement:
        """What a call of this queue in this language asks of an agent."""
        return requirement(*self.requires, Need(f"lang.{language}", 1))
