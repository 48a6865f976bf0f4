"""``type: goodbye``."""

from __future__ import annotations

from typing import Literal

from sites.schema import Prompts

from .base import NodeBase


class GoodbyePart(NodeBase):
    type: Literal["goodbye"]
    prompts: Prompts = []
