"""Facts of the line as a whole: its settings, its link to the switch, its clock, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from calls.ids import QueueId


@dataclass(frozen=True, slots=True)
class LineOpened:
    node: str
    anchor: float
    version: str


@dataclass(frozen=True, slots=True)
class ClockSet:
    """The wall clock was set, forward by ``by_s`` (negative: back). ``anchor``: epoch seconds at ``now`` 0 since."""

    anchor: float
    by_s: float


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """An Asterisk can be reached, or no more. ``node``, here and in every fact of a switch: as of ``LinkUp``."""

    up: bool
    reason: str
    node: str = ""


@dataclass(frozen=True, slots=True)
class NodeLost:
    """An Asterisk has been out of reach for too long: its calls count as lost, and who waited keeps their place."""

    node: str
    calls: int


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Calls that were not let in: ``full`` (no room), ``caller`` (one number's), ``rate`` (too many a second)."""

    why: str
    calls: int
    node: str = ""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Somebody (``by``: the user of the machine) ordered this; what came of it are the facts that follow.

    ``subject`` is a call, a queue, an agent or empty; ``detail`` what is wanted of it, no telephone number.
    """

    order: str
    subject: str
    detail: str
    by: str


@dataclass(frozen=True, slots=True)
class QueueOpen:
    """A queue was opened or closed, by order of ``by``."""

    queue: QueueId
    open: bool
    by: str = ""


@dataclass(frozen=True, slots=True)
class EditionTaken:
    """The settings published under this number hold from now on; callers in the menus keep those they began with.

    ``by``: who put them live.
    """

    edition: int
    by: str = ""


@dataclass(frozen=True, slots=True)
class BannerChanged:
    """The emergency banner says this prompt from now on; empty: it is off. ``by``: who ordered it."""

    prompt: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Erased:
    """A citizen's data were erased, by order of ``by``; ``token`` stands where their number stood."""

    token: str
    by: str


@dataclass(frozen=True, slots=True)
class TrunkChanged:
    """The trunk answers, or no more: calls to the outside and callbacks would fail, and callers may not get in."""

    reachable: bool
    node: str = ""


@dataclass(frozen=True, slots=True)
class Unexpected:
    """Something Asterisk told that cannot be right now: late, doubled or unknown. Nothing changed."""

    event: str
    subject: str
    state: str


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Engine and switch disagreed about ``subject``; ``done`` is what was done about it."""

    subject: str
    engine: str
    switch: str
    done: str


@dataclass(frozen=True, slots=True)
class CommandLost:
    """A command could not be carried out; ``done`` is what the engine did instead."""

    command: str
    subject: str
    error: str
    done: str
