"""The way to an agent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from calls import QueueId
from calls.commands import Prompt
from ivr.model import NodeId
from ivr.walk import Acts, JoinQueue, WalkState

from .base import Node, Walk
from .refs import Ref, RefKind, prompt_refs
from .ways import AwaitAgent, Nothing, Way


@dataclass(frozen=True)
class Enqueue(Node):
    """The way to an agent. ``queue`` None: the caller's topic decides.

    ``closed`` is where the caller goes while the queue is closed; without it the queue's overflow rules apply.
    """

    queue: QueueId | None = None
    prompts: tuple[Prompt, ...] = ()
    closed: NodeId | None = None
    callback: bool = False
    """Whether the caller is offered a callback at once; their place stays either way."""
    joins: dict[QueueId, Acts] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What is done to join each queue, made once."""

    @property
    def look(self) -> str:
        return "shape=cds, style=filled, fillcolor=palegreen"

    def onward(self, walk: Walk) -> NodeId | None:
        if self.closed is None or walk.outside.is_open(self._queue(walk)):
            return None
        return self.closed

    def enter(self, walk: Walk) -> Acts:
        walk.state = WalkState.DONE
        queue = self._queue(walk)
        joins = self.joins.get(queue)
        if joins is None:
            joins = self.joins[queue] = [JoinQueue(queue, self.prompts, self.callback)]
        return joins

    def names(self) -> Iterator[Ref]:
        yield from prompt_refs((), self.prompts)
        if self.queue is not None:
            yield Ref(("queue",), RefKind.QUEUE, self.queue)
        if self.closed is not None:
            yield Ref(("closed",), RefKind.NODE, self.closed, by_itself=True, said="closed")

    def ways(self) -> Iterator[Way]:
        yield Way(AwaitAgent(self.queue))
        if self.closed is not None:
            yield Way(Nothing(), self.closed)

    @property
    def label(self) -> str:
        return f"{self.id}\nqueue: {self.queue or 'by topic'}"

    def _queue(self, walk: Walk) -> QueueId:
        return self.queue or walk.menus.queue_for(walk.known.topic)
