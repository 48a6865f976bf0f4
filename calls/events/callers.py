"""Events of a caller: their way in, what they do, and how they go."""

from __future__ import annotations

from dataclasses import dataclass

from calls.ids import AgentId, CallId, QueueId
from calls.pairs import Named
from calls.words import Party


@dataclass(frozen=True, slots=True)
class CallArrived:
    """A caller stands at the door, answered, under our control. ``ani`` is hostile text already reduced to digits.

    ``sip_call`` stands for the SIP Call-ID: two channels with the same one are one call. Empty: not known.
    """

    call: CallId
    ani: str
    dnis: str
    sip_call: str = ""


@dataclass(frozen=True, slots=True)
class CallRefused:
    """The switch had no room for a citizen, by the number that the settings say: they heard so, or got a 503."""

    call: CallId
    ani: str
    dnis: str


@dataclass(frozen=True, slots=True)
class KeyPressed:
    call: CallId
    key: str


@dataclass(frozen=True, slots=True)
class PromptEnded:
    """The ``Play`` numbered ``play`` was heard to its end (a play that was cut short says nothing)."""

    call: CallId
    play: int


@dataclass(frozen=True, slots=True)
class CallerLeft:
    """The caller's channel is gone or going. ``lost``: nobody hung up, that side answers and sends no more."""

    call: CallId
    lost: bool = False


@dataclass(frozen=True, slots=True)
class CallerBack:
    """The caller stands again under our control after a conversation, a transfer, or a failed connection."""

    call: CallId


@dataclass(frozen=True, slots=True)
class CallRescued:
    """Asterisk's survivable menu took the call while the engine could not be seen; it will end there."""

    call: CallId


@dataclass(frozen=True, slots=True)
class CallSurvived:
    """Asterisk's own account of an answered call that it served alone, over since ``ago_s``. Told once for each call.

    ``booked``: the engine had the call until it was rescued (``CallRescued``); the account tells how it went on.
    ``wait_s`` is that in Asterisk's own queue; ``agent`` and ``talk_s`` where somebody was spoken with.
    """

    call: CallId
    ani: str
    dnis: str
    queue: QueueId | None
    agent: AgentId | None
    wait_s: float
    talk_s: float
    total_s: float
    ago_s: float
    by: Party
    booked: bool = False


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A service has answered the ``Lookup`` numbered ``number``."""

    call: CallId
    number: int
    values: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class LookupFailed:
    """The service has no answer to the ``Lookup`` numbered ``number``, after all tries."""

    call: CallId
    number: int
    error: str


@dataclass(frozen=True, slots=True)
class TransferAnswered:
    """The outside party speaks with the caller. How it ends is ``CallerBack`` or ``CallerLeft``."""

    call: CallId
