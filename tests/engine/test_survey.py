"""After a call: whose agent has hung up is asked how it was; what counts for the call was decided before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from calls import CallId, CallStage, Outcome, Party
from calls import commands as c
from calls import events as e
from calls import facts as f
from calls.commands import Prompt
from engine import CallbackRules, Line
from ivr import Enqueue, Goodbye, Survey
from queues import OverflowAction, OverflowRule, OverflowTrigger
from sites import loader, schema_line, schema_menus
from sites.checker import check
from tests.line import PENSIONS, Hand, menus, one, only, settings
from tests.sites.test_checker import GOOD, HELLO, MENUS, with_menus
from tests.sites.test_loader import written

C1 = CallId("c1")
HOW = (Prompt("how"),)


def hand(**more: object) -> Hand:
    tree = replace(menus(), after_call="how")
    return Hand(Line(replace(settings(menu=tree), **more))).open().ready("a1")  # type: ignore[arg-type]


def spoken(line: Hand) -> list[object]:
    """The agent hangs up first, and the caller comes back to us."""
    line.call("c1")
    offer = line.talk("c1")
    line.do(e.AgentLeft(offer), 30.0)
    return list(line.do(e.CallerBack(C1)))


@pytest.mark.parametrize("seen", [True, False])
def test_the_caller_is_asked_when_the_agent_has_hung_up(seen: bool) -> None:
    line = hand()
    if seen:
        out = spoken(line)
    else:
        line.call("c1")
        line.talk("c1")
        out = list(line.do(e.CallerBack(C1), 30.0))
    assert one(c.Play, out).prompts == HOW
    out = list(line.do(e.KeyPressed(C1, "4")))
    assert one(f.Surveyed, out) == f.Surveyed(C1, "how", 4)
    assert one(c.Play, out).prompts == (Prompt("hours"),)
    assert one(c.HangUp, line.heard("c1"))
    end = one(f.CallEnded, line.do(e.CallerLeft(C1)))
    assert (end.outcome, end.by, end.stage) == (Outcome.HANDLED, Party.AGENT, CallStage.TALKING)


def test_asterisk_knows_whose_last_words_these_are() -> None:
    """Should the engine die meanwhile, Asterisk's own menu rings nobody for them; the question is not the last word."""
    line = hand()
    assert not one(c.Play, spoken(line)).last
    assert one(c.Play, line.do(e.KeyPressed(C1, "4"))).last
    full = OverflowRule(OverflowTrigger.LENGTH, OverflowAction.MESSAGE, "full")
    refused = one(c.Play, Hand.of(pensions={"overflow": (full,)}).call("c1"))
    assert (refused.prompts[0], refused.last) == (Prompt("full"), True)


def test_the_agent_is_free_meanwhile() -> None:
    line = hand()
    spoken(line)
    line.wait(60.0)
    line.call("c2")
    assert only(c.Ring, line.out)[-1].call == CallId("c2")


def test_who_says_nothing_or_hangs_up_is_handled_all_the_same() -> None:
    line = hand()
    spoken(line)
    line.heard("c1")
    line.wait(5.0)
    line.heard("c1")
    assert only(c.Play, line.wait(5.0))[-1].prompts == (Prompt("hours"),)
    end = one(f.CallEnded, line.do(e.CallerLeft(C1)))
    assert (end.outcome, end.by) == (Outcome.HANDLED, Party.AGENT) and not line.all(f.Surveyed)


@pytest.mark.parametrize(("keys", "misses"), [("93", 1), ("99", 2), ("*", 1)])
def test_what_is_no_mark(keys: str, misses: int) -> None:
    line = hand()
    spoken(line)
    for key in keys:
        line.do(e.KeyPressed(C1, key))
    assert len(line.all(f.InputMissed)) == misses
    assert len(line.all(f.Surveyed)) == keys.count("3")


def test_who_hangs_up_himself_is_not_asked() -> None:
    line = hand()
    line.call("c1")
    line.talk("c1")
    assert one(f.CallEnded, line.do(e.CallerLeft(C1))).by is Party.CALLER


def test_nobody_is_asked_twice() -> None:
    line = hand()
    spoken(line)
    line.do(e.KeyPressed(C1, "5"))
    line.heard("c1")
    assert one(c.Play, line.do(e.CallerBack(C1))).prompts == (Prompt("common.goodbye"),)


def test_it_survives_a_restart() -> None:
    line = hand()
    spoken(line)
    again = line.again()
    key = e.KeyPressed(C1, "2")
    assert again.handle(key, line.now) == line.line.handle(key, line.now)


# --- a callback offered by the menus ----------------------------------------------------------------------------------


def offered(ani: str = "6941234567", **queue: object) -> Hand:
    tree = menus()
    node = Enqueue("by_topic", None, (Prompt("please_wait"),), callback=True)
    tree = replace(tree, nodes={**tree.nodes, "by_topic": node})
    known = replace(settings(menu=tree), callbacks=CallbackRules())
    line = Hand(Line(known)).open()
    line.call("c1", "11320", ani)
    return line


def test_the_menus_offer_a_callback_and_the_place_stays() -> None:
    line = offered()
    assert one(f.CallbackOffered, line.out) == f.CallbackOffered(C1, PENSIONS, "offered", 0.0)
    assert one(f.Queued, line.out).position == 1
    assert one(c.Play, line.out).prompts == (Prompt("callback.offer"),)
    line.call("c2", "11320", "2101234567")
    line.wait(5.0)
    line.do(e.KeyPressed(C1, "1"))
    promised = one(f.CallbackPromised, line.out)
    assert promised.waited_s == 5.0
    line.do(e.CallerLeft(C1))
    line.ready("a1")
    assert [ring.call for ring in line.all(c.Ring)] == [promised.callback], "before the one who came later"


def test_who_does_not_want_it_waits_on() -> None:
    line = offered()
    line.do(e.KeyPressed(C1, "2"))
    assert line.line._state.room.place(C1).queue == PENSIONS
    line.wait(120.0)
    assert len(line.all(f.CallbackOffered)) == 1


def test_who_cannot_be_called_back_is_not_asked() -> None:
    line = offered("")
    assert not line.all(f.CallbackOffered)
    assert one(c.Play, line.out).prompts == (Prompt("please_wait"),)


# --- the YAML ---------------------------------------------------------------------------------------------------------

LINE = """\
languages: [el]
numbers: {"1555": {start: agent}}
topics: {pay: pay}
operator_queue: pay
after_call: how
"""
TREE = """\
nodes:
  agent: {type: callback, queue: pay}
  how: {type: survey, prompts: [how], next: bye, tries: 1}
  bye: {type: goodbye}
"""


def test_survey_and_callback_of_the_files(tmp_path: Path) -> None:
    line = loader.load(written(tmp_path, "line.yaml", LINE), schema_line.LineFile)
    tree = loader.load(written(tmp_path, "menus.yaml", TREE), schema_menus.MenusFile)
    assert line.model and tree.model and not (*line.problems, *tree.problems)
    built = loader.menus(line.model, tree.model)
    assert built.after_call == "how"
    assert built.nodes["how"] == Survey("how", HOW, "bye", tries=1)
    assert tree.model.nodes["agent"].node("agent", {}) == Enqueue("agent", "pay", callback=True)  # type: ignore[arg-type]


def test_after_a_call_there_is_no_second_wait() -> None:
    how, bye = Survey("how", HELLO, "end"), Goodbye("end")
    right = with_menus(nodes={**MENUS.nodes, "how": how, "end": bye}, after_call="how")
    assert check(right) == check(GOOD) == []
    (found,) = check(with_menus(nodes={**MENUS.nodes, "how": replace(how, next="agent")}, after_call="how"))
    assert (found.file, found.keys) == ("line.yaml", ("after_call",))
    assert found.found == "'agent', which is nothing for after a call"
    (found,) = check(with_menus(after_call="hwo"))
    assert found.found == "unknown node 'hwo'"


def test_a_callback_node_needs_the_words() -> None:
    agent = Enqueue("agent", callback=True)
    found = check(with_menus(nodes={**MENUS.nodes, "agent": agent}))
    assert [finding.found for finding in found] == ["no prompt 'callback.offer'", "no prompt 'callback.promised'"]
