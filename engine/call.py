"""A phone call or a callback: the work item, and what only a call has: a channel, menus, a stage, an outcome."""

from __future__ import annotations

from typing import NamedTuple, final

from calls import CallId, CallStage, ContractError, Outcome, Party
from ivr import Menus, Session
from queues import OverflowTrigger, WaitAnnouncements

from .work import WorkItem


class CallbackQuestion(NamedTuple):
    """A caller is being asked whether they want a callback: why, and whether they have just come (``entry``).

    ``accepted``: they said yes while an agent's phone rang for them; the agent's answer goes first.
    """

    limit: OverflowTrigger
    found: float
    entry: bool
    accepted: bool = False


class Recording(NamedTuple):
    """The file of a caller's message, and when its recording began."""

    file: str
    since: float


@final
class Playback:
    """What is played on the caller's channel. ``number`` counts plays: the end of an earlier one is stale."""

    number: int = 0
    saying: bool = False
    recording: Recording | None = None


@final
class Visit:
    """A caller's stay in the menus. ``looked_at``: when a service was asked last."""

    session: Session
    looked_at: float = 0.0
    returns: int = 0
    """Interruptions in a row, with nothing heard and no key between."""

    def __init__(self, session: Session) -> None:
        self.session = session


@final
class CallbackTask:
    """What the line has tried to reach a citizen. ``attempts``: how often they were not reached."""

    attempts: int = 0
    faults: int = 0
    """Failures in a row of the line itself to dial them."""


@final
class Call:
    """One caller, from the first word to the end. ``callback``: the line calls them (``engine/callbacks.py``).

    ``outcome`` and ``by`` are set once it is known how the call ends, before it is over.
    """

    id: CallId
    work: WorkItem
    arrived_at: float
    menus: Menus
    """The version of the menus that the caller began with."""
    digest: str
    """The digest of the settings that have these menus."""
    stage: CallStage = CallStage.MENU
    visit: Visit | None = None
    callback: CallbackTask | None = None
    sip_call: str = ""
    """What stands for the SIP Call-ID of the caller's channel."""
    playback: Playback
    lookups: int = 0
    """Questions put to services so far: an answer names its number."""
    announced: WaitAnnouncements
    asked: CallbackQuestion | None = None
    failed_connects: int = 0
    transfer_at: float | None = None
    surveyed: bool = False
    """Whether the caller is (or was) in the menus after a conversation."""
    outcome: Outcome | None = None
    by: Party = Party.LINE
    ended_in: CallStage | None = None

    def __init__(
        self,
        id: CallId,
        work: WorkItem,
        arrived_at: float,
        menus: Menus,
        digest: str,
        stage: CallStage = CallStage.MENU,
        *,
        visit: Visit | None = None,
        callback: CallbackTask | None = None,
        playback: Playback | None = None,
        announced: WaitAnnouncements | None = None,
    ) -> None:
        self.id = id
        self.work = work
        self.arrived_at = arrived_at
        self.menus = menus
        self.digest = digest
        self.stage = stage
        self.visit = visit
        self.callback = callback
        self.playback = Playback() if playback is None else playback
        self.announced = WaitAnnouncements() if announced is None else announced

    @property
    def here(self) -> Visit:
        """The visit of a caller who is in the menus. Raises ``ContractError`` for others."""
        if self.visit is None:
            raise ContractError(f"{self.id} is not in the menus")
        return self.visit

    @property
    def walk(self) -> Session:
        """The walk of a caller who is in the menus. Raises ``ContractError`` for others."""
        return self.here.session

    @property
    def task(self) -> CallbackTask:
        """What was tried to reach the citizen of a callback. Raises ``ContractError`` for a caller's own call."""
        if self.callback is None:
            raise ContractError(f"{self.id} is no callback")
        return self.callback

    def decide(self, outcome: Outcome, by: Party) -> None:
        """Decide how the call ends; the caller's channel may still be there.

        A caller who spoke with an agent was handled, whatever happened after a transfer.
        """
        if self.surveyed:
            return  # the outcome was decided when the conversation ended
        self.outcome = Outcome.HANDLED if self.work.served_by else outcome
        self.by, self.ended_in = by, self.stage
