"""The interface of a routing policy. One small file each in ``policies/``; a queue's settings name its policy.

A choice has three steps, and a policy decides in two of them. *Call selection* within a class is fixed: the ordering
key (``queues/order.py``). *Agent selection* (an item looks for an agent): ``choose``. *Queue selection* (an agent
looks for an item among the heads of the classes they can serve): the head with the highest ``urgency``, but an item
that is due goes before all that are not. So a policy weighs classes of work and agent groups, never all items
against all agents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agents import Agent, AgentGroup
from calls import AgentId
from queues import Place, WorkClass

from .eligibility import Eligibility

Groups = Sequence[AgentGroup]
"""Groups that can serve the class and have an available agent; never empty."""


class Policy(Protocol):
    """A routing policy. It keeps no state: it reads everything from ``Eligibility``."""

    @property
    def name(self) -> str:
        """Give the name by which ``queues.yaml`` chooses the policy."""

    @property
    def holds_back(self) -> bool:
        """Tell whether it may hold an available agent back from a waiting item, by a negative ``urgency``."""

    def choose(
        self, eligibility: Eligibility, of: WorkClass, place: Place, groups: Groups, now: float
    ) -> AgentId | None:
        """Choose the agent for this item; None for none yet, only if it ``holds_back``."""

    def holdback_left_s(
        self, eligibility: Eligibility, of: WorkClass, place: Place, groups: Groups, now: float
    ) -> float:
        """Give the seconds until ``choose`` holds these agents back no more; asked only if it ``holds_back``."""

    def urgency(self, eligibility: Eligibility, of: WorkClass, place: Place, agent: Agent, now: float) -> float:
        """Give how much this item wants this agent, in seconds of wait; the highest is served."""


class BasePolicy:
    """What most policies share: agents are never held back, items are weighed by their score."""

    __slots__ = ()
    holds_back = False

    def holdback_left_s(
        self, eligibility: Eligibility, of: WorkClass, place: Place, groups: Groups, now: float
    ) -> float:
        return 0.0

    def urgency(self, eligibility: Eligibility, of: WorkClass, place: Place, agent: Agent, now: float) -> float:
        return place.score(now)


def longest_idle(groups: Groups) -> AgentId:
    """Give the available agent who has been idle longest in all the groups; of equals the lower id."""
    return min(group.ready[0] for group in groups)[1]
