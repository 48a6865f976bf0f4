"""The place of the emergency banner."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.calendar import Validity
from ivr.model import NodeId


@dataclass(frozen=True, slots=True)
class Banner:
    """The place where the emergency banner is said; a key skips it. Nothing is heard here while it is off."""

    id: NodeId
    next: NodeId
    validity: Validity | None = None
    fallback: NodeId | None = None
