"""A question to a service of the site."""

from __future__ import annotations

from dataclasses import dataclass

from calls.commands import Prompt
from ivr.calendar import Validity
from ivr.model import NodeId

SOURCES = ("caller", "dialled", "language", "topic", "role")
"""What is known of a caller beside the variables; no variable may have these names."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A question to the site's service ``lookup``: the caller hears ``prompts``, then music, until it is answered.

    ``send``: (name, source), the source a variable or one of ``SOURCES``; ``values``: (variable, name in the answer).
    Without an answer within ``within_s``, or with a failure, the caller goes on at ``otherwise``.
    """

    id: NodeId
    lookup: str
    next: NodeId
    otherwise: NodeId
    send: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    prompts: tuple[Prompt, ...] = ()
    within_s: float = 8.0
    validity: Validity | None = None
    fallback: NodeId | None = None
