"""``type: transfer``."""

from __future__ import annotations

from typing import Literal

from ivr import DialOut, Node, NodeId
from sites.defaults import default_of
from sites.parts import prompts
from sites.schema import Id, Number, Prompts

from .base import NodeBase, Validities


class TransferPart(NodeBase):
    MODEL = DialOut

    type: Literal["transfer"]
    number: Number
    otherwise: Id
    confidential: bool = default_of(DialOut, "confidential")
    prompts: Prompts = []

    def build(self, name: NodeId, topics: Validities) -> Node:
        return DialOut(name, self.number, self.otherwise, self.confidential, prompts(self.prompts))
