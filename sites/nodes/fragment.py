"""``type: fragment``."""

from __future__ import annotations

from typing import Literal

from ivr import Fragment, Node, NodeId
from sites.schema import Id

from .base import NodeBase, Validities


class FragmentPart(NodeBase):
    """A shared part of the menus: from ``start`` to a node of type return, then the caller goes on at ``next``."""

    MODEL = Fragment

    type: Literal["fragment"]
    start: Id
    next: Id

    def build(self, name: NodeId, topics: Validities) -> Node:
        return Fragment(name, self.start, self.next)
