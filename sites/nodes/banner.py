"""``type: banner``."""

from __future__ import annotations

from typing import Literal

from ivr import Banner, Node, NodeId
from sites.schema import Id

from .base import NodeBase, Validities


class BannerPart(NodeBase):
    MODEL = Banner

    type: Literal["banner"]
    next: Id

    def build(self, name: NodeId, topics: Validities) -> Node:
        return Banner(name, self.next)
