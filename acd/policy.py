"""What a routing policy is. One small file each in ``policies/``; a queue names its policy in its settings.

A choice has three steps, and a policy has a say in two of them. *Call selection* within a class is law: the ordering
key (``queues/order.py``). *Agent selection* (a call looks for an agent): ``choose``. *Queue selection* (an agent looks
for a call among the heads of the classes he can serve): the head with the highest ``urgency``, but a call that is due
goes before all that are not. So a policy weighs call classes and agent groups, never all calls against all agents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agents import Agent, AgentGroup
from calls import AgentId
from queues import CallClass, Place

from .eligibility import Eligibility

Groups = Sequence[AgentGroup]
"""Groups that can serve the class and have somebody available; never empty."""


class Policy(Protocol):
    """Exchangeable. It keeps no state: what it knows it reads from the floor."""

    @property
    def name(self) -> str: ...

    @property
    def holds_back(self) -> bool:
        """Whether it may keep an available agent from a waiting call: a negative ``urgency`` means that."""

    def choose(
        self, eligibility: Eligibility, of: CallClass, place: Place, groups: Groups, now: float
    ) -> AgentId | None:
        """The agent for this call; None, only where it ``holds_back``, for nobody yet."""

    def holdback_left_s(
        self, eligibility: Eligibility, of: CallClass, place: Place, groups: Groups, now: float
    ) -> float:
        """Seconds until ``choose`` will not keep these agents back any more; asked only where it ``holds_back``."""

    def urgency(self, eligibility: Eligibility, of: CallClass, place: Place, agent: Agent, now: float) -> float:
        """How much this call wants this agent, in seconds of wait; the highest is served."""


class BasePolicy:
    """What most policies have in common: agents are never kept back, calls are weighed by their score."""

    __slots__ = ()
    holds_back = False

    def holdback_left_s(
        self, eligibility: Eligibility, of: CallClass, place: Place, groups: Groups, now: float
    ) -> float:
        return 0.0

    def urgency(self, eligibility: Eligibility, of: CallClass, place: Place, agent: Agent, now: float) -> float:
        return place.score(now)


def longest_idle(groups: Groups) -> AgentId:
    """The available agent with the earliest idle start over all the groups; the lower id where two are equal."""
    return min(group.ready[0] for group in groups)[1]
