"""The way to an agent."""

from __future__ import annotations

from dataclasses import dataclass

from calls import QueueId
from calls.commands import Prompt
from ivr.calendar import Validity
from ivr.model import NodeId


@dataclass(frozen=True, slots=True)
class Enqueue:
    """The way to an agent. ``queue`` None: the caller's topic decides.

    ``closed`` is where the caller goes while the queue is closed; without it the queue's overflow rules apply.
    """

    id: NodeId
    queue: QueueId | None = None
    prompts: tuple[Prompt, ...] = ()
    closed: NodeId | None = None
    callback: bool = False
    """Whether the caller is offered a callback at once; their place stays either way."""
    validity: Validity | None = None
    fallback: NodeId | None = None
