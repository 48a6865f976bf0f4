"""Everything the engine knows at one instant, and the few moves every room needs. Plain data: it is stored whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Final, NamedTuple, ParamSpec

from acd import Distributor
from agents import SERVING, Agent, AgentEvent, Roster
from calls import (
    AgentId,
    AgentState,
    CallId,
    CallStage,
    ContractError,
    Known,
    OfferId,
    OfferResult,
    Outcome,
    Party,
    QueueId,
    SessionId,
)
from calls import commands as c
from calls import events as e
from calls import facts as f
from ivr import Menus, Session
from queues import OverflowTrigger, Place, QueueSettings, Relax, WaitAnnouncements, Waiter, WaitEstimator, WaitingRoom

from .kept_place import KeptPlace
from .machine import Allowed, OfferState
from .node import Node
from .settings import LineSettings
from .timers import TimerKind, Timers


class CallbackQuestion(NamedTuple):
    """A caller is being asked whether they want a callback: why, and whether they have just come (``entry``).

    ``accepted``: they said yes while an agent's phone rang for them; the agent's answer goes first.
    """

    limit: OverflowTrigger
    found: float
    entry: bool
    accepted: bool = False


@dataclass(slots=True)
class Call:
    """One caller. ``outcome`` and ``by`` are set once it is known how the call ends, before it is over.

    ``callback``: the line calls them (``engine/callbacks.py``), at ``promised_at`` if a time was promised;
    ``attempts`` counts how often they were not reached, ``aside`` is their place until the next attempt.
    """

    id: CallId
    ani: str
    dnis: str
    arrived_at: float
    menus: Menus
    """The version of the menus that the caller began with."""
    known: Known
    session: Session | None = None
    """The walk, while somebody walks."""
    node: str = ""
    """The Asterisk on which the caller's channel is; empty: none yet (a callback)."""
    sip_call: str = ""
    stage: CallStage = CallStage.MENU
    digest: str = ""
    """The digest of the settings whose menus the caller is in."""
    play: int = 0
    saying: bool = False
    lookup: int = 0
    """Number of the last question to a service, and when it was asked."""
    looked_at: float = 0.0
    recording: str = ""
    """The file of the caller's message, and when the recording began."""
    recording_since: float | None = None
    queue: QueueId | None = None
    relaxing: tuple[Relax, ...] = ()
    relaxed: tuple[Relax, ...] = ()
    waiter: Waiter | None = None
    announced: WaitAnnouncements = field(default_factory=WaitAnnouncements)
    extra_points: float = 0.0
    overflowed: tuple[str, ...] = ()
    asked: CallbackQuestion | None = None
    callback: bool = False
    promised_at: float = inf
    attempts: int = 0
    faults: int = 0
    """Failures in a row of the line itself to dial the citizen of a callback."""
    aside: Place | None = None
    offer: OfferId | None = None
    failed_connects: int = 0
    sender: AgentId | None = None
    """The agent who sent the call to a colleague, until somebody has taken it."""
    returned_by: str = ""
    """The colleague from whom it came back."""
    transfer_at: float | None = None
    spoke_with: AgentId | None = None
    returns: int = 0
    """Interruptions in a row in the menus, with nothing heard and no key between."""
    surveyed: bool = False
    """Whether the caller is (or was) in the menus after a conversation."""
    outcome: Outcome | None = None
    by: Party = Party.LINE
    ended_in: CallStage | None = None

    @property
    def walk(self) -> Session:
        """The walk of a caller who is in the menus. Raises ``ContractError`` for others."""
        if self.session is None:
            raise ContractError(f"{self.id} is not in the menus")
        return self.session


@dataclass(slots=True)
class Consult:
    """An agent's own call to ask somebody; ``call`` is the caller it is for."""

    agent: AgentId
    target: str
    call: CallId | None
    answered_at: float | None = None


@dataclass(slots=True)
class Offer:
    """One attempt to give one call to one agent, until the agent's leg is gone."""

    id: OfferId
    call: CallId
    agent: AgentId
    queue: QueueId
    made_at: float
    state: OfferState = OfferState.RINGING
    answered_at: float = 0.0
    talk_at: float = 0.0
    hold_at: float | None = None
    hold_s: float = 0.0


class WrapUp(NamedTuple):
    """The call that an agent's wrap-up belongs to. ``talked_s`` is talk and hold."""

    call: CallId
    queue: QueueId
    talked_s: float


Output = c.Command | f.Fact
P = ParamSpec("P")


@dataclass(slots=True)
class EngineState:
    """The engine's whole state. ``out`` collects the outputs of the present step.

    ``call_moves``, ``offer_moves``: what the state tables allow.
    """

    settings: LineSettings
    roster: Roster
    room: WaitingRoom
    distributor: Distributor
    call_moves: Allowed[CallStage]
    offer_moves: Allowed[OfferState]
    now: float = 0.0
    anchor: float = 0.0
    """Wall time (epoch seconds) at ``now`` 0."""
    digest: str = ""
    """The digest of the settings; empty: they were never published."""
    node: str = ""
    epoch: int = 0
    nodes: dict[str, Node] = field(default_factory=dict)
    """The Asterisks under the line, by name."""
    linked: bool = False
    """Whether any of them can be reached."""
    calm_at: float = 0.0
    """Until this time phones may still be registering, after a start or reconnect of Asterisk."""
    made: int = 0
    calls: dict[CallId, Call] = field(default_factory=dict)
    sip_calls: dict[str, CallId] = field(default_factory=dict)
    """Calls by what stands for their SIP Call-IDs."""
    offers: dict[OfferId, Offer] = field(default_factory=dict)
    wrap_ups: dict[AgentId, WrapUp] = field(default_factory=dict)
    consults: dict[SessionId, Consult] = field(default_factory=dict)
    estimators: dict[QueueId, WaitEstimator] = field(default_factory=dict)
    preferred_agents: dict[str, AgentId] = field(default_factory=dict)
    last_calls: dict[str, float] = field(default_factory=dict)
    """When each number called last; kept only if the menus ask for it."""
    closed: set[QueueId] = field(default_factory=set)
    banner: str = ""
    """Prompt of the emergency banner; empty: it is off."""
    promised: dict[str, CallId] = field(default_factory=dict)
    """Numbers that the line has promised to call back."""
    kept_places: dict[str, KeptPlace] = field(default_factory=dict)
    """Places of callers whom the line lost, by number."""
    timers: Timers = field(default_factory=Timers)
    out: list[Output] = field(default_factory=list)
    reads: frozenset[object] | None = None
    """Kinds of outputs that are read; None: all of them, with explanations."""

    @classmethod
    def empty(
        cls,
        settings: LineSettings,
        call_moves: Allowed[CallStage],
        offer_moves: Allowed[OfferState],
        reads: frozenset[object] | None = None,
    ) -> EngineState:
        roster, room = Roster(settings.agents.values(), 0.0), WaitingRoom()
        distributor = Distributor.of(roster, room, settings.policies())
        return cls(settings, roster, room, distributor, call_moves, offer_moves, reads=reads)

    def move(self, call: Call, stage: CallStage) -> None:
        """Move a call to another stage; the only way to do so. Raises ``ContractError`` for a move not in the table."""
        if stage not in self.call_moves[call.stage]:
            raise ContractError(f"{call.id} cannot go from {call.stage} to {stage}")
        call.stage = stage

    def move_offer(self, offer: Offer, state: OfferState) -> None:
        """Move an offer to another state. Raises ``ContractError`` for a move not in the table."""
        if state not in self.offer_moves[offer.state]:
            raise ContractError(f"{offer.id} cannot go from {offer.state} to {state}")
        offer.state = state

    def tell(self, kind: Callable[P, Output], *values: P.args, **named: P.kwargs) -> None:
        """Make an output of this kind, if it is read."""
        if self.reads is None or kind in self.reads:
            self.out.append(kind(*values, **named))

    @property
    def explains(self) -> bool:
        """Tell whether explanations are read, or only what happened."""
        return self.reads is None

    def set_timer(self, kind: TimerKind, subject: str, after_s: float) -> None:
        self.timers.set(kind, subject, self.now + after_s)

    def local(self) -> datetime:
        """Give the line's local time."""
        return self.settings.zone.local(self.anchor + self.now)

    def takes_calls(self, queue: QueueId) -> bool:
        """Tell whether the queue is open for a new call: by its hours, and by its supervisors."""
        hours = self.settings.queue_hours.get(queue)
        return queue not in self.closed and (hours is None or hours.open_at(self.local()))

    def queue(self, call: Call) -> QueueSettings:
        if call.queue is None:
            raise ContractError(f"{call.id} is in no queue")
        return self.settings.queues[call.queue]

    def menu_versions(self) -> set[int]:
        """Give the versions of the menus that callers are still in."""
        return {call.menus.version for call in self.calls.values()}

    def play(self, call: Call, prompts: tuple[c.Prompt, ...], keys: str = "", *, last: bool = False) -> None:
        """Say something to the caller; its end comes back with this play's number."""
        call.play, call.saying = call.play + 1, True
        self.tell(c.Play, call.id, call.play, prompts, call.known.language, keys, call.menus.version, last)

    def record(self, call: Call, box: str, max_s: float) -> None:
        """Record the caller; the end comes back with this play's number."""
        call.play, call.saying = call.play + 1, True
        call.recording, call.recording_since = f"{box}/{call.id}-{call.play}", self.now
        self.tell(c.Record, call.id, call.play, call.recording, max_s)

    def hush(self, call: Call) -> None:
        """Make the end of the present play count no longer."""
        call.play, call.saying = call.play + 1, False
        self.tell(c.Hush, call.id)

    def hold(self, call: Call) -> None:
        """Play music to a caller who is in no queue: that of the operators' queue."""
        queue = self.settings.queues[call.menus.operator_queue]
        self.tell(c.Music, call.id, queue.music)

    def music(self, call: Call) -> None:
        # The present play is void: its end must not count.
        call.play, call.saying = call.play + 1, False
        self.tell(c.Music, call.id, self.queue(call).music)

    def move_agent(self, agent: Agent, event: AgentEvent, reason: str = "", by: str = "") -> None:
        """Move an agent by the state table, and tell it. Raises ``RequestRefused`` for an impossible request."""
        serving, change = agent.serving, self.roster.apply(agent, event, self.now, reason, by)
        if change is None:
            return
        self.tell(f.AgentChanged, change.agent, change.old, change.new, change.reason, change.lasted_s, change.by)
        if change.old is AgentState.WRAP_UP:
            self._wrapped_up(agent.id, change.lasted_s)
        if serving != agent.serving:
            self.tell(c.Membership, agent.id, agent.serving)
        self.distributor.agent_free(agent.id)
        if change.new not in SERVING:
            self._release_preferred(agent.id)
        if agent.gone and change.new is AgentState.NOT_READY:
            self.set_timer(TimerKind.PHONE_AWAY, agent.id, self.settings.phones.log_out_after_s)

    def _release_preferred(self, agent: AgentId) -> None:
        """Release the calls that were kept for this agent."""
        if agent in self.room.by_preferred_agent:
            for place in [place for place in self.room if place.preferred_agent == agent]:
                self.timers.set(TimerKind.PREFERRED, place.item, self.now)

    def _wrapped_up(self, agent: AgentId, lasted_s: float) -> None:
        self.timers.cancel(TimerKind.WRAP_UP, agent)
        self.timers.cancel(TimerKind.RING_AHEAD, agent)
        work = self.wrap_ups.pop(agent)
        self.tell(f.WrapUpDone, work.call, agent, work.queue, lasted_s)
        self.distributor.handled(work.queue, agent, work.talked_s + lasted_s)
        self.estimator(work.queue).handled(work.talked_s + lasted_s)

    def estimator(self, queue: QueueId) -> WaitEstimator:
        known = self.estimators.get(queue)
        if known is None:
            known = self.estimators[queue] = WaitEstimator()
        return known

    def refresh(self, agent: Agent) -> None:
        """Note that the agent's phone or leg changed: they may be available now."""
        self.roster.refresh(agent)
        self.distributor.agent_free(agent.id)

    def language(self, call: Call) -> str:
        return call.known.language

    def end_call(self, call: Call) -> None:
        """End the call, as the caller's channel is gone, with the outcome decided before."""
        for kind in CALL_TIMERS:
            self.timers.cancel(kind, call.id)
        if call.callback:
            self.promised.pop(call.ani, None)
        stage = call.ended_in or call.stage
        if call.outcome is None or None not in self.call_moves[call.stage]:
            raise ContractError(f"{call.id} cannot end {call.stage}, {call.outcome}")
        self.tell(f.CallEnded, call.id, call.outcome, stage, call.by, self.now - call.arrived_at)
        del self.calls[call.id]
        self.sip_calls.pop(call.sip_call, None)

    def caller_left(self, call: Call, event: e.CallerLeft) -> Party:
        """Give the party that ended the call of a caller who is gone."""
        if event.lost:
            self.tell(f.MediaLost, call.id, AgentId(""))
        return Party.LOST_MEDIA if event.lost else Party.CALLER

    def decide(self, call: Call, outcome: Outcome, by: Party) -> None:
        """Decide how the call ends; the caller's channel may still be there.

        A caller who spoke with an agent was handled, whatever happened after a transfer.
        """
        if call.surveyed:
            return  # the outcome was decided when the conversation ended
        call.outcome = Outcome.HANDLED if call.spoke_with else outcome
        call.by, call.ended_in = by, call.stage

    def leave_queue(self, call: Call, outcome: Outcome, by: str = "") -> None:
        """Take an unconnected call out of its queue; a live offer is withdrawn. ``by``: who ordered it."""
        place, call.aside, call.asked = call.aside or self.room.leave(call.id), None, None
        for kind in WAITING_TIMERS:
            self.timers.cancel(kind, call.id)
        self.tell(f.QueueLeft, call.id, place.queue, outcome, self.now - place.entered_at, by)

    def offer_ended(self, offer: Offer, result: OfferResult, detail: str = "") -> None:
        self.timers.cancel(TimerKind.RING, offer.id)
        ring_s = self.now - offer.made_at
        self.tell(f.OfferEnded, offer.id, offer.call, offer.agent, offer.queue, result, ring_s, detail)


WAITING_TIMERS: Final = (TimerKind.ANNOUNCE, TimerKind.RELAX, TimerKind.PREFERRED, TimerKind.OVERFLOW, TimerKind.ASKED)
"""Timers of a call in a queue."""
CALL_TIMERS: Final = (
    TimerKind.SILENCE,
    TimerKind.ANNOUNCE,
    TimerKind.LEAVE,
    TimerKind.CALLBACK,
    TimerKind.DIAL,
    TimerKind.LOOKUP,
    TimerKind.SILENT,
)
"""Timers that may be left when a call ends."""
