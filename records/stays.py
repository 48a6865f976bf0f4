"""Rows of the stays that the tracker tells of: what reports count. The ``waiting`` legs of a journey are these too.

Instants of the tracker are those of the rows, to the microsecond: whether a call is read again or still at hand makes
no difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from calls import AgentId, CallId, Outcome, QueueId
from metrics import PART_SUMS, STAY_SUMS, Life, Stay, Sum

from . import tables
from .rows import Rows
from .spans import after, before, moved
from .tables import CallRow, StayAgent


class StayKeeper:
    """The tracker's reader: a stay's mark is its row."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.agents: dict[tuple[CallId, int, AgentId], StayAgent] = {}

    def entered(self, stay: Stay, before: Stay | None) -> None:
        entered = self._dated(stay, before)
        call = self.rows.call(stay.call, entered)
        self.rows.end(call, self.rows.at, ("menu",), "")
        self.rows.begin(call, entered, "waiting", stay.queue)
        call.queue, call.queued_at, call.left_queue = stay.queue, call.queued_at or entered, None
        stay.mark = tables.Stay(
            call_id=stay.call,
            number=stay.number,
            queue=stay.queue,
            topic=stay.topic,
            dnis=stay.dnis,
            offering=stay.offering,
            first=stay.first,
            callback=stay.callback,
            offered_at=_date(stay.line_since),
            entered_at=entered,
            place_at=_date(stay.place_since),
            served=False,
            settled=False,
            wait_s=0.0,
            line_wait_s=0.0,
            **dict.fromkeys(STAY_SUMS, 0),
        )
        self.rows.added.append(stay.mark)

    def _dated(self, stay: Stay, last: Stay | None) -> datetime:
        """The entry as an instant that has a date, which a wait that cannot be has not."""
        now = self.rows.at.timestamp()
        entered = before(self.rows.at, now - stay.since)
        if stay.place_since == stay.since:
            stay.place_since = entered.timestamp()
        stay.since = entered.timestamp()
        if last is None:
            stay.line_since = stay.place_since
        return entered

    def left(self, stay: Stay) -> None:
        row: tables.Stay = stay.mark
        row.served, row.outcome = stay.served, None if stay.outcome is None else stay.outcome.value
        row.wait_s, row.line_wait_s = stay.wait_s, stay.line_wait_s
        # Asterisk's own account tells of a wait that was over long ago.
        ended = after(row.entered_at, stay.wait_s) if stay.outcome is Outcome.SURVIVED else self.rows.at
        call = self.rows.call(stay.call, ended)
        self.rows.end(call, ended, ("waiting",), row.outcome or "connected", stay.wait_s)
        call.left_queue = row.outcome
        if stay.offering == 1:
            call.wait_s = stay.line_wait_s

    def settled(self, stay: Stay) -> None:
        stay.mark.settled = True

    def added(self, stay: Stay, what: Sum, amount: float) -> None:
        setattr(stay.mark, what, getattr(stay, what))

    def worked(self, stay: Stay, agent: AgentId, what: Sum, amount: float) -> None:
        row = self.agents.get((stay.call, stay.number, agent))
        if row is None:
            row = StayAgent(call_id=stay.call, number=stay.number, agent=agent, **dict.fromkeys(PART_SUMS, 0))
            self.agents[stay.call, stay.number, agent] = row
            self.rows.added.append(row)
        setattr(row, what, getattr(stay.parts[agent], what))

    def take_up(self, call: CallRow, stays: Iterable[tables.Stay], agents: Iterable[StayAgent]) -> Life:
        """The call as far as it was counted, from its rows in order."""
        name = CallId(call.id)
        life = Life(name)
        life.topic, life.dnis = call.topic or "", call.dnis or ""
        life.callback, life.confidential = call.callback, call.confidential
        for row in stays:
            stay = stay_of(row)
            stay.mark = row
            life.stays.append(stay)
        for agent in agents:
            part = life.stays[agent.number - 1].part(AgentId(agent.agent))
            for what in PART_SUMS:
                setattr(part, what, getattr(agent, what))
            self.agents[name, agent.number, AgentId(agent.agent)] = agent
        return life


def stay_of(row: Any) -> Stay:
    """The stay of a row of ``stay``, whether a whole object or the columns of a query."""
    stay = Stay(
        CallId(row.call_id),
        row.number,
        QueueId(row.queue),
        row.topic,
        row.dnis,
        row.offering,
        row.first,
        row.callback,
        row.entered_at.timestamp(),
        row.place_at.timestamp(),
        row.offered_at.timestamp(),
    )
    stay.served, stay.settled = row.served, row.settled
    stay.outcome = None if row.outcome is None else Outcome(row.outcome)
    stay.wait_s, stay.line_wait_s = row.wait_s, row.line_wait_s
    for what in STAY_SUMS:
        setattr(stay, what, getattr(row, what))
    return stay


def redated(life: Life | None, by_s: float) -> None:
    """The clock was set: a call that goes on is told by the new one, from its beginning."""
    for stay in life.stays if life else ():
        row: tables.Stay = stay.mark
        row.entered_at, row.place_at = moved(row.entered_at, by_s), moved(row.place_at, by_s)
        row.offered_at = moved(row.offered_at, by_s)
        stay.since, stay.place_since = row.entered_at.timestamp(), row.place_at.timestamp()
        stay.line_since = row.offered_at.timestamp()


def _date(instant: float) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
