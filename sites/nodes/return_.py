"""``type: return``."""

from __future__ import annotations

from typing import Literal

from ivr import Node, NodeId, Return

from .base import NodeBase, Validities


class ReturnPart(NodeBase):
    MODEL = Return

    type: Literal["return"]

    def build(self, name: NodeId, topics: Validities) -> Node:
        return Return(name)
