"""The interface of a routing policy. One small file each in ``policies/``; a queue's settings name its policy.

A choice has three steps, and a policy decides in two of them. *Call selection* within a class is fixed: the ordering
key (``queues/order.py``). *Agent selection* (an item looks for an agent): ``choose``. *Queue selection* (an agent
looks for an item among the heads of the classes they can serve): the head with the highest ``urgency``, but an item
that is due goes before all that are not. So a policy weighs classes of work and agent groups, never all items
against all agents.
"""

from __future__ import annotations

from typing import ClassVar

from agents import Agent, AgentGroup
from queues import Place

from .eligibility import Eligibility
from .link import Link

Groups = list[AgentGroup]
"""Groups that can serve the class and have an available agent; never empty."""


class Policy:
    """A routing policy. It keeps no state: it reads everything from ``Eligibility``.

    ``name``: by which ``queues.yaml`` chooses it. ``holds_back``: whether it may hold an available agent back from a
    waiting item, by a negative ``urgency``. ``NUMBERS``: what its ``__init__`` takes, which settings may change.
    """

    NUMBERS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str, *, holds_back: bool = False) -> None:
        self.name = name
        self.holds_back = holds_back

    def choose(self, eligibility: Eligibility, link: Link, place: Place, groups: Groups, now: float) -> Agent | None:
        """Choose the agent for this item; None for none yet, only if it ``holds_back``."""
        raise NotImplementedError

    def holdback_left_s(self, eligibility: Eligibility, link: Link, place: Place, groups: Groups, now: float) -> float:
        """Give the seconds until ``choose`` holds these agents back no more; asked only if it ``holds_back``."""
        return 0.0

    def urgency(self, eligibility: Eligibility, link: Link, place: Place, agent: Agent, now: float) -> float:
        """Give how much this item wants this agent, in seconds of wait; the highest is served."""
        return place.score(now)


def longest_idle(groups: Groups) -> Agent:
    """Give the available agent who has been idle longest in all the groups; of equals the lower id."""
    best = groups[0].ready[0]
    for group in groups:
        if group.ready[0].idle_longer(best):
            best = group.ready[0]
    return best
