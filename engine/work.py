"""A work item: what waits for an agent. It has no channel, no menus and no stage: those belong to its kind.

Places, limits, forecasts and the choice of agents know items only. A call has one (``engine/call.py``).
"""

from __future__ import annotations

from math import inf
from typing import final

from calls import AgentId, Known, OfferId, QueueId, Requirement, WorkItemId
from queues import Place, QueueSettings, Relax, Waiter


@final
class WorkItem:
    """One piece of work for an agent. ``ani``: the citizen's number, ``dnis``: the one they dialled; empty if unknown.

    ``promised_at``: a promised time or a deadline, from which it is due. ``served_by``: who had it last.
    """

    id: WorkItemId
    ani: str
    dnis: str
    known: Known
    node: str = ""
    """The Asterisk at which an agent must be rung for it, as its channel is there; empty: any."""
    promised_at: float = inf
    queue: QueueId | None = None
    extra_points: float = 0.0
    """What a supervisor, or having been cut off, adds to its points."""
    relaxing: tuple[Relax, ...] = ()
    relaxed: tuple[Relax, ...] = ()
    """The steps of its queue still to be taken, and those taken."""
    waiter: Waiter | None = None
    overflowed: tuple[str, ...] = ()
    """The overflow rules and queues that it has tried."""
    unattended: bool = False
    """Whether nobody listens while it waits; so it was not kept waiting, however long it takes."""
    aside: Place | None = None
    """Its place while it is out of the queue for a time."""
    offer: OfferId | None = None
    served_by: AgentId | None = None
    sender: AgentId | None = None
    """The agent who sent it to a colleague, until somebody has taken it."""
    returned_by: str = ""
    """The colleague from whom it came back."""

    def __init__(
        self,
        id: WorkItemId,
        ani: str,
        dnis: str,
        known: Known,
        node: str = "",
        *,
        extra_points: float = 0.0,
        unattended: bool = False,
    ) -> None:
        self.id = id
        self.ani = ani
        self.dnis = dnis
        self.known = known
        self.node = node
        self.extra_points = extra_points
        self.unattended = unattended

    @property
    def language(self) -> str:
        return self.known.language

    def points(self, queue: QueueSettings) -> float:
        """Add up its points in the queue: the queue's, those of role and number, and its own."""
        return queue.points(self.known.role, self.dnis) + self.extra_points

    def needs(self, queue: QueueSettings) -> Requirement:
        """Give what the queue asks of an agent for it, before any step is taken."""
        return queue.needs(self.known.language)

    def due_at(self, queue: QueueSettings, entered_at: float) -> float:
        """Give when it is due in the queue."""
        return min(entered_at + queue.cap_s, self.promised_at)
