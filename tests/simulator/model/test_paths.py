"""The way through the menus is found in the menus themselves, for every topic and language of the line."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from calls import Attribute, CallId
from calls.commands import Prompt
from ivr import (
    Branch,
    Case,
    Choice,
    Collect,
    Digits,
    Enqueue,
    Entry,
    Fixed,
    Input,
    JoinQueue,
    Menu,
    MenuPosition,
    Menus,
    Node,
    Session,
    Validity,
    When,
    position_of,
)
from line1555.cli.default_site import DEFAULT_SITE
from simulator.model.paths import LISTEN, CallerGoal, Path, may_surprise, path_for, route_for, route_on, tell_by_node
from sites import load_site
from tests.line import menus as small

MENUS = load_site(DEFAULT_SITE).line.menus
TODAY = Fixed(datetime(2026, 12, 1))


@pytest.mark.parametrize("topic", sorted(MENUS.topics))
@pytest.mark.parametrize("language", MENUS.languages)
@pytest.mark.parametrize("role", ["", "employer", "insured"])
def test_walked_by_the_real_session(topic: str, language: str, role: str) -> None:
    path = path_for(MENUS, CallerGoal("1555", language, topic, role))
    assert path is not None
    session, acts = Session.begin(CallId("c"), MENUS, MENUS.entries["1555"], TODAY)
    for step in path:
        acts = (session.feed(Input.PROMPT_ENDED) if step == LISTEN else session.feed(Input.KEY, step)) or []
    assert next(act for act in acts if isinstance(act, JoinQueue)).queue == MENUS.topics[topic]
    assert session.known.attributes[Attribute.LANGUAGE] == language


def path_on(menus: Menus, here: MenuPosition, goal: CallerGoal) -> Path | None:
    route = route_on(menus, here, goal)
    return None if route is None else route.path


def test_an_old_number_spares_the_topic() -> None:
    old = path_for(MENUS, CallerGoal("11320", "el", "dypa"))
    new = path_for(MENUS, CallerGoal("1555", "el", "dypa"))
    assert old is not None and new is not None and old.count(LISTEN) == 2 and new.count(LISTEN) == 1


def test_no_way() -> None:
    assert path_for(MENUS, CallerGoal("11320", "el", "pensions")) is None
    assert path_for(MENUS, CallerGoal("99", "el", "pensions")) is None


def test_a_branch_is_passed_without_a_key() -> None:
    nodes: dict[str, Node] = {
        "b": Branch("b", (Case(When(anonymous=True), "m"),), "agent"),
        "m": Menu("m", (), {"1": Choice("pay", "agent", ((Attribute.TOPIC, "pensions"),))}),
        "agent": Enqueue("agent"),
    }
    menus = replace(small(), nodes=nodes, entries={"1": Entry("1", "b")})
    goal = CallerGoal("1", "el", "pensions")
    assert path_for(menus, goal) == ("1",)
    plain = replace(menus, nodes={"m": nodes["m"], "agent": nodes["agent"]}, entries={"1": Entry("1", "m")})
    assert may_surprise(menus) and not may_surprise(plain)
    session, _ = Session.begin(CallId("c1"), menus, menus.entries["1"])
    assert (session.node, path_on(menus, position_of(session), goal)) == ("m", ("1",))


def test_in_the_same_place_a_caller_has_the_same_ways() -> None:
    """It is another place once a choice is gone, or something else is known of them."""
    there = Choice("pensions", "by_topic", ((Attribute.TOPIC, "pensions"),), validity=Validity(datetime(2026, 12, 1)))
    nodes = {**small().nodes, "topic": Menu("topic", (Prompt("topic"),), {"1": there})}
    menus = replace(small(), nodes=nodes)

    def at(day: datetime, key: str = "1") -> MenuPosition:
        session, _ = Session.begin(CallId("c"), menus, menus.entries["1555"], Fixed(day))
        session.feed(Input.KEY, key)
        return position_of(session)

    before, first, later = (at(datetime(2026, *day)) for day in ((11, 30), (12, 1), (12, 2)))
    goal = CallerGoal("1555", "el", "pensions")
    assert path_on(menus, first, goal) == path_on(menus, later, goal) == ("1",)
    assert path_on(menus, before, goal) is None
    assert first == later != before
    assert at(datetime(2026, 12, 1), "2") != first


@pytest.mark.parametrize("number", sorted(MENUS.entries))
@pytest.mark.parametrize("role", ["", "employer", "insured"])
def test_a_route_goes_on_as_it_began(number: str, role: str) -> None:
    """From each node that a route names, the way on is its rest: a caller who is there needs no other."""
    assert tell_by_node(MENUS)
    found = 0
    for topic in MENUS.topics:
        goal = CallerGoal(number, "el", topic, role)
        route = route_for(MENUS, goal)
        if route is None:
            continue
        session, acts = Session.begin(CallId("c"), MENUS, MENUS.entries[number], TODAY)
        for n, (step, node) in enumerate(zip(*route, strict=True)):
            if node and node == session.node:
                on = route_on(MENUS, position_of(session), goal)
                assert on is not None and on.path == route.path[n:]
                found += 1
            acts = (session.feed(Input.PROMPT_ENDED) if step == LISTEN else session.feed(Input.KEY, step)) or []
        assert any(isinstance(act, JoinQueue) for act in acts)
    assert found > 3


def test_where_the_node_alone_does_not_tell_the_way() -> None:
    """A branch that sets something, a role that no menu has, a number that is read back: the caller looks around."""
    sets = Case(When(anonymous=True), "m", ((Attribute.LANGUAGE, "el"),))
    pensions = ((Attribute.TOPIC, "pensions"), (Attribute.ROLE, "insured"))
    nodes: dict[str, Node] = {
        "b": Branch("b", (sets,), "m"),
        "m": Menu("m", (), {"1": Choice("pay", "typed", pensions)}),
        "typed": Collect("typed", (), Digits.AFM, "afm", "agent", "agent", 9, 9, confirm=True),
        "agent": Enqueue("agent"),
    }
    menus = replace(small(), nodes=nodes, entries={"1": Entry("1", "b")})
    assert not tell_by_node(menus) and tell_by_node(MENUS)
    known = route_for(menus, CallerGoal("1", "el", "pensions"))
    assert known is not None and known.nodes == ("m", "typed", "")
    loose = route_for(menus, CallerGoal("1", "el", "pensions", "employer"))
    assert loose is not None and (loose.path, loose.nodes) == (known.path, ("m", "", ""))
