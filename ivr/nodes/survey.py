"""A question answered with a mark."""

from __future__ import annotations

from dataclasses import dataclass

from calls.commands import Prompt
from ivr.calendar import Validity
from ivr.model import NodeId


@dataclass(frozen=True, slots=True)
class Survey:
    """A question answered with a mark, the keys 1 to 5. After ``tries`` misses the caller goes on without one."""

    id: NodeId
    prompts: tuple[Prompt, ...]
    next: NodeId
    timeout_s: float = 5.0
    tries: int = 2
    validity: Validity | None = None
    fallback: NodeId | None = None
