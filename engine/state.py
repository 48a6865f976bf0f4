"""Everything the engine knows at one instant, and the few moves every room needs. Plain data: it is stored whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVarTuple, final

from acd import Distributor
from agents import Roster
from calls import AgentId, CallId, CallStage, ContractError, OfferId, QueueId, SessionId, WorkItemId
from calls import commands as c
from calls import facts as f
from queues import QueueSettings, WaitEstimator, WaitingRoom

from .call import Call
from .kept_place import KeptPlace
from .local_minute import LocalMinute
from .machine import Allowed, OfferState
from .node import Node
from .settings import LineSettings
from .timers import TimerKind, Timers
from .work import WorkItem


@final
class Consult:
    """An agent's own call to ask somebody; ``call`` is the caller it is for."""

    agent: AgentId
    target: str
    call: CallId | None
    answered_at: float | None = None

    def __init__(self, agent: AgentId, target: str, call: CallId | None) -> None:
        self.agent = agent
        self.target = target
        self.call = call


@final
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

    def __init__(self, id: OfferId, call: CallId, agent: AgentId, queue: QueueId, made_at: float) -> None:
        self.id = id
        self.call = call
        self.agent = agent
        self.queue = queue
        self.made_at = made_at


@final
class WrapUp:
    """The call that an agent's wrap-up belongs to. ``talked_s`` is talk and hold."""

    call: CallId
    queue: QueueId
    talked_s: float

    def __init__(self, call: CallId, queue: QueueId, talked_s: float) -> None:
        self.call = call
        self.queue = queue
        self.talked_s = talked_s


Output = c.Command | f.Fact
Reads = dict[object, Callable[..., None]]
"""Who is told of each kind of output, with its values; what is not in it nobody reads."""
Ts = TypeVarTuple("Ts")
WALK_FACTS: Final = frozenset[object](
    {f.AttributeSet, f.DigitsTaken, f.InputMissed, f.KeyTaken, f.NodeEntered, f.Surveyed}
)
"""The facts that a walk through the menus makes."""


@final
class EngineState:
    """The engine's whole state. ``out`` collects the outputs of the present step.

    ``call_moves``, ``offer_moves``: what the state tables allow. ``reads`` None: every output is made as a message,
    with its explanation (``explains``); else those that are read are told at once as values, and no message is made.
    ``tells_walks``: any fact of the menus is read. ``estimates``: waits are learnt, so that one may ask for one.
    """

    now: float = 0.0
    anchor: float = 0.0
    """Wall time (epoch seconds) at ``now`` 0."""
    digest: str = ""
    """The digest of the settings; empty: they were never published."""
    node: str = ""
    epoch: int = 0
    linked: bool = False
    """Whether any of the nodes can be reached."""
    calm_at: float = 0.0
    """Until this time phones may still be registering, after a start or reconnect of Asterisk."""
    made: int = 0
    banner: str = ""
    """Prompt of the emergency banner; empty: it is off."""

    def __init__(
        self,
        settings: LineSettings,
        roster: Roster,
        room: WaitingRoom,
        distributor: Distributor,
        call_moves: Allowed[CallStage],
        offer_moves: Allowed[OfferState],
        reads: Reads | None = None,
    ) -> None:
        self.settings = settings
        self.roster = roster
        self.room = room
        self.distributor = distributor
        self.call_moves = call_moves
        self.offer_moves = offer_moves
        self.nodes: dict[str, Node] = {}
        """The Asterisks under the line, by name."""
        self.calls: dict[CallId, Call] = {}
        self.sip_calls: dict[str, CallId] = {}
        """Calls by what stands for their SIP Call-IDs."""
        self.offers: dict[OfferId, Offer] = {}
        self.wrap_ups: dict[AgentId, WrapUp] = {}
        self.consults: dict[SessionId, Consult] = {}
        self.estimators: dict[QueueId, WaitEstimator] = {}
        self.preferred_agents: dict[str, AgentId] = {}
        self.last_calls: dict[str, float] = {}
        """When each number called last; kept only if the menus ask for it."""
        self.closed: set[QueueId] = set()
        self.promised: dict[str, CallId] = {}
        """Numbers that the line has promised to call back."""
        self.kept_places: dict[str, KeptPlace] = {}
        """Places of callers whom the line lost, by number."""
        self.timers = Timers()
        self.local_minute = LocalMinute()
        self.out: list[Output] = []
        self.reads = reads
        self.explains: bool = reads is None
        self.estimates = True
        self.tells_walks: bool = reads is None or not WALK_FACTS.isdisjoint(reads)

    @classmethod
    def empty(
        cls,
        settings: LineSettings,
        call_moves: Allowed[CallStage],
        offer_moves: Allowed[OfferState],
        reads: Reads | None = None,
    ) -> EngineState:
        """Make the state at time 0, without calls."""
        roster, room = Roster(settings.agents.values(), 0.0), WaitingRoom()
        distributor = Distributor.of(roster, room, settings.policies())
        return cls(settings, roster, room, distributor, call_moves, offer_moves, reads)

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

    def tell(self, kind: Callable[[*Ts], Output], *values: *Ts) -> None:
        """Tell an output of this kind: as a message at the end of the step, or at once to who reads its values."""
        reads = self.reads
        if reads is None:
            self.out.append(kind(*values))
        else:
            told = reads.get(kind)
            if told is not None:
                told(*values)

    def pass_on(self, fact: f.Fact) -> None:
        """Tell a fact that was made elsewhere."""
        reads = self.reads
        if reads is None:
            self.out.append(fact)
        else:
            told = reads.get(type(fact))
            if told is not None:
                told(*[getattr(fact, name) for name in fact.__match_args__])

    def set_timer(self, kind: TimerKind, subject: str, after_s: float) -> None:
        """Set the timer to ``after_s`` seconds from now; an earlier one of this kind and subject is moved."""
        self.timers.set(kind, subject, self.now + after_s)

    def local(self) -> datetime:
        """Give the line's local time."""
        return self.settings.zone.local(self.anchor + self.now)

    def minute(self) -> datetime:
        """Give the beginning of the present minute of the line's local time."""
        return self.local_minute.at(self.anchor + self.now, self.settings.zone)

    def takes_calls(self, queue: QueueId) -> bool:
        """Tell whether the queue is open for a new call: by its hours, and by its supervisors."""
        hours = self.settings.queue_hours.get(queue)
        return queue not in self.closed and (hours is None or hours.open_at(self.minute()))

    def item(self, item: WorkItemId) -> WorkItem:
        """Give the item of this id. Calls are the only kind that the line keeps by itself."""
        return self.calls[CallId(item)].work

    def queue(self, item: WorkItem) -> QueueSettings:
        """Give the queue of the item. Raises ``ContractError`` where it has none."""
        if item.queue is None:
            raise ContractError(f"{item.id} is in no queue")
        return self.settings.queues[item.queue]

    def estimator(self, queue: QueueId) -> WaitEstimator:
        """Give what is learnt of the queue's waits."""
        known = self.estimators.get(queue)
        if known is None:
            known = self.estimators[queue] = WaitEstimator()
        return known


WAITING_TIMERS: Final = frozenset(
    {TimerKind.ANNOUNCE, TimerKind.RELAX, TimerKind.PREFERRED, TimerKind.OVERFLOW, TimerKind.ASKED}
)
"""Timers of an item in a queue."""
