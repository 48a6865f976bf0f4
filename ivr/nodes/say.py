"""An announcement."""

from __future__ import annotations

from dataclasses import dataclass

from calls.commands import Prompt
from ivr.calendar import Validity
from ivr.model import NodeId


@dataclass(frozen=True, slots=True)
class Say:
    """An announcement; a key skips it and counts for what comes next."""

    id: NodeId
    prompts: tuple[Prompt, ...]
    next: NodeId
    validity: Validity | None = None
    fallback: NodeId | None = None
