"""What the distributor must choose and explain, in the plainest words: nothing is kept, everybody is looked at."""

from __future__ import annotations

from acd import Distributor, Floor, Reasons
from acd.policies.balanced import LOOKED_AT, Balanced
from acd.reasons import NAMES_TOLD
from agents import Agent, Group, Standing
from calls import AgentId, Requirement, satisfies
from calls.facts import Excluded
from queues import CallClass, Place


def balanced(acd: Distributor, policy: Balanced, place: Place) -> AgentId:
    """The agent for the call by the formula of ``acd/policies/balanced.py``; somebody must be available."""
    floor, of = acd.floor, acd.floor.room.class_of(place)
    groups = [group for group in floor.roster.groups if group.ready and satisfies(group.skills, of.requires)]
    best = min(groups, key=lambda group: (_price(floor, policy.beta, group), group.ready[0]))
    return min(best.ready[:LOOKED_AT], key=lambda entry: (round(floor.figures.pace(entry[1]), 1), entry))[1]


def _price(floor: Floor, beta: float, group: Group) -> float:
    return sum(floor.demand.share(of) * pow(beta, _idle(floor, of)) for of in floor.classes(group))


def _idle(floor: Floor, of: CallClass) -> int:
    return sum(agent.standing is Standing.AVAILABLE for agent in able(floor, of.requires))


def able(floor: Floor, needed: Requirement) -> list[Agent]:
    """Whoever has what it takes, whatever he does; group by group."""
    groups = [group for group in floor.roster.groups if satisfies(group.skills, needed)]
    return [floor.roster[who] for group in groups for members in group.members.values() for who in members]


def reasons(acd: Distributor, place: Place) -> Reasons:
    """The explanation of an offer of the call."""
    roster, everybody = acd.floor.roster, able(acd.floor, ((),))
    mine = able(acd.floor, place.requires)
    if place.kept_for is not None:
        mine = [agent for agent in everybody if agent.group is roster[place.kept_for].group]
    ready = sorted((agent.idle_since, agent.id) for agent in mine if agent.standing is Standing.AVAILABLE)
    others = [a.id for a in everybody if a.group not in {m.group for m in mine}]
    logged_in = [who for who in others if roster[who].standing is not Standing.LOGGED_OUT]
    told = [("skill", logged_in)]
    told += [(standing.value, [a.id for a in mine if a.standing is standing]) for standing in _KEPT_FROM_CALLS]
    excluded = tuple(Excluded(rule, len(who), tuple(who[:NAMES_TOLD])) for rule, who in told if who)
    return Reasons(len(ready), tuple(who for _, who in ready[:NAMES_TOLD]), excluded)


_KEPT_FROM_CALLS = [s for s in Standing if s not in (Standing.AVAILABLE, Standing.LOGGED_OUT)]
