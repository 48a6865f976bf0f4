"""Every type of node on the real Asterisk, with callers on real SIP, in both languages, by both kinds of keys."""

from __future__ import annotations

import asyncio
import json
import wave
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio

from calls import AgentId, CallStage, Outcome, Party
from calls import events as e
from calls import facts as f
from line1555.live.app import running
from line1555.live.running import Options
from simulator.sip import Behaviour, Dtmf, Farm, Press, SippCallers, SippGroup, keys
from sites import load_site
from tests.live.floor import HOST, OVER_RTP, Floor, ended, one
from tests.live.lineup import Stage
from tests.live.nodes_site import make_nodes_site
from tests.live.site import share_sounds

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]
AFM, WRONG_AFM = "123456783", "123456784"
LANGUAGES = pytest.mark.parametrize(
    ("key", "language", "dtmf"), [("1", "el", Dtmf.INFO), ("2", "en", OVER_RTP)], ids=["el by INFO", "en by RTP"]
)


class Service:
    """The web service: answers ``status`` with this text; None: it is out of order."""

    def __init__(self) -> None:
        self.status: str | None = "open"
        self.asked: list[dict[str, list[str]]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.asked.append(parse_qs(urlsplit(head.split()[1].decode()).query))
                body = json.dumps({"status": self.status}).encode()
                code = 503 if self.status is None else 200
                writer.write(f"HTTP/1.1 {code} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service() -> AsyncIterator[tuple[Service, int]]:
    made = Service()
    server = await asyncio.start_server(made.serve, HOST, 0)
    yield made, server.sockets[0].getsockname()[1]
    server.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, service: tuple[Service, int]) -> AsyncIterator[Floor]:
    folder = tmp_path_factory.mktemp("nodes")
    ports = make_nodes_site(folder / "site", service[1])
    share_sounds(folder / "run")
    async with running(load_site(folder / "site"), Options(folder / "run", audit_s=5.0)) as line:
        up = Stage(line, ports)
        async with Farm({"agent001": up.password("agent001")}, HOST, ports.sip) as farm:
            await farm.phone("agent001").code("*11")
            yield Floor(up, farm)


@pytest_asyncio.fixture(loop_scope="module")
async def line(house: Floor, service: tuple[Service, int]) -> AsyncIterator[Floor]:
    service[0].status = "open"
    service[0].asked.clear()
    house.farm.behave("agent001", Behaviour(answer_after_s=0.2))
    yield house
    await house.at_rest()


def nodes(line: Floor, since: int) -> list[str]:
    return [fact.node for fact in line.up.all(f.NodeEntered, since)][2:]


def missed(line: Floor, since: int) -> list[tuple[str, str]]:
    return [(fact.node, fact.key) for fact in line.up.all(f.InputMissed, since)]


@LANGUAGES
async def test_a_tax_number_is_typed_read_back_and_looked_up(
    line: Floor, service: tuple[Service, int], key: str, language: str, dtmf: Dtmf
) -> None:
    since = line.since
    presses = (*keys(f"{key}1{WRONG_AFM}", 0.3), Press(1.0, AFM[0]), *keys(AFM[1:], 0.3), Press(2.0, "1"))
    async with SippCallers(SippGroup(presses=presses, stay_s=20, dtmf=dtmf), HOST, line.up.ports.sip):
        end = await ended(line, since, 30)
    assert missed(line, since) == [("afm", "")]
    taken = one(line.up.all(f.DigitsTaken, since))
    assert (taken.kind, taken.tries) == ("afm", 2)
    assert one(line.up.all(f.LookupEnded, since)).error == ""
    assert nodes(line, since) == ["afm", "look", "known", "open"]
    assert (end.outcome, end.by) == (Outcome.INFORMED, Party.LINE)
    assert service[0].asked == [{"afm": [AFM], "phone": ["2101234567"], "lang": [language]}]
    assert not line.odd_facts(since)
    steps = (await line.journey(end.call))["segments"]
    assert ("afm", "typed") in [(step["name"], step["result"]) for step in steps]
    assert AFM not in json.dumps(steps, default=str) and AFM not in _logs(line)


def _logs(line: Floor) -> str:
    """Everything that is written in words."""
    folder = line.up.line.options.run_dir / "log"
    return "".join(file.read_text("utf-8", "replace") for file in folder.iterdir() if file.is_file())


async def test_a_ticket_is_typed_by_rtp_and_ended_by_the_hash(line: Floor) -> None:
    """RFC 4733."""
    since = line.since
    async with SippCallers(
        SippGroup(presses=(*keys("1212#", 1.3), Press(3.0, "1")), stay_s=20, dtmf=OVER_RTP), HOST, line.up.ports.sip
    ):
        end = await ended(line, since, 40)
    assert one(line.up.all(f.DigitsTaken, since)).kind == "number"
    assert nodes(line, since) == ["ticket", "known2", "open"]
    assert end.outcome is Outcome.INFORMED and not line.odd_facts(since)


async def test_who_types_nothing_goes_on(line: Floor) -> None:
    since = line.since
    async with line.citizen("22"):
        await ended(line, since, 40)
    assert missed(line, since) == [("ticket", ""), ("ticket", "")]
    assert nodes(line, since) == ["ticket", "bye"]
    assert not line.odd_facts(since)


async def test_a_key_by_info_into_the_silence_does_not_swallow_what_follows(line: Floor) -> None:
    """Asterisk ends such a key a tenth of a second after it told us: by then the next question has begun."""
    since = line.since
    async with SippCallers(
        SippGroup(presses=(Press(0.3, "2"), Press(4.0, "2")), stay_s=40, dtmf=Dtmf.INFO), HOST, line.up.ports.sip
    ):
        end = await ended(line, since, 40)
    assert nodes(line, since) == ["ticket", "bye"]
    assert missed(line, since) == [("ticket", ""), ("ticket", "")]
    assert end.by is Party.LINE and not line.odd_facts(since)


@pytest.mark.parametrize("status", ["closed", None])
async def test_what_a_service_answers_and_that_it_does_not(
    line: Floor, service: tuple[Service, int], status: str | None
) -> None:
    service[0].status = status
    since = line.since
    presses = (*keys(f"21{AFM}", 0.3), Press(2.0, "1"))
    async with SippCallers(SippGroup(presses=presses, stay_s=20, dtmf=Dtmf.INFO), HOST, line.up.ports.sip):
        await ended(line, since, 30)
    assert one(line.up.all(f.LookupEnded, since)).error == ("HTTP 503, 2 tries" if status is None else "")
    assert nodes(line, since)[-1] == ("failed" if status is None else "bye")
    assert len(service[0].asked) == (2 if status is None else 1)
    assert not line.odd_facts(since)


@LANGUAGES
async def test_the_banner_goes_on_and_off(line: Floor, key: str, language: str, dtmf: Dtmf) -> None:
    since = line.since
    async with line.citizen(f"{key}3", dtmf=dtmf):
        await ended(line, since)
    assert nodes(line, since) == ["banner", "after_banner", "bye"]
    since = line.since
    line.up.line.runner.step(e.BannerSwitched("emergency.strike"))
    try:
        assert line.up.line.snapshot()["banner"] == "emergency.strike"
        async with line.citizen(f"{key}3", dtmf=dtmf):
            await ended(line, since)
    finally:
        line.up.line.runner.step(e.BannerSwitched(""))
    assert nodes(line, since) == ["banner", "after_banner", "strike"]
    assert not line.odd_facts(since)


@LANGUAGES
async def test_branches_hours_and_what_is_not_there(line: Floor, key: str, language: str, dtmf: Dtmf) -> None:
    since = line.since
    await line.ready("agent001")
    async with line.citizen(f"{key}75", dtmf=dtmf):
        await ended(line, since)
    assert missed(line, since) == [("kinds", "7")], "a topic of 2099"
    assert nodes(line, since) == ["times", "info", "shared", "inside", "out", "bye"], "gone in 2020"
    assert not line.odd_facts(since)


@LANGUAGES
async def test_a_closed_queue_has_a_way_of_its_own(line: Floor, key: str, language: str, dtmf: Dtmf) -> None:
    since = line.since
    async with line.citizen(f"{key}6", dtmf=dtmf):
        await ended(line, since)
    assert nodes(line, since) == ["shut", "closed"] and not line.up.all(f.Queued, since)


@LANGUAGES
async def test_a_callback_is_offered_by_the_menus(line: Floor, key: str, language: str, dtmf: Dtmf) -> None:
    since = line.since
    presses = (*keys(f"{key}4", 0.3), Press(1.5, "1"))
    async with SippCallers(SippGroup(presses=presses, stay_s=20, dtmf=dtmf), HOST, line.up.ports.sip):
        promised = await line.up.see(f.CallbackPromised, since=since)
        end = await line.up.see(f.CallEnded, since=since)
    assert one(line.up.all(f.CallbackOffered, since)).limit == "offered"
    assert (promised.language, promised.queue, end.outcome) == (language, "general", Outcome.OVERFLOWED)
    line.up.line.runner.step(e.CallWithdrawn(promised.callback))


@LANGUAGES
async def test_a_message_is_left_on_the_tape(line: Floor, key: str, language: str, dtmf: Dtmf) -> None:
    since = line.since
    presses = (*keys(f"{key}9", 0.3), Press(5.0, "#"))
    async with SippCallers(SippGroup(presses=presses, stay_s=20, dtmf=dtmf), HOST, line.up.ports.sip):
        end = await ended(line, since, 30)
    left = one(line.up.all(f.MessageLeft, since))
    file = line.up.line.options.run_dir / "messages" / f"{left.file}.wav"
    with wave.open(str(file), "rb") as sound:
        seconds = sound.getnframes() / sound.getframerate()
    assert left.file.startswith("night/") and 1 < left.length_s < 6
    spoken_s = left.length_s if dtmf is Dtmf.INFO else 0.0  # with keys by RTP, SIPp has no voice beside them
    assert seconds == pytest.approx(spoken_s, abs=0.6)
    assert nodes(line, since) == ["tape", "open"] and end.by is Party.LINE
    assert not line.odd_facts(since)


@LANGUAGES
async def test_a_survey_after_the_agent_has_hung_up(line: Floor, key: str, language: str, dtmf: Dtmf) -> None:
    since = line.since
    line.farm.behave("agent001", Behaviour(answer_after_s=0.2, talk_s=1.0))
    await line.ready("agent001")
    presses = (*keys(f"{key}8", 0.3), Press(4.0, "4"))
    async with SippCallers(SippGroup(presses=presses, stay_s=20, dtmf=dtmf), HOST, line.up.ports.sip):
        end = await ended(line, since, 30)
    mark = one(line.up.all(f.Surveyed, since))
    assert (mark.call, mark.node, mark.score) == (end.call, "how", 4)
    assert (end.outcome, end.by, end.stage) == (Outcome.HANDLED, Party.AGENT, CallStage.TALKING)
    assert not line.odd_facts(since)
    assert line.agent("agent001").id == AgentId("agent001")
