"""``type: goodbye``."""

from __future__ import annotations

from typing import Literal

from ivr import Goodbye, Node, NodeId
from sites.parts import prompts
from sites.schema import Prompts

from .base import NodeBase, Validities


class GoodbyePart(NodeBase):
    MODEL = Goodbye

    type: Literal["goodbye"]
    prompts: Prompts = []

    def build(self, name: NodeId, topics: Validities) -> Node:
        return Goodbye(name, prompts(self.prompts))
