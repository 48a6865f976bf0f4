"""A message that the caller leaves."""

from __future__ import annotations

from dataclasses import dataclass

from calls.commands import Prompt
from ivr.calendar import Validity
from ivr.model import NodeId

BEEP = Prompt("beep")
"""The sound that says that recording has begun: a sound of the line itself, without text."""


@dataclass(frozen=True, slots=True)
class Voicemail:
    """The caller leaves a message in ``box``: after the prompts and a beep they speak, at most ``max_s`` seconds."""

    id: NodeId
    box: str
    next: NodeId
    prompts: tuple[Prompt, ...] = ()
    max_s: float = 120.0
    validity: Validity | None = None
    fallback: NodeId | None = None
