"""``type: fragment``."""

from __future__ import annotations

from typing import Literal

from sites.schema import Id

from .base import NodeBase


class FragmentPart(NodeBase):
    """A shared part of the menus: from ``start`` to a node of type return, then the caller goes on at ``next``."""

    type: Literal["fragment"]
    start: Id
    next: Id
