"""``type: say``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sites.schema import Id, Prompts

from .base import NodeBase


class SayPart(NodeBase):
    type: Literal["say"]
    prompts: Annotated[Prompts, Field(min_length=1)]
    next: Id
