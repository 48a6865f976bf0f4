"""Reads the engine's facts while a replication runs, and adds up its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from calls import AgentId, AgentState, CallId, Outcome, QueueId
from calls import facts as f

from .figures import INTERVAL_S, STATES, WAIT_BINS, Counts, Figures


@dataclass(slots=True)
class _Row:
    """An offered call: its half hour, queue, when it joined, and whose it is (his row among the drawn citizens)."""

    interval: int
    queue: int
    since: float
    who: int


class Collector:
    """Reads facts as they are told. ``warm_s``, ``ends_at``: the counted time. ``languages``: of the line."""

    def __init__(
        self, queues: tuple[QueueId, ...], warm_s: float, ends_at: float, t_s: float, languages: tuple[str, ...] = ()
    ) -> None:
        self.warm_s, self.ends_at, self.languages = warm_s, ends_at, languages
        self.index = {queue: n for n, queue in enumerate(queues)}
        intervals, bins = max(1, int(-(-(ends_at - warm_s) // INTERVAL_S))), len(WAIT_BINS)
        self.figures = _empty(t_s, tuple(queues), intervals, bins)
        self.rows: dict[CallId, _Row] = {}
        self.ended: list[tuple[_Row, float, int]] = []
        self.agents: dict[AgentId, tuple[AgentState, float]] = {}
        self.staff = [[0.0] * intervals for _ in STATES]
        self.totals: dict[str, float] = {}

    def count(self, name: str, at: float) -> None:
        """Something of the whole run, where it happened in the counted time."""
        if self.warm_s <= at < self.ends_at:
            self.totals[name] = self.totals.get(name, 0) + 1

    # -- facts ---

    def queued(self, now: float, fact: f.Queued, who: int) -> None:
        if fact.call not in self.rows and self.warm_s <= now < self.ends_at:
            queue = self.index[fact.queue]
            row = self.rows[fact.call] = _Row(int((now - self.warm_s) // INTERVAL_S), queue, now, who)
            self.figures.offered[row.interval, row.queue] += 1

    def connected(self, now: float, fact: f.Connected, again: bool = False) -> None:
        """``again``: the call has been answered before, and was sent on."""
        row = self.rows.pop(fact.call, None)
        if row is not None:
            self.ended.append((row, now - row.since, _HANDLED))
            self.totals["answered_again"] = self.totals.get("answered_again", 0) + again

    def over(self, now: float, fact: f.CallEnded) -> None:
        """A call that was offered and never connected."""
        row = self.rows.pop(fact.call, None)
        if row is not None:
            how = _ABANDONED if fact.outcome is Outcome.ABANDONED else _ELSEWHERE
            self.ended.append((row, now - row.since, how))

    def agent(self, now: float, fact: f.AgentChanged) -> None:
        self.spend(fact.agent, now)
        self.agents[fact.agent] = (fact.new, now)

    def spend(self, agent: AgentId, now: float) -> None:
        """The agent was in his state until now."""
        if agent not in self.agents:
            return
        state, since = self.agents[agent]
        column = _COLUMN.get(state)
        begins, ends = max(since, self.warm_s) - self.warm_s, min(now, self.ends_at) - self.warm_s
        if column is None or ends <= begins:
            return
        _spread(self.staff[column], begins, ends)

    # -- the end ---

    def waits(self) -> dict[int, tuple[float, bool]]:
        """Of each citizen who was offered, by his row: the wait (s) of his first call, and whether he was handled."""
        return {row.who: (wait, how == _HANDLED) for row, wait, how in reversed(self.ended)}

    def close(self, now: float, spoken: Sequence[str] = ()) -> Figures:
        """All agents' time up to now, and what was kept aside for the end, in one go. ``spoken``: by citizens' rows."""
        for agent in self.agents:
            self.spend(agent, now)
        figures = self.figures
        self.totals["unfinished"] = float(len(self.rows))
        figures.totals, figures.staff = self.totals, np.array(self.staff).T
        if self.ended:
            _count(figures, self.ended, np.array([(row.interval, row.queue) for row, _, _ in self.ended]).T)
        if len(self.languages) > 1:
            figures.spoken = self._by_language(spoken)
        return figures

    def _by_language(self, spoken: Sequence[str]) -> Figures:
        figures = _empty(self.figures.t_s, self.languages, 1, len(WAIT_BINS))
        index = {language: n for n, language in enumerate(self.languages)}
        for row in (*(row for row, _, _ in self.ended), *self.rows.values()):
            figures.offered[0, index[spoken[row.who]]] += 1
        if self.ended:
            _count(figures, self.ended, np.array([(0, index[spoken[row.who]]) for row, _, _ in self.ended]).T)
        return figures


_HANDLED, _ABANDONED, _ELSEWHERE = range(3)
_COLUMN: Final = {state: n for n, state in enumerate(STATES)}


def _spread(row: list[float], begins: float, ends: float) -> None:
    """Seconds from ``begins`` to ``ends`` into half hours."""
    first, last = int(begins // INTERVAL_S), int(ends // INTERVAL_S)
    if first == last:
        row[first] += ends - begins
        return
    row[first] += (first + 1) * INTERVAL_S - begins
    for whole in range(first + 1, last):
        row[whole] += INTERVAL_S
    if last < len(row):
        row[last] += ends - last * INTERVAL_S


def _count(figures: Figures, ended: list[tuple[_Row, float, int]], places: Counts) -> None:
    """``places``: of each call its interval (first row) and its queue or language (second row)."""
    interval, column = places
    wait = np.array([wait for _, wait, _ in ended])
    how = np.array([how for _, _, how in ended])
    handled, given_up, early = how == _HANDLED, how == _ABANDONED, wait <= figures.t_s
    cells = (interval, column)
    for counts, which in (
        (figures.handled, handled), (figures.abandoned, given_up), (figures.elsewhere, how == _ELSEWHERE),
        (figures.in_time, handled & early), (figures.short, given_up & early),
    ):  # fmt: skip
        np.add.at(counts, cells, which)
    np.add.at(figures.wait_s, cells, wait)
    np.add.at(figures.answer_s, cells, np.where(handled, wait, 0.0))
    bins = np.searchsorted(WAIT_BINS, wait, side="right") - 1
    np.add.at(figures.waits, (interval, bins), 1)
    np.add.at(figures.queue_waits, (column, bins), 1)


def _empty(t_s: float, queues: tuple[str, ...], intervals: int, bins: int) -> Figures:
    def counts(*shape: int) -> Counts:
        return np.zeros(shape, np.int64)

    cells = (intervals, len(queues))
    return Figures(
        t_s, queues, counts(*cells), counts(*cells), counts(*cells), counts(*cells), counts(*cells), counts(*cells),
        np.zeros(cells), np.zeros(cells), counts(intervals, bins), counts(len(queues), bins),
        np.zeros((intervals, len(STATES))),
    )  # fmt: skip
