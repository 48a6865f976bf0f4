"""Citizens' calls on the real Asterisk, with real SIP phones: the menus, the ways through them, and the SOS line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from calls import CallStage, Outcome, Party
from calls import facts as f
from simulator.sip import HOSTILE, Dtmf, Odd, SippCallers, SippGroup, keys
from tests.live.floor import HOST, OVER_RTP, Floor, ended, floor, needs_raw, one, only_digits
from tests.live.wire import wire

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    async with floor(tmp_path_factory.mktemp("line")) as up:
        await shorten_dialling(up)
        yield up


async def shorten_dialling(line: Floor) -> None:
    """An outside number rings 30 s in the dialplan; here three."""
    assert line.up.line.asterisk is not None
    rendered = line.up.line.options.run_dir / "etc" / "extensions.conf"
    text = rendered.read_text("utf-8")
    assert ",30,gi)" in text
    rendered.write_text(text.replace(",30,gi)", ",3,gi)"), "utf-8")
    await asyncio.to_thread(line.up.line.asterisk.command, "dialplan reload")


@pytest_asyncio.fixture(loop_scope="module")
async def line(house: Floor) -> AsyncIterator[Floor]:
    """The line at rest, before and after the test."""
    yield house
    await house.at_rest()


async def queued(line: Floor, since: int, s: float = 20) -> f.Queued:
    return await line.up.see(f.Queued, since=since, s=s)


def attributes(line: Floor, since: int) -> dict[str, str]:
    return {str(fact.attribute): fact.value for fact in line.up.all(f.AttributeSet, since)}


async def test_a_call_reaches_an_agent_and_the_records(line: Floor) -> None:
    since = line.since
    await line.ready("agent001")
    async with line.citizen("1111", stay_s=2, pause_s=0.6) as citizen:
        connected = await line.up.see(f.Connected, since=since)
        end = await ended(line, since)
        assert (await citizen.wait(5)).calls[0].outcome == "caller"
    assert connected.agent == "agent001" and connected.queue == "insurance"
    assert (end.outcome, end.by, end.stage) == (Outcome.HANDLED, Party.CALLER, CallStage.TALKING)
    row = await line.journey(end.call)
    told = {name: row[name] for name in ("dnis", "ani", "language", "topic", "role", "queue", "agent", "outcome")}
    assert told == {
        "dnis": "1555", "ani": "2101234567", "language": "el", "topic": "insurance", "role": "insured",
        "queue": "insurance", "agent": "agent001", "outcome": "handled",
    }  # fmt: skip
    assert not line.odd_facts(since)


@pytest.mark.parametrize(("pressed", "language"), [("1111", "el"), ("2111", "en")])
async def test_the_language_is_required_of_the_agent(line: Floor, pressed: str, language: str) -> None:
    since = line.since
    async with line.citizen(pressed, stay_s=0.5):
        place = await queued(line, since)
        await ended(line, since)
    assert f"lang.{language}" in place.requires and "topic.insurance" in place.requires
    assert attributes(line, since) == {"language": language, "topic": "insurance", "role": "insured"}


async def test_a_key_cuts_the_greeting_short(line: Floor) -> None:
    """The greeting takes six seconds; the first key, during it, is already the answer to the first question."""
    since = line.since
    async with line.citizen("2", stay_s=0.5):
        await line.up.see(f.KeyTaken, since=since)
        end = await ended(line, since)
    key = one(line.up.all(f.KeyTaken, since))
    assert (key.node, key.key) == ("language", "2")
    assert end.total_s < 4


async def test_repeat_back_and_operator(line: Floor) -> None:
    since = line.since
    async with line.citizen("11#*0", stay_s=0.5):
        place = await queued(line, since)
        await ended(line, since)
    taken = [(fact.node, fact.meaning) for fact in line.up.all(f.KeyTaken, since)]
    assert taken[2:] == [("efka", "repeat"), ("efka", "back"), ("topic", "operator")]
    nodes = [fact.node for fact in line.up.all(f.NodeEntered, since)]
    assert nodes == ["welcome", "greeting", "language", "news", "greeted", "topic", "efka", "topic"]
    assert place.queue == "general"


async def test_the_operator_of_a_known_topic_is_of_that_topic(line: Floor) -> None:
    since = line.since
    async with line.citizen("120", stay_s=0.5):
        assert (await queued(line, since)).queue == "dypa"
        await ended(line, since)


async def test_after_three_invalid_keys_an_agent_takes_the_call(line: Floor) -> None:
    since = line.since
    async with line.citizen("1777", stay_s=0.5):
        place = await queued(line, since)
        await ended(line, since)
    missed = line.up.all(f.InputMissed, since)
    assert [(fact.node, fact.key, fact.tries) for fact in missed] == [("topic", "7", tries) for tries in (1, 2, 3)]
    assert place.queue == "general"


async def test_who_says_nothing_is_greek(line: Floor) -> None:
    """Greeting and question take ten seconds, the silence after them four."""
    since = line.since
    async with line.citizen("", stay_s=30):
        await line.up.see(f.NodeEntered, lambda fact: fact.node == "topic", since)
    await ended(line, since)
    assert attributes(line, since) == {"language": "el"}
    assert not line.up.all(f.KeyTaken, since)


@pytest.mark.parametrize(
    ("number", "topic", "role"),
    [
        ("11320", "dypa", "role_dypa"),
        ("2106241888", "insurance", "role_insurance"),
        ("+302106241888", "insurance", "role_insurance"),
    ],
)
async def test_an_old_number_leads_to_the_roles_of_its_topic(line: Floor, number: str, topic: str, role: str) -> None:
    since = line.since
    async with line.citizen("11", number=number, stay_s=0.5):
        place = await queued(line, since)
        await ended(line, since)
    assert role in [fact.node for fact in line.up.all(f.NodeEntered, since)]
    assert place.queue == topic
    assert one(line.up.all(f.CallStarted, since)).dnis == number.removeprefix("+30")


@needs_raw
async def test_keys_come_by_rtp_too(line: Floor) -> None:
    """RFC 4733; the other tests press by SIP INFO."""
    since = line.since
    async with line.citizen("252", dtmf=Dtmf.RTP, stay_s=1):
        place = await queued(line, since)
        await ended(line, since)
    assert [fact.key for fact in line.up.all(f.KeyTaken, since)] == ["2", "5", "2"]
    assert (place.queue, attributes(line, since)["role"]) == ("general", "other")


async def test_hostile_callers_are_served_like_any_other(line: Floor) -> None:
    since, count = line.since, len(HOSTILE)
    assert line.up.line.asterisk is not None
    group = SippGroup(callers=HOSTILE, presses=keys("0", 0.3), calls=count, rate=10, stay_s=1.5, dtmf=Dtmf.INFO)
    async with wire(line.up.line.asterisk) as session, SippCallers(group, HOST, line.up.ports.sip) as citizens:
        results = await citizens.wait(20)
        await line.up.until_settled()
        channels = [event["Channel"] for _, event in session.events if event["Event"] == "Newchannel"]
    assert (results.established, results.lost) == (count, 0)
    started = line.up.all(f.CallStarted, since)
    assert len(started) == len(channels) == count and all(name.startswith("PJSIP/trunk-") for name in channels)
    assert all(only_digits(fact.ani) for fact in started)
    assert [fact.outcome for fact in line.up.all(f.CallEnded, since)] == [Outcome.ABANDONED] * count
    assert len(line.up.all(f.Queued, since)) == count
    assert not line.odd_facts(since)


async def test_a_hostile_number_rings_an_agent_as_digits(line: Floor) -> None:
    since = line.since
    await line.ready("agent002")
    async with line.citizen("0", callers=(HOSTILE[5],), stay_s=1):
        await line.up.see(f.Connected, since=since)
        assert (await ended(line, since)).outcome is Outcome.HANDLED
    assert not line.odd_facts(since)


# -- the SOS line ---


@pytest.mark.parametrize(("pressed", "dtmf"), [("19", Dtmf.INFO), ("29", OVER_RTP)], ids=["el by INFO", "en by RTP"])
async def test_the_sos_line_answers_and_nothing_of_it_is_kept(line: Floor, pressed: str, dtmf: Dtmf) -> None:
    since = line.since
    async with line.outside(Odd.ANSWERS, ring_s=0.3, talk_s=1.5), line.citizen(pressed, dtmf=dtmf) as citizen:
        end = await ended(line, since)
        assert (await citizen.wait(5)).calls[0].outcome == "line"
    assert end.outcome is Outcome.TRANSFERRED
    left = one(line.up.all(f.TransferEnded, since))
    assert left.answered and 1 < left.talk_s < 4
    assert one(line.up.all(f.TransferStarted, since)).target == ""
    row = await line.journey(end.call)
    assert row["confidential"] and row["outcome"] == "transferred"
    assert not row["ani"] and not row["topic"] and not row["role"]
    assert "sos" not in repr(row) and "2101234567" not in repr(row) and "15900" not in repr(row)
    assert not line.odd_facts(since)


async def test_a_caller_may_leave_the_sos_line(line: Floor) -> None:
    since = line.since
    async with line.outside(Odd.ANSWERS, ring_s=0.1), line.citizen("19", stay_s=4) as citizen:
        end = await ended(line, since)
        assert (await citizen.wait(5)).calls[0].outcome == "caller"
    assert (end.outcome, end.by, end.stage) == (Outcome.TRANSFERRED, Party.CALLER, CallStage.TRANSFERRING)
    assert not line.odd_facts(since)


@pytest.mark.parametrize("odd", [Odd.BUSY, Odd.DECLINES, Odd.UNAVAILABLE, Odd.NEVER])
async def test_an_sos_line_that_does_not_answer_gives_the_caller_an_agent(line: Floor, odd: Odd) -> None:
    """The caller hears that nobody answered and goes on to an agent."""
    since = line.since
    await line.ready("agent001")
    async with line.outside(odd, ring_s=0.2), line.citizen("19") as citizen:
        connected = await line.up.see(f.Connected, since=since)
        citizen.hang_up()
        end = await ended(line, since)
    assert not one(line.up.all(f.TransferEnded, since)).answered
    assert (connected.agent, connected.queue) == ("agent001", "solidarity")
    assert (end.outcome, end.by) == (Outcome.HANDLED, Party.CALLER)
    assert not line.odd_facts(since)


async def test_the_audit_finds_nothing(line: Floor) -> None:
    await line.audit_twice()
    await asyncio.sleep(0)
    assert not line.odd_facts()
