"""Adds up the time that agents are in each state, by half hours."""

from __future__ import annotations

from typing import Final, final

from calls import AgentId, AgentState

from .figures import INTERVAL_S, STATES

_COLUMN: Final = {state: n for n, state in enumerate(STATES)}
LENGTH_S: Final[float] = INTERVAL_S
NOWHERE: Final = -1
"""The column of a state that is not counted."""


@final
class _Seat:
    """What an agent does: the column of their state, and since when."""

    def __init__(self, column: int, since: float) -> None:
        self.column: int = column
        self.since: float = since


@final
class StaffTimes:
    """All agents' time (s) from ``warm_s`` to ``ends_at``: ``rows`` by state, in each the half hours."""

    def __init__(self, warm_s: float, ends_at: float, intervals: int) -> None:
        self.warm_s: float = warm_s
        self.ends_at: float = ends_at
        self.rows = [[0.0] * intervals for _ in STATES]
        self.agents: dict[AgentId, _Seat] = {}

    def changed(self, now: float, agent: AgentId, new: AgentState) -> None:
        """Take an agent's change of state."""
        seat = self.agents.get(agent)
        if seat is None:
            self.agents[agent] = _Seat(_COLUMN.get(new, NOWHERE), now)
            return
        self._spend(seat, now)
        seat.column, seat.since = _COLUMN.get(new, NOWHERE), now

    def close(self, now: float) -> None:
        """Add the time of all agents up to now."""
        for seat in self.agents.values():
            self._spend(seat, now)

    def _spend(self, seat: _Seat, now: float) -> None:
        if seat.column == NOWHERE:
            return
        begins = seat.since if seat.since > self.warm_s else self.warm_s
        ends = now if now < self.ends_at else self.ends_at
        begins, ends = begins - self.warm_s, ends - self.warm_s
        if ends > begins:
            _spread(self.rows[seat.column], begins, ends)


def _spread(row: list[float], begins: float, ends: float) -> None:
    """Spread the seconds from ``begins`` to ``ends`` over half hours."""
    first = _interval(begins)
    if ends <= (first + 1) * LENGTH_S:
        row[first] += ends - begins
        return
    last = _interval(ends)
    row[first] += (first + 1) * LENGTH_S - begins
    for whole in range(first + 1, last):
        row[whole] += LENGTH_S
    if last < len(row):
        row[last] += ends - last * LENGTH_S


def _interval(at: float) -> int:
    """Give the number of the half hour: ``at // LENGTH_S``, to the last bit, without a division's remainder."""
    number = int(at / LENGTH_S)
    return number - 1 if number * LENGTH_S > at else number
