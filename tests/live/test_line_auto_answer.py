"""An agent with ``auto_answer``: the INVITE asks their phone to answer, and the citizen is through without a key.

Debian's baresip (1.0.0) does not know such headers: the phone here heeds Call-Info as phones that do, and keeps what
it was sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from calls import AgentState, OfferResult, Outcome
from calls import facts as f
from line1555.live.app import running
from line1555.live.running import Options
from simulator.sip import Farm
from simulator.sip.ports import free_port
from sites import load_site
from tests.live.floor import HOST, Floor, ended, one
from tests.live.lineup import Stage
from tests.live.site import make_site, share_sounds
from tests.live.wire import register

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

RING_S = 3.0
ORDINARY, BY_ITSELF = "agent007", "agent008"
CALL_INFO = "<sip:line1555>;answer-after=0"
ALERT_INFO = "<http://localhost>;info=alert-autoanswer;delay=0"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    folder = tmp_path_factory.mktemp("line")
    ports = make_site(folder / "site", ring_s=RING_S)
    with (folder / "site" / "agents.yaml").open("a", encoding="utf-8") as people:
        people.write(f"  {BY_ITSELF}: {{auto_answer: true}}\n")
    share_sounds(folder / "run")
    async with running(load_site(folder / "site"), Options(folder / "run", audit_s=5.0)) as up:
        yield Floor(Stage(up, ports), Farm({}, HOST, ports.sip))


@dataclass
class Phone(asyncio.DatagramProtocol):
    """Rings; answers by itself when Call-Info says so and nobody presses a key. ``invites``: what came, as text."""

    port: int
    rtp: int
    invites: list[str] = field(default_factory=list)

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, peer: tuple[str, int]) -> None:
        text = data.decode()
        match text.split(" ", 1)[0]:
            case "INVITE":
                self.invites.append(text)
                self.answer(text, "180 Ringing", peer)
                if "answer-after=0" in header(text, "Call-Info"):
                    self.answer(text, "200 OK", peer, self.sdp())
            case "CANCEL":
                self.answer(text, "200 OK", peer)
                self.answer(self.invites[-1], "487 Request Terminated", peer)
            case "BYE" | "OPTIONS":
                self.answer(text, "200 OK", peer)

    def answer(self, request: str, status: str, peer: tuple[str, int], body: str = "") -> None:
        kept = [f"{name}: {header(request, name)}" for name in ("Via", "From", "To", "Call-ID", "CSeq")]
        if ";tag=" not in kept[2]:
            kept[2] += ";tag=phone"
        kept += [f"Contact: <sip:phone@{HOST}:{self.port}>", "Content-Type: application/sdp"]
        rows = [f"SIP/2.0 {status}", *kept, f"Content-Length: {len(body)}", "", body]
        self.transport.sendto("\r\n".join(rows).encode(), peer)

    def sdp(self) -> str:
        rows = ("v=0", f"o=- 1 1 IN IP4 {HOST}", "s=-", f"c=IN IP4 {HOST}", "t=0 0", f"m=audio {self.rtp} RTP/AVP 8")
        return "\r\n".join(rows) + "\r\n"


def header(text: str, name: str) -> str:
    """A header of a SIP message; empty where there is none."""
    found = re.search(rf"^{name}: *(.*?)\r$", text, re.M | re.I)
    return found[1] if found else ""


@contextlib.asynccontextmanager
async def phone(line: Floor, seat: str) -> AsyncIterator[Phone]:
    """At this seat, whose agent is ready."""
    asterisk, loop = line.up.line.asterisk, asyncio.get_running_loop()
    assert asterisk is not None
    made = Phone(free_port(), free_port())
    await register(asterisk, seat, made.port)
    sip, _ = await loop.create_datagram_endpoint(lambda: made, (HOST, made.port))
    rtp, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, (HOST, made.rtp))
    try:
        await line.ready(seat)
        yield made
        await line.at_rest()
    finally:
        sip.close()
        rtp.close()


async def test_a_phone_that_is_asked_to_answers_by_itself(line: Floor) -> None:
    since = line.since
    async with phone(line, BY_ITSELF) as asked, line.citizen() as citizen:
        talk = await line.up.see(f.Connected, since=since)
        assert talk.agent == BY_ITSELF
        citizen.hang_up()
        assert (await ended(line, since)).outcome is Outcome.HANDLED
    invite = one(asked.invites)
    assert (header(invite, "Call-Info"), header(invite, "Alert-Info")) == (CALL_INFO, ALERT_INFO)
    assert one(line.up.all(f.OfferEnded, since)).ring_s < 1
    assert not line.odd_facts(since)


async def test_the_phone_of_an_ordinary_agent_is_asked_nothing(line: Floor) -> None:
    """The same phone, which would have answered."""
    since = line.since
    async with phone(line, ORDINARY) as asked, line.citizen() as citizen:
        missed = await line.up.see(f.OfferEnded, since=since)
        assert (missed.agent, missed.result) == (ORDINARY, OfferResult.NO_ANSWER)
        assert line.agent(ORDINARY).state is AgentState.NOT_READY
        citizen.hang_up()
        assert (await ended(line, since)).outcome is Outcome.ABANDONED
    invite = one(asked.invites)
    assert (header(invite, "Call-Info"), header(invite, "Alert-Info")) == ("", "")
    assert not line.up.all(f.Connected, since) and not line.odd_facts(since)
