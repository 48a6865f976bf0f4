"""The end of a fragment."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.calendar import Validity
from ivr.model import NodeId


@dataclass(frozen=True, slots=True)
class Return:
    """The end of a fragment."""

    id: NodeId
    validity: Validity | None = None
    fallback: NodeId | None = None
