"""Assigns the rows of a shift plan to people: the programme treats all people as equal, but their skills differ.

A local search swaps two rows at a time while that lowers the cost: the calls of each topic and language times the
share of the agents they need that is not at work. Working times stay, so labour rules and seats are not affected. It
never makes a plan worse, but the result need not be the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents import AgentSettings
from calls import satisfies
from simulator.scenario import Plan

from .plan import PlannedPerson, ShiftPlan, covered
from .requirements import Floats, Offered, Requirement
from .skills import asked

PASSES = 4
"""Most passes over all pairs of people; later ones find little."""


def seated(
    plan: Plan, offered: Offered, requirement: Requirement, shifts: ShiftPlan, people: Sequence[AgentSettings]
) -> ShiftPlan:
    """Give the same rows to ``people``, in their order."""
    able = [[satisfies(agent.skills, asked(plan, group)) for group in requirement.groups] for agent in people]
    table = _Table(
        np.array([covered([person])[plan.on_the_wall()] * (1 - shifts.shrinkage) for person in shifts.people]),
        np.array(able, dtype=np.float64).reshape(len(people), -1),
        requirement.alone.T.astype(np.float64),
        offered.calls.reshape(len(offered.calls), -1).T,
        list(range(len(people))),
    )
    table.improve()
    rows = [shifts.people[row].shifts for row in table.rows]
    return replace(shifts, people=tuple(PlannedPerson(str(a.id), row) for a, row in zip(people, rows, strict=True)))


@dataclass(slots=True)
class _Table:
    """Seats that each row fills, shape (rows, H); who can take which group, (people, groups); what groups need and
    their calls, (groups, H); ``rows``: who has which.
    """

    seats: Floats
    able: Floats
    needed: Floats
    calls: Floats
    rows: list[int]

    def improve(self) -> None:
        """Swap until nothing gets better."""
        there = self.able.T @ self.seats[self.rows]
        cost = self._cost(there, slice(None))
        for _ in range(PASSES):
            swaps = [
                self._swap(there, cost, first, second)
                for first in range(len(self.rows))
                for second in range(first + 1, len(self.rows))
            ]
            if not any(swaps):
                return

    def _swap(self, there: Floats, cost: Floats, first: int, second: int) -> bool:
        """Swap two people's rows if that helps; updates ``there`` and ``cost`` by group."""
        differ = np.flatnonzero(self.able[first] != self.able[second])
        if not len(differ):
            return False
        change = self.seats[self.rows[second]] - self.seats[self.rows[first]]
        then = there[differ] + (self.able[first] - self.able[second])[differ, None] * change
        costs = self._cost(then, differ)
        if costs.sum() >= cost[differ].sum() - 1e-9:
            return False
        there[differ], cost[differ] = then, costs
        self.rows[first], self.rows[second] = self.rows[second], self.rows[first]
        return True

    def _cost(self, there: Floats, groups: slice | np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
        """Give the calls times the missing share of the agents they need, per group."""
        needed = self.needed[groups]
        lacking = np.maximum(needed - there, 0.0) / np.maximum(needed, 1.0)
        return np.asarray((lacking * self.calls[groups]).sum(axis=1), dtype=np.float64)
