"""What callers can do at a node, as data: a closed set, from which the simulator draws what its callers do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from calls import QueueId
from ivr.digits import DigitsKind
from ivr.model import Assignments, NodeId


@dataclass(frozen=True, slots=True)
class Nothing:
    """Do nothing: the walk leads on by itself, and no prompt need be heard."""


@dataclass(frozen=True, slots=True)
class HearOut:
    """Hear what is said to its end."""


@dataclass(frozen=True, slots=True)
class PressKey:
    """Press this key."""

    key: str


@dataclass(frozen=True, slots=True)
class TypeNumber:
    """Type a number of this kind, of ``least`` to ``most`` digits; ``confirm``: it is read back and confirmed."""

    kind: DigitsKind
    least: int
    most: int
    confirm: bool


@dataclass(frozen=True, slots=True)
class LeaveMessage:
    """Speak after the beep."""


@dataclass(frozen=True, slots=True)
class AwaitAgent:
    """Wait for an agent; ``queue`` None: in the queue of the topic."""

    queue: QueueId | None


Doing = Nothing | HearOut | PressKey | TypeNumber | LeaveMessage | AwaitAgent


class Way(NamedTuple):
    """A way on: what the caller does, the node where that leads, and what is set on the way.

    ``back``: the way leads into a fragment, which goes on there. ``returns``: it leads back out of the innermost one;
    like the way to an agent it has no node of its own in ``goto``.
    """

    does: Doing
    goto: NodeId = ""
    sets: Assignments = ()
    back: NodeId | None = None
    returns: bool = False
