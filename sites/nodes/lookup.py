"""``type: lookup``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ivr import Lookup
from sites.defaults import default_of
from sites.schema import Id, Prompts, Variable

from .base import NodeBase


class LookupPart(NodeBase):
    """``send``: what the service is told, by query name: a variable (or caller, dialled, language, topic, role).

    ``values``: variables, by each the name of its value in the answer.
    """

    type: Literal["lookup"]
    lookup: Id
    send: Annotated[dict[Id, Id], Field(max_length=10)] = {}
    values: Annotated[dict[Variable, Id], Field(max_length=10)] = {}
    prompts: Prompts = []
    within_s: Annotated[float, Field(ge=1, le=30, allow_inf_nan=False)] = default_of(Lookup, "within_s")
    next: Id
    otherwise: Id
