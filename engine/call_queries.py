"""What readers may ask about the calls that are not over."""

from __future__ import annotations

from dataclasses import dataclass

from calls import AgentId, Attribute, CallId, CallStage, QueueId
from ivr import MenuPosition, NodeId, WalkState, position_of

from .call import Call
from .callback_requests import CallbackRequest, callback_requests
from .state import EngineState


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


class CallQueries:
    """Answers questions about calls. The first make no object: a simulation asks them at each event."""

    def __init__(self, state: EngineState) -> None:
        self._state = state

    def has(self, call: CallId) -> bool:
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

    def is_offered(self, call: CallId) -> bool:
        """Tell whether an agent's phone rings, or was picked up, for the call."""
        return any(offer.call == call for offer in self._state.offers.values())

    def get(self, call: CallId) -> CallView | None:
        """Give the call; None: it is over."""
        known = self._state.calls.get(call)
        return None if known is None else self._view(known)

    def all(self) -> tuple[CallView, ...]:
        """Give the calls that are not over, in the order in which they came."""
        return tuple(self._view(call) for call in self._state.calls.values())

    def menu_position(self, call: CallId) -> MenuPosition | None:
        """Give where the caller is in the menus; None: outside them. Raises ``KeyError`` for a call that is over."""
        visit = self._state.calls[call].visit
        return None if visit is None else position_of(visit.session)

    def is_at(self, call: CallId, node: NodeId) -> bool:
        """Tell whether the caller is at this node of the menus, with all its choices, and nothing is read back."""
        known = self._state.calls.get(call)
        if known is None or known.visit is None:
            return False
        session = known.visit.session
        return session.node == node and not session.hidden and session.state is not WalkState.READING_BACK

    def menu_versions(self) -> frozenset[int]:
        """Give the versions of the menus that callers began with."""
        return frozenset(call.menus.version for call in self._state.calls.values())

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

    def _view(self, call: Call) -> CallView:
        item, place, visit = call.work, self._state.room.places.get(call.id), call.visit
        offer = self._state.offers.get(item.offer) if item.offer is not None else None
        return CallView(
            call.id, item.ani, call.arrived_at, call.stage, "" if visit is None else visit.session.node,
            tuple(item.known.attributes.items()), item.queue,
            None if place is None else place.entered_at, None if offer is None else offer.agent, item.node,
        )  # fmt: skip
