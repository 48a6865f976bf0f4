"""The explanation that every offer leaves: who could have been chosen, and who could not, by which rule.

It is made for each offer, so it counts nobody (the counts are kept by change) and stops looking once it has its names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from agents import AgentGroup, Availability, Roster
from calls import AgentId
from calls.facts import Excluded

NAMES_TOLD: Final = 5
"""So many agents are named in an explanation; the rest are counted."""

Members = Iterable[Iterable[AgentId]]
"""Agents in the order of their groups."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """Who could have been chosen, the longest idle first, and who could not, by which rule."""

    eligible_count: int
    eligible: tuple[AgentId, ...]
    excluded: tuple[Excluded, ...]


def explain(roster: Roster, groups: Sequence[AgentGroup], counts: Mapping[Availability, int]) -> Reasons:
    """The explanation for a call that these groups can serve. ``counts``: how many of their agents stand so."""
    here = {
        availability: count
        for availability, count in counts.items()
        if count and availability is not Availability.LOGGED_OUT
    }
    excluded = []
    if unskilled := roster.logged_in - sum(here.values()):
        excluded.append(_excluded("skill", unskilled, _others(roster, groups)))
    eligible = here.pop(Availability.AVAILABLE, 0)
    for availability, count in here.items():
        excluded.append(_excluded(availability.value, count, [group.members[availability] for group in groups]))
    return Reasons(eligible, _longest_idle(groups) if eligible else (), tuple(excluded))


def _longest_idle(groups: Iterable[AgentGroup]) -> tuple[AgentId, ...]:
    """The first few of all groups together: only the groups with the lowest heads can have them."""
    ready = {group.ready[0]: group.ready for group in groups if group.ready}
    few = sorted(chain.from_iterable(ready[head][:NAMES_TOLD] for head in sorted(ready)[:NAMES_TOLD]))
    return tuple(who for _, who in few[:NAMES_TOLD])


def _others(roster: Roster, groups: Iterable[AgentGroup]) -> Members:
    """Who is logged in and belongs to none of the groups."""
    able, present = set(groups), [availability for availability in _LOGGED_IN if roster.availability[availability]]
    return (group.members[availability] for group in roster.groups if group not in able for availability in present)


def _excluded(rule: str, count: int, members: Members) -> Excluded:
    return Excluded(rule, count, tuple(islice(chain.from_iterable(members), min(count, NAMES_TOLD))))


_LOGGED_IN: Final = tuple(availability for availability in Availability if availability is not Availability.LOGGED_OUT)
