"""What-ifs: what is written is what is changed, a lesson moves nobody, and what cannot be is told with the way out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator.ask import answer, capacity, vary
from simulator.model import citizens
from simulator.model.people import settled, staff
from simulator.model.streams import Streams
from simulator.run.replication import replicate
from simulator.run.runs import RunRequest
from simulator.scenario import Plan
from tests.simulator.made_up import MadeUp
from tests.simulator.run.test_replication import same
from tests.simulator.scenarios import PLAIN, SITE, one_group, plan_of

SMALL = SITE.replace("hours: 10", "hours: 7")


@pytest.fixture
def site(tmp_path: Path) -> Plan:
    return plan_of(tmp_path, SMALL)


@pytest.mark.parametrize(
    ("text", "values", "again"),
    [
        ("seats=120", (120,), "seats=120"),
        ("topic.dypa=1,2", (1, 2), "topic.dypa=1,2"),
        ("teach.lang.en=20,0,5", (20, 0, 5), "teach.lang.en=20,0,5"),
        ("load=0.9:1.2:0.1", (0.9, 1.0, 1.1, 1.2), "load=0.9:1.2:0.1"),
        ("seats=100:108:5", (100, 105), "seats=100,105"),
        ("seats=100,105,110", (100, 105, 110), "seats=100:110:5"),
    ],
)
def test_forms(text: str, values: tuple[float, ...], again: str) -> None:
    read = vary.parse(text)
    assert read.values == values and str(read) == again and vary.parse(again) == read


@pytest.mark.parametrize("text", ["seats", "seats=", "seats=3:1:1", "seats=1:9:0", "seats=1,1", "load=1:2", "load=a,b",
                                  "seats=0:1e9:1", "load=0:inf:1", "load=1:nan:1"])  # fmt: skip
def test_no_form(text: str) -> None:
    with pytest.raises(vary.UnknownChangeError, match=r"expected key=value, .* keys: seats, load"):
        vary.parse(text)


def test_a_key_once() -> None:
    with pytest.raises(
        vary.UnknownChangeError, match="load: found twice, expected once, with all its values: load=1,2"
    ):
        list(vary.combinations([vary.parse("load=1"), vary.parse("load=2")]))


NOT_SO = {
    "chairs=3": "chairs: found an unknown key, expected one of seats, load",
    "seats.now=3": "seats.now: found an unknown key, expected one of seats",
    "topic.dipa=2": "topic.dipa: found no topic 'dipa', expected one of dypa, general",
    "topic=2": "topic: found no topic '', expected one of dypa",
    "teach.lang.em=2": "teach.lang.em: found no skill .* 'lang.em', expected one of lang.en, topic.dypa",
    "teach.lang.el=2": "teach.lang.el: found no skill that the queues ask for and somebody lacks 'lang.el'",
    "teach.lang.en=2.5": "expected a whole number of people, at least 0",
    "teach.lang.en=-1": "expected a whole number of people",
    "teach.lang.en=76": "teach.lang.en=76: expected at most the 75 of the scenario's 150 people who do not know it",
    "seats=0": "seats=0: expected a whole number of seats, 1 to 100000",
    "seats=99.5": "expected a whole number of seats",
    "load=0": "load=0: expected a factor above 0, at most 100",
    "aht=-1": "expected a factor above 0",
    "patience=nan": "expected a factor above 0",
    "topic.dypa=inf": "expected a factor of its calls, 0 to 100",
    "shrinkage=1": "expected a share of the shifts, at least 0 and below 1",
}


@pytest.mark.parametrize("text", NOT_SO)
def test_what_cannot_be(site: Plan, text: str) -> None:
    change = vary.parse(text)
    with pytest.raises(vary.UnknownChangeError) as refused:
        vary.changed(site, {change.key: change.values[0]})
    assert re.search(NOT_SO[text], str(refused.value)), refused.value


def test_what_a_plain_line_cannot(tmp_path: Path) -> None:
    with pytest.raises(
        vary.UnknownChangeError, match=r"shrinkage: found a plain line, .* expected a scenario with people"
    ):
        vary.changed(plan_of(tmp_path), {"shrinkage": 0.1})
    with pytest.raises(vary.UnknownChangeError, match="one group with a count"):
        vary.changed(plan_of(tmp_path), {"seats": 9})
    group = plan_of(tmp_path, one_group(6))
    assert len(vary.changed(group, {"seats": 9}).settings.agents) == 9


def test_twice_the_calls_of_a_topic(site: Plan) -> None:
    """Exactly twice, about, and nobody else calls at another time or with another wish."""
    before, after = (citizens.draw(vary.changed(site, {"topic.dypa": n}), Streams(1, 0)) for n in (1, 2))
    assert after.topic.count("dypa") == pytest.approx(2 * before.topic.count("dypa"), rel=0.2)
    for column in ("at", "language", "role", "number", "patience_s", "talk_s", "fate"):
        one, two = (
            [value for value, topic in zip(getattr(of, column), of.topic, strict=True) if topic != "dypa"]
            for of in (before, after)
        )
        assert one == two, column


@pytest.mark.parametrize("change", ["seats=90", "teach.lang.en=20", "shrinkage=0.2"])
def test_the_same_citizens_whoever_answers(site: Plan, change: str) -> None:
    """Common random numbers: all that a citizen brings is drawn before, from streams that no agent touches."""
    said = vary.parse(change)
    other = vary.changed(site, {said.key: said.values[0]})
    assert citizens.draw(site, Streams(1, 0)) == citizens.draw(other, Streams(1, 0))


def test_a_lesson_for_nobody_changes_nothing(site: Plan) -> None:
    assert same(replicate(site, 1, 0), replicate(vary.changed(site, {"teach.lang.en": 0}), 1, 0))


def test_a_lesson_moves_nobody(site: Plan) -> None:
    """So many of the scenario's people, each with the shifts, the lateness and the pace they had."""
    after = vary.changed(site, {"teach.lang.en": 20})
    was = settled(site).settings.agents
    trainees = {name: agent for name, agent in after.settings.agents.items() if agent != was[name]}
    assert len(was) == 150 and len(trainees) == 20
    assert all("lang.en" not in was[name].skills and agent.skills["lang.en"] == 5 for name, agent in trainees.items())
    one, two = staff(site, Streams(1, 0)), staff(after, Streams(1, 0))
    assert one.duties == two.duties and one.pace == two.pace


def test_lessons_with_more_seats(site: Plan) -> None:
    """Whatever the order they are said in: the people of the larger line, of whom some learn. A search stops there."""
    one = vary.changed(site, {"seats": 120, "teach.lang.en": 9})
    assert one == vary.changed(site, {"teach.lang.en": 9, "seats": 120}) and len(one.settings.agents) == 180
    with pytest.raises(vary.UnknownChangeError, match="before a lesson"):
        vary.changed(one, {"seats": 130})
    searched = capacity.seats_needed(one, RunRequest(2), MadeUp(lambda seats, growth: 0.5))
    assert searched.why is answer.SearchFailure.CANNOT_VARY


def test_pupils_of_a_plain_line(tmp_path: Path) -> None:
    after = vary.changed(plan_of(tmp_path, PLAIN), {"teach.k.help": 2})
    assert sum("k.help" in agent.skills for agent in after.settings.agents.values()) == 8
    with pytest.raises(vary.UnknownChangeError, match=r"teach\.k\.help=7: expected at most the 6 of .* 12 people"):
        vary.changed(plan_of(tmp_path, PLAIN), {"teach.k.help": 7})
