"""``type: banner``."""

from __future__ import annotations

from typing import Literal

from sites.schema import Id

from .base import NodeBase


class BannerPart(NodeBase):
    type: Literal["banner"]
    next: Id
