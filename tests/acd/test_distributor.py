"""The distributor: exact choices, and the reasons given for them."""

from __future__ import annotations

import pytest

from acd import Choice, Distributor, Reasons
from agents import AgentEvent, AgentSettings, Roster
from calls import AgentId, CallId, Need, QueueId, Skills, requirement
from calls.facts import Excluded
from queues import WaitingRoom

E = AgentEvent
Q = QueueId("q")
EL, EN = requirement(Need("lang.el", 1)), requirement(Need("lang.en", 1))
PENSIONS_EN = requirement(Need("lang.en", 2), Need("topic.pensions", 1))
PEOPLE: dict[str, Skills] = {
    "a1": {"lang.el": 5},
    "a2": {"lang.el": 5},
    "a3": {"lang.el": 5, "lang.en": 2},
    "a4": {"lang.en": 2, "topic.pensions": 1},
}


@pytest.fixture
def acd() -> Distributor:
    people = [AgentSettings(AgentId(name), name, skills) for name, skills in PEOPLE.items()]
    return Distributor(Roster(people, 0.0), WaitingRoom())


def ready(acd: Distributor, name: str, now: float) -> None:
    agent = acd.roster[AgentId(name)]
    agent.reachable = True
    acd.roster.apply(agent, E.LOG_IN, now)
    acd.roster.apply(agent, E.READY, now)


def wait(acd: Distributor, call: str, requires: tuple[Need, ...], now: float, priority: int = 0) -> CallId:
    acd.room.enter(CallId(call), Q, requires, priority, now)
    return CallId(call)


def test_the_longest_idle_over_all_groups(acd: Distributor) -> None:
    ready(acd, "a3", 1.0)
    ready(acd, "a1", 2.0)
    call = wait(acd, "c1", EL, 3.0)
    assert acd.agent_for(call) == Choice(call, AgentId("a3"), "longest idle")


def test_equally_idle_the_lower_name(acd: Distributor) -> None:
    for name in ("a3", "a2"):
        ready(acd, name, 1.0)
    choice = acd.agent_for(wait(acd, "c1", EL, 3.0))
    assert choice is not None and choice.agent == "a2"


def test_nobody_has_what_it_takes(acd: Distributor) -> None:
    ready(acd, "a3", 1.0)
    assert acd.agent_for(wait(acd, "c1", PENSIONS_EN, 3.0)) is None


def test_the_oldest_call_over_all_classes_he_can_serve(acd: Distributor) -> None:
    wait(acd, "c1", PENSIONS_EN, 1.0)
    wait(acd, "c2", EN, 2.0)
    wait(acd, "c3", EL, 3.0)
    chosen = {name: acd.call_for(AgentId(name)) for name in PEOPLE}
    assert {name: choice.call for name, choice in chosen.items() if choice} == {
        "a1": "c3", "a2": "c3", "a3": "c2", "a4": "c1",
    }  # fmt: skip


def test_priority_before_age(acd: Distributor) -> None:
    wait(acd, "c1", EL, 1.0)
    urgent = wait(acd, "c2", EN, 9.0, priority=1)
    assert acd.call_for(AgentId("a3")) == Choice(urgent, AgentId("a3"), "oldest call")


def test_what_is_being_offered_is_not_chosen(acd: Distributor) -> None:
    acd.room.reserve(wait(acd, "c1", EL, 1.0))
    assert acd.call_for(AgentId("a1")) is None


def test_the_reasons_name_everybody_logged_in(acd: Distributor) -> None:
    for now, name in enumerate(PEOPLE):
        ready(acd, name, float(now))
    acd.roster.apply(acd.roster[AgentId("a2")], E.NOT_READY, 9.0)
    assert acd.reasons(EL) == Reasons(
        2,
        (AgentId("a1"), AgentId("a3")),
        (Excluded("skill", 1, (AgentId("a4"),)), Excluded("not_ready", 1, (AgentId("a2"),))),
    )


def test_an_explanation_names_only_the_first_few() -> None:
    people = [AgentSettings(AgentId(f"a{n}"), "", {"lang.el": 1}) for n in range(9)]
    acd = Distributor(Roster(people, 0.0), WaitingRoom())
    for n in range(9):
        ready(acd, f"a{n}", float(n))
    reasons = acd.reasons(EL)
    assert (reasons.eligible_count, reasons.eligible) == (9, ("a0", "a1", "a2", "a3", "a4"))


def test_who_is_logged_in_and_who_serves(acd: Distributor) -> None:
    ready(acd, "a1", 1.0)
    ready(acd, "a3", 1.0)
    acd.roster.apply(acd.roster[AgentId("a1")], E.NOT_READY, 2.0)
    assert (acd.logged_in(EL), acd.serving(EL), acd.logged_in(PENSIONS_EN)) == (2, 1, 0)


def test_new_groups_are_seen(acd: Distributor) -> None:
    call = wait(acd, "c1", PENSIONS_EN, 1.0)
    assert acd.agent_for(call) is None
    acd.roster.reload([AgentSettings(AgentId("a9"), "", {"lang.en": 9, "topic.pensions": 9})], 2.0)
    ready(acd, "a9", 3.0)
    choice = acd.agent_for(call)
    assert choice is not None and choice.agent == "a9"
