"""Events that move a place in a queue by order, and those of callbacks."""

from __future__ import annotations

from dataclasses import dataclass

from calls.ids import CallId, QueueId
from calls.words import OfferResult


@dataclass(frozen=True, slots=True)
class CallMoved:
    """A supervisor moves a waiting call to another queue; it keeps the time it has waited.

    ``by``, here and in every order: the user who gave it, as the system knows them; empty in old journals.
    """

    call: CallId
    queue: QueueId
    by: str = ""


@dataclass(frozen=True, slots=True)
class PrioritySet:
    """A supervisor gives a waiting call so many points on top of its queue's."""

    call: CallId
    points: float
    by: str = ""


@dataclass(frozen=True, slots=True)
class CallWithdrawn:
    """A supervisor takes a waiting call out of the line: it hears goodbye."""

    call: CallId
    by: str = ""


@dataclass(frozen=True, slots=True)
class CallbackAsked:
    """A supervisor promises a citizen a call: ``at`` (on the engine's scale), or as soon as it is their turn (None)."""

    number: str
    queue: QueueId
    language: str
    at: float | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class CallbackAnswered:
    """The citizen whom the line dialled has taken the phone and stands under our control."""

    call: CallId


@dataclass(frozen=True, slots=True)
class CallbackFailed:
    """The citizen's phone did not take the line's call."""

    call: CallId
    result: OfferResult
    detail: str = ""
