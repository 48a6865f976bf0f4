"""What happens outside: the only input of the engine. Frozen, clockless, and enough to replay a day from.

``handle(event, now)`` takes any of these. The live driver translates Asterisk into them, the simulator makes them.
"""

from __future__ import annotations

from dataclasses import dataclass

from .ids import AgentId, CallId, OfferId, QueueId, SessionId
from .pairs import Named
from .words import AgentAction, CallStage, OfferResult, Party


@dataclass(frozen=True, slots=True)
class LineStarted:
    """The first event of a run: ``anchor`` is the wall time (epoch seconds) at which the engine's ``now`` was 0.

    It is the one of before, whatever the clock says by now: that tells ``ClockMoved``.
    """

    node: str
    anchor: float
    version: str


@dataclass(frozen=True, slots=True)
class ClockMoved:
    """Somebody set the wall clock: from here on it is ``anchor`` (epoch seconds at ``now`` 0) + ``now``."""

    anchor: float


@dataclass(frozen=True, slots=True)
class LinkUp:
    """Asterisk can be reached; a ``Snapshot`` follows."""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """Asterisk cannot be reached; nothing is offered until it is back."""

    reason: str


@dataclass(frozen=True, slots=True)
class TrunkSeen:
    """Whether the trunk answers the switch's OPTIONS, when that has changed."""

    reachable: bool


@dataclass(frozen=True, slots=True)
class SettingsPublished:
    """New settings hold from now on, in place of those before. ``digest`` names them; ``by``: who put them live."""

    digest: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class CallArrived:
    """A caller stands at the door, answered, under our control. ``ani`` is hostile text already reduced to digits."""

    call: CallId
    ani: str
    dnis: str


@dataclass(frozen=True, slots=True)
class CallRefused:
    """The switch had no room for a citizen, by the number that the settings say: they heard so, or got a 503."""

    call: CallId
    ani: str
    dnis: str


@dataclass(frozen=True, slots=True)
class CallsTurnedAway:
    """Calls that did not come in since the last such event.

    ``why``: ``caller`` (one number calls too often, or too many times at once) or ``rate`` (too many calls a second).
    """

    why: str
    calls: int


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
    """A supervisor promises a citizen a call: ``at`` (on the engine's scale), or as soon as it is his turn (None)."""

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


@dataclass(frozen=True, slots=True)
class QueueSwitched:
    """A queue opens or closes. Callers who wait in a closed one go the way its settings say, if they say one."""

    queue: QueueId
    open: bool
    by: str = ""


@dataclass(frozen=True, slots=True)
class BannerSwitched:
    """The emergency banner says this prompt from now on; empty: it is off."""

    prompt: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class PersonErased:
    """Somebody (``by``) has a citizen forgotten whose number is written in these ways; ``token`` stands for them now.

    In the journal the token stands in ``numbers`` too, so a replay forgets what it knows of the token.
    """

    numbers: tuple[str, ...]
    token: str
    by: str


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
class HoldChanged:
    """The agent put the caller on hold, or took him back."""

    offer: OfferId
    on: bool


@dataclass(frozen=True, slots=True)
class TransferAnswered:
    """The outside party speaks with the caller. How it ends is ``CallerBack`` or ``CallerLeft``."""

    call: CallId


@dataclass(frozen=True, slots=True)
class AgentTransferred:
    """The agent sent the caller on (SIP REFER) and is out of it: to an outside number, a queue, or a colleague.

    ``dialled``: Asterisk rings the target already, whoever it is; else a queue or a colleague is reached by the line.
    """

    call: CallId
    target: str
    dialled: bool = False


@dataclass(frozen=True, slots=True)
class CallHandedOver:
    """An agent joined his caller with a colleague and stepped aside; ``offer`` is the colleague's leg."""

    call: CallId
    offer: OfferId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class ConsultBegan:
    """An agent calls a colleague or an outside number to ask something; ``session`` is that call of his."""

    session: SessionId
    agent: AgentId
    target: str


@dataclass(frozen=True, slots=True)
class ConsultAnswered:
    session: SessionId


@dataclass(frozen=True, slots=True)
class ConsultEnded:
    session: SessionId


@dataclass(frozen=True, slots=True)
class OfferRang:
    offer: OfferId


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    offer: OfferId


@dataclass(frozen=True, slots=True)
class OfferFailed:
    offer: OfferId
    result: OfferResult
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Bridged:
    """Caller and agent hear each other."""

    call: CallId
    offer: OfferId


@dataclass(frozen=True, slots=True)
class AgentLeft:
    """The agent's leg of an answered offer is gone or going. ``lost``: as of ``CallerLeft``."""

    offer: OfferId
    lost: bool = False


@dataclass(frozen=True, slots=True)
class CodeDialled:
    """An agent's own phone dialled a feature code; ``session`` is that short call."""

    session: SessionId
    agent: AgentId
    code: str


@dataclass(frozen=True, slots=True)
class AgentAsked:
    """An agent asks for a state from a desk, or a supervisor (``by``) for them."""

    agent: AgentId
    action: AgentAction
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class PhoneReachable:
    agent: AgentId
    reachable: bool


@dataclass(frozen=True, slots=True)
class PhoneInUse:
    """The agent's phone carries a call that is not ours (a feature code, the survivable queue, a private call)."""

    agent: AgentId
    in_use: bool


@dataclass(frozen=True, slots=True)
class CommandFailed:
    """A command of ours (its type name) could not be carried out; ids are None where they do not apply."""

    command: str
    call: CallId | None
    offer: OfferId | None
    error: str


@dataclass(frozen=True, slots=True)
class SeenCall:
    """A caller's channel as the switch has it.

    ``stage`` is MENU for any call steered by us, TALKING (with ``offer``), TRANSFERRING, or None in the rescue menu.
    """

    call: CallId
    stage: CallStage | None
    offer: OfferId | None = None


@dataclass(frozen=True, slots=True)
class SeenOffer:
    """An agent's leg. ``agent`` is told where a colleague handed the caller over: the leg's id says nothing of him."""

    offer: OfferId
    answered: bool
    agent: AgentId | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What Asterisk really has, taken after a reconnect (``final``) or by the periodic audit.

    The final one is acted on at once; an audit's difference must be seen twice: events may still be on their way.
    ``started`` is when this Asterisk was started, in its own words: another one has none of the old calls.
    """

    calls: tuple[SeenCall, ...]
    offers: tuple[SeenOffer, ...]
    reachable: tuple[AgentId, ...]
    in_use: tuple[AgentId, ...]
    final: bool
    started: str = ""


Event = (
    LineStarted
    | ClockMoved
    | LinkUp
    | LinkDown
    | TrunkSeen
    | SettingsPublished
    | CallArrived
    | CallRefused
    | CallsTurnedAway
    | KeyPressed
    | PromptEnded
    | CallerLeft
    | CallerBack
    | CallRescued
    | CallSurvived
    | CallMoved
    | PrioritySet
    | CallWithdrawn
    | CallbackAsked
    | CallbackAnswered
    | CallbackFailed
    | QueueSwitched
    | BannerSwitched
    | PersonErased
    | LookedUp
    | LookupFailed
    | HoldChanged
    | TransferAnswered
    | AgentTransferred
    | CallHandedOver
    | ConsultBegan
    | ConsultAnswered
    | ConsultEnded
    | OfferRang
    | OfferAnswered
    | OfferFailed
    | Bridged
    | AgentLeft
    | CodeDialled
    | AgentAsked
    | PhoneReachable
    | PhoneInUse
    | CommandFailed
    | Snapshot
)
