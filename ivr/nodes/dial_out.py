"""A transfer to an outside number."""

from __future__ import annotations

from dataclasses import dataclass

from calls.commands import Prompt
from ivr.calendar import Validity
from ivr.model import NodeId


@dataclass(frozen=True, slots=True)
class DialOut:
    """A transfer to an outside number. If nobody answers the caller goes on at ``otherwise``."""

    id: NodeId
    target: str
    otherwise: NodeId
    confidential: bool = False
    prompts: tuple[Prompt, ...] = ()
    validity: Validity | None = None
    fallback: NodeId | None = None
