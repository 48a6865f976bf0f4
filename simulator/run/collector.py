"""Adds up a replication's figures from the engine's facts as it runs. The tracker decides what counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from calls import AgentId, CallId, Outcome, QueueId
from metrics import Amount, Stay, Sum, Tracker

from .figures import INTERVAL_S, STATES, WAIT_BINS, Counts, Floats, ReplicationFigures, smallest
from .staff_times import StaffTimes

_HANDLED: Final = 0
_ABANDONED: Final = 1
_ELSEWHERE: Final = 2


@final
class _Ended:
    """What is over, by columns: the cell where it counts, its wait (s), and how it ended."""

    def __init__(self) -> None:
        self.cells: list[int] = []
        self.waits: list[float] = []
        self.hows: list[int] = []

    def add(self, cell: int, wait_s: float, how: int) -> None:
        """Add one."""
        self.cells.append(cell)
        self.waits.append(wait_s)
        self.hows.append(how)


@final
class Collector:
    """The tracker's reader; a stay's mark is its caller's row, None where its offering does not count.

    A cell is a half hour and a queue: ``half hour * queues + queue``.

    ``warm_s``, ``ends_at``: the counted time, by the offering's first queue entry. ``languages``: of the line.
    """

    def __init__(
        self, queues: tuple[QueueId, ...], warm_s: float, ends_at: float, t_s: float, languages: tuple[str, ...] = ()
    ) -> None:
        self.warm_s: float = warm_s
        self.ends_at: float = ends_at
        self.languages, self.t_s, self.queues = languages, t_s, queues
        self.index = {queue: n for n, queue in enumerate(queues)}
        self.intervals = max(1, int(-(-(ends_at - warm_s) // INTERVAL_S)))
        self.tracker = Tracker(self, agents=False)
        self.take = self.tracker.take
        """Takes any fact about a call; it reads those that the tracker counts."""
        self.who: dict[CallId, int] = {}
        """The caller's row in the arrival table, by call. A call without one is not counted."""
        self.rows: dict[CallId, int] = {}
        """The cells of calls that were offered and are neither connected nor over."""
        self.ended, self.whos = _Ended(), list[int]()
        """Offered calls that are over, and their callers' rows in the arrival table."""
        self.moved: list[bool] = []
        """Whether each of them had more than one stay."""
        self.entries: list[int] = []
        self.stays = _Ended()
        """Later entries and finished stays of callers who were moved: only the queues' figures count them."""
        self.staff = StaffTimes(warm_s, ends_at, self.intervals)
        self.totals: dict[str, float] = {}

    def count(self, name: str, at: float) -> None:
        """Count an event of the whole run, if it is in the counted time."""
        if self.warm_s <= at < self.ends_at:
            self.totals[name] = self.totals.get(name, 0) + 1

    # -- what the tracker tells ---

    def entered(self, stay: Stay, before: Stay | None) -> None:
        if before is not None:
            stay.mark = before.mark
            if before.mark is not None:
                if before.first:
                    self._stay_over(before)
                self.entries.append(self._cell(stay))
        elif not stay.callback and self._counts(stay):
            stay.mark = self.who[stay.call]
            self.rows[stay.call] = self._cell(stay)

    def left(self, stay: Stay) -> None:
        if stay.mark is not None and not stay.first:
            self._stay_over(stay)

    def settled(self, stay: Stay) -> None:
        if stay.mark is not None:
            self.ended.add(self.rows.pop(stay.call), stay.line_wait_s, _how(stay))
            self.whos.append(stay.mark)
            self.moved.append(not stay.first)
            if stay.served and stay.offering > 1:
                self.totals["answered_again"] = self.totals.get("answered_again", 0) + 1

    def added(self, stay: Stay, what: Sum, amount: Amount) -> None:
        if what == "rona" and self._counts(stay):
            self.totals["rona"] = self.totals.get("rona", 0) + amount

    def worked(self, stay: Stay, agent: AgentId, what: Sum, amount: Amount) -> None:
        """Nothing is made of agents' work: their time is."""

    def _counts(self, stay: Stay) -> bool:
        return stay.call in self.who and self.warm_s <= stay.line_since < self.ends_at

    def _cell(self, stay: Stay) -> int:
        interval = min(int((stay.since - self.warm_s) // INTERVAL_S), self.intervals - 1)
        return interval * len(self.queues) + self.index[stay.queue]

    def _stay_over(self, stay: Stay) -> None:
        self.stays.add(self._cell(stay), stay.wait_s, _how(stay))

    # -- the end ---

    def waits(self) -> dict[int, tuple[float, bool]]:
        """Give by row of each offered citizen: the wait (s) of their first call, and whether they were handled."""
        ended = list(zip(self.whos, self.ended.waits, self.ended.hows, strict=True))
        return {who: (wait, how == _HANDLED) for who, wait, how in reversed(ended)}

    def close(self, now: float, spoken: Sequence[str] = ()) -> ReplicationFigures:
        """Add all agents' time up to now and what was kept for the end. ``spoken``: languages by citizens' rows."""
        self.staff.close(now)
        ended = _Columns.of(self.ended)
        offered = [*self.ended.cells, *self.rows.values()]
        figures = self._figures(offered, ended)
        self.totals["unfinished"] = float(len(self.rows))
        figures.totals, figures.staff = self.totals, np.array(self.staff.rows).T
        if self.entries:
            whole, stays = ended.where(~np.array(self.moved, bool)), _Columns.of(self.stays)
            figures.stays = self._figures([*offered, *self.entries], whole.then(stays))
        if len(self.languages) > 1:
            figures.spoken = self._by_language(spoken, ended)
        return figures

    def _figures(self, offered: list[int], ended: _Columns) -> ReplicationFigures:
        """Make the figures by half hour and queue."""
        figures = _empty(self.t_s, self.queues, self.intervals, len(WAIT_BINS))
        figures.offered += _each(np.array(offered, np.int64), figures.offered)
        _count(figures, ended)
        figures.waits = smallest(figures.waits)
        return figures

    def _by_language(self, spoken: Sequence[str], ended: _Columns) -> ReplicationFigures:
        """Make the figures of the whole run by what callers speak."""
        figures = _empty(self.t_s, self.languages, 1, len(WAIT_BINS))
        index = {language: n for n, language in enumerate(self.languages)}
        column = [index[spoken[who]] for who in self.whos]
        waiting = [index[spoken[self.who[call]]] for call in self.rows]
        figures.offered += _each(np.array([*column, *waiting], np.int64), figures.offered)
        _count(figures, ended._replace(cells=np.array(column, np.int64)))
        return figures


class _Columns(NamedTuple):
    """What is over, as arrays."""

    cells: Counts
    waits: Floats
    hows: Counts

    @classmethod
    def of(cls, ended: _Ended) -> _Columns:
        """Make the arrays of the lists."""
        return cls(np.array(ended.cells, np.int64), np.array(ended.waits), np.array(ended.hows, np.int64))

    def where(self, which: NDArray[np.bool_]) -> _Columns:
        """Give some of the rows."""
        return _Columns(self.cells[which], self.waits[which], self.hows[which])

    def then(self, other: _Columns) -> _Columns:
        """Give these rows and the other ones."""
        return _Columns(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))


def _how(stay: Stay) -> int:
    if stay.served:
        return _HANDLED
    return _ABANDONED if stay.outcome is Outcome.ABANDONED else _ELSEWHERE


def _count(figures: ReplicationFigures, ended: _Columns) -> None:
    """Count what is over."""
    wait, how = ended.waits, ended.hows
    handled, given_up, early = how == _HANDLED, how == _ABANDONED, wait <= figures.t_s
    for counts, which in (
        (figures.handled, handled), (figures.abandoned, given_up), (figures.elsewhere, how == _ELSEWHERE),
        (figures.in_time, handled & early), (figures.short, given_up & early),
    ):  # fmt: skip
        counts += _each(ended.cells[which], counts)
    figures.wait_s += _summed(ended.cells, wait, figures.wait_s)
    figures.answer_s += _summed(ended.cells[handled], wait[handled], figures.answer_s)
    interval, column = np.divmod(ended.cells, len(figures.queues))
    bins = np.searchsorted(WAIT_BINS, wait, side="right") - 1
    figures.waits += _each(interval * len(WAIT_BINS) + bins, figures.waits)
    figures.queue_waits += _each(column * len(WAIT_BINS) + bins, figures.queue_waits)


def _each(cells: Counts, into: NDArray[np.integer[Any]]) -> Counts:
    """Count how often each cell of an array comes."""
    return np.bincount(cells, minlength=into.size).reshape(into.shape)


def _summed(cells: Counts, amounts: Floats, into: Floats) -> Floats:
    """Add up the amounts of each cell of an array, in their order."""
    return np.asarray(np.bincount(cells, amounts, minlength=into.size), np.float64).reshape(into.shape)


def _empty(t_s: float, queues: tuple[str, ...], intervals: int, bins: int) -> ReplicationFigures:
    def counts(*shape: int) -> Counts:
        return np.zeros(shape, np.int64)

    cells = (intervals, len(queues))
    return ReplicationFigures(
        t_s, queues, counts(*cells), counts(*cells), counts(*cells), counts(*cells), counts(*cells), counts(*cells),
        np.zeros(cells), np.zeros(cells), counts(intervals, bins), counts(len(queues), bins),
        np.zeros((intervals, len(STATES))),
    )  # fmt: skip
