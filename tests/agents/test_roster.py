"""The roster: who stands where, in which group, and in which order the idle are taken."""

from __future__ import annotations

import pytest

from agents import Agent, AgentEvent, AgentGroup, AgentSettings, Availability, RequestRefused, Roster
from agents.state import ROWS
from calls import AgentId, AgentState, ContractError, OfferId, Skills

E = AgentEvent
EL: Skills = {"lang.el": 5}
EN: Skills = {"lang.el": 5, "lang.en": 2}


def person(name: str, skills: Skills = EL) -> AgentSettings:
    return AgentSettings(AgentId(name), name, skills)


def roster(*people: AgentSettings) -> Roster:
    return Roster(people or (person("a1"), person("a2"), person("a3", EN)), 0.0)


def ready(of: Roster, name: str, now: float, *, reachable: bool = True) -> Agent:
    agent = of[AgentId(name)]
    agent.reachable = reachable
    of.apply(agent, E.LOG_IN, now)
    of.apply(agent, E.READY, now)
    return agent


def group(of: Roster, name: str) -> AgentGroup:
    return of[AgentId(name)].group


def names(of: AgentGroup) -> list[str]:
    return [agent.id for agent in of.ready]


def test_agents_of_equal_skills_are_one_group() -> None:
    people = roster(person("a1"), person("a2", dict(EL)), person("a3", EN))
    assert group(people, "a1") is group(people, "a2") is not group(people, "a3")
    assert len(people.groups) == 2


def test_the_idle_are_in_order_of_idleness_then_name() -> None:
    people = roster()
    ready(people, "a2", 1.0)
    ready(people, "a1", 1.0)
    assert names(group(people, "a1")) == ["a1", "a2"]
    people.apply(people[AgentId("a1")], E.NOT_READY, 2.0)
    ready_again = people[AgentId("a1")]
    people.apply(ready_again, E.READY, 3.0)
    assert names(group(people, "a1")) == ["a2", "a1"]


def test_ready_again_keeps_the_place() -> None:
    people = roster()
    first = ready(people, "a1", 1.0)
    ready(people, "a2", 2.0)
    assert people.apply(first, E.READY, 9.0) is None
    assert names(group(people, "a1")) == ["a1", "a2"]


def test_a_phone_that_was_gone_does_not_cost_the_place() -> None:
    people = roster()
    first = ready(people, "a1", 1.0)
    ready(people, "a2", 2.0)
    first.reachable = False
    people.refresh(first)
    assert (names(group(people, "a1")), first.availability) == (["a2"], Availability.PHONE_UNREACHABLE)
    first.reachable = True
    people.refresh(first)
    assert names(group(people, "a1")) == ["a1", "a2"]


@pytest.mark.parametrize(
    ("reachable", "in_use", "offer", "standing"),
    [
        (True, False, None, Availability.AVAILABLE),
        (False, True, "o1", Availability.PHONE_UNREACHABLE),
        (True, True, "o1", Availability.PHONE_IN_USE),
        (True, False, "o1", Availability.LEG_CLOSING),
    ],
)
def test_what_keeps_a_ready_agent_from_calls(
    reachable: bool, in_use: bool, offer: str | None, standing: Availability
) -> None:
    people = roster()
    agent = ready(people, "a1", 1.0)
    agent.reachable, agent.in_use, agent.offer = reachable, in_use, OfferId(offer) if offer else None
    people.refresh(agent)
    assert agent.availability is standing
    assert names(agent.group) == (["a1"] if standing is Availability.AVAILABLE else [])
    assert agent.group.count(standing) == 1


@pytest.mark.parametrize("state", [s for s in AgentState if s is not AgentState.READY])
def test_other_states_stand_under_their_own_name(state: AgentState) -> None:
    agent = roster()[AgentId("a1")]
    agent.row, agent.reachable = ROWS[state], True
    assert agent.judge().availability.value == state.value


def test_present_are_all_but_the_logged_out() -> None:
    people = roster()
    ready(people, "a1", 1.0, reachable=False)
    assert group(people, "a1").present == 1
    assert group(people, "a1").count(Availability.LOGGED_OUT, Availability.PHONE_UNREACHABLE) == 2


def test_reload_adds_moves_and_drops() -> None:
    people = roster()
    idle = ready(people, "a1", 1.0)
    people.reload([person("a1", EN), person("a4")], 5.0)
    assert {agent.id for agent in people} == {"a1", "a4"}
    assert (dict(idle.group.skills), names(idle.group), idle.since) == (EN, ["a1"], 1.0)
    assert people[AgentId("a4")].since == 5.0


def test_whoever_is_gone_from_the_settings_finishes_and_cannot_come_back() -> None:
    people = roster()
    agent = ready(people, "a1", 1.0)
    people.reload([person("a2")], 5.0)
    assert AgentId("a1") in people and names(agent.group) == ["a1"]
    people.apply(agent, E.LOG_OUT, 6.0)
    with pytest.raises(RequestRefused, match="no longer in the settings"):
        people.apply(agent, E.LOG_IN, 7.0)


def test_nobody_is_dropped_while_his_leg_closes() -> None:
    people = roster()
    agent = people[AgentId("a1")]
    agent.offer = OfferId("o1")
    people.reload([], 5.0)
    assert [a.id for a in people] == ["a1"]


def test_a_stranger() -> None:
    with pytest.raises(ContractError, match="no such agent: nobody"):
        roster()[AgentId("nobody")]
