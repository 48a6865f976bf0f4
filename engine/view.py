"""What readers outside may ask of the engine. Every answer is a value that does not change later.

The first questions answer with a number, a state or an id, and make no object: a simulation asks them at each event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agents import TABLE, Agent, AgentEvent
from calls import AgentAction, AgentId, AgentState, Attribute, CallId, CallStage, OfferId, QueueId
from ivr import MenuPosition, NodeId, position_of
from queues import QueueSettings

from .call import Call
from .callback_requests import CallbackRequest, callback_requests
from .desk import REQUEST
from .machine import OfferState
from .settings import LineSettings
from .state import EngineState, Offer


@dataclass(frozen=True, slots=True)
class CallView:
    """A call that is not over. ``waits_since``: when it took its place; None: it stands in no queue.

    ``node``: where the caller is in the menus; empty outside them. ``agent``: who is rung for it, or speaks with the
    caller. ``known``: the caller's attributes. ``switch``: the Asterisk of the caller's channel; empty: none yet.
    """

    id: CallId
    ani: str
    arrived_at: float
    stage: CallStage
    node: NodeId
    known: tuple[tuple[Attribute, str], ...]
    queue: QueueId | None
    waits_since: float | None
    agent: AgentId | None
    switch: str


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer, until the agent's leg is gone."""

    id: OfferId
    call: CallId
    agent: AgentId
    queue: QueueId
    state: OfferState
    on_hold: bool


@dataclass(frozen=True, slots=True)
class AgentView:
    """An agent. ``pending``: what was put off until the call is over; ``serving``: takes calls, phone or not.

    ``possible``: what may be asked for them in their present state.
    """

    id: AgentId
    name: str
    state: AgentState
    reason: str
    since: float
    serving: bool
    pending: AgentEvent | None
    reachable: bool
    in_use: bool
    offer: OfferView | None
    possible: tuple[AgentAction, ...]


@dataclass(frozen=True, slots=True)
class QueueView:
    """A queue. ``takes_calls``: open by its hours and not ``closed`` by a supervisor."""

    id: QueueId
    label: str
    closed: bool
    takes_calls: bool
    waiting: int


class LineView:
    """Answers questions about one line, as things are when it is asked."""

    def __init__(self, state: EngineState) -> None:
        self._state = state

    # -- asked at each event: no object is made ---

    @property
    def now(self) -> float:
        """The instant of the last step."""
        return self._state.now

    def has_call(self, call: CallId) -> bool:
        """Tell whether the call is not over."""
        return call in self._state.calls

    def stage(self, call: CallId) -> CallStage | None:
        """Give the call's stage; None: it is over."""
        known = self._state.calls.get(call)
        return None if known is None else known.stage

    def saying(self, call: CallId) -> int | None:
        """Give the number of the last play or recording; None: music or silence since."""
        known = self._state.calls.get(call)
        return known.playback.number if known is not None and known.playback.saying else None

    def has_offer(self, offer: OfferId) -> bool:
        """Tell whether the agent's leg of an offer is still there."""
        return offer in self._state.offers

    def is_offered(self, call: CallId) -> bool:
        """Tell whether an agent's phone rings, or was picked up, for the call."""
        return any(offer.call == call for offer in self._state.offers.values())

    def agent_state(self, agent: AgentId) -> AgentState:
        """Give the agent's state. Raises ``ContractError`` for an unknown agent."""
        return self._state.roster[agent].state

    def agent_reason(self, agent: AgentId) -> str:
        """Give the reason of the agent's state. Raises ``ContractError`` for an unknown agent."""
        return self._state.roster[agent].reason

    def wrapped_up_call(self, agent: AgentId) -> CallId | None:
        """Give the call that the agent's wrap-up belongs to; None: they are in none."""
        work = self._state.wrap_ups.get(agent)
        return None if work is None else work.call

    # -- the line ---

    @property
    def anchor(self) -> float:
        """Wall time (epoch seconds) at ``now`` 0."""
        return self._state.anchor

    @property
    def settings(self) -> LineSettings:
        return self._state.settings

    @property
    def digest(self) -> str:
        """The digest of the settings; empty: they were never published."""
        return self._state.digest

    @property
    def banner(self) -> str:
        """The prompt of the emergency banner; empty: it is off."""
        return self._state.banner

    def menu_versions(self) -> frozenset[int]:
        """Give the versions of the menus that callers are still in."""
        return frozenset(call.menus.version for call in self._state.calls.values())

    # -- calls ---

    def call(self, call: CallId) -> CallView | None:
        """Give the call; None: it is over."""
        known = self._state.calls.get(call)
        return None if known is None else self._call(known)

    def calls(self) -> tuple[CallView, ...]:
        """Give the calls that are not over, in the order in which they came."""
        return tuple(self._call(call) for call in self._state.calls.values())

    def menu_position(self, call: CallId) -> MenuPosition | None:
        """Give where the caller is in the menus; None: outside them. Raises ``KeyError`` for a call that is over."""
        visit = self._state.calls[call].visit
        return None if visit is None else position_of(visit.session)

    def queue_position(self, call: CallId, now: float) -> int | None:
        """Give the call's position: 1 for the next in its queue; None: it is in none."""
        room = self._state.room
        return room.position(call, now) if call in room.places else None

    def callback_requests(self) -> tuple[CallbackRequest, ...]:
        """Give the callbacks that are not over, the oldest first."""
        return tuple(callback_requests(self._state))

    def callback_to(self, number: str) -> CallId | None:
        """Give the callback that is promised to a number."""
        return self._state.promised.get(number)

    # -- offers, agents, queues ---

    def offer(self, offer: OfferId) -> OfferView | None:
        """Give the offer; None: it is over, and the agent's leg gone."""
        known = self._state.offers.get(offer)
        return None if known is None else _offer(known)

    def agent_ids(self) -> tuple[AgentId, ...]:
        return tuple(agent.id for agent in self._state.roster)

    def agent(self, agent: AgentId) -> AgentView | None:
        """Give the agent; None: unknown."""
        roster = self._state.roster
        return self._agent(roster[agent]) if agent in roster else None

    def agents(self) -> tuple[AgentView, ...]:
        return tuple(self._agent(agent) for agent in self._state.roster)

    def queues(self) -> tuple[QueueView, ...]:
        """Give the queues in the order of the settings."""
        return tuple(self._queue(queue) for queue in self._state.settings.queues.values())

    # -- inside ---

    def _call(self, call: Call) -> CallView:
        item, place, visit = call.work, self._state.room.places.get(call.id), call.visit
        offer = self._state.offers.get(item.offer) if item.offer is not None else None
        return CallView(
            call.id, item.ani, call.arrived_at, call.stage, "" if visit is None else visit.session.node,
            tuple(item.known.attributes.items()), item.queue,
            None if place is None else place.entered_at, None if offer is None else offer.agent, item.node,
        )  # fmt: skip

    def _agent(self, agent: Agent) -> AgentView:
        offer = self._state.offers.get(agent.offer) if agent.offer is not None else None
        return AgentView(
            agent.id, agent.settings.name, agent.state, agent.reason, agent.since, agent.serving,
            agent.pending[0] if agent.pending else None, agent.reachable, agent.in_use,
            None if offer is None else _offer(offer), _POSSIBLE[agent.state],
        )  # fmt: skip

    def _queue(self, queue: QueueSettings) -> QueueView:
        state = self._state
        closed, takes_calls = queue.id in state.closed, state.takes_calls(queue.id)
        return QueueView(queue.id, queue.label, closed, takes_calls, state.room.waiting_in(queue.id))


_POSSIBLE: Final = {
    state: tuple(action for action, event in REQUEST.items() if event in moves) for state, moves in TABLE.items()
}
"""What an agent, or a supervisor for them, may ask for in each state."""


def _offer(offer: Offer) -> OfferView:
    return OfferView(offer.id, offer.call, offer.agent, offer.queue, offer.state, offer.hold_at is not None)
