"""What the engine wants done. A driver carries these out; what fails comes back as ``CommandFailed``."""

from __future__ import annotations

from dataclasses import dataclass

from .ids import AgentId, CallId, OfferId, QueueId, SessionId
from .pairs import Named


@dataclass(frozen=True, slots=True)
class Prompt:
    """A spoken text by its id; ``number`` fills the place of ``{n}`` (a position, minutes)."""

    id: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Play:
    """Say the prompts one after the other in ``language``. A key listed in ``keys`` cuts them short.

    The prompts read as in this ``edition`` of the menus; what it does not have, as in the newest.

    A new ``Play``, ``Music``, ``Connect``, ``Transfer`` or ``HangUp`` takes its place at once.
    ``last``: with these words the line has done for the caller what it will do.
    """

    call: CallId
    play: int
    prompts: tuple[Prompt, ...]
    language: str
    keys: str
    edition: int = 0
    last: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """Record what the caller says, until ``#``, silence or ``max_s``. It ends as a ``Play`` of this number does.

    ``file``: its name below the folder of messages, without an ending.
    """

    call: CallId
    play: int
    file: str
    max_s: float


@dataclass(frozen=True, slots=True)
class Hush:
    """Stop what is being said: the caller types. Its end is no news."""

    call: CallId


@dataclass(frozen=True, slots=True)
class Music:
    """Music until something else is commanded."""

    call: CallId
    music: str


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring one agent's phone for one call. ``caller`` and ``label`` are what the phone shows: digits, and who calls.

    ``auto_answer``: the phone is asked to take the call by itself. ``hold_s``: so long the agent's leg must be able to
    wait after the answer where the caller has to be dialled first (a callback), with a ringing tone meanwhile.
    """

    offer: OfferId
    call: CallId
    agent: AgentId
    ring_s: float
    caller: str
    label: str
    auto_answer: bool = False
    hold_s: float = 0.0


@dataclass(frozen=True, slots=True)
class CancelRing:
    """End the agent's leg, ringing or answered."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class Connect:
    """Join caller and agent now, whatever the caller is listening to."""

    call: CallId
    offer: OfferId


@dataclass(frozen=True, slots=True)
class Transfer:
    """Dial an outside number for the caller and step aside."""

    call: CallId
    target: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """Ask the site's service ``name``; ``send`` is what it is told, ``wanted`` the values that are asked for.

    It comes back as ``LookedUp`` or ``LookupFailed`` with this ``number``.
    """

    call: CallId
    number: int
    name: str
    send: tuple[Named, ...]
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallBack:
    """Dial the citizen of a callback; once answered, the channel is under our control like any caller's.

    ``queue``, ``language`` and ``dnis`` are what Asterisk's own menu must know should it have to take the call.
    """

    call: CallId
    number: str
    ring_s: float
    queue: QueueId
    language: str
    dnis: str


@dataclass(frozen=True, slots=True)
class HangUp:
    call: CallId


@dataclass(frozen=True, slots=True)
class Confirm:
    """Speak to the agent who dialled a feature code, then end that short call."""

    session: SessionId
    prompts: tuple[Prompt, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Membership:
    """Tell Asterisk's own (survivable) queues whether this agent would take calls if the engine were gone."""

    agent: AgentId
    serving: bool


Command = (
    Play
    | Record
    | Hush
    | Music
    | Ring
    | CancelRing
    | Connect
    | Transfer
    | Lookup
    | CallBack
    | HangUp
    | Confirm
    | Membership
)
