"""A part of the menus that several ways share."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.calendar import Validity
from ivr.model import NodeId


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of the menus that several ways share: from ``start`` to a ``Return``, then on at ``next``."""

    id: NodeId
    start: NodeId
    next: NodeId
    validity: Validity | None = None
    fallback: NodeId | None = None
