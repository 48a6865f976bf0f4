"""Seats per half hour: by Erlang A for a target, pooled and per skill group, then corrected by simulation.

Decides how many seats are needed when; knows nothing of people, shifts and breaks. Seats are people who sit ready or
talk: breaks and shrinkage come on top, in the shift plan.

Each half hour is computed as if it lasted for ever (Green, Kolesar, Soares 2001, "Improving the SIPP approach for
staffing service systems that have cyclic demands", Operations Research 49(4), 549-564). That is good where the handle
time is short beside the half hour, as here, and errs where the load rises steeply or a backlog is carried on; pooling
errs where skills are scarce. Both errors are what the correction by simulation is for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Self

import numpy as np
from numpy.typing import NDArray

from simulator.model.erlang import Load, Performance, erlang_a, least_agents

from .targets import StaffingTarget

HALF_HOUR_S = 1800.0

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Offered:
    """Calls offered per half hour, topic and language, shape (H, topics, languages); H is 336 for a week from Monday.

    ``handle_s`` (AHT, s) and ``patience_s`` (mean, s, may be infinite) have that shape or one that stretches to it.
    Raises ValueError for other shapes, negative or missing figures.
    """

    topics: tuple[str, ...]
    languages: tuple[str, ...]
    calls: Floats
    handle_s: Floats
    patience_s: Floats

    @classmethod
    def of(
        cls,
        topics: Iterable[str],
        languages: Iterable[str],
        calls: Floats,
        handle_s: Floats | float,
        patience_s: Floats | float = inf,
    ) -> Self:
        """Make the offered calls from plain numbers: one AHT and one patience for all calls are enough."""
        return cls(tuple(topics), tuple(languages), calls, np.asarray(handle_s, float), np.asarray(patience_s, float))

    def __post_init__(self) -> None:
        kinds = (len(self.topics), len(self.languages))
        if self.calls.ndim != 3 or self.calls.shape[1:] != kinds:
            raise ValueError(f"calls: found shape {self.calls.shape}, expected (half hours, {kinds[0]}, {kinds[1]})")
        if not (np.isfinite(self.calls).all() and (self.calls >= 0).all()):
            raise ValueError("calls: found negative or missing figures, expected 0 or more")
        for name, figures in (("handle_s", self.handle_s), ("patience_s", self.patience_s)):
            if np.broadcast_shapes(figures.shape, self.calls.shape) != self.calls.shape:
                raise ValueError(f"{name}: found shape {figures.shape}, expected one that stretches to the calls'")
            if not (figures > 0).all():
                raise ValueError(f"{name}: found figures that are not positive, expected seconds")

    def loads(self, group: SkillGroup | None = None) -> tuple[Load, ...]:
        """Give, per half hour, the calls of ``group`` (default: all) as one load.

        AHT is the mean over calls. Patience is the harmonic mean: where waits are short, what counts is the rate at
        which waiting callers give up, and rates add up (Zeltyn and Mandelbaum 2005).
        """
        calls = self.calls * (1.0 if group is None else self._cells(group))
        total = calls.sum(axis=(1, 2))
        shown = np.where(total > 0, total, 1.0)
        handle_s = (calls * self.handle_s).sum(axis=(1, 2)) / shown
        impatience = (calls / self.patience_s).sum(axis=(1, 2)) / shown
        return tuple(
            Load(n / HALF_HOUR_S, aht if n else 1.0, 1 / theta if theta else inf)
            for n, aht, theta in zip(total.tolist(), handle_s.tolist(), impatience.tolist(), strict=True)
        )

    def _cells(self, group: SkillGroup) -> Bools:
        for name, known in (
            *((t, self.topics) for t in group.topics),
            *((lang, self.languages) for lang in group.languages),
        ):
            if name not in known:
                raise ValueError(f"skill group {group.name}: found {name!r}, expected one of {', '.join(known)}")
        topics = [not group.topics or topic in group.topics for topic in self.topics]
        languages = [not group.languages or language in group.languages for language in self.languages]
        return np.logical_and.outer(topics, languages)


@dataclass(frozen=True, slots=True)
class SkillGroup:
    """Calls that need the same skills: these topics in these languages; an empty set means all of them."""

    name: str
    topics: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()


def each_topic_and_language(offered: Offered) -> tuple[SkillGroup, ...]:
    """List the finest groups: one per topic and language, named ``pensions.el``."""
    return tuple(
        SkillGroup(f"{topic}.{language}", frozenset({topic}), frozenset({language}))
        for topic in offered.topics
        for language in offered.languages
    )


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """Least seats per half hour for ``target``, by Erlang A.

    ``seats``, shape (H,), is the pooled bound: if every agent takes every call. No fewer seats can hold the target.
    ``alone``, shape (H, groups), is what each group needs by itself: no fewer agents with its skills can hold the
    target for its calls, since whatever else they take only keeps them busy.
    """

    target: StaffingTarget
    loads: tuple[Load, ...]
    seats: Ints
    performance: tuple[Performance, ...]
    groups: tuple[SkillGroup, ...]
    alone: Ints

    @property
    def apart(self) -> Ints:
        """Give seats per half hour if nobody works for two groups, shape (H,); meaningful if groups share no calls."""
        seats: Ints = self.alone.sum(axis=1)
        return seats

    @property
    def seat_hours(self) -> float:
        """Give the hours of the pooled seats."""
        return float(self.seats.sum()) / 2


def required(
    offered: Offered, target: StaffingTarget, groups: Iterable[SkillGroup] = (), least: int = 0
) -> Requirement:
    """Compute seats for ``target`` in each half hour by itself, by Erlang A; at least ``least`` if anybody calls.

    ``least`` is for what no formula knows: nobody should sit alone at night. Raises ValueError for a group that names
    an unknown topic or language, and for a target no number of seats can hold.
    """
    chosen, loads = tuple(groups), offered.loads()
    seats = [max(least if load.rate_per_s else 0, _seats(load, target)) for load in loads]
    alone = [[_seats(load, target) for load in offered.loads(group)] for group in chosen]
    return Requirement(
        target,
        loads,
        np.array(seats, dtype=np.int64),
        tuple(erlang_a(n, load, target.within_s) for n, load in zip(seats, loads, strict=True)),
        chosen,
        np.array(alone, dtype=np.int64).reshape(len(chosen), len(loads)).T,
    )


def _seats(load: Load, target: StaffingTarget) -> int:
    return least_agents(load, target.holds, target.within_s)
