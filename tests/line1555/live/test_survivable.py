"""The survivable line comes from the same YAML as the engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from agents import AgentSettings
from calls import AgentId, QueueId, parse
from ivr.calendar import Validity
from line1555.cli.default_site import DEFAULT_SITE
from line1555.live import survivable
from queues import QueueSettings, Relax
from sites import Site, load_site
from telephony.asterisk import AsteriskSettings, check


@pytest.fixture(scope="module")
def shipped() -> Site:
    return load_site(DEFAULT_SITE)


@pytest.fixture(scope="module")
def settings(shipped: Site) -> AsteriskSettings:
    return survivable.asterisk_settings(shipped, Path("/sounds"), Path("/music"))


def test_it_may_be_rendered(settings: AsteriskSettings) -> None:
    check(settings)


def test_every_number_queue_agent_and_topic_is_there(shipped: Site, settings: AsteriskSettings) -> None:
    alone = settings.survivable
    assert {entry.number for entry in settings.entries} == set(shipped.line.menus.entries)
    assert {queue.id for queue in alone.queues} == set(shipped.line.queues)
    assert settings.agents == tuple(shipped.line.agents)
    assert {topic.id for topic in alone.topics} == {*shipped.line.menus.topics, "sos"}
    assert {entry.topic for entry in settings.entries} == {"", "dypa", "insurance"}


def test_a_topic_that_is_not_there_yet_is_not_offered(shipped: Site) -> None:
    validity = Validity(datetime(2026, 12, 7, 7), datetime(2027, 1, 1))
    menus = replace(shipped.line.menus, topic_validity={"dypa": validity})
    site = replace(shipped, line=replace(shipped.line, menus=menus))
    topics = {topic.id: topic for topic in survivable.asterisk_settings(site, Path("/s"), Path("/m")).survivable.topics}
    assert (topics["dypa"].since, topics["dypa"].until) == ("202612070700", "202701010000")
    assert (topics["opeka"].since, topics["opeka"].until) == ("", "")


def test_the_texts_name_the_keys_that_are_meant(shipped: Site, settings: AsteriskSettings) -> None:
    for topic in settings.survivable.topics:
        for language in shipped.line.menus.languages:
            assert topic.key in shipped.texts[topic.prompt].text(language), (topic.prompt, language)


def test_members_have_the_skill_and_the_better_come_first(shipped: Site, settings: AsteriskSettings) -> None:
    dypa = next(queue for queue in settings.survivable.queues if queue.id == "dypa")
    levels = {member.agent: member.penalty for member in dypa.members}
    assert levels["agent101"] < levels["agent119"]
    assert "agent071" not in levels


def test_whom_a_queue_relaxes_to_comes_behind(settings: AsteriskSettings) -> None:
    labour = next(queue for queue in settings.survivable.queues if queue.id == "labour")
    levels = {member.agent: member.penalty for member in labour.members}
    assert levels["agent133"] < levels["agent001"] < levels["agent091"]
    assert "agent021" not in levels


def test_the_first_alternative_that_an_agent_satisfies_counts() -> None:
    queue = QueueSettings(QueueId("q"), "Q", parse("a >= 3 or b >= 1"), relax=(Relax(parse("anybody"), after_s=9),))
    skills = ({"a": 3, "b": 9}, {"b": 9}, {"a": 2})
    agents = [AgentSettings(AgentId(f"a{n}"), "A", known) for n, known in enumerate(skills)]
    assert [member.penalty for member in survivable._queue(queue, agents).members] == [10, 2, 21]


def test_what_the_menu_says_has_texts(shipped: Site) -> None:
    assert survivable.needed_prompts(shipped) <= set(shipped.texts)
