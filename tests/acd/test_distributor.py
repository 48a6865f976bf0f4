"""The distributor: exact choices, and the reasons given for them."""

from __future__ import annotations

from math import inf

import pytest

from acd import Distributor, Reasons, policy_of
from agents import AgentEvent, AgentSettings, Roster
from calls import AgentId, CallId, QueueId, Skills, parse
from calls.facts import Excluded
from queues import Place, QueueSettings, WaitingRoom

E = AgentEvent
EL, EN, PENSIONS_EN = "lang.el", "lang.en", "lang.en>=2 and topic.pensions"
PEOPLE: dict[str, Skills] = {
    "a1": {"lang.el": 5},
    "a2": {"lang.el": 5},
    "a3": {"lang.el": 5, "lang.en": 2},
    "a4": {"lang.en": 2, "topic.pensions": 1},
}


def distributor(people: dict[str, Skills] | None = None, policy: str = "longest_idle", **numbers: float) -> Distributor:
    known = [AgentSettings(AgentId(name), name, skills) for name, skills in (people or PEOPLE).items()]
    return Distributor(
        Distributor.of(Roster(known, 0.0), WaitingRoom(), {}).eligibility, {}, policy_of(policy, numbers)
    )


@pytest.fixture
def acd() -> Distributor:
    return distributor()


def ready(acd: Distributor, name: str, now: float) -> None:
    roster = acd.eligibility.roster
    agent = roster[AgentId(name)]
    agent.reachable = True
    roster.apply(agent, E.LOG_IN, now)
    roster.apply(agent, E.READY, now)
    acd.agent_free(agent)


def wait(
    acd: Distributor, call: str, requires: str, now: float, points: float = 0.0,
    *, queue: str = "q", preferred_agent: str | None = None, cap_s: float = 120.0,
) -> Place:  # fmt: skip
    settings = QueueSettings(QueueId(queue), "", parse(requires), cap_s=cap_s)
    keeper = AgentId(preferred_agent) if preferred_agent else None
    place = acd.eligibility.room.enter(CallId(call), settings, parse(requires), points, now, preferred_agent=keeper)
    acd.entered(place)
    return place


def pairs(acd: Distributor, now: float) -> list[tuple[str, str]]:
    """All choices, each taken before the next."""
    chosen = []
    while (choice := acd.next(now)) is not None:
        acd.eligibility.room.reserve(choice.place.item)
        acd.eligibility.roster.apply(choice.agent, E.OFFERED, now)
        chosen.append((str(choice.place.item), str(choice.agent.id)))
    return chosen


def test_the_longest_idle_over_all_groups(acd: Distributor) -> None:
    ready(acd, "a3", 1.0)
    ready(acd, "a1", 2.0)
    wait(acd, "c1", EL, 3.0)
    choice = acd.next(3.0)
    assert choice is not None
    assert (choice.place.item, choice.agent.id, choice.rule) == ("c1", "a3", "longest_idle")


def test_equally_idle_the_lower_name(acd: Distributor) -> None:
    for name in ("a3", "a2"):
        ready(acd, name, 1.0)
    wait(acd, "c1", EL, 3.0)
    assert pairs(acd, 3.0) == [("c1", "a2")]


def test_nobody_has_what_it_takes(acd: Distributor) -> None:
    ready(acd, "a3", 1.0)
    wait(acd, "c1", PENSIONS_EN, 3.0)
    assert acd.next(3.0) is None


@pytest.mark.parametrize(("agent", "call"), [("a1", "c3"), ("a2", "c3"), ("a3", "c2"), ("a4", "c1")])
def test_the_oldest_call_over_all_classes_he_can_serve(acd: Distributor, agent: str, call: str) -> None:
    wait(acd, "c1", PENSIONS_EN, 1.0)
    wait(acd, "c2", EN, 2.0)
    wait(acd, "c3", EL, 3.0)
    assert acd.next(4.0) is None
    ready(acd, agent, 5.0)
    assert pairs(acd, 5.0) == [(call, agent)]


def test_priority_is_a_head_start(acd: Distributor) -> None:
    wait(acd, "c1", EL, 1.0)
    wait(acd, "c2", EN, 9.0, points=7.0)
    wait(acd, "c3", EN, 9.0, points=9.0, queue="r")
    for name in ("a3", "a4", "a1"):
        ready(acd, name, 10.0)
    assert pairs(acd, 10.0) == [("c3", "a3"), ("c1", "a1"), ("c2", "a4")]


def test_whoever_is_due_goes_first(acd: Distributor) -> None:
    wait(acd, "c1", EL, 1.0, cap_s=60.0)
    wait(acd, "c2", EL, 2.0, points=900.0, queue="r", cap_s=60.0)
    wait(acd, "c3", EL, 50.0, points=999.0, queue="r", cap_s=60.0)
    ready(acd, "a1", 62.0)
    ready(acd, "a2", 62.0)
    assert pairs(acd, 62.0) == [("c1", "a1"), ("c2", "a2")]


def test_what_is_being_offered_is_not_chosen(acd: Distributor) -> None:
    acd.eligibility.room.reserve(wait(acd, "c1", EL, 1.0).item)
    ready(acd, "a1", 2.0)
    assert acd.next(2.0) is None


def test_a_call_that_is_kept_goes_to_nobody_else(acd: Distributor) -> None:
    place = wait(acd, "c1", EL, 1.0, preferred_agent="a2")
    ready(acd, "a1", 2.0)
    assert acd.next(2.0) is None
    wait(acd, "c2", EL, 0.0, points=900.0)
    ready(acd, "a2", 3.0)
    assert pairs(acd, 3.0) == [("c1", "a2"), ("c2", "a1")], "his own call before any other"
    assert acd.reasons(place).eligible_count == 0


def test_a_call_that_is_due_goes_before_one_that_is_kept(acd: Distributor) -> None:
    wait(acd, "c1", EL, 1.0, cap_s=30.0)
    wait(acd, "c2", EL, 20.0, preferred_agent="a1")
    ready(acd, "a1", 31.0)
    assert pairs(acd, 31.0) == [("c1", "a1")]


def test_the_reasons_name_everybody_logged_in(acd: Distributor) -> None:
    for now, name in enumerate(PEOPLE):
        ready(acd, name, float(now))
    acd.eligibility.roster.apply(acd.eligibility.roster[AgentId("a2")], E.NOT_READY, 9.0)
    assert acd.reasons(wait(acd, "c1", EL, 9.0)) == Reasons(
        2,
        (AgentId("a1"), AgentId("a3")),
        (Excluded("skill", 1, (AgentId("a4"),)), Excluded("not_ready", 1, (AgentId("a2"),))),
    )


def test_an_explanation_names_only_the_first_few() -> None:
    acd = distributor({f"a{n}": {"lang.el": 1} for n in range(9)})
    for n in range(9):
        ready(acd, f"a{n}", float(n))
    reasons = acd.reasons(wait(acd, "c1", EL, 9.0))
    assert (reasons.eligible_count, reasons.eligible) == (9, ("a0", "a1", "a2", "a3", "a4"))


def test_who_is_logged_in_and_who_can_serve(acd: Distributor) -> None:
    ready(acd, "a1", 1.0)
    ready(acd, "a3", 1.0)
    acd.eligibility.roster.apply(acd.eligibility.roster[AgentId("a1")], E.NOT_READY, 2.0)
    classes = [acd.eligibility.room.class_for(QueueId("q"), parse(needs)) for needs in (EL, PENSIONS_EN)]
    assert [acd.present(of) for of in classes] == [2, 0]
    able = [name for name in (*PEOPLE, "nobody") if acd.can_serve(AgentId(name), parse(EL))]
    assert able == ["a3"], "a1 is away, a2 is logged out"


def test_new_groups_are_seen(acd: Distributor) -> None:
    wait(acd, "c1", PENSIONS_EN, 1.0)
    assert acd.next(1.0) is None
    acd.eligibility.roster.reload([AgentSettings(AgentId("a9"), "", {"lang.en": 9, "topic.pensions": 9})], 2.0)
    ready(acd, "a9", 3.0)
    assert pairs(acd, 3.0) == [("c1", "a9")]


def test_an_unknown_policy_or_number_is_told() -> None:
    with pytest.raises(ValueError, match="unknown policy 'luck'"):
        policy_of("luck", {})
    with pytest.raises(ValueError, match="longest_idle has no setting 'speed'"):
        policy_of("longest_idle", {"speed": 1.0})


# -- a policy that keeps agents ---


def keeping(**numbers: float) -> Distributor:
    """All calls so far were Greek: who speaks Greek can serve everything and is kept for ``keep_s`` at most."""
    acd = distributor(None, "weighted_index", **numbers)
    acd.take_policies({QueueId("q"): acd.default})
    return acd


def test_an_agent_is_kept_and_then_released() -> None:
    acd = keeping(keep_s=20.0)
    ready(acd, "a1", 0.0)
    wait(acd, "c1", EL, 4.0)
    assert acd.next(4.0) is None, "-20 + 0 waited + 4 idle"
    assert acd.holdback_ends_at(4.0) == 12.0, "8 s each"
    acd.everything_changed()
    assert acd.next(11.5) is None
    acd.everything_changed()
    assert pairs(acd, 12.0) == [("c1", "a1")]
    assert acd.holdback_ends_at(12.0) is None


def test_nobody_is_kept_from_a_call_that_is_due() -> None:
    acd = keeping(keep_s=900.0)
    ready(acd, "a1", 0.0)
    wait(acd, "c1", EL, 1.0, cap_s=30.0)
    assert acd.next(1.0) is None and acd.holdback_ends_at(1.0) == 31.0
    acd.everything_changed()
    assert pairs(acd, 31.0) == [("c1", "a1")]


def test_an_index_that_never_ripens_sets_no_alarm() -> None:
    acd = keeping(keep_s=20.0, wait=0.0, idle=0.0)
    ready(acd, "a1", 0.0)
    wait(acd, "c1", EL, 1.0, cap_s=inf)
    assert acd.next(1.0) is None and acd.holdback_ends_at(1.0) is None
