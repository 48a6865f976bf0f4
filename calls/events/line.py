"""Events of the line as a whole: its clock, its switch, its settings, and what people order of it."""

from __future__ import annotations

from dataclasses import dataclass

from calls.ids import AgentId, CallId, OfferId, QueueId
from calls.words import CallStage


@dataclass(frozen=True, slots=True)
class LineStarted:
    """The first event of a run: ``anchor`` is the wall time (epoch seconds) at which the engine's ``now`` was 0.

    It is the one of before, whatever the clock says by now: that tells ``ClockMoved``.
    """

    node: str
    anchor: float
    version: str
    nodes: tuple[str, ...] = ()
    """The Asterisk nodes under the engine; empty: one, with the engine's own name."""


@dataclass(frozen=True, slots=True)
class ClockMoved:
    """Somebody set the wall clock: from here on it is ``anchor`` (epoch seconds at ``now`` 0) + ``now``."""

    anchor: float


@dataclass(frozen=True, slots=True)
class LinkUp:
    """An Asterisk can be reached; a ``Snapshot`` follows.

    ``node``, here and in every event of a switch: which one. Empty: the line's only one.
    """

    node: str = ""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """An Asterisk cannot be reached; nothing is offered to its callers until it is back."""

    reason: str
    node: str = ""


@dataclass(frozen=True, slots=True)
class TrunkSeen:
    """Whether the trunk answers the switch's OPTIONS, when that has changed."""

    reachable: bool
    node: str = ""


@dataclass(frozen=True, slots=True)
class SettingsPublished:
    """New settings hold from now on, in place of those before. ``digest`` names them; ``by``: who put them live."""

    digest: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class CallsTurnedAway:
    """Calls that did not come in since the last such event.

    ``why``: ``caller`` (one number calls too often, or too many times at once) or ``rate`` (too many calls a second).
    """

    why: str
    calls: int
    node: str = ""


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
    """An agent's leg. ``agent`` is told where a colleague handed the caller over: the leg's id does not name them."""

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
    node: str = ""
