"""The explanation of an offer: which agents could have been chosen, which not, and by which rule.

It is made for each offer, so it must be fast: counts are kept elsewhere, and the search stops at a few names.
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
"""Number of agents named in an explanation; the rest are counted."""

Members = Iterable[Iterable[AgentId]]
"""Agents in the order of their groups."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """The agents who could have been chosen, longest idle first, and those who could not, by which rule."""

    eligible_count: int
    eligible: tuple[AgentId, ...]
    excluded: tuple[Excluded, ...]


def explain(
    roster: Roster,
    groups: Sequence[AgentGroup],
    counts: Mapping[Availability, int],
    elsewhere: Sequence[AgentGroup] = (),
) -> Reasons:
    """Explain an item that these groups can serve. ``counts``: their agents by availability.

    ``elsewhere``: groups that could, if their phones could be rung at the item's node.
    """
    here = {
        availability: count
        for availability, count in counts.items()
        if count and availability is not Availability.LOGGED_OUT
    }
    excluded = []
    there = sum(group.count(*_LOGGED_IN) for group in elsewhere)
    if unskilled := roster.logged_in - sum(here.values()) - there:
        excluded.append(_excluded("skill", unskilled, _others(roster, (*groups, *elsewhere))))
    if there:
        excluded.append(_excluded("node", there, (group.those(a) for group in elsewhere for a in _LOGGED_IN)))
    eligible = here.pop(Availability.AVAILABLE, 0)
    for availability, count in here.items():
        excluded.append(_excluded(availability.value, count, [group.those(availability) for group in groups]))
    return Reasons(eligible, _longest_idle(groups) if eligible else (), tuple(excluded))


def _longest_idle(groups: Iterable[AgentGroup]) -> tuple[AgentId, ...]:
    """Give the first few agents of all groups together; only groups with the lowest heads can have them."""
    ready = {(group.ready[0].idle_since, group.ready[0].id): group.ready for group in groups if group.ready}
    first = [agent for head in sorted(ready)[:NAMES_TOLD] for agent in ready[head][:NAMES_TOLD]]
    return tuple([who for _, who in sorted([(agent.idle_since, agent.id) for agent in first])[:NAMES_TOLD]])


def _others(roster: Roster, groups: Iterable[AgentGroup]) -> Members:
    """List the agents who are logged in and belong to none of the groups."""
    able = set(groups)
    return (group.those(availability) for group in roster.groups if group not in able for availability in _LOGGED_IN)


def _excluded(rule: str, count: int, members: Members) -> Excluded:
    return Excluded(rule, count, tuple(islice(chain.from_iterable(members), min(count, NAMES_TOLD))))


_LOGGED_IN: Final = tuple(availability for availability in Availability if availability is not Availability.LOGGED_OUT)
