"""What a run amounts to, in the words of docs/design.md section 6. Warm-up removed; a caller counts where offered.

`wait` is the wait of all offered callers, those who gave up included; `asa` that of handled ones. `within` is handled
within 20 s / offered; `service_level` is handled within 20 s / (offered - abandoned within 20 s). Occupancy is of each
agent: time with callers / (that + time ready) between warm-up and the end of the day, over all days together.
Percentiles are of all callers of all days; the confidence interval is that of the mean of the days' mean waits.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from math import inf, nan, sqrt
from statistics import fmean, pstdev, stdev

from .case import Case
from .floor import NOBODY, Booked, Callers

T_S = 20.0

_STUDENT = (inf, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145)
"""97.5 % points of Student's t by degrees of freedom; beyond the list 1.96 (1 + 1.25 / degrees)."""


def _no_waits() -> array[float]:
    return array("d")


@dataclass(slots=True)
class Tally:
    """Callers of one class (or all): how long the handled and the others waited."""

    handled: array[float] = field(default_factory=_no_waits)
    abandoned: array[float] = field(default_factory=_no_waits)
    waiting: int = 0

    def add(self, other: Tally) -> None:
        self.handled.extend(other.handled)
        self.abandoned.extend(other.abandoned)
        self.waiting += other.waiting


@dataclass(frozen=True, slots=True)
class Day:
    """One run: a tally for each class, and of each agent the seconds (with callers, on shift)."""

    classes: list[Tally]
    agents: list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Figures:
    """One class or all of them. Waits in seconds, shares 0 to 1."""

    offered: int
    handled: int
    abandoned: int
    wait: float
    asa: float
    p50: float
    p95: float
    p99: float
    within: float
    service_level: float

    @property
    def lost(self) -> float:
        return self.abandoned / self.offered if self.offered else 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """One rule in one case over some days; ``waits``: the mean wait of each day."""

    total: Figures
    classes: dict[str, Figures]
    waits: tuple[float, ...]
    occupancy: float
    occupancy_sd: float
    occupancy_range: float

    @property
    def wait_ci(self) -> float:
        """Half of the 95 % confidence interval of the mean of the days' mean waits."""
        return half_width(self.waits)

    def against(self, other: Result) -> tuple[float, float]:
        """How much longer than with the other rule one waits, day by day on the same callers, and half its interval."""
        gaps = [own - theirs for own, theirs in zip(self.waits, other.waits, strict=True)]
        return _mean(gaps), half_width(gaps)

    @property
    def worst_p99(self) -> float:
        return max(figures.p99 for figures in self.classes.values())

    def plain(self) -> dict[str, object]:
        return asdict(self) | {"worst_p99": self.worst_p99, "wait_ci": self.wait_ci}


def day(case: Case, callers: Callers, booked: Booked) -> Day:
    """Count one run."""
    tallies = [Tally() for _ in case.classes]
    for at, kind, waited, lost in zip(callers.at, callers.kind, booked.waited, booked.lost, strict=True):
        if at < case.warm_s:
            continue
        tally = tallies[kind]
        if waited < 0.0:
            tally.waiting += 1
        else:
            (tally.abandoned if lost else tally.handled).append(waited)
    return Day(tallies, _agents(case, callers, booked))


def _agents(case: Case, callers: Callers, booked: Booked) -> list[tuple[float, float]]:
    """Seconds (with callers, paid) of each agent; what is spoken after the shift is paid too."""
    staff, begins, ends = case.staff(), case.warm_s, case.ends_at
    shifts = [[(max(a, begins), min(b, ends)) for a, b in own] for own in staff.shifts]
    busy = [0.0] * len(shifts)
    paid = [sum(max(b - a, 0.0) for a, b in own) for own in shifts]
    for n, agent in enumerate(booked.agent):
        if agent == NOBODY:
            continue
        start = callers.at[n] + booked.waited[n]
        end = min(start + callers.work[n] * staff.handle_s[agent][callers.kind[n]], ends)
        start = max(start, begins)
        if end > start:
            busy[agent] += end - start
            paid[agent] += end - start - sum(max(min(b, end) - max(a, start), 0.0) for a, b in shifts[agent])
    return list(zip(busy, paid, strict=True))


def percentile(ordered: Sequence[float], share: float) -> float:
    """Linear between neighbours; nan of nothing."""
    if not ordered:
        return nan
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def figures(tally: Tally) -> Figures:
    handled, abandoned = tally.handled, tally.abandoned
    waits = sorted([*handled, *abandoned])
    offered = len(waits) + tally.waiting
    in_time, short = (sum(w <= T_S for w in kind) for kind in (handled, abandoned))
    return Figures(
        offered, len(handled), len(abandoned), _mean(waits), _mean(handled),
        percentile(waits, 0.50), percentile(waits, 0.95), percentile(waits, 0.99),
        _share(in_time, offered), _share(in_time, offered - short),
    )  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else nan


def _share(part: int, whole: int) -> float:
    return part / whole if whole else nan


def summed(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return total


def result(case: Case, days: Sequence[Day]) -> Result:
    """All days of one rule together."""
    kinds = [summed(d.classes[n] for d in days) for n in range(len(case.classes))]
    busy = [_occupancy([d.agents[n] for d in days]) for n in range(len(case.seats))]
    return Result(
        figures(summed(kinds)),
        {kind.name: figures(tally) for kind, tally in zip(case.classes, kinds, strict=True)},
        tuple(figures(summed(d.classes)).wait for d in days),
        fmean(busy), pstdev(busy), max(busy) - min(busy),
    )  # fmt: skip


def _occupancy(parts: Sequence[tuple[float, float]]) -> float:
    paid = sum(part[1] for part in parts)
    return sum(part[0] for part in parts) / paid if paid else 0.0


def half_width(values: Sequence[float]) -> float:
    """Half of the 95 % confidence interval of the mean; nan of fewer than two values."""
    degrees = len(values) - 1
    if degrees < 1:
        return nan
    point = _STUDENT[degrees] if degrees < len(_STUDENT) else 1.96 * (1 + 1.25 / degrees)
    return point * stdev(values) / sqrt(len(values))
