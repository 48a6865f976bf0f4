"""The door of the line on a real Asterisk: room, limits of one number, what the refused hear, guessed passwords."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from calls import Outcome
from calls import facts as f
from line1555.live.app import running
from line1555.live.running import Ending, Options
from simulator.sip import HOSTILE, Identity, Results, SippCallers, SippGroup
from sites import load_site
from tests.live.lineup import Stage
from tests.live.site import make_site, share_sounds

pytestmark = pytest.mark.live

LIMITS = "limits: {caller_at_once: 1000, caller_per_minute: 10000, per_second: 1000}"


@contextlib.asynccontextmanager
async def line(folder: Path, limits: str) -> AsyncIterator[Stage]:
    """A line with these limits."""
    ports = make_site(folder / "site")
    share_sounds(folder / "run")
    file = folder / "site/site.yaml"
    text = file.read_text("utf-8")
    assert LIMITS in text
    file.write_text(text.replace(LIMITS, f"limits: {{{limits}}}"), "utf-8")
    async with running(load_site(folder / "site"), Options(folder / "run")) as up:
        try:
            yield Stage(up, ports)
        finally:
            up.end(Ending.BOTH)


async def call(up: Stage, callers: tuple[str, ...], calls: int, stay_s: float = 8.0) -> Results:
    """``calls`` calls at once, which stay until they have heard all."""
    group = SippGroup(
        callers=tuple(map(Identity, callers)), stay_s=stay_s, calls=calls, rate=50, limit=calls, voice=False
    )
    async with SippCallers(group, "127.0.0.1", up.ports.sip) as citizens:
        return await citizens.wait(40)


def ends(results: Results) -> Counter[str]:
    return Counter(call.outcome for call in results.calls)


def away(up: Stage) -> Counter[str]:
    told: Counter[str] = Counter()
    for fact in up.all(f.TurnedAway):
        told[fact.why] += fact.calls
    return told


async def test_who_does_not_fit_hears_so(tmp_path: Path) -> None:
    """Two fit; the third hears the announcement in both languages, to its end, and has a row in the records."""
    async with line(tmp_path, "calls: 2") as up:
        numbers = tuple(f"210123456{n}" for n in range(3))
        results = await call(up, numbers, 3, 16.0)
        assert results.established == 3 and ends(results)["line"] == 1, "the line ends the announcement"
        (told,) = (one for one in results.calls if one.outcome == "line")
        assert told.length_s is not None and 4 < told.length_s < 20
        assert away(up) == {"full": 1}
        assert [fact.outcome for fact in up.all(f.CallEnded)].count(Outcome.REFUSED) == 1


async def test_a_site_that_refuses_says_503(tmp_path: Path) -> None:
    async with line(tmp_path, "calls: 2, busy: refuse") as up:
        results = await call(up, tuple(f"210123456{n}" for n in range(3)), 3, 3.0)
        assert ends(results) == {"caller": 2, "refused 503": 1} and away(up) == {"full": 1}


async def test_one_number_has_so_many_calls_at_once_and_a_minute(tmp_path: Path) -> None:
    async with line(tmp_path, "caller_at_once: 2, caller_per_minute: 4") as up:
        assert ends(await call(up, ("6955555555",), 6, 3.0)) == {"caller": 2, "refused 486": 4}
        again = ends(await call(up, ("+306955555555",), 3, 2.0)) + ends(await call(up, ("00306955555555",), 3, 2.0))
        assert again["caller"] in (2, 4), "two more this minute, or a new minute began"
        assert ends(await call(up, ("2101234567",), 1, 1.0)) == {"caller": 1}, "others are not concerned"
        await asyncio.sleep(1.5)
        assert away(up)["caller"] == 4 + again["refused 486"]


async def test_withheld_numbers_are_nobodys_and_switchboards_have_no_limit(tmp_path: Path) -> None:
    async with line(tmp_path, 'caller_at_once: 1, switchboards: ["2109999999"]') as up:
        for withheld in ("anonymous", "0000000000", "unknown1"):
            assert ends(await call(up, (withheld,), 3, 1.0)) == {"caller": 3}
        assert ends(await call(up, ("2109999999", "+302109999999"), 4, 1.0)) == {"caller": 4}
        assert not away(up)


async def test_hostile_numbers_reach_no_expression(tmp_path: Path) -> None:
    """Quotes, brackets, functions, 900 digits in From: nobody is refused by mistake, Asterisk complains of nothing."""
    async with line(tmp_path, "calls: 100") as up:
        odd = (*HOSTILE, Identity('12"]?x:$[1'), Identity("1234567)=,|&"))
        group = SippGroup(callers=odd, stay_s=1.0, calls=len(odd), rate=5, limit=20, voice=False)
        async with SippCallers(group, "127.0.0.1", up.ports.sip) as citizens:
            results = await citizens.wait(40)
        assert results.established >= len(odd) - 2, ends(results)
        log = (tmp_path / "run/log/messages.log").read_text(errors="replace")
        assert "ast_expr" not in log and "pbx_functions" not in log, log[-2000:]


async def test_so_many_calls_a_second(tmp_path: Path) -> None:
    async with line(tmp_path, "per_second: 5") as up:
        results = await call(up, tuple(f"21012345{n:02}" for n in range(40)), 40, 1.0)
        assert 5 <= ends(results)["caller"] <= 15 and ends(results)["refused 503"] >= 25
        await asyncio.sleep(1.5)
        assert away(up)["rate"] == ends(results)["refused 503"]


REGISTER = """REGISTER sip:127.0.0.1 SIP/2.0\r
Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{n}\r
From: <sip:agent001@127.0.0.1>;tag={n}\r
To: <sip:agent001@127.0.0.1>\r
Call-ID: {n}@guess\r
CSeq: {n} REGISTER\r
Contact: <sip:agent001@127.0.0.1:{port}>\r
{auth}Max-Forwards: 70\r
Content-Length: 0\r
\r
"""


async def test_who_guesses_a_password_is_counted(tmp_path: Path) -> None:
    async with line(tmp_path, "calls: 100") as up:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as guesser:
            guesser.bind(("127.0.0.1", 0))
            guesser.connect(("127.0.0.1", up.ports.sip))
            guesser.settimeout(3)
            port = guesser.getsockname()[1]
            guesser.send(REGISTER.format(port=port, n=1, auth="").encode())
            challenge = guesser.recv(4096).decode()
            nonce = challenge.split('nonce="')[1].split('"')[0]
            for n in range(2, 12):
                auth = (
                    f'Authorization: Digest username="agent001", realm="asterisk", nonce="{nonce}",'
                    f' uri="sip:127.0.0.1", response="{n:032}", algorithm=MD5, cnonce="x", nc={n:08}, qop=auth\r\n'
                )
                guesser.send(REGISTER.format(port=port, n=n, auth=auth).encode())
                guesser.recv(4096)
        refused = up.node.parts.translator.refused
        async with asyncio.timeout(10):
            while refused.signins < 10:
                await asyncio.sleep(0.05)


async def test_agi_that_fails_at_once_is_not_tried_again_at_once(tmp_path: Path) -> None:
    """No descriptor is left for its pipe (Asterisk 22.10): before there was a pause, 2,000 rows a second in the log."""
    async with line(tmp_path, "calls: 100") as up:
        asterisk = up.line.asterisk
        assert asterisk is not None
        soft, hard = resource.prlimit(asterisk.pid, resource.RLIMIT_NOFILE)
        group = SippGroup(calls=1, stay_s=30, voice=False)
        async with SippCallers(group, "127.0.0.1", up.ports.sip):
            await up.see(f.CallStarted)
            await asyncio.sleep(1)
            resource.prlimit(asterisk.pid, resource.RLIMIT_NOFILE, (3, hard))
            for leg in list(up.node.parts.legs.callers.values()):
                up.node.parts.switch.interrupt(leg.channel)
            await asyncio.sleep(4)
            resource.prlimit(asterisk.pid, resource.RLIMIT_NOFILE, (soft, hard))
            log = (tmp_path / "run/log/messages.log").read_text(errors="replace")
        failed = [row for row in log.splitlines() if "Async AGI" in row or "AGI" in row]
        assert 1 <= len(failed) < 30, log[-2000:]
