"""What readers outside may ask of the engine. Every answer is a value that does not change later."""

from __future__ import annotations

from dataclasses import dataclass

from calls import QueueId
from queues import QueueSettings

from .agent_queries import AgentQueries
from .call_queries import CallQueries
from .settings import LineSettings
from .state import EngineState


@dataclass(frozen=True, slots=True)
class QueueView:
    """A queue. ``takes_calls``: open by its hours and not ``closed`` by a supervisor."""

    id: QueueId
    label: str
    closed: bool
    takes_calls: bool
    waiting: int


class LineView:
    """Answers questions about one line, as things are when it is asked: its calls, its agents, and itself."""

    def __init__(self, state: EngineState) -> None:
        self._state = state
        self.calls, self.agents = CallQueries(state), AgentQueries(state)

    @property
    def now(self) -> float:
        """The instant of the last step."""
        return self._state.now

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

    def queues(self) -> tuple[QueueView, ...]:
        """Give the queues in the order of the settings."""
        return tuple(self._queue(queue) for queue in self._state.settings.queues.values())

    def _queue(self, queue: QueueSettings) -> QueueView:
        state = self._state
        closed, takes_calls = queue.id in state.closed, state.takes_calls(queue.id)
        return QueueView(queue.id, queue.label, closed, takes_calls, state.room.waiting_in(queue.id))
