"""Nothing that Asterisk would read as syntax passes; every problem is told at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from telephony.asterisk import AsteriskSettings, AsteriskSettingsError, EntryNumber, Member, SurvivableTopic, check

from .site import SITE

HOSTILE = ["a\r\nb", "a\nb", "a;b", "${SHELL(id)}", "$[1+1]", "a,b", "a&b", "[x]", "a|b", 'a"b', "a b", "", "x" * 100]


def with_agent(name: str) -> AsteriskSettings:
    return replace(SITE, agents=(*SITE.agents, name))


def with_number(name: str) -> AsteriskSettings:
    return replace(SITE, entries=(EntryNumber(name),))


def with_bind(name: str) -> AsteriskSettings:
    return replace(SITE, network=replace(SITE.network, bind=name))


def with_trunk(name: str) -> AsteriskSettings:
    return replace(SITE, network=replace(SITE.network, trunk_match=(name,)))


def with_topic(name: str) -> AsteriskSettings:
    return replace(
        SITE, survivable=replace(SITE.survivable, topics=(SurvivableTopic(name, "1", "t", "efka"),)), entries=()
    )


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("build", [with_agent, with_number, with_bind, with_trunk, with_topic])
def test_hostile_text_is_refused(build: object, text: str) -> None:
    assert callable(build)
    with pytest.raises(AsteriskSettingsError) as caught:
        check(build(text))
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("folder", ["relative", "/a;b", "/a\nb", "/a,b", "/${x}", "/a&b"])
def test_hostile_folders_are_refused(folder: str) -> None:
    with pytest.raises(AsteriskSettingsError, match="sounds"):
        check(replace(SITE, sounds=Path(folder)))


def test_a_good_site_passes() -> None:
    check(SITE)


def test_greek_folders_pass() -> None:
    check(replace(SITE, sounds=Path("/home/Ελένη/η γραμμή/ήχοι")))


def test_problems_are_told_together_with_field_and_value() -> None:
    alone = replace(SITE.survivable, default_queue="nowhere", tries=0)
    wrong = replace(
        SITE, agents=("a;b", "agent001", "agent002", "agent001", "trunk"), first_lease_s=0, survivable=alone
    )
    with pytest.raises(AsteriskSettingsError) as caught:
        check(wrong)
    text = str(caught.value)
    for part in (
        "agents[0]: 'a;b'",
        "'agent001'",
        "'trunk'",
        "first_lease_s: '0'",
        "survivable.tries: '0'",
        "'nowhere'",
    ):
        assert part in text


def test_a_topics_days_are_digits() -> None:
    for since in ("2026-12-07", "20261207070", "202612070700&", "${EPOCH}"):
        topic = SurvivableTopic("x", "5", "t", "efka", since=since)
        with pytest.raises(AsteriskSettingsError, match="YYYYMMDDhhmm"):
            check(replace(SITE, survivable=replace(SITE.survivable, topics=(topic,)), entries=()))
    with pytest.raises(AsteriskSettingsError, match="a time zone"):
        check(replace(SITE, survivable=replace(SITE.survivable, zone="Europe/${x}")))


def test_a_member_must_be_an_agent() -> None:
    queue = replace(SITE.survivable.queues[0], members=(Member("agent077"),))
    with pytest.raises(AsteriskSettingsError, match="agent077"):
        check(replace(SITE, survivable=replace(SITE.survivable, queues=(queue,))))


def test_a_topic_leads_to_one_place() -> None:
    both = SurvivableTopic("both", "5", "t", "efka", "15900")
    with pytest.raises(AsteriskSettingsError, match="both"):
        check(replace(SITE, survivable=replace(SITE.survivable, topics=(*SITE.survivable.topics, both))))
