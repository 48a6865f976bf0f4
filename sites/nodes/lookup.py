"""``type: lookup``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ivr import Lookup, Node, NodeId
from sites.defaults import default_of
from sites.parts import prompts
from sites.schema import Id, Prompts, Variable

from .base import NodeBase, Validities


class LookupPart(NodeBase):
    """``send``: what the service is told, by query name: a variable (or caller, dialled, language, topic, role).

    ``values``: variables, by each the name of its value in the answer.
    """

    MODEL = Lookup

    type: Literal["lookup"]
    lookup: Id
    send: Annotated[dict[Id, Id], Field(max_length=10)] = {}
    values: Annotated[dict[Variable, Id], Field(max_length=10)] = {}
    prompts: Prompts = []
    within_s: Annotated[float, Field(ge=1, le=30, allow_inf_nan=False)] = default_of(Lookup, "within_s")
    next: Id
    otherwise: Id

    def build(self, name: NodeId, topics: Validities) -> Node:
        send, values = tuple(self.send.items()), tuple(self.values.items())
        said = prompts(self.prompts)
        return Lookup(name, self.lookup, self.next, self.otherwise, send, values, said, self.within_s)
