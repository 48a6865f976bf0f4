"""``type: say``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ivr import Node, NodeId, Say
from sites.parts import prompts
from sites.schema import Id, Prompts

from .base import NodeBase, Validities


class SayPart(NodeBase):
    MODEL = Say

    type: Literal["say"]
    prompts: Annotated[Prompts, Field(min_length=1)]
    next: Id

    def build(self, name: NodeId, topics: Validities) -> Node:
        return Say(name, prompts(self.prompts), self.next)
