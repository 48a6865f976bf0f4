"""``type: survey``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ivr import Node, NodeId, Survey
from sites.defaults import default_of
from sites.parts import prompts
from sites.schema import Id, Prompts

from .base import NodeBase, Validities


class SurveyPart(NodeBase):
    MODEL = Survey

    type: Literal["survey"]
    prompts: Annotated[Prompts, Field(min_length=1)]
    next: Id
    timeout_s: Annotated[float, Field(ge=1, le=30, allow_inf_nan=False)] = default_of(Survey, "timeout_s")
    tries: Annotated[int, Field(ge=1, le=10)] = default_of(Survey, "tries")

    def build(self, name: NodeId, topics: Validities) -> Node:
        return Survey(name, prompts(self.prompts), self.next, self.timeout_s, self.tries)
