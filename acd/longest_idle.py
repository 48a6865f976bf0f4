"""Agent selection: of the eligible groups' ready agents, the one who has been idle longest."""

from __future__ import annotations

from collections.abc import Iterable

from agents import Group
from calls import AgentId

NAME = "longest idle"


def choose(groups: Iterable[Group]) -> AgentId | None:
    """The ready agent with the earliest idle start over all the groups; the lower id where two are equal."""
    heads = [group.ready[0] for group in groups if group.ready]
    return min(heads)[1] if heads else None


def ranked(groups: Iterable[Group], most: int) -> tuple[AgentId, ...]:
    """The first ``most`` candidates in order of choice, for the explanation."""
    candidates = [entry for group in groups for entry in group.ready[:most]]
    return tuple(agent for _, agent in sorted(candidates)[:most])
