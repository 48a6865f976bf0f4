"""The row of one stay of a call in a queue: what board, reports, simulator and replay count. Instants are the reader's.

A call is *offered* to the line at its first queue entry, and again after it was served and sent on. One *offering* is
one or more stays: the caller is moved from queue to queue, and the line counts the offering once (docs/measures.md).
"""

from __future__ import annotations

from typing import Any, Final, Literal, final

from calls import AgentId, CallId, Outcome, QueueId

Sum = Literal["handled", "offers", "rona", "lost_media", "lost_media_agent", "ring_s", "talk_s", "hold_s", "wrap_up_s"]
"""What is added up while a stay is served."""
STAY_SUMS: Final[tuple[Sum, ...]] = ("offers", "rona", "lost_media", "ring_s", "talk_s", "hold_s", "wrap_up_s")
"""Those of the stay, so of its queue, of the line and of the topic."""
PART_SUMS: Final[tuple[Sum, ...]] = (
    "handled",
    "offers",
    "rona",
    "lost_media_agent",
    "ring_s",
    "talk_s",
    "hold_s",
    "wrap_up_s",
)
"""Those of an agent."""
Amount = int | float
"""How much more of a sum. A count is a whole number, also where the code is compiled: ``float`` alone would not be."""


@final
class Part:
    """What one agent had to do with one stay."""

    handled: int = 0
    offers: int = 0
    rona: int = 0
    lost_media_agent: int = 0
    ring_s: float = 0.0
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_up_s: float = 0.0


@final
class Stay:
    """One stay of a call in one queue, the call's ``number``-th.

    ``offering``: which offering of the call it belongs to; ``first``: it begins it. ``topic`` and ``dnis`` are those
    of then. ``since``: entry to this queue; ``place_since``: since when its place is counted from (a caller who is
    moved keeps it); ``line_since``: first queue entry of the offering. ``callback``: the line's own call to a citizen.

    Over, it is ``served`` (connected with an agent) or has an ``outcome``; ``settled``: so has the line's offering.
    ``wait_s``: in this queue; ``line_wait_s``: since the first queue entry. ``mark``: what its reader keeps with it.
    """

    call: CallId
    number: int
    queue: QueueId
    topic: str
    dnis: str
    offering: int
    first: bool
    callback: bool
    since: float
    place_since: float
    line_since: float
    served: bool = False
    outcome: Outcome | None = None
    settled: bool = False
    wait_s: float = 0.0
    line_wait_s: float = 0.0
    offers: int = 0
    rona: int = 0
    lost_media: int = 0
    ring_s: float = 0.0
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_up_s: float = 0.0
    parts: dict[AgentId, Part]
    mark: Any = None

    def __init__(
        self,
        call: CallId,
        number: int,
        queue: QueueId,
        topic: str,
        dnis: str,
        offering: int,
        first: bool,
        callback: bool,
        since: float,
        place_since: float,
        line_since: float,
        parts: dict[AgentId, Part] | None = None,
    ) -> None:
        self.call, self.number, self.queue, self.topic, self.dnis = call, number, queue, topic, dnis
        self.offering, self.first, self.callback = offering, first, callback
        self.since, self.place_since, self.line_since = since, place_since, line_since
        self.parts = {} if parts is None else parts

    @property
    def over(self) -> bool:
        """Tell whether the stay has ended: served, or left with an outcome."""
        return self.served or self.outcome is not None

    def end_wait(self, place_wait_s: float) -> None:
        """The place has waited so long. To the millisecond where it is not what a fact told."""
        moved_s, before_s = self.since - self.place_since, self.place_since - self.line_since
        self.wait_s = round(max(0.0, place_wait_s - moved_s), 3) if moved_s else place_wait_s
        self.line_wait_s = round(max(0.0, place_wait_s + before_s), 3) if before_s else place_wait_s

    def part(self, agent: AgentId) -> Part:
        """The agent's, begun here."""
        found = self.parts.get(agent)
        if found is None:
            found = self.parts[agent] = Part()
        return found
