"""Facts of the waiting lines: places, what moves them, callbacks, announcements."""

from __future__ import annotations

from dataclasses import dataclass

from calls.ids import AgentId, CallId, QueueId
from calls.words import OfferResult, Outcome


@dataclass(frozen=True, slots=True)
class Queued:
    """The call stands in a waiting line: offered, in the field's words. ``requires`` is the skill expression.

    Where nobody reads explanations (most simulations) everything but call and queue is left out.
    """

    call: CallId
    queue: QueueId
    requires: str = ""
    priority: float = 0.0
    position: int = 0
    agents_in: int = 0
    relaxes: tuple[str, ...] = ()
    kept_for: AgentId | None = None


@dataclass(frozen=True, slots=True)
class PlaceChanged:
    """A waiting call asks for something else now: ``why`` names the step or the order. ``requires`` is the whole.

    Like ``Queued`` without its explanation where nobody reads that. ``by``: who ordered it, if anybody.
    """

    call: CallId
    queue: QueueId
    requires: str = ""
    priority: float = 0.0
    why: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Overflowed:
    """A limit of the queue sent the call another way (``way``, ``target``): ``limit`` was broken by ``found``."""

    call: CallId
    queue: QueueId
    limit: str
    found: float
    way: str
    target: str


@dataclass(frozen=True, slots=True)
class CallbackOffered:
    """The waiting caller was asked whether they would rather be called back, and keeps the place meanwhile."""

    call: CallId
    queue: QueueId
    limit: str
    found: float


@dataclass(frozen=True, slots=True)
class CallbackPromised:
    """The line will call back: from now on ``callback`` stands in the queue, in the place of ``call``.

    ``call`` is None where a supervisor (``by``) promised it. ``waited_s`` is what the place has waited already,
    ``due_s`` the seconds until a time that was promised (None: when its turn comes).
    """

    callback: CallId
    call: CallId | None
    queue: QueueId
    number: str
    language: str
    waited_s: float
    due_s: float | None
    by: str = ""


@dataclass(frozen=True, slots=True)
class CallbackMissed:
    """The citizen was dialled for the ``attempts``-th time and not reached.

    ``again_s``: seconds until the line tries again; None: it gives up.
    """

    callback: CallId
    agent: AgentId
    result: OfferResult
    detail: str
    attempts: int
    again_s: float | None


@dataclass(frozen=True, slots=True)
class NobodyCan:
    """No agent who is logged in could ever take this call, however it relaxes; ``rule``: what the settings say."""

    call: CallId
    queue: QueueId
    rule: str


@dataclass(frozen=True, slots=True)
class Announced:
    """The caller was told the position and, where it is good enough, the end of the range of the wait in seconds.

    ``low_s`` to ``ewt_s`` held for the share ``coverage`` of late; both None where no estimate was told.
    """

    call: CallId
    queue: QueueId
    position: int
    ewt_s: float | None
    low_s: float | None = None
    coverage: float | None = None


@dataclass(frozen=True, slots=True)
class QueueLeft:
    """The call stands in no line any more without having been connected; ``wait_s`` since queue entry.

    ``by``: who took it out, where that was an order.
    """

    call: CallId
    queue: QueueId
    outcome: Outcome
    wait_s: float
    by: str = ""


@dataclass(frozen=True, slots=True)
class PlaceResumed:
    """A citizen whose waiting call the line lost has called again, and has their old place.

    ``lost``: the call that was lost; ``waited_s``: seconds since that call entered the queue.
    """

    call: CallId
    lost: CallId
    queue: QueueId
    waited_s: float
