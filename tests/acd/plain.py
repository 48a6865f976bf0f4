"""What the distributor must choose and explain, in the plainest words: nothing is kept, everybody is looked at."""

from __future__ import annotations

from acd import Distributor, Eligibility, Reasons
from acd.handle_times import TRUST_AGENT
from acd.policies.balanced import LOOKED_AT, Balanced
from acd.reasons import NAMES_TOLD
from agents import Agent, AgentGroup, Availability
from calls import AgentId, Requirement, satisfies
from calls.facts import Excluded
from queues import Place, WorkClass


def balanced(acd: Distributor, policy: Balanced, place: Place) -> Agent:
    """The agent for the call by the formula of ``acd/policies/balanced.py``; somebody must be available."""
    eligibility, of = acd.eligibility, place.of
    groups = [group for group in eligibility.roster.groups if group.ready and satisfies(group.skills, of.requires)]
    best = min(groups, key=lambda group: (_price(eligibility, policy.beta, group), _idle(group.ready[0])))
    return min(best.ready[:LOOKED_AT], key=lambda agent: (round(_pace(eligibility, agent), 1), _idle(agent)))


def _idle(agent: Agent) -> tuple[float, AgentId]:
    return agent.idle_since, agent.id


def _pace(eligibility: Eligibility, agent: Agent) -> float:
    """The mean that was learnt, and 50 items at 1."""
    known = eligibility.handle_times.agents.get(agent.id)
    return 1.0 if known is None else (known.value * known.count + TRUST_AGENT) / (known.count + TRUST_AGENT)


def _price(eligibility: Eligibility, beta: float, group: AgentGroup) -> float:
    return sum(
        eligibility.demand.share(link) * pow(beta, _available(eligibility, link.of))
        for link in eligibility.served(group)
    )


def _available(eligibility: Eligibility, of: WorkClass) -> int:
    return sum(agent.availability is Availability.AVAILABLE for agent in able(eligibility, of.requires))


def able(eligibility: Eligibility, needed: Requirement) -> list[Agent]:
    """List the agents with the skills, whatever they are doing; group by group."""
    groups = [group for group in eligibility.roster.groups if satisfies(group.skills, needed)]
    return [eligibility.roster[who] for group in groups for members in group.members for who in members]


def reasons(acd: Distributor, place: Place) -> Reasons:
    """The explanation of an offer of the call."""
    roster, everybody = acd.eligibility.roster, able(acd.eligibility, ((),))
    mine = able(acd.eligibility, place.requires)
    if place.preferred_agent is not None:
        mine = [agent for agent in everybody if agent.group is roster[place.preferred_agent].group]
    ready = sorted((agent.idle_since, agent.id) for agent in mine if agent.availability is Availability.AVAILABLE)
    others = [a.id for a in everybody if a.group not in {m.group for m in mine}]
    logged_in = [who for who in others if roster[who].availability is not Availability.LOGGED_OUT]
    told = [("skill", logged_in)]
    told += [
        (availability.value, [a.id for a in mine if a.availability is availability])
        for availability in _KEPT_FROM_CALLS
    ]
    excluded = tuple(Excluded(rule, len(who), tuple(who[:NAMES_TOLD])) for rule, who in told if who)
    return Reasons(len(ready), tuple(who for _, who in ready[:NAMES_TOLD]), excluded)


_KEPT_FROM_CALLS = [s for s in Availability if s not in (Availability.AVAILABLE, Availability.LOGGED_OUT)]
