"""``type: callback``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from calls import QueueId
from ivr import Enqueue, Node, NodeId
from sites.findings import MENUS, CheckInput, Finding
from sites.names import missing_prompt
from sites.parts import prompts
from sites.schema import Id, Prompts

from .base import NodeBase, Validities


class CallbackPart(NodeBase):
    """A queue whose caller is offered a callback at once."""

    MODEL = Enqueue

    type: Literal["callback"]
    queue: Id | None = None
    closed: Id | None = None
    prompts: Prompts = []

    def build(self, name: NodeId, topics: Validities) -> Node:
        queue = QueueId(self.queue) if self.queue else None
        return Enqueue(name, queue, prompts(self.prompts), self.closed, callback=True)

    @staticmethod
    def check(subject: CheckInput, node: Enqueue) -> Iterator[Finding]:
        common = subject.menus.prompts
        for prompt in (common.callback_offer.id, common.callback_promised.id) if node.callback else ():
            yield from missing_prompt(subject, MENUS, ("nodes", node.id, "type"), prompt)
