"""``type: queue``."""

from __future__ import annotations

from typing import Literal

from calls import QueueId
from ivr import Enqueue, Node, NodeId
from sites.parts import prompts
from sites.schema import Id, Prompts

from .base import NodeBase, Validities


class QueueNodePart(NodeBase):
    MODEL = Enqueue

    type: Literal["queue"]
    queue: Id | None = None
    closed: Id | None = None
    prompts: Prompts = []

    def build(self, name: NodeId, topics: Validities) -> Node:
        return Enqueue(name, QueueId(self.queue) if self.queue else None, prompts(self.prompts), self.closed)
