"""What readers may ask about agents and what is offered to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agents import TABLE, Agent, AgentEvent
from calls import AgentAction, AgentId, AgentState, CallId, OfferId, QueueId

from .desk import REQUEST
from .machine import OfferState
from .state import EngineState, Offer


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


class AgentQueries:
    """Answers questions about agents and offers. The first make no object: a simulation asks them at each event."""

    def __init__(self, state: EngineState) -> None:
        self._state = state

    def state(self, agent: AgentId) -> AgentState:
        """Give the agent's state. Raises ``ContractError`` for an unknown agent."""
        return self._state.roster[agent].state

    def reason(self, agent: AgentId) -> str:
        """Give the reason of the agent's state. Raises ``ContractError`` for an unknown agent."""
        return self._state.roster[agent].reason

    def wrapped_up_call(self, agent: AgentId) -> CallId | None:
        """Give the call that the agent's wrap-up belongs to; None: they are in none."""
        work = self._state.wrap_ups.get(agent)
        return None if work is None else work.call

    def has_offer(self, offer: OfferId) -> bool:
        """Tell whether the agent's leg of an offer is still there."""
        return offer in self._state.offers

    def ids(self) -> tuple[AgentId, ...]:
        """Give the ids of all agents, in the roster's order."""
        return tuple(agent.id for agent in self._state.roster)

    def get(self, agent: AgentId) -> AgentView | None:
        """Give the agent; None: unknown."""
        roster = self._state.roster
        return self._view(roster[agent]) if agent in roster else None

    def all(self) -> tuple[AgentView, ...]:
        """Give a view of every agent, in the roster's order; makes an object for each."""
        return tuple(self._view(agent) for agent in self._state.roster)

    def offer(self, offer: OfferId) -> OfferView | None:
        """Give the offer; None: it is over, and the agent's leg gone."""
        known = self._state.offers.get(offer)
        return None if known is None else _offer(known)

    def _view(self, agent: Agent) -> AgentView:
        offer = self._state.offers.get(agent.offer) if agent.offer is not None else None
        return AgentView(
            agent.id, agent.settings.name, agent.state, agent.reason, agent.since, agent.serving,
            agent.pending[0] if agent.pending else None, agent.reachable, agent.in_use,
            None if offer is None else _offer(offer), _POSSIBLE[agent.state],
        )  # fmt: skip


_POSSIBLE: Final = {
    state: tuple(action for action, event in REQUEST.items() if event in moves) for state, moves in TABLE.items()
}
"""What an agent, or a supervisor for them, may ask for in each state."""


def _offer(offer: Offer) -> OfferView:
    return OfferView(offer.id, offer.call, offer.agent, offer.queue, offer.state, offer.hold_at is not None)
