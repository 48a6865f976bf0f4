"""Adds up a replication's figures from the engine's facts as it runs. The tracker decides what counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calls import AgentId, CallId, Outcome, QueueId
from metrics import Stay, Sum, Tracker

from .figures import INTERVAL_S, STATES, WAIT_BINS, Counts, ReplicationFigures
from .staff_times import StaffTimes


@dataclass(slots=True)
class _Row:
    """An offered call: its half hour, its first queue, and the caller's row in the arrival table."""

    interval: int
    queue: int
    who: int


_Ended = tuple[_Row, float, int]
"""An offered call that is over, its wait (s), and how it ended."""


class Collector:
    """The tracker's reader; a stay's mark is the row of its offering, None where that does not count.

    ``warm_s``, ``ends_at``: the counted time, by the offering's first queue entry. ``languages``: of the line.
    """

    def __init__(
        self, queues: tuple[QueueId, ...], warm_s: float, ends_at: float, t_s: float, languages: tuple[str, ...] = ()
    ) -> None:
        self.warm_s, self.ends_at, self.languages = warm_s, ends_at, languages
        self.index = {queue: n for n, queue in enumerate(queues)}
        self.intervals, bins = max(1, int(-(-(ends_at - warm_s) // INTERVAL_S))), len(WAIT_BINS)
        self.figures = _empty(t_s, tuple(queues), self.intervals, bins)
        self.tracker = Tracker(self)
        self.take = self.tracker.take
        """Takes any fact about a call; it reads those that the tracker counts."""
        self.who: dict[CallId, int] = {}
        """The caller's row in the arrival table, by call. A call without one is not counted."""
        self.rows: dict[CallId, _Row] = {}
        """Calls that were offered and are neither connected nor over."""
        self.ended: list[_Ended] = []
        self.moved: list[bool] = []
        """Whether each offered call that is over had more than one stay."""
        self.entries: list[_Row] = []
        self.stays: list[_Ended] = []
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
                self.entries.append(self._row(stay, before.mark.who))
        elif not stay.callback and self._counts(stay):
            stay.mark = self.rows[stay.call] = row = self._row(stay, self.who[stay.call])
            self.figures.offered[row.interval, row.queue] += 1

    def left(self, stay: Stay) -> None:
        if stay.mark is not None and not stay.first:
            self._stay_over(stay)

    def settled(self, stay: Stay) -> None:
        if stay.mark is not None:
            del self.rows[stay.call]
            self.ended.append((stay.mark, stay.line_wait_s, _how(stay)))
            self.moved.append(not stay.first)
            if stay.served and stay.offering > 1:
                self.totals["answered_again"] = self.totals.get("answered_again", 0) + 1

    def added(self, stay: Stay, what: Sum, amount: float) -> None:
        if what == "rona" and self._counts(stay):
            self.totals["rona"] = self.totals.get("rona", 0) + amount

    def worked(self, stay: Stay, agent: AgentId, what: Sum, amount: float) -> None:
        pass

    def _counts(self, stay: Stay) -> bool:
        return stay.call in self.who and self.warm_s <= stay.line_since < self.ends_at

    def _row(self, stay: Stay, who: int) -> _Row:
        interval = min(int((stay.since - self.warm_s) // INTERVAL_S), self.intervals - 1)
        return _Row(interval, self.index[stay.queue], who)

    def _stay_over(self, stay: Stay) -> None:
        self.stays.append((self._row(stay, stay.mark.who), stay.wait_s, _how(stay)))

    # -- the end ---

    def waits(self) -> dict[int, tuple[float, bool]]:
        """Give by row of each offered citizen: the wait (s) of their first call, and whether they were handled."""
        return {row.who: (wait, how == _HANDLED) for row, wait, how in reversed(self.ended)}

    def close(self, now: float, spoken: Sequence[str] = ()) -> ReplicationFigures:
        """Add all agents' time up to now and what was kept for the end. ``spoken``: languages by citizens' rows."""
        self.staff.close(now)
        figures = self.figures
        self.totals["unfinished"] = float(len(self.rows))
        figures.totals, figures.staff = self.totals, np.array(self.staff.rows).T
        if self.entries:
            figures.stays = self._by_stay()
        _count(figures, self.ended, [(row.interval, row.queue) for row, _, _ in self.ended])
        if len(self.languages) > 1:
            figures.spoken = self._by_language(spoken)
        return figures

    def _by_stay(self) -> ReplicationFigures:
        """Make the queues' own figures, if callers were moved between them."""
        figures = _empty(self.figures.t_s, self.figures.queues, self.intervals, len(WAIT_BINS))
        figures.offered += self.figures.offered
        for row in self.entries:
            figures.offered[row.interval, row.queue] += 1
        whole = [ended for ended, moved in zip(self.ended, self.moved, strict=True) if not moved]
        stays = [*whole, *self.stays]
        _count(figures, stays, [(row.interval, row.queue) for row, _, _ in stays])
        return figures

    def _by_language(self, spoken: Sequence[str]) -> ReplicationFigures:
        figures = _empty(self.figures.t_s, self.languages, 1, len(WAIT_BINS))
        index = {language: n for n, language in enumerate(self.languages)}
        for row in (*(row for row, _, _ in self.ended), *self.rows.values()):
            figures.offered[0, index[spoken[row.who]]] += 1
        _count(figures, self.ended, [(0, index[spoken[row.who]]) for row, _, _ in self.ended])
        return figures


_HANDLED, _ABANDONED, _ELSEWHERE = range(3)


def _how(stay: Stay) -> int:
    if stay.served:
        return _HANDLED
    return _ABANDONED if stay.outcome is Outcome.ABANDONED else _ELSEWHERE


def _count(figures: ReplicationFigures, ended: list[_Ended], places: list[tuple[int, int]]) -> None:
    """Count ended calls. ``places``: the interval and the queue or language of each."""
    if not ended:
        return
    interval, column = np.array(places).T
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


def _empty(t_s: float, queues: tuple[str, ...], intervals: int, bins: int) -> ReplicationFigures:
    def counts(*shape: int) -> Counts:
        return np.zeros(shape, np.int64)

    cells = (intervals, len(queues))
    return ReplicationFigures(
        t_s, queues, counts(*cells), counts(*cells), counts(*cells), counts(*cells), counts(*cells), counts(*cells),
        np.zeros(cells), np.zeros(cells), counts(intervals, bins), counts(len(queues), bins),
        np.zeros((intervals, len(STATES))),
    )  # fmt: skip
