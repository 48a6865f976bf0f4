"""The agents who could take a call, by the settings alone."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from typer.testing import CliRunner

from agents import AgentSettings
from calls import AgentId, QueueId, parse
from engine import LineSettings
from line1555.cli.main import app
from line1555.readers.eligible import Missing, Question, asked_after, survey
from queues import QueueSettings, Relax
from tests.line import PENSIONS, menus

runner = CliRunner()
PEOPLE: Mapping[str, Mapping[str, int]] = {
    "a1": {"topic.pensions": 5, "lang.el": 9},
    "a2": {"topic.pensions": 5, "lang.el": 9},
    "a3": {"topic.pensions": 2, "lang.el": 9},
    "a4": {"topic.general": 1, "lang.el": 9},
    "a5": {"lang.en": 9},
}
QUEUE = QueueSettings(
    PENSIONS,
    "P",
    parse("topic.pensions >= 3"),
    priority=10,
    ageing=2,
    cap_s=60,
    role_points={"pensioner": 30},
    number_points={"11320": 5},
    relax=(
        Relax(parse("topic.pensions"), after_s=20),
        Relax(parse("topic.general"), ahead=4),
        Relax(parse("anybody"), wait_s=300, language=False),
        Relax(parse("topic.general"), after_s=40),
    ),
)
LINE = LineSettings(
    menus(),
    {PENSIONS: QUEUE, QueueId("general"): QueueSettings(QueueId("general"), "G", parse("topic.general"))},
    {AgentId(name): AgentSettings(AgentId(name), name, skills) for name, skills in PEOPLE.items()},
    {},
)
GREEK = Question("pensions", "el")


@pytest.mark.parametrize(("waited_s", "eligible"), [(0, 2), (19.9, 2), (20, 3), (40, 4), (4000, 4)])
def test_steps_that_wait_for_time_are_taken_in_time(waited_s: float, eligible: int) -> None:
    (moment,) = survey(LINE, GREEK, [waited_s]).moments
    assert moment.eligible == eligible == sum(group.count for group in moment.groups)


def test_steps_that_depend_on_the_day_are_only_told() -> None:
    assert survey(LINE, GREEK, ()).relaxes == (
        "20 s waited: lang.el>=1 and topic.pensions>=1",
        "4 or more ahead: lang.el>=1 and topic.general>=1",
        "300 s expected: anybody",
        "40 s waited: lang.el>=1 and topic.general>=1",
    )
    assert asked_after(QUEUE, "el", 4000) != QUEUE.widest("el") == ((),)


def test_agents_with_equal_skills_are_one_group() -> None:
    (moment,) = survey(LINE, GREEK, [0]).moments
    (group,) = moment.groups
    assert (group.count, group.agents, group.skills) == (2, ("a1", "a2"), {"lang.el": 9, "topic.pensions": 5})


def test_what_the_others_lack_in_the_alternative_nearest_to_them() -> None:
    first, last = survey(LINE, GREEK, [0, 40]).moments
    assert first.missing == (Missing("topic.pensions>=3", 3), Missing("lang.el>=1", 1))
    assert last.missing == (Missing("lang.el>=1", 1), Missing("topic.general>=1", 1))


def test_the_key_is_the_lines_own() -> None:
    found = survey(LINE, Question("pensions", "el", "pensioner", "11320"), [0, 59, 60])
    assert (found.points, found.ageing, found.due_after_s) == (45, 2, 60)
    assert [(moment.score, moment.key, moment.due) for moment in found.moments] == [
        (45, (1, -45), False),
        (163, (1, -163), False),
        (165, (0, 60), True),
    ]


def test_without_a_topic_it_is_the_operators_queue() -> None:
    assert survey(LINE, Question(None, "en"), [0]).queue == "general"


def test_the_shipped_line() -> None:
    arguments = ["eligible", "--topic", "labour", "--language", "en", "--at", "0,60", "--json"]
    found = json.loads(runner.invoke(app, arguments).output)
    assert (found["queue"], found["agents"]) == ("labour", 140)
    assert [moment["eligible"] for moment in found["moments"]] == [28, 38]


def test_told_to_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    result = runner.invoke(app, ["eligible", "--topic", "solidarity", "--role", "beneficiary"])
    assert result.exit_code == 0
    for text in ("all 140 agents counted as logged in", "score = 60 + 1 x seconds", "relaxes at 20 s waited", "lack"):
        assert text in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--topic", "taxes"], "expected one of insurance"),
        (["--role", "king"], "expected one of insured"),
        (["--language", "fr"], "expected one of el, en"),
        (["--number", "112"], "expected one of 1555"),
        (["--at", "soon"], "seconds separated by commas"),
        (["--at", "-1"], "between 0 and 86400"),
        (["--at", "nan"], "between 0 and 86400"),
    ],
)
def test_wrong_use_has_a_way_out(arguments: list[str], said: str) -> None:
    result = runner.invoke(app, ["eligible", *arguments])
    assert result.exit_code == 2
    assert said in result.output
