"""``type: callback``."""

from __future__ import annotations

from typing import Literal

from sites.schema import Id, Prompts

from .base import NodeBase


class CallbackPart(NodeBase):
    """A queue whose caller is offered a callback at once."""

    type: Literal["callback"]
    queue: Id | None = None
    closed: Id | None = None
    prompts: Prompts = []
