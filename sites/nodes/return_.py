"""``type: return``."""

from __future__ import annotations

from typing import Literal

from .base import NodeBase


class ReturnPart(NodeBase):
    type: Literal["return"]
