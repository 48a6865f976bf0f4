"""Adds up the time that agents are in each state, by half hours."""

from __future__ import annotations

from typing import Final

from calls import AgentId, AgentState
from calls import facts as f

from .figures import INTERVAL_S, STATES


class StaffTimes:
    """All agents' time (s) from ``warm_s`` to ``ends_at``: ``rows`` by state, in each the half hours."""

    def __init__(self, warm_s: float, ends_at: float, intervals: int) -> None:
        self.warm_s, self.ends_at = warm_s, ends_at
        self.rows = [[0.0] * intervals for _ in STATES]
        self.agents: dict[AgentId, tuple[AgentState, float]] = {}
        """The state of each agent, and since when."""

    def changed(self, now: float, fact: f.AgentChanged) -> None:
        """Take an agent's change of state."""
        self._spend(fact.agent, now)
        self.agents[fact.agent] = (fact.new, now)

    def close(self, now: float) -> None:
        """Add the time of all agents up to now."""
        for agent in self.agents:
            self._spend(agent, now)

    def _spend(self, agent: AgentId, now: float) -> None:
        if agent not in self.agents:
            return
        state, since = self.agents[agent]
        column = _COLUMN.get(state)
        begins, ends = max(since, self.warm_s) - self.warm_s, min(now, self.ends_at) - self.warm_s
        if column is None or ends <= begins:
            return
        _spread(self.rows[column], begins, ends)


_COLUMN: Final = {state: n for n, state in enumerate(STATES)}


def _spread(row: list[float], begins: float, ends: float) -> None:
    """Spread the seconds from ``begins`` to ``ends`` over half hours."""
    first, last = int(begins // INTERVAL_S), int(ends // INTERVAL_S)
    if first == last:
        row[first] += ends - begins
        return
    row[first] += (first + 1) * INTERVAL_S - begins
    for whole in range(first + 1, last):
        row[whole] += INTERVAL_S
    if last < len(row):
        row[last] += ends - last * INTERVAL_S
