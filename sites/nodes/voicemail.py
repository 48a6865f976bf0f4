"""``type: voicemail``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ivr import Node, NodeId, Voicemail
from sites.defaults import default_of
from sites.parts import prompts
from sites.schema import Id, Prompts

from .base import NodeBase, Validities


class VoicemailPart(NodeBase):
    """A message for ``box``, of at most ``max_s`` seconds."""

    MODEL = Voicemail

    type: Literal["voicemail"]
    box: Id
    prompts: Annotated[Prompts, Field(min_length=1)]
    max_s: Annotated[float, Field(ge=5, le=300, allow_inf_nan=False)] = default_of(Voicemail, "max_s")
    next: Id

    def build(self, name: NodeId, topics: Validities) -> Node:
        return Voicemail(name, self.box, self.next, prompts(self.prompts), self.max_s)
