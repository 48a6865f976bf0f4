"""A number that the caller types."""

from __future__ import annotations

from dataclasses import dataclass

from calls.commands import Prompt
from ivr.calendar import Validity
from ivr.digits import DigitsKind as Digits
from ivr.model import NodeId


@dataclass(frozen=True, slots=True)
class Collect:
    """A number that the caller types, ended by ``#`` or by its length; ``*`` restarts it.

    A valid number (read back and confirmed, if the node asks for it) becomes the value of the variable ``into``.
    ``timeout_s`` is how long to wait for the next digit; after ``tries`` misses the caller goes on at ``otherwise``.
    """

    id: NodeId
    prompts: tuple[Prompt, ...]
    kind: Digits
    into: str
    next: NodeId
    otherwise: NodeId
    least: int = 1
    most: int = 20
    timeout_s: float = 5.0
    tries: int = 3
    confirm: bool = True
    validity: Validity | None = None
    fallback: NodeId | None = None
