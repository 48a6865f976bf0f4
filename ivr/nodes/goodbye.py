"""The end of the walk."""

from __future__ import annotations

from dataclasses import dataclass

from calls.commands import Prompt
from ivr.calendar import Validity
from ivr.model import NodeId


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The line says its last words and hangs up."""

    id: NodeId
    prompts: tuple[Prompt, ...] = ()
    validity: Validity | None = None
    fallback: NodeId | None = None
