"""The emergency banner: on and off while calls go on, said where the menus have a place for it, and never forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls import CallId
from calls import commands as c
from calls import events as e
from calls import facts as f
from calls.commands import Prompt
from engine import Line, LineSettings
from ivr import Banner, Branch, Case, Enqueue, Entry, Goodbye, Menus, Node, When
from sites.checker import check
from tests.line import Hand, menus, one, only, settings
from tests.sites.test_checker import HELLO, MENUS, with_menus

C1 = CallId("c1")
STRIKE = "emergency.strike"


def tree(banners: tuple[str, ...] = (STRIKE,)) -> Menus:
    nodes: dict[str, Node] = {
        "b": Banner("b", "ask"),
        "ask": Branch("ask", (Case(When(banner=True), "bye"),), "agent"),
        "agent": Enqueue("agent"),
        "bye": Goodbye("bye", HELLO),
    }
    return replace(menus(), nodes=nodes, entries={"1555": Entry("1555", "b")}, banners=banners)


def line(banners: tuple[str, ...] = (STRIKE,)) -> LineSettings:
    return settings(menu=tree(banners))


def test_off_it_is_not_there() -> None:
    hand = Hand(Line(line())).open()
    out = hand.call("c1", "1555")
    assert [fact.node for fact in only(f.NodeEntered, out)] == ["b", "ask", "agent"]
    assert only(c.Play, out) == []


def test_on_it_is_said_and_a_key_skips_it() -> None:
    hand = Hand(Line(line())).open()
    assert hand.do(e.BannerSwitched(STRIKE)) == [f.BannerChanged(STRIKE)]
    assert one(c.Play, hand.call("c1", "1555")).prompts == (Prompt(STRIKE),)
    assert one(c.Play, hand.heard("c1")).prompts == HELLO
    hand.call("c2", "1555")
    assert one(c.Play, hand.do(e.KeyPressed(CallId("c2"), "5"))).prompts == HELLO
    hand.do(e.BannerSwitched(""))
    assert only(c.Play, hand.call("c3", "1555")) == []


def test_whoever_hears_it_when_it_goes_off_hears_what_follows() -> None:
    hand = Hand(Line(line())).open()
    hand.do(e.BannerSwitched(STRIKE))
    hand.call("c1", "1555")
    hand.do(e.BannerSwitched(""))
    assert only(f.NodeEntered, hand.do(e.CallerBack(C1)))[-1].node == "agent"


@pytest.mark.parametrize("prompt", ["", "welcome"])
def test_what_cannot_be_changes_nothing(prompt: str) -> None:
    hand = Hand(Line(line())).open()
    assert one(f.Unexpected, hand.do(e.BannerSwitched(prompt))).subject == prompt
    assert hand.line._state.banner == ""


def test_it_survives_a_restart_and_goes_with_its_prompt() -> None:
    hand = Hand(Line(line())).open()
    hand.do(e.BannerSwitched(STRIKE))
    again = Hand(hand.again())
    assert again.line._state.banner == STRIKE
    assert again.publish(line()) == []
    assert again.publish(line(("emergency.other",))) == [f.BannerChanged("")]


def test_callers_of_an_older_version_do_not_hear_what_it_does_not_have() -> None:
    hand = Hand(Line(line(()))).open()
    hand.line._state.banner = STRIKE
    assert one(c.Play, hand.call("c1", "1555")).prompts == HELLO, "what comes behind it"


def test_a_banner_of_the_files_has_a_prompt() -> None:
    nodes = {**MENUS.nodes, "hello": Banner("hello", "ask")}
    assert check(with_menus(nodes=nodes, banners=("hello",))) == []
    (finding,) = check(with_menus(nodes=nodes, banners=("hello", "helo")))
    assert (finding.file, finding.keys, finding.found) == ("line.yaml", ("banners", 1), "unknown prompt 'helo'")
