"""``type: queue``."""

from __future__ import annotations

from typing import Literal

from sites.schema import Id, Prompts

from .base import NodeBase


class QueueNodePart(NodeBase):
    type: Literal["queue"]
    queue: Id | None = None
    closed: Id | None = None
    prompts: Prompts = []
